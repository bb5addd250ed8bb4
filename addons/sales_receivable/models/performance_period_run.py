from odoo import models
from odoo.tools import SQL

from .performance_statement import TOTALS

NO_TARGETS = SQL(
    """SELECT ''::varchar AS source_model, 0 AS source_id, ''::varchar AS source_name,
              ''::varchar AS slice, 0 AS beneficiary_id, 0::numeric AS amount,
              '{}'::jsonb AS inputs
        WHERE FALSE"""
)


class PerformancePeriod(models.Model):
    """How a period's lines come about: targets of each rule less what is booked (K10)."""

    _name = "performance.period"
    _inherit = "performance.period"

    def _run_rules(self):
        """Insert the run lines of every rule."""
        self._run_sales()
        self._run_collections()
        self._run_receivable()
        self._run_unauthorised_credit()
        self._run_loan_losses()
        self._run_stock_age()
        self._run_overstock()
        self._run_adjustments()
        self._run_commission()
        self._run_interest_offset()
        self._make_scorecards()

    def _clear_run(self):
        """Delete what the next run makes anew. Statements are kept, for the answers of
        those whose figures don't change."""
        self._delete_lines("performance_run_line")
        self._delete_lines("scorecard")

    def _delete_lines(self, table):
        self.env.cr.execute(
            SQL("DELETE FROM %s WHERE period_id = %s", SQL.identifier(table), self.id)
        )
        self.env[table.replace("_", ".")].invalidate_model()
        self.invalidate_recordset()

    def _delete_statements(self):
        """Delete the statements but for those in dispute: their words are kept until
        they are answered."""
        self.env.cr.execute(
            SQL(
                """DELETE FROM performance_statement
                    WHERE period_id = %s AND answer IS DISTINCT FROM 'disputed'""",
                self.id,
            )
        )
        self.env["performance.statement"].invalidate_model()
        self.invalidate_recordset()

    def _make_statements(self):
        """Add up every person's lines, by kind and by what may be added.

        A person whose lines are the same as before keeps their answer to them, and an
        objection stands until finance or the person says otherwise.
        """
        statements = self.env["performance.statement"]
        columns = [SQL.identifier(name) for name in (*TOTALS, "opening", "closing")]
        kept = ("answer", "answered_at", "objection", "settlement", "settled_by_id")
        self.env.cr.execute(
            SQL(
                """
                DELETE FROM performance_statement statement
                 WHERE period_id = %(period)s AND NOT EXISTS (
                    SELECT FROM performance_run_line line
                     WHERE line.period_id = statement.period_id
                       AND line.beneficiary_id
                           IS NOT DISTINCT FROM statement.beneficiary_id);
                INSERT INTO performance_statement AS statement (
                    period_id, period_start, company_id, currency_id, beneficiary_id,
                    digest, line_count, %(columns)s)
                SELECT %(period)s, %(month)s, %(company)s, %(currency)s,
                       total.beneficiary_id, digested.digest, line_count, %(totals)s,
                       COALESCE(before.amount, 0), COALESCE(before.amount, 0) + total.amount
                  FROM (SELECT beneficiary_id, COUNT(*) AS line_count, %(sums)s
                          FROM performance_run_line WHERE period_id = %(period)s
                         GROUP BY beneficiary_id) total
                  JOIN (%(digests)s) digested
                    ON digested.beneficiary_id IS NOT DISTINCT FROM total.beneficiary_id
             LEFT JOIN (SELECT entry.beneficiary_id, SUM(entry.amount) AS amount
                          FROM performance_entry entry
                          JOIN performance_period period ON period.id = entry.period_id
                         WHERE entry.company_id = %(company)s
                           AND entry.rule = ANY(%(performance)s)
                           AND period.date_start >= %(year)s
                           AND period.date_start < %(month)s
                         GROUP BY 1) before
                    ON before.beneficiary_id = total.beneficiary_id
                 ORDER BY total.beneficiary_id
                    ON CONFLICT (period_id, (COALESCE(beneficiary_id, 0))) DO UPDATE
                   SET digest = EXCLUDED.digest, line_count = EXCLUDED.line_count,
                       %(updates)s, %(answers)s
                """,
                period=self.id,
                company=self.company_id.id,
                currency=self.company_id.currency_id.id,
                columns=SQL(", ").join(columns),
                totals=SQL(", ").join(SQL.identifier("total", name) for name in TOTALS),
                sums=SQL(", ").join(
                    SQL("%s AS %s", total, SQL.identifier(name))
                    for name, total in statements._get_totals_sql().items()
                ),
                digests=self.env["performance.run.line"]._get_digests_sql(self),
                performance=list(TOTALS["amount"]),
                year=self.date_start.replace(month=1),
                month=self.date_start,
                updates=SQL(", ").join(
                    SQL("%s = %s", name, SQL("EXCLUDED.%s", name)) for name in columns
                ),
                answers=SQL(", ").join(
                    SQL(
                        """%(name)s = CASE WHEN statement.digest = EXCLUDED.digest
                                                OR statement.answer = 'disputed'
                                           THEN statement.%(name)s END""",
                        name=SQL.identifier(name),
                    )
                    for name in kept
                ),
            )
        )
        statements.invalidate_model()
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

    def _insert_deltas(self, rule, targets, split=False):
        """Insert as run lines what the targets exceed the booked amounts by.

        A source booked before keeps its person: a later change of the document moves no
        history, only a dated reassignment moves the months from its own on. What has
        been booked and isn't due any more is given back to whom it was taken from.

        :param str rule: rule ID
        :param targets: SQL query of ``source_model``, ``source_id``, ``source_name``,
            ``slice``, ``beneficiary_id``, ``amount`` (company currency, rounded) and
            ``inputs`` (jsonb), one row per source and slice; None: nothing is due
        :param bool split: one row per source, slice and person instead, and the targets
            say who these are
        """
        if targets is None:
            targets = NO_TARGETS
        due = self._get_split_due_sql if split else self._get_due_sql
        self.env.execute_query(
            SQL(
                """
                INSERT INTO performance_run_line (
                    period_id, company_id, currency_id, rule, source_model, source_id,
                    source_name, slice, beneficiary_id, beneficiary_login, target,
                    posted, amount, inputs)
                WITH booked AS (
                    SELECT source_model, source_id, slice, beneficiary_id,
                           SUM(amount) AS amount, MAX(id) AS last_id
                      FROM performance_entry
                     WHERE company_id = %(company)s AND rule = %(rule)s
                     GROUP BY source_model, source_id, slice, beneficiary_id
                ),
                target AS (%(targets)s),
                due AS (%(due)s)
                SELECT %(period)s, %(company)s, %(currency)s, %(rule)s,
                       COALESCE(due.source_model, last.source_model),
                       COALESCE(due.source_id, last.source_id),
                       COALESCE(due.source_name, last.source_name),
                       COALESCE(due.slice, last.slice),
                       person.id, person.login,
                       COALESCE(due.amount, 0), COALESCE(booked.amount, 0),
                       COALESCE(due.amount, 0) - COALESCE(booked.amount, 0),
                       COALESCE(due.inputs, last.inputs || '{"is_gone": true}')
                  FROM due
             FULL JOIN booked
                    ON due.source_model = booked.source_model
                   AND due.source_id = booked.source_id
                   AND due.slice = booked.slice
                   AND COALESCE(due.beneficiary_id, 0) = booked.beneficiary_id
             LEFT JOIN performance_entry last ON last.id = booked.last_id
             LEFT JOIN res_users person
                    ON person.id = COALESCE(due.beneficiary_id, last.beneficiary_id)
                 WHERE COALESCE(due.amount, 0) <> COALESCE(booked.amount, 0)
                 ORDER BY 8, 7, 6
                """,
                company=self.company_id.id,
                currency=self.company_id.currency_id.id,
                period=self.id,
                rule=rule,
                targets=targets,
                due=due(),
            )
        )
        self.env["performance.run.line"].invalidate_model()

    def _get_due_sql(self):
        """Return the targets with their one person per source and slice: of a month
        booked before who had it, else who had the source last, else who it is now."""
        return SQL(
            """
            SELECT target.source_model, target.source_id, target.source_name,
                   target.slice, target.amount, target.inputs,
                   COALESCE(kept.beneficiary_id, %(heir)s) AS beneficiary_id
              FROM (SELECT target.*,
                           COALESCE(frozen.beneficiary_id, target.beneficiary_id)
                           AS person_id
                      FROM target
                 LEFT JOIN (
                        SELECT DISTINCT ON (source_model, source_id)
                               source_model, source_id, beneficiary_id
                          FROM booked
                         ORDER BY source_model, source_id, slice DESC, last_id DESC
                      ) frozen USING (source_model, source_id)) target
         LEFT JOIN (
                SELECT DISTINCT ON (source_model, source_id, slice)
                       source_model, source_id, slice, beneficiary_id
                  FROM booked
                 ORDER BY source_model, source_id, slice, last_id DESC
              ) kept USING (source_model, source_id, slice)
                   %(heirs)s
            """,
            **self._get_heirs_sql(),
        )

    def _get_split_due_sql(self):
        """Return the targets per person; of two shares that one person has now, one."""
        return SQL(
            """
            SELECT source_model, source_id, source_name, slice, beneficiary_id,
                   SUM(amount) AS amount,
                   CASE WHEN COUNT(*) = 1 THEN (ARRAY_AGG(inputs))[1]
                        ELSE JSONB_BUILD_OBJECT('parts', JSONB_AGG(inputs ORDER BY inputs))
                   END AS inputs
              FROM (SELECT target.source_model, target.source_id, target.source_name,
                           target.slice, target.amount, target.inputs,
                           %(heir)s AS beneficiary_id
                      FROM (SELECT target.*, target.beneficiary_id AS person_id
                              FROM target) target
                           %(heirs)s) due
             GROUP BY source_model, source_id, source_name, slice, beneficiary_id
            """,
            **self._get_heirs_sql(),
        )

    def _get_heirs_sql(self):
        """Return who has what ``target.person_id`` had, after dated reassignments, and
        the joins that find it."""
        heirs = self.env["performance.reassignment"]._get_heirs(self)
        if not heirs:
            return {"heir": SQL("target.person_id"), "heirs": SQL()}
        return {
            "heir": SQL("COALESCE(own.heir_id, heir.heir_id, target.person_id)"),
            "heirs": SQL(
                """
         LEFT JOIN account_move_line document_line
                ON target.source_model = 'account.move.line'
               AND document_line.id = target.source_id
         LEFT JOIN account_move document
                ON document.id = CASE WHEN target.source_model = 'account.move'
                                      THEN target.source_id
                                      ELSE document_line.move_id END
         LEFT JOIN (VALUES %(heirs)s) heir (slice, person_id, customer_id, heir_id)
                ON heir.slice = target.slice AND heir.person_id = target.person_id
               AND heir.customer_id = 0
         LEFT JOIN (VALUES %(heirs)s) own (slice, person_id, customer_id, heir_id)
                ON own.slice = target.slice AND own.person_id = target.person_id
               AND own.customer_id = document.commercial_partner_id
                """,
                heirs=SQL(", ").join(SQL("%s", heir) for heir in heirs),
            ),
        }
