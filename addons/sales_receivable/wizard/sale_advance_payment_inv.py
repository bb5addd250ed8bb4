from odoo import models


class SaleAdvancePaymentInv(models.TransientModel):
    _name = "sale.advance.payment.inv"
    _inherit = "sale.advance.payment.inv"

    def _create_invoices(self, sale_orders):
        """Don't invoice what waits for approval, down payments included (A16)."""
        sale_orders._check_authority("invoice")
        return super()._create_invoices(sale_orders)
