from odoo import api, fields, models
from odoo.exceptions import ValidationError


class AccountMoveLine(models.Model):
    """A cost that finance books may name the order that caused it (A19)."""

    _name = "account.move.line"
    _inherit = "account.move.line"

    budget_order_id = fields.Many2one(
        "sale.order",
        string="Cost of Order",
        index="btree_not_null",
        copy=False,
        ondelete="restrict",
        check_company=True,
        help="The order that this cost is for; it counts with its kind in the order's"
        " budget.",
    )
    budget_kind_id = fields.Many2one(
        "sale.budget.kind", string="Kind of Cost", copy=False, ondelete="restrict"
    )

    @api.constrains("budget_order_id", "budget_kind_id")
    def _check_budget_kind(self):
        for item in self:
            if bool(item.budget_order_id) != bool(item.budget_kind_id):
                raise ValidationError(
                    self.env._("Name both the order and the kind of cost.")
                )
            if item.budget_order_id and item.move_id.is_sale_document(
                include_receipts=True
            ):
                raise ValidationError(
                    self.env._("What customers are invoiced is no cost of an order.")
                )
