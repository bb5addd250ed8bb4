from odoo import models

from ..tools.workbook import Column, Table, Workbook
from .performance_statement import FIGURES


class PerformancePeriod(models.Model):
    """The period's workbook: totals per person and every line behind them (K11)."""

    _name = "performance.period"
    _inherit = "performance.period"

    def _get_lines(self):
        """Return the lines of the period that the user may read."""
        model = (
            "performance.entry" if self.state == "closed" else "performance.run.line"
        )
        return self.env[model].search([("period_id", "=", self.id)])

    def _get_xlsx(self):
        self.ensure_one()
        book = self._get_workbook()
        self._write_persons(book)
        self._write_lines(book, self._get_lines())
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

    def _write_lines(self, book, lines):
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
        rules = dict(lines._fields["rule"]._description_selection(self.env))
        rows = (
            [
                line.beneficiary_id.name,
                rules[line.rule],
                line.source_name,
                line.slice,
                line.explanation,
                line.target,
                line.posted,
                line.amount,
            ]
            for line in lines
        )
        book.write_table(
            self.env._("Lines"),
            Table(
                self.display_name,
                self._get_xlsx_notes(),
                columns,
                rows,
                self.env._("Total"),
            ),
        )
