from odoo import models
from odoo.tools import SQL


class PerformancePeriod(models.Model):
    """K01: what isn't collected is written down step by step, and given back."""

    _name = "performance.period"
    _inherit = "performance.period"

    def _run_receivable(self):
        """Compute the write-downs of invoices that aren't collected (K01).

        Each month from the cut-over to this one is a slice: what is open now, at this
        period's end, × the rate of the month of age that the item had reached at that
        month's end, by the version then in force for the invoice's team. So the months
        add up while nothing is paid; once something is, every month gives its part of
        it back.

        Only invoices count, not what the customer has to his credit: a credit note or
        payment lowers the invoice that it is reconciled with. An invoice that names no
        salesperson is nobody's performance; one that has been booked keeps its person,
        also when it names nobody any more.
        """
        self.ensure_one()
        rates = self._get_rule_rates_sql("K01")
        self._insert_deltas("K01", rates and self._get_write_downs_sql(rates))

    def _get_write_downs_sql(self, rates):
        """Return the targets: one row per invoice and month, its instalments and down
        payments each with their own month of age in the inputs."""
        return SQL(
            """
            SELECT 'account.move' AS source_model, part.move_id AS source_id,
                   COALESCE(move.name, '/') AS source_name,
                   TO_CHAR(part.month_end, 'YYYY-MM') AS slice,
                   move.invoice_user_id AS beneficiary_id,
                   -SUM(part.amount) AS amount,
                   JSONB_BUILD_OBJECT(
                       'month_end', part.month_end,
                       'as_of', %(as_of)s::date,
                       'value', TRIM_SCALE(SUM(part.residual)),
                       'parts', JSONB_AGG(part.inputs ORDER BY part.inputs)
                                || JSONB_AGG(part.before ORDER BY part.before)) AS inputs
              FROM (%(parts)s) part
              JOIN account_move move ON move.id = part.move_id
             WHERE part.amount <> 0
               AND %(somebody_s)s
             GROUP BY part.move_id, move.name, move.invoice_user_id, part.month_end
            """,
            as_of=self.date_end,
            somebody_s=self._get_somebody_s_sql("K01"),
            parts=self._get_write_down_parts_sql(rates),
            to_flush=self._get_move_fields(),
        )

    def _get_write_down_parts_sql(self, rates):
        """Return the write-down of each item in each month.

        The months of an item never come to more than all of it, whatever versions they
        are of, nor do their roundings: a month is what the rates up to its own come to
        less what those before it do, and so do its inputs say.
        """
        return SQL(
            """
            SELECT step.*, ROUND(residual * upto / 100, %(digits)s)
                           - ROUND(residual * earlier / 100, %(digits)s) AS amount,
                   JSONB_BUILD_OBJECT(
                       'base', base, 'base_date', base_date, 'month', month,
                       'step', TRIM_SCALE(upto - earlier),
                       'rate', TRIM_SCALE(upto),
                       'value', TRIM_SCALE(residual),
                       'currency', currency,
                       'value_currency', TRIM_SCALE(residual_currency)) AS inputs,
                   JSONB_BUILD_OBJECT('rate', TRIM_SCALE(earlier),
                                      'value', TRIM_SCALE(-residual)) AS before
              FROM (SELECT aged.*,
                           LEAST(upto_month, 100) AS upto,
                           LEAST(upto_month - step_rate, 100) AS earlier
                      FROM (%(steps)s) aged) step
            """,
            steps=self._get_write_down_steps_sql(rates),
            digits=self.company_id.currency_id.decimal_places,
        )

    def _get_write_down_steps_sql(self, rates):
        """Return each open item with each month in which the schedule has a rate for its
        age, the rate and the sum of the rates up to then.

        The month of the base date is month 1. What is paid up in its own currency isn't
        owed, though an exchange difference may still be to come in company currency.
        """
        return SQL(
            """
            -- Each by itself first: teams alone would pair every item with every step.
            WITH step AS MATERIALIZED (%(steps)s),
            base AS MATERIALIZED (
                SELECT item.id, item.move_id, item.residual, item.residual_currency,
                       item.currency_id, COALESCE(item.team_id, 0) AS team_id,
                       base.name, base.date,
                       DATE_TRUNC('month', base.date::timestamp) AS born
                  FROM (%(items)s) item
             LEFT JOIN (%(deliveries)s) delivery ON delivery.move_id = item.move_id
            CROSS JOIN LATERAL (VALUES
                    ('invoice', item.date_invoice),
                    ('due', item.date_due),
                    ('delivery', COALESCE(delivery.day, item.date_invoice))
                  ) base (name, date)
                 WHERE item.item_type = 'invoice' AND item.residual_currency <> 0
                   AND base.name IN (SELECT step.base FROM step)
            )
            SELECT base.id, base.move_id, base.residual, base.residual_currency,
                   currency.name AS currency, step.month_end, step.base,
                   base.date AS base_date, step.month, step.rate AS step_rate,
                   SUM(step.rate) OVER (PARTITION BY base.id ORDER BY step.month_end)
                   AS upto_month
              FROM base
              JOIN step ON step.team_id = base.team_id AND step.base = base.name
                   AND step.born = base.born
              JOIN res_currency currency ON currency.id = base.currency_id
            """,
            items=self.env["account.move.line"]._get_open_items_sql(
                self.date_end, self.company_id.ids
            ),
            deliveries=self._get_last_deliveries_sql(),
            steps=self._get_schedule_sql(rates),
        )

    def _get_schedule_sql(self, rates):
        """Return what the versions in force take off at each month's end of what was
        born, by the version's base, in which month."""
        return SQL(
            """
            SELECT rate.day AS month_end, rate.team_id, version.base, line.month,
                   line.rate,
                   DATE_TRUNC('month', rate.day::timestamp)
                   - MAKE_INTERVAL(months => line.month - 1) AS born
              FROM %(rates)s rate
              JOIN performance_rate version ON version.id = rate.rate_id
              JOIN performance_rate_month line ON line.rate_id = rate.rate_id
            """,
            rates=rates,
            to_flush=[
                self.env[model]._fields[name]
                for model, names in (
                    ("performance.rate", ("base",)),
                    ("performance.rate.month", ("rate_id", "month", "rate")),
                )
                for name in names
            ],
        )

    def _get_last_deliveries_sql(self):
        """Return the day of the last delivery of each invoice's goods, in the company's
        time zone; no row where no version asks for it.

        What is delivered after the invoice is another invoice's business, unless
        nothing had been delivered before: else the rest of an order would make what was
        invoiced long ago young again.
        """
        by_delivery = [("rule", "=", "K01"), ("base", "=", "delivery")]
        company = [("company_id", "=", self.company_id.id)]
        # What months count from doesn't depend on who computes.
        rates = self.env["performance.rate"].sudo()
        if not rates.search_count(by_delivery + company, limit=1):
            return SQL("SELECT NULL::int AS move_id, NULL::date AS day WHERE FALSE")
        return SQL(
            """
            SELECT move.id AS move_id,
                   COALESCE(MAX(local.day) FILTER (WHERE local.day <= invoiced.day),
                            MAX(local.day)) AS day
              FROM stock_move delivery
        CROSS JOIN LATERAL (SELECT (delivery.date AT TIME ZONE 'UTC'
                                    AT TIME ZONE %(tz)s)::date AS day) local
              JOIN stock_location source ON source.id = delivery.location_id
              JOIN stock_location place ON place.id = delivery.location_dest_id
              JOIN sale_order_line_invoice_rel link
                ON link.order_line_id = delivery.sale_line_id
              JOIN account_move_line line ON line.id = link.invoice_line_id
              JOIN account_move move ON move.id = line.move_id
        CROSS JOIN LATERAL (SELECT COALESCE(move.invoice_date, move.date)) invoiced (day)
             WHERE delivery.company_id = %(company)s AND delivery.state = 'done'
               AND source.usage <> 'customer' AND place.usage = 'customer'
               AND local.day <= %(until)s
             GROUP BY move.id
            """,
            tz=self.company_id._get_local_tz(),
            company=self.company_id.id,
            until=self.date_end,
            to_flush=[
                self.env[model]._fields[name]
                for model, names in (
                    (
                        "stock.move",
                        (
                            "company_id",
                            "date",
                            "location_dest_id",
                            "location_id",
                            "sale_line_id",
                            "state",
                        ),
                    ),
                    ("stock.location", ("usage",)),
                    ("account.move", ("date", "invoice_date")),
                    ("account.move.line", ("move_id", "sale_line_ids")),
                )
                for name in names
            ],
        )
