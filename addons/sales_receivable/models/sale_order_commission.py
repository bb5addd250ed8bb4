from odoo import fields, models


class SaleOrder(models.Model):
    """Who gets the commission of an order (K02)."""

    _name = "sale.order"
    _inherit = "sale.order"

    commission_share_ids = fields.One2many(
        "commission.share",
        "order_id",
        string="Commission",
        copy=False,
        groups="base.group_user",
        help="Empty: all of it is the salesperson's.",
    )

    def _freeze_budgets(self):
        """Keep what goods cost when the order was confirmed, where plans ask for their
        margin (K02)."""
        result = super()._freeze_budgets()
        # Who confirms needs to read neither plans nor costs.
        orders = self.sudo()
        asking = orders.env["commission.plan.line"].search(
            [("company_id", "in", orders.company_id.ids), ("min_margin", ">", 0)]
        )
        orders = orders.filtered(lambda order: order.company_id in asking.company_id)
        orders.order_line._freeze_costs()
        return result
