from odoo import fields, models

from ..tools.workbook import Column, Table, Workbook


class TaxInvoiceList(models.TransientModel):
    """A list of tax invoices as a workbook (A12, K11)."""

    _name = "tax.invoice.list"
    _description = "List of Tax Invoices"
    _inherit = ["sales.xlsx.mixin"]

    tax_invoice_ids = fields.Many2many("tax.invoice", required=True, readonly=True)

    def _get_xlsx(self):
        self.ensure_one()
        book = Workbook()
        title = self.env._("Tax Invoices")
        # A sum of several currencies says nothing: one sheet each.
        for currency, records in self.tax_invoice_ids.grouped("currency_id").items():
            book.write_table(
                currency.name,
                Table(
                    title,
                    [", ".join(records.company_id.mapped("name"))],
                    self._get_columns(),
                    records._get_list_rows(),
                    self.env._("Total"),
                ),
            )
        return title, book.getvalue()

    def _get_columns(self):
        return [
            Column(self.env._("Number"), width=22),
            Column(self.env._("Kind")),
            Column(self.env._("Customer")),
            Column(self.env._("Invoices")),
            Column(self.env._("Issued On"), "date"),
            Column(self.env._("Amount"), "money", total=True),
            Column(self.env._("Collected (%)"), "quantity", width=12),
            Column(self.env._("Status"), width=14),
            Column(self.env._("Approved")),
            Column(self.env._("Received By"), width=20),
            Column(self.env._("Received On"), "date"),
            Column(self.env._("Void Reason")),
        ]
