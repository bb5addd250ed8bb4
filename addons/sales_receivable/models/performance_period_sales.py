from odoo import models
from odoo.tools import SQL


class PerformancePeriod(models.Model):
    """What was sold and collected: the ledger's plain figures (K06)."""

    _name = "performance.period"
    _inherit = "performance.period"

    def _get_rule_rates_sql(self, rule):
        """Return the versions of a rule in force in each month from the cut-over on, or
        None; see ``performance.rate._get_rates_sql``."""
        return self.env["performance.rate"]._get_rates_sql(
            rule, self.company_id, self._get_months()
        )

    def _get_cut_over(self):
        """Return the first day whose figures count."""
        return self._get_months()[0].replace(day=1)

    def _run_sales(self):
        """Compute what was sold: untaxed amounts of posted customer invoices less credit
        notes, in the month of their accounting date. What names no salesperson is
        nobody's performance."""
        self.ensure_one()
        rates = self._get_rule_rates_sql("sale")
        self._insert_deltas("sale", rates and self._get_sales_targets_sql(rates))

    def _get_sales_targets_sql(self, rates):
        return SQL(
            """
            SELECT 'account.move' AS source_model, move.id AS source_id,
                   COALESCE(move.name, '/') AS source_name,
                   TO_CHAR(move.date, 'YYYY-MM') AS slice,
                   move.invoice_user_id AS beneficiary_id,
                   ROUND(move.amount_untaxed_signed * rate.rate / 100, %(digits)s)
                   AS amount,
                   JSONB_BUILD_OBJECT(
                       'date', move.date,
                       'value', TRIM_SCALE(move.amount_untaxed_signed),
                       'rate', TRIM_SCALE(rate.rate)) AS inputs
              FROM account_move move
              JOIN %(rates)s rate ON rate.team_id = COALESCE(move.team_id, 0)
                   AND rate.day = %(month_end)s
             WHERE move.company_id = %(company)s AND move.state = 'posted'
               AND move.move_type IN ('out_invoice', 'out_refund', 'out_receipt')
               AND %(somebody_s)s
               AND move.date BETWEEN %(cut_over)s AND %(until)s
               AND move.amount_untaxed_signed <> 0
            """,
            rates=rates,
            somebody_s=self._get_somebody_s_sql("sale"),
            month_end=self._get_month_end_sql(SQL("move.date")),
            company=self.company_id.id,
            digits=self.company_id.currency_id.decimal_places,
            cut_over=self._get_cut_over(),
            until=self.date_end,
            to_flush=self._get_move_fields(),
        )

    def _get_somebody_s_sql(self, rule):
        """Return the condition that ``move`` is somebody's: what it names nobody for is
        nobody's performance, but once booked it keeps its person."""
        return SQL(
            """(move.invoice_user_id IS NOT NULL OR move.id IN (
                    SELECT source_id FROM performance_entry
                     WHERE company_id = %s AND rule = %s
                       AND source_model = 'account.move'))""",
            self.company_id.id,
            rule,
        )

    def _run_collections(self):
        """Compute what was collected: the money that settled customer documents, in the
        month in which it did, refunds paid out taken off."""
        self.ensure_one()
        rates = self._get_rule_rates_sql("collection")
        self._insert_deltas(
            "collection", rates and self._get_collections_targets_sql(rates)
        )

    def _get_collections_targets_sql(self, rates):
        return SQL(
            """
            SELECT 'account.move' AS source_model, move.id AS source_id,
                   COALESCE(move.name, '/') AS source_name, paid.slice,
                   move.invoice_user_id AS beneficiary_id,
                   ROUND(paid.amount * rate.rate / 100, %(digits)s) AS amount,
                   JSONB_BUILD_OBJECT(
                       'date', paid.date,
                       'value', TRIM_SCALE(paid.amount),
                       'rate', TRIM_SCALE(rate.rate)) AS inputs
              FROM (SELECT move_id, TO_CHAR(date, 'YYYY-MM') AS slice,
                           MAX(date) AS date, SUM(amount) AS amount
                      FROM (%(collections)s) collected
                     WHERE date >= %(cut_over)s
                     GROUP BY move_id, 2) paid
              JOIN account_move move ON move.id = paid.move_id
              JOIN %(rates)s rate ON rate.team_id = COALESCE(move.team_id, 0)
                   AND rate.day = %(month_end)s
             WHERE paid.amount <> 0 AND %(somebody_s)s
            """,
            collections=self._get_period_collections_sql(),
            rates=rates,
            somebody_s=self._get_somebody_s_sql("collection"),
            month_end=self._get_month_end_sql(SQL("paid.date")),
            digits=self.company_id.currency_id.decimal_places,
            cut_over=self._get_cut_over(),
            to_flush=self._get_move_fields(),
        )

    def _get_period_collections_sql(self, in_transit=True):
        """Return the collections up to this period of the customer documents on which
        money came in since the cut-over; see
        ``account.partial.reconcile._get_collections_sql``."""
        return self.env["account.partial.reconcile"]._get_collections_sql(
            self._get_collected_moves_sql(), self.date_end, in_transit
        )

    def _get_collected_moves_sql(self):
        """Return the array of the customer documents that something has settled since the
        cut-over.

        They are looked up first: the server plans what is done with them by how many
        they are, and compares each with each where it can't know.
        """
        self.env.flush_all()
        documents = self.env.execute_query(
            SQL(
                """
             SELECT move.id
               FROM (SELECT part.debit_move_id AS line_id
                       FROM account_partial_reconcile part
                      WHERE part.max_date BETWEEN %(start)s AND %(end)s
                        AND part.company_id = %(company)s
                      UNION
                     SELECT part.credit_move_id
                       FROM account_partial_reconcile part
                      WHERE part.max_date BETWEEN %(start)s AND %(end)s
                        AND part.company_id = %(company)s) settled
               JOIN account_move_line line ON line.id = settled.line_id
               JOIN account_move move ON move.id = line.move_id
              WHERE move.move_type IN ('out_invoice', 'out_refund', 'out_receipt')
              GROUP BY move.id
                """,
                start=self._get_cut_over(),
                end=self.date_end,
                company=self.company_id.id,
            )
        )
        return SQL("%s::int[]", [document for (document,) in documents])

    @staticmethod
    def _get_month_end_sql(day):
        return SQL("(DATE_TRUNC('month', %s) + INTERVAL '1 month - 1 day')::date", day)

    def _get_move_fields(self):
        return [
            self.env["account.move"]._fields[name]
            for name in (
                "amount_untaxed_signed",
                "company_id",
                "date",
                "invoice_user_id",
                "move_type",
                "name",
                "state",
                "team_id",
            )
        ]
