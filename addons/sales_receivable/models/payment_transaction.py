from odoo import models

from ..authority import ENGINE
from .sale_order import POST_PROCESSING


class PaymentTransaction(models.Model):
    _name = "payment.transaction"
    _inherit = "payment.transaction"

    def _post_process(self):
        """Book the money whatever the order is worth: nothing in here may raise (A16)."""
        return super(
            PaymentTransaction, self.with_context(**{POST_PROCESSING: ENGINE})
        )._post_process()

    def _check_amount_and_confirm_order(self):
        """Leave quotations that wait for approval unconfirmed and say so (A16, X01)."""
        passing = self.browse()
        for transaction in self:
            # Transactions are processed for customers too, who may not read the reason.
            orders = transaction.sudo().sale_order_ids
            blocked = orders._filter_unconfirmable()
            if blocked:
                blocked._report_blocked_payment(transaction)
            else:
                passing |= transaction
        return super(PaymentTransaction, passing)._check_amount_and_confirm_order()
