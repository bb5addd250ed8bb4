from odoo import models
from odoo.tools import SQL


class PerformancePeriod(models.Model):
    """How a period's lines come about: targets of each rule less what is booked (K10)."""

    _name = "performance.period"
    _inherit = "performance.period"

    def _run_rules(self):
        """Insert the run lines of every rule. Rules extend this."""
        self._run_stock_age()

    def _clear_run(self):
        self._delete_lines("performance_run_line")
        self._delete_lines("performance_statement")

    def _delete_lines(self, table):
        self.env.cr.execute(
            SQL("DELETE FROM %s WHERE period_id = %s", SQL.identifier(table), self.id)
        )
        self.env[table.replace("_", ".")].invalidate_model()
        self.invalidate_recordset()

    def _make_statements(self):
        self.env.cr.execute(
            SQL(
                """INSERT INTO performance_statement (period_id, company_id, currency_id,
                          beneficiary_id, amount, line_count)
                   SELECT period_id, company_id, currency_id, beneficiary_id,
                          SUM(amount), COUNT(*)
                     FROM performance_run_line WHERE period_id = %s
                    GROUP BY 1, 2, 3, 4 ORDER BY 4""",
                self.id,
            )
        )
        self.env["performance.statement"].invalidate_model()
        self.invalidate_recordset()

    def _get_months(self):
        """Return the month ends from the cut-over to this period, oldest first."""
        return (
            self.search(
                [
                    ("company_id", "=", self.company_id.id),
                    ("date_end", "<=", self.date_end),
                ],
                order="date_end",
            )
        ).mapped("date_end")

    def _insert_deltas(self, rule, targets):
        """Insert as run lines what the targets exceed the booked amounts by.

        A source booked before keeps its person: a later change of the buyer moves no
        history. What has been booked and isn't due any more is given back.

        :param str rule: rule ID
        :param SQL targets: query of ``source_model``, ``source_id``, ``source_name``,
            ``slice``, ``beneficiary_id``, ``amount`` (company currency, rounded) and
            ``inputs`` (jsonb), one row per source and slice
        """
        self.env.execute_query(
            SQL(
                """
                INSERT INTO performance_run_line (
                    period_id, company_id, currency_id, rule, source_model, source_id,
                    source_name, slice, beneficiary_id, target, posted, amount, inputs)
                WITH booked AS (
                    SELECT source_model, source_id, slice, beneficiary_id,
                           SUM(amount) AS amount, MAX(id) AS last_id
                      FROM performance_entry
                     WHERE company_id = %(company)s AND rule = %(rule)s
                     GROUP BY source_model, source_id, slice, beneficiary_id
                ),
                frozen AS (
                    SELECT DISTINCT ON (source_model, source_id)
                           source_model, source_id, beneficiary_id
                      FROM booked ORDER BY source_model, source_id, last_id DESC
                ),
                due AS (
                    SELECT target.source_model, target.source_id, target.source_name,
                           target.slice, target.amount, target.inputs,
                           COALESCE(frozen.beneficiary_id, target.beneficiary_id)
                           AS beneficiary_id
                      FROM (%(targets)s) target
                 LEFT JOIN frozen USING (source_model, source_id)
                )
                SELECT %(period)s, %(company)s, %(currency)s, %(rule)s,
                       COALESCE(due.source_model, last.source_model),
                       COALESCE(due.source_id, last.source_id),
                       COALESCE(due.source_name, last.source_name),
                       COALESCE(due.slice, last.slice),
                       COALESCE(due.beneficiary_id, last.beneficiary_id),
                       COALESCE(due.amount, 0), COALESCE(booked.amount, 0),
                       COALESCE(due.amount, 0) - COALESCE(booked.amount, 0),
                       COALESCE(due.inputs, last.inputs || '{"value": 0, "quantity": 0}')
                  FROM due
             FULL JOIN booked
                    ON due.source_model = booked.source_model
                   AND due.source_id = booked.source_id
                   AND due.slice = booked.slice
                   AND COALESCE(due.beneficiary_id, 0) = booked.beneficiary_id
             LEFT JOIN performance_entry last ON last.id = booked.last_id
                 WHERE COALESCE(due.amount, 0) <> COALESCE(booked.amount, 0)
                 ORDER BY 8, 7, 6
                """,
                company=self.company_id.id,
                currency=self.company_id.currency_id.id,
                period=self.id,
                rule=rule,
                targets=targets,
            )
        )
        self.env["performance.run.line"].invalidate_model()
