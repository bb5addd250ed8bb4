from odoo import models

from ..tools.workbook import Chart, Column, Table, Workbook


class Scorecard(models.Model):
    """The scorecard's workbook, with a chart of what was reached (K06, K11)."""

    _name = "scorecard"
    _inherit = "scorecard"

    def _get_xlsx(self):
        self.ensure_one()
        columns = [
            Column(self.env._("Measure"), width=22),
            Column(self.env._("Weight (%)"), "quantity", total=True),
            Column(self.env._("Goal"), "quantity", width=14),
            Column(self.env._("Actual"), "quantity", width=14),
            Column(self.env._("Reached (%)"), "quantity"),
            Column(self.env._("Points"), "quantity", total=True),
            Column(self.env._("Explanation"), width=80),
        ]
        names = dict(self.line_ids._fields["measure"]._description_selection(self.env))
        rows = (
            [
                names[line.measure],
                line.weight,
                line.target,
                line.actual if line.is_measured else None,
                line.ratio if line.is_measured else None,
                line.points,
                line.explanation,
            ]
            for line in self.line_ids
        )
        book = Workbook(self.currency_id.decimal_places)
        book.write_table(
            self.env._("Scorecard"),
            Table(
                self.display_name,
                self._get_xlsx_notes(),
                columns,
                rows,
                self.env._("Total"),
                chart=Chart(self.env._("Reached (%)"), names=0, values=4),
            ),
        )
        self._write_months(book)
        return self.display_name, book.getvalue()

    def _get_xlsx_notes(self):
        state = dict(self._fields["state"]._description_selection(self.env))[self.state]
        return [
            f"{self.company_id.name} · {self.currency_id.name}",
            state,
            self.env._("Score: %(score)s %%", score=f"{self.score:.2f}")
            if self.is_measured
            else self.env._("Nothing to measure."),
        ]

    def _write_months(self, book):
        """Write the scores of the twelve months up to this card's, with their trend."""
        months = self.search(
            [
                ("company_id", "=", self.company_id.id),
                ("is_team", "=", self.is_team),
                ("team_id" if self.is_team else "user_id", "=", self._get_subject().id),
                ("date", "<=", self.date),
                ("is_measured", "=", True),
            ],
            order="date desc",
            limit=12,
        )
        book.write_table(
            self.env._("Months"),
            Table(
                self.display_name,
                [],
                [
                    Column(self.env._("Month"), "date"),
                    Column(self.env._("Score (%)"), "quantity"),
                ],
                ([card.date, card.score] for card in months[::-1]),
                "",
                chart=Chart(self.env._("Score (%)"), names=0, values=1, kind="line"),
            ),
        )
