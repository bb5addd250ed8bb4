from odoo import models
from odoo.fields import Domain
from odoo.tools import split_every

from ..tools.workbook import Column, Table, Workbook
from .performance_statement import FIGURES, TOTALS

# Lines kept in memory at a time.
BATCH = 1000


class PerformancePeriod(models.Model):
    """The period's workbook: totals per person and every line behind them (K11)."""

    _name = "performance.period"
    _inherit = "performance.period"

    def _get_lines(self, domain=Domain.TRUE):
        """Return the lines of the period that the user may read."""
        model = (
            "performance.entry" if self.state == "closed" else "performance.run.line"
        )
        return self.env[model].search(Domain("period_id", "=", self.id) & domain)

    def _get_xlsx(self):
        self.ensure_one()
        book = self._get_workbook()
        self._write_persons(book)
        self._write_lines(book)
        return self.env._(
            "Performance %(month)s", month=self.display_name
        ), book.getvalue()

    def _get_workbook(self):
        return Workbook(self.currency_id.decimal_places)

    def _get_xlsx_notes(self):
        state = dict(self._fields["state"]._description_selection(self.env))[self.state]
        return [f"{self.company_id.name} · {self.currency_id.name}", state]

    def _write_persons(self, book):
        statements = self.env["performance.statement"].search(
            [("period_id", "=", self.id)]
        )
        fields = statements._fields
        columns = [
            Column(self.env._("Person")),
            Column(self.env._("Lines"), "integer", total=True),
            *(
                Column(fields[name]._description_string(self.env), "money", total=True)
                for name in FIGURES
            ),
        ]
        book.write_table(
            self.env._("Statement"),
            Table(
                self.display_name,
                self._get_xlsx_notes(),
                columns,
                (
                    [
                        s.beneficiary_id.name,
                        s.line_count,
                        *(s[name] for name in FIGURES),
                    ]
                    for s in statements
                ),
                self.env._("Total"),
            ),
        )

    def _write_lines(self, book, domain=Domain.TRUE):
        """Write the lines, on a sheet for each total that they may be added up to."""
        for total in ("amount", "collected", "commission"):
            which = Domain("rule", "in", TOTALS[total])
            lines = self._get_lines(which & domain)
            if lines or total == "amount":
                self._write_sheet(book, total, lines)

    def _write_sheet(self, book, total, lines):
        columns = [
            Column(self.env._("Person"), width=20),
            Column(self.env._("Rule"), width=24),
            Column(self.env._("Source"), width=20),
            Column(self.env._("Concerns"), width=10),
            Column(self.env._("Explanation"), width=70),
            Column(self.env._("Target"), "money"),
            Column(self.env._("Booked Before"), "money"),
            Column(self.env._("Amount"), "money", total=True),
        ]
        label = self.env["performance.statement"]._fields[total]
        book.write_table(
            label._description_string(self.env),
            Table(
                self.display_name,
                self._get_xlsx_notes(),
                columns,
                self._iterate_rows(lines),
                self.env._("Total"),
            ),
        )

    def _iterate_rows(self, lines):
        """Yield the lines' cells; what has been written is forgotten, so that memory
        doesn't grow with the month."""
        rules = dict(lines._fields["rule"]._description_selection(self.env))
        for ids in split_every(BATCH, lines.ids):
            part = lines.browse(ids)
            for line in part:
                yield [
                    line.beneficiary_id.name,
                    rules[line.rule],
                    line.source_name,
                    line.slice,
                    line.explanation,
                    line.target,
                    line.posted,
                    line.amount,
                ]
            part.invalidate_recordset(flush=False)
