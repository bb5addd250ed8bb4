from contextlib import contextmanager

from dateutil.relativedelta import relativedelta
from odoo import models
from odoo.tools import SQL

from .performance_period_run import NO_TARGETS


class PerformancePeriod(models.Model):
    """K02: commission accrues on each collection, for the people who share it."""

    _name = "performance.period"
    _inherit = "performance.period"

    def _run_commission(self):
        """Compute the commission of persons and departments (K02).

        Runs after the rules whose figures make up a department's result.
        """
        self.ensure_one()
        months = self._get_months()
        plans = self.env["commission.plan"]._get_plans_sql(self.company_id, months)
        targets = []
        with self._joining_by_hash():
            if plans:
                self.env["commission.share"]._freeze(self._get_collected_moves_sql())
                self._keep_accruals(plans)
                targets.append(self._get_commission_targets_sql())
                self.env["commission.exception"]._list(self)
            if department := self._get_department_targets_sql():
                targets.append(department)
            self._insert_deltas(
                "K02", SQL(" UNION ALL ").join(targets or [NO_TARGETS]), split=True
            )

    @contextmanager
    def _joining_by_hash(self):
        """Let the database join what is computed on the way by hashing.

        It can't know how many rows that will be, takes few for granted, and would
        compare all of them with all: days instead of seconds.
        """
        self.env.cr.execute("SET LOCAL enable_nestloop TO off")
        yield
        # After an error the transaction is rolled back, and this with it.
        self.env.cr.execute("SET LOCAL enable_nestloop TO DEFAULT")

    def _keep_accruals(self, plans):
        """Keep the accruals for the two that read them, as long as the transaction
        lasts."""
        query = self._get_accruals(plans)
        self.env.flush_query(query)
        self.env.cr.execute("DROP TABLE IF EXISTS commission_accrual")
        self.env.cr.execute(
            SQL("CREATE TEMPORARY TABLE commission_accrual ON COMMIT DROP AS %s", query)
        )
        self.env.cr.execute("ANALYZE commission_accrual")

    def _get_accruals(self, plans):
        """Return the accruals behind the period; see
        ``account.move.line._get_accruals_sql``."""
        policies = self.env["commission.plan"]._get_policies(self.company_id)
        return self.env["account.move.line"]._get_accruals_sql(
            self.company_id,
            plans,
            self._get_collected_moves_sql(),
            self.date_end,
            policies,
        )

    def _get_commission_targets_sql(self):
        """Return the query of commission per invoice line, month and person.

        Rounded is what has accrued up to a month, and each person's part of it up to
        theirs: months add up to the whole, and persons to the month.
        """
        return SQL(
            """
            WITH accrued AS (
                SELECT line_id, move_id, slice, MAX(move_name) AS move_name,
                       MAX(product) AS product, MAX(plan_name) AS plan_name,
                       MAX(contract) AS contract, MAX(rate) AS rate,
                       MAX(date) AS date, SUM(base) AS base,
                       SUM(base * rate / 100) AS raw
                  FROM commission_accrual
                 WHERE reason IS NULL
                 GROUP BY line_id, move_id, slice
            ),
            reached AS (
                SELECT accrued.*, SUM(raw) OVER (
                           PARTITION BY line_id ORDER BY slice) AS upto
                  FROM accrued
            ),
            share AS (%(shares)s)
            SELECT 'account.move.line' AS source_model, line_id AS source_id,
                   move_name AS source_name, slice, share.user_id AS beneficiary_id,
                   ROUND(upto * share.upto_percent / 100, %(digits)s)
                   - ROUND(upto * share.from_percent / 100, %(digits)s)
                   - ROUND((upto - raw) * share.upto_percent / 100, %(digits)s)
                   + ROUND((upto - raw) * share.from_percent / 100, %(digits)s)
                   AS amount,
                   JSONB_BUILD_OBJECT(
                       'product', product,
                       'collected', TRIM_SCALE(base),
                       'date', date,
                       'rate', TRIM_SCALE(rate),
                       'accrued', TRIM_SCALE(upto),
                       'accrued_before', TRIM_SCALE(upto - raw),
                       'percent', TRIM_SCALE(share.percent),
                       'percent_before', TRIM_SCALE(share.from_percent),
                       'plan', plan_name,
                       'contract', contract) AS inputs
              FROM reached
              JOIN share ON share.move_id = reached.move_id
            """,
            shares=self._get_shares_sql(),
            digits=self.company_id.currency_id.decimal_places,
        )

    def _get_shares_sql(self):
        """Return the shares of invoices, each from the sum of those before it."""
        return SQL(
            """
            SELECT share.move_id, share.user_id, share.percent,
                   SUM(share.percent) OVER upto AS upto_percent,
                   SUM(share.percent) OVER upto - share.percent AS from_percent
              FROM commission_share share
             WHERE share.move_id IS NOT NULL AND share.company_id = %s
            WINDOW upto AS (PARTITION BY share.move_id ORDER BY share.id)
            """,
            self.company_id.id,
        )

    # --- departments ------------------------------------------------------------------

    def _get_department_targets_sql(self):
        """Return the query of what departments' leaders get: of the year's result so
        far, at the rate for a result of that size, what hasn't been booked yet.

        The result is what the ledger has for the team's people since January: what was
        collected, with all that was added and taken off (K01, K03, K04, A04, A20,
        adjustments). Months booked before stay as they are; what the year comes to less
        than they did is taken back by this month's.
        """
        rows = list(
            filter(None, map(self._get_department_row, self._get_departments()))
        )
        kept = self._get_departments_booked_sql()
        if not rows:
            return kept
        return SQL(
            "SELECT * FROM (VALUES %s) department (%s) UNION ALL %s",
            SQL(", ").join(rows),
            SQL(
                "source_model, source_id, source_name, slice, beneficiary_id, amount,"
                " inputs"
            ),
            kept,
        )

    def _get_departments(self):
        """Return the departments' plans in force."""
        plans = self.env[
            "commission.plan"
        ].sudo()  # what is paid is asked for by the run
        teams = plans.search(
            [("kind", "=", "department"), ("company_id", "=", self.company_id.id)]
        ).team_id
        day = self.date_end
        return [
            found[day]
            for team in teams.sorted("id")
            if (found := plans._get_plans("department", self.company_id, [day], team))
        ]

    def _get_department_row(self, plan):
        team = plan.team_id
        result = self._get_team_result(team)
        line = plan.line_ids.filtered(lambda row: row.result_from <= result).sorted(
            "result_from", reverse=True
        )[:1]
        leader = team.user_id
        if not leader:
            return None
        currency = self.company_id.currency_id
        due = currency.round(max(result, 0.0) * line.rate / 100.0)
        booked = self._get_team_booked(team)
        inputs = {
            "result": currency.round(result),
            "rate": line.rate,
            "plan": plan.name,
            "team": team.with_context(lang="en_US").name,
            "due": due,
            "booked": currency.round(booked),
            "year": self.date_end.year,
        }
        return SQL(
            "('crm.team', %s, %s, %s, %s, %s::numeric, %s::jsonb)",
            team.id,
            inputs["team"],
            f"{self.date_end:%Y-%m}",
            leader.id,
            str(currency.round(due - booked)),
            self.env["performance.run.line"]
            ._fields["inputs"]
            .convert_to_column(inputs, self.env["performance.run.line"]),
        )

    def _get_team_result(self, team):
        """Return what the year's figures of the team's people come to."""
        [(result,)] = self.env.execute_query(
            SQL(
                """
                SELECT COALESCE(SUM(line.amount), 0)
                  FROM (SELECT company_id, period_id, rule, beneficiary_id, amount
                          FROM performance_entry
                         UNION ALL
                        SELECT company_id, period_id, rule, beneficiary_id, amount
                          FROM performance_run_line WHERE period_id = %(period)s) line
                  JOIN performance_period period ON period.id = line.period_id
                 WHERE line.company_id = %(company)s
                   AND line.rule NOT IN ('sale', 'K02', 'R08')
                   AND period.date_start BETWEEN %(start)s AND %(end)s
                   AND line.beneficiary_id = ANY(%(people)s)
                """,
                period=self.id,
                company=self.company_id.id,
                start=self.date_end + relativedelta(month=1, day=1),
                end=self.date_end,
                people=(team.member_ids | team.user_id).ids,
            )
        )
        return float(result)

    def _get_team_booked(self, team):
        """Return what the year's months before this one have booked for the team."""
        [(booked,)] = self.env.execute_query(
            SQL(
                """
                SELECT COALESCE(SUM(entry.amount), 0)
                  FROM performance_entry entry
                 WHERE entry.company_id = %s AND entry.rule = 'K02'
                   AND entry.source_model = 'crm.team' AND entry.source_id = %s
                   AND entry.slice >= %s
                """,
                self.company_id.id,
                team.id,
                f"{self.date_end.year}-01",
            )
        )
        return float(booked)

    def _get_departments_booked_sql(self):
        return SQL(
            """
            SELECT 'crm.team' AS source_model, source_id,
                   MAX(source_name) AS source_name, slice, beneficiary_id,
                   SUM(amount) AS amount, '{}'::jsonb AS inputs
              FROM performance_entry
             WHERE company_id = %s AND rule = 'K02' AND source_model = 'crm.team'
             GROUP BY source_id, slice, beneficiary_id
            """,
            self.company_id.id,
        )

    # --- interest ---------------------------------------------------------------------

    def _run_interest_offset(self):
        """Take interest on what customers pay late off the commission of those who share
        the invoice's, where their plan says so (R08)."""
        self.ensure_one()
        months = self._get_months()
        plans = self.env["commission.plan"]._get_plans_sql(self.company_id, months)
        rates = self.env["performance.rate"]._get_rates_sql(
            "R08", self.company_id, months
        )
        targets = None
        with self._joining_by_hash():
            if plans and rates:
                self.env["commission.share"]._freeze(self._get_late_moves_sql(rates))
                targets = self._get_offset_targets_sql(plans, rates)
            self._insert_deltas("R08", targets, split=True)

    def _get_interest(self, rates):
        return self.env["account.move.line"]._get_interest_sql(
            rates, self.date_end, self.company_id.ids
        )

    def _get_late_moves_sql(self, rates):
        return SQL(
            "ARRAY(SELECT DISTINCT late.move_id FROM (%s) late)",
            self._get_interest(rates),
        )

    def _get_offset_targets_sql(self, plans, rates):
        """Return the query of interest to take off per invoice, month and person."""
        return SQL(
            """
            WITH late AS (
                SELECT move_id, TO_CHAR(month, 'YYYY-MM') AS slice,
                       SUM(interest) AS interest, MAX(rate) AS rate,
                       MAX(grace_days) AS grace_days, MAX(days) AS days,
                       MIN(date_due) AS date_due, SUM(residual) AS residual
                  FROM (%(interest)s) late GROUP BY move_id, month
            ),
            share AS (%(shares)s)
            SELECT 'account.move' AS source_model, move.id AS source_id,
                   move.name AS source_name, late.slice,
                   share.user_id AS beneficiary_id,
                   ROUND(interest * share.from_percent / 100, %(digits)s)
                   - ROUND(interest * share.upto_percent / 100, %(digits)s) AS amount,
                   JSONB_BUILD_OBJECT(
                       'interest', TRIM_SCALE(interest),
                       'rate', TRIM_SCALE(late.rate),
                       'days', days,
                       'grace_days', grace_days,
                       'date_due', date_due,
                       'residual', TRIM_SCALE(residual),
                       'percent', TRIM_SCALE(share.percent),
                       'percent_before', TRIM_SCALE(share.from_percent),
                       'plan', plan.name) AS inputs
              FROM late
              JOIN account_move move ON move.id = late.move_id
              JOIN %(plans)s version
                ON version.slice = late.slice
               AND version.team_id = COALESCE(move.team_id, 0)
              JOIN commission_plan plan
                ON plan.id = version.plan_id AND plan.offset_interest
              JOIN share ON share.move_id = move.id
             WHERE move.move_type IN ('out_invoice', 'out_receipt')
            """,
            interest=self._get_interest(rates),
            shares=self._get_shares_sql(),
            plans=plans,
            digits=self.company_id.currency_id.decimal_places,
            to_flush=[self.env["commission.plan"]._fields["offset_interest"]],
        )
