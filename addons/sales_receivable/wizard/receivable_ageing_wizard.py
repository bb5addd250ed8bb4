from odoo import api, fields, models

from ..report.receivable_ageing_report import BASES
from ..tools.workbook import Column, Table, Workbook


class ReceivableAgeingWizard(models.TransientModel):
    """Choose the day of the receivable ageing; open, print or download it (R03, K11)."""

    _name = "receivable.ageing.wizard"
    _description = "Receivable Ageing As Of"
    _inherit = ["sales.xlsx.mixin"]

    as_of = fields.Date(
        required=True,
        default=fields.Date.context_today,
        help="What the books say was open that day: by accounting dates, whenever it was"
        " entered. What is back-dated counts from its date on, an undone reconciliation"
        " never, an exchange difference from its own entry on; what isn't posted doesn't.",
    )
    base = fields.Selection(
        BASES, string="Age Counts From", required=True, default="due"
    )

    @api.depends("as_of")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for wizard in self:
            wizard.display_name = wizard._get_report()._get_title()

    def action_open(self):
        """Open the report as of the chosen day, in the view it was chosen from."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_receivable.receivable_ageing_report_action"
        )
        chosen = self.env.context.get("view_type")
        return {
            **action,
            "views": sorted(action["views"], key=lambda view: view[1] != chosen),
            "display_name": self.display_name,
            "target": "main",
            "context": {**self._get_report_context(), "read_group_expand": True},
        }

    def action_print(self):
        """Print the ageing by customer."""
        self.ensure_one()
        report = self.env.ref("sales_receivable.receivable_ageing_report_pdf")
        return report.report_action(self) | {"close_on_report_download": True}

    def action_xlsx(self):
        """Download the workbook and close the dialog."""
        # A dialog closes after an address of this kind only; it downloads as well.
        return super().action_xlsx() | {"target": "new", "close": True}

    def _get_report_context(self):
        return {"as_of": fields.Date.to_string(self.as_of), "ageing_base": self.base}

    def _get_report(self):
        return self.env["receivable.ageing.report"].with_context(
            **self._get_report_context()
        )

    def _get_tables(self):
        """Return the tables by customer, one per company, as far as the user may read."""
        self.ensure_one()
        return self._get_report()._get_customer_tables()

    def _get_base_label(self):
        label = dict(self._fields["base"]._description_selection(self.env))[self.base]
        return self.env._("Age counts from: %(base)s", base=label)

    def _get_xlsx(self):
        self.ensure_one()
        book = Workbook()
        tables = self._get_tables()
        for table in tables:
            self._write_customers(book, table)
        currencies = {table["company"].currency_id for table in tables}
        self._write_items(book, with_total=len(currencies) == 1)
        return self.display_name, book.getvalue()

    def _write_customers(self, book, table):
        company = table["company"]
        buckets = table["buckets"]
        columns = [
            Column(self.env._("Customer")),
            *(Column(bucket.name, "money", total=True) for bucket in buckets),
            Column(self.env._("Total"), "money", sum_of=len(buckets)),
        ]
        notes = [
            f"{company.name} · {company.currency_id.name}",
            self._get_base_label(),
        ]
        rows = (
            [customer.display_name or "-", *spread, total]
            for customer, spread, total in table["rows"]
        )
        book.write_table(
            company.name,
            Table(self.display_name, notes, columns, rows, self.env._("Total")),
        )

    def _write_items(self, book, with_total):
        columns = [
            Column(self.env._("Customer")),
            Column(self.env._("Entry"), width=20),
            Column(self.env._("Type"), width=14),
            Column(self.env._("Invoice Date"), "date"),
            Column(self.env._("Due Date"), "date"),
            Column(self.env._("Days Overdue"), "integer"),
            Column(self.env._("Bucket"), width=14),
            Column(self.env._("Salesperson"), width=20),
            Column(self.env._("Document Currency"), width=10),
            Column(self.env._("Open in Document Currency"), "money"),
            Column(self.env._("Company Currency"), width=10),
            Column(self.env._("Open Amount"), "money", total=with_total),
        ]
        # Names of what a row refers to are shown on screen too, without its record.
        domain = [("company_id", "in", self.env.companies.ids)]
        items = self._get_report().search(domain).sudo()
        types = dict(items._fields["item_type"]._description_selection(self.env))
        rows = (
            [
                item.commercial_partner_id.display_name,
                item.move_id.name,
                types[item.item_type],
                item.date_invoice,
                item.date_due,
                max(item.days_overdue, 0) or None,
                item.bucket_id.name,
                item.user_id.name,
                item.currency_id.name,
                item.residual_currency,
                item.company_currency_id.name,
                item.residual,
            ]
            for item in items
        )
        book.write_table(
            self.env._("Items"),
            Table(
                self.display_name,
                [self._get_base_label()],
                columns,
                rows,
                self.env._("Total"),
            ),
        )
