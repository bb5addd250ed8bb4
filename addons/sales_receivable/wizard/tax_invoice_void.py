from odoo import fields, models


class TaxInvoiceVoid(models.TransientModel):
    """Asks for the reason of voiding tax invoices (A12)."""

    _name = "tax.invoice.void"
    _description = "Void Tax Invoices"

    tax_invoice_ids = fields.Many2many("tax.invoice", required=True, readonly=True)
    reason = fields.Text(required=True)

    def action_void(self):
        """Void with the reason given."""
        self.tax_invoice_ids.action_void(self.reason)
        return {"type": "ir.actions.act_window_close"}
