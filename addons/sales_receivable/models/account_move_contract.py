from odoo import models


class AccountMove(models.Model):
    """The first invoice starts the performance of a contract (A09)."""

    _name = "account.move"
    _inherit = "account.move"

    def _post(self, soft=True):
        posted = super()._post(soft)
        # Who posts invoices needn't read contracts.
        orders = posted.sudo().invoice_line_ids.sale_line_ids.order_id
        orders.contract_id._start_performing()
        return posted
