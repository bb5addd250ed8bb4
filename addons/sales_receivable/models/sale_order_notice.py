from odoo import api, fields, models


class SaleOrder(models.Model):
    """What the customer was told about an order's deliveries (A25)."""

    _name = "sale.order"
    _inherit = "sale.order"

    notice_ids = fields.One2many(
        "customer.notice", "order_id", copy=False, groups="base.group_user"
    )
    notice_count = fields.Integer(
        compute="_compute_notice_count", compute_sudo=True, groups="base.group_user"
    )

    @api.depends("notice_ids")
    def _compute_notice_count(self):
        for order in self:
            order.notice_count = len(order.notice_ids)

    def action_view_notices(self):
        """Open the notices about these orders."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_receivable.customer_notice_action"
        )
        return action | {
            "domain": [("order_id", "in", self.ids)],
            "context": {"default_order_id": self.id if len(self) == 1 else False},
        }
