from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError

from ..authority import exceeds


class SaleOrderAllocation(models.Model):
    """Money of a customer that is meant for an order, before an invoice takes it (A10).

    It counts as collected for the order as long as, and as far as, nothing else has
    used the payment. Only accounting records it.
    """

    _name = "sale.order.allocation"
    _description = "Payment Meant for an Order"
    _inherit = ["finite.mixin"]
    _order = "payment_id desc, id"
    _rec_name = "order_id"
    _check_company_auto = True

    payment_id = fields.Many2one(
        "account.payment",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
    )
    order_id = fields.Many2one(
        "sale.order",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
    )
    company_id = fields.Many2one(related="payment_id.company_id")
    currency_id = fields.Many2one(related="payment_id.currency_id")
    amount = fields.Monetary(required=True)

    _amount_positive = models.Constraint(
        "CHECK(amount > 0)", "An amount meant for an order is above zero."
    )
    _order_uniq = models.Constraint(
        "unique(payment_id, order_id)", "An order stands once on a payment."
    )

    @api.constrains("payment_id", "order_id", "amount")
    def _check_payment(self):
        """Money of this customer only, and no more of it than there is."""
        for allocation in self:
            payment, order = allocation.payment_id, allocation.order_id
            customers = order._get_customers().commercial_partner_id
            if payment.payment_type != "inbound" or (
                payment.partner_id.commercial_partner_id not in customers
            ):
                raise ValidationError(
                    self.env._("The payment isn't this customer's: %s", order.name)
                )
            total = sum(payment.order_allocation_ids.mapped("amount"))
            if exceeds(total, payment.amount):
                raise ValidationError(
                    self.env._("More is meant for orders than was paid.")
                )

    @api.model_create_multi
    def create(self, vals_list):
        allocations = super().create(vals_list)
        allocations._meet_in_payment()
        return allocations

    def write(self, vals):
        if {"payment_id", "order_id"} & vals.keys():
            raise AccessError(
                self.env._("Delete the line and enter it at the other order.")
            )
        result = super().write(vals)
        self._meet_in_payment()
        return result

    def _meet_in_payment(self):
        """Let two people who hand out the same money meet in the payment's row."""
        self.payment_id._touch_allocated()
