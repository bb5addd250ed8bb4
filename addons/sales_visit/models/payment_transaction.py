from odoo import models

from ..guard import as_paying


class PaymentTransaction(models.Model):
    _name = "payment.transaction"
    _inherit = "payment.transaction"

    def _post_process(self):
        """Book the money whatever keeps the quotation back: nothing in here may raise."""
        return super(PaymentTransaction, as_paying(self))._post_process()

    def _check_amount_and_confirm_order(self):
        """Leave quotations unconfirmed that aren't for the customer yet (V18)."""
        # Transactions are processed for customers too.
        passing = self.filtered(
            lambda transaction: (
                not transaction.sudo().sale_order_ids._filter_project_blocked()
            )
        )
        return super(PaymentTransaction, passing)._check_amount_and_confirm_order()
