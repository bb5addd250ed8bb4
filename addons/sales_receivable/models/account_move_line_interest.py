from odoo import api, models
from odoo.tools import SQL

INTEREST_FIELDS = {
    "account.account": ("account_type",),
    "account.move": ("invoice_user_id", "move_type", "team_id"),
    "account.move.line": (
        "account_id",
        "amount_residual",
        "amount_residual_currency",
        "balance",
        "company_id",
        "currency_id",
        "date",
        "date_maturity",
        "move_id",
        "parent_state",
        "reconciled",
    ),
    "account.partial.reconcile": (
        "amount",
        "debit_amount_currency",
        "debit_move_id",
        "max_date",
    ),
}


class AccountMoveLine(models.Model):
    """Interest on what customers pay late (R08)."""

    _name = "account.move.line"
    _inherit = "account.move.line"

    @api.model
    def _get_interest_sql(self, rates, as_of, company_ids):
        """Return the query of interest on overdue receivables, month by month (R08).

        A day bears interest, simple and not compound, on what is still open at its end,
        from the day after the days of grace on: the day of a payment is free for what it
        pays. Dates are accounting dates, as those of ``_get_open_items_sql``. Only what
        customers owe bears interest; credits and payments that settle nothing take
        nothing off.

        What was open on a day is today's residual and every later settlement: interest
        being linear, each of them bears its own over its own days, so that changes inside
        the span count to the day.

        Columns: ``line_id`` (the receivable item), ``move_id``, ``company_id``,
        ``currency_id`` (of the item), ``month`` (the day of the rate), ``rate`` (percent
        per day), ``grace_days``, ``rate_id``, ``date_due``, ``date_from`` and ``date_to``
        (first and last day that may bear interest), ``days`` of them, ``residual`` and
        ``residual_currency`` (open at the end of ``date_to``), ``interest`` (company
        currency) and ``interest_currency``, both rounded per item and month.

        :param SQL rates: rows of ``day``, ``team_id`` (0: no team), ``rate``,
            ``threshold_days`` and ``rate_id``, as of ``performance.rate._get_rates_sql``:
            a rate counts for the calendar month of its day
        :param date as_of: last day that bears interest
        :param list company_ids: ids of ``res.company``
        """
        return SQL(
            """
            WITH rate AS (
                SELECT given.*, DATE_TRUNC('month', day)::date AS month_start,
                       LEAST((DATE_TRUNC('month', day) + INTERVAL '1 month')::date - 1,
                             %(as_of)s::date) AS month_end
                  FROM %(rates)s given
            ),
            settled AS (
                SELECT part.debit_move_id AS line_id, part.max_date, part.amount,
                       part.debit_amount_currency AS amount_currency
                  FROM account_partial_reconcile part
                 WHERE part.max_date > (SELECT MIN(month_start) FROM rate)
            ),
            item AS (
                SELECT line.id, line.move_id, line.company_id, line.currency_id,
                       line.date, COALESCE(line.date_maturity, line.date) AS date_due,
                       line.amount_residual, line.amount_residual_currency, move.team_id
                  FROM account_move_line line
                  JOIN account_move move ON move.id = line.move_id
                 WHERE line.id IN (
                        SELECT open.id FROM account_move_line open
                          JOIN account_account account ON account.id = open.account_id
                         WHERE account.account_type = 'asset_receivable'
                           AND open.reconciled IS NOT TRUE
                         UNION SELECT line_id FROM settled)
                   AND line.parent_state = 'posted' AND line.balance > 0
                   AND line.company_id = ANY(%(company_ids)s)
                   AND line.account_id IN (
                        SELECT id FROM account_account
                         WHERE account_type = 'asset_receivable')
            ),
            due AS (
                SELECT item.*, rate.day AS month, rate.rate, rate.threshold_days,
                       rate.rate_id,
                       GREATEST(month_start, item.date,
                                item.date_due + threshold_days + 1) AS first_day,
                       month_end AS last_day
                  FROM item
                  JOIN rate ON rate.team_id = COALESCE(item.team_id, 0)
                   AND item.date_due + threshold_days < month_end
            ),
            -- What was open besides today's residual, by the days on which it still was.
            later AS (
                SELECT due.id, due.month,
                       SUM(amount) FILTER (WHERE max_date > last_day) AS residual,
                       SUM(amount_currency) FILTER (WHERE max_date > last_day)
                           AS residual_currency,
                       SUM(amount * run.days) AS amount_days,
                       SUM(amount_currency * run.days) AS amount_days_currency
                  FROM due
                  JOIN settled ON settled.line_id = due.id
            CROSS JOIN LATERAL (
                    SELECT GREATEST(LEAST(last_day, settled.max_date - 1)
                                    - first_day + 1, 0) AS days) run
                 WHERE first_day <= last_day
                 GROUP BY due.id, due.month
            ),
            bearing AS (
                SELECT due.*, last_day - first_day + 1 AS days,
                       amount_residual + COALESCE(later.residual, 0) AS residual,
                       amount_residual_currency
                       + COALESCE(later.residual_currency, 0) AS residual_currency,
                       amount_residual * (last_day - first_day + 1)
                       + COALESCE(later.amount_days, 0) AS amount_days,
                       amount_residual_currency * (last_day - first_day + 1)
                       + COALESCE(later.amount_days_currency, 0)
                       AS amount_days_currency
                  FROM due
             LEFT JOIN later ON later.id = due.id AND later.month = due.month
                 WHERE first_day <= last_day
            )
            SELECT bearing.id AS line_id, bearing.move_id, bearing.company_id,
                   bearing.currency_id, bearing.month, bearing.rate,
                   bearing.threshold_days AS grace_days, bearing.rate_id,
                   bearing.date_due, bearing.first_day AS date_from,
                   bearing.last_day AS date_to, bearing.days, bearing.residual,
                   bearing.residual_currency,
                   ROUND(amount_days * rate / 100, own.decimal_places) AS interest,
                   ROUND(amount_days_currency * rate / 100, document.decimal_places)
                   AS interest_currency
              FROM bearing
              JOIN res_company company ON company.id = bearing.company_id
              JOIN res_currency own ON own.id = company.currency_id
              JOIN res_currency document ON document.id = bearing.currency_id
             WHERE amount_days <> 0 OR amount_days_currency <> 0
            """,
            rates=rates,
            as_of=as_of,
            company_ids=list(company_ids),
            to_flush=[
                self.env[model]._fields[name]
                for model, names in INTEREST_FIELDS.items()
                for name in names
            ],
        )
