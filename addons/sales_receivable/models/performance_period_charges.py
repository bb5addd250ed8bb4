from odoo import models
from odoo.tools import SQL


class PerformancePeriod(models.Model):
    """What other rules charge to a person, and what is adjusted by hand (A04, A20)."""

    _name = "performance.period"
    _inherit = "performance.period"

    def _run_unauthorised_credit(self):
        """Take off what was confirmed on credit without the approval it needed, in the
        month of the order's confirmation (A04)."""
        self.ensure_one()
        self._insert_deltas(
            "A04",
            self._get_charges_sql(
                "A04",
                "sale.order",
                SQL(
                    """
                    SELECT sale_order.id, sale_order.name, sale_order.team_id,
                           sale_order.credit_unauthorised_id AS person_id,
                           sale_order.credit_unauthorised_amount AS value,
                           sale_order.confirmed_at AS moment
                      FROM sale_order
                     WHERE sale_order.company_id = %s
                       AND sale_order.state = 'sale'
                       AND sale_order.credit_unauthorised_amount > 0
                    """,
                    self.company_id.id,
                ),
                "state",
                "credit_unauthorised_id",
                "credit_unauthorised_amount",
                "confirmed_at",
            ),
        )

    def _run_loan_losses(self):
        """Take off lent goods that were lost for personal reasons, in the month of the
        loss; what the colleague has paid for is given back (A20)."""
        self.ensure_one()
        self._insert_deltas(
            "A20",
            self._get_charges_sql(
                "A20",
                "product.loan.outcome",
                SQL(
                    """
                    SELECT outcome.id, loan.name, NULL::int AS team_id,
                           outcome.beneficiary_id AS person_id,
                           outcome.amount AS value, move.date AS moment
                      FROM product_loan_outcome outcome
                      JOIN product_loan loan ON loan.id = outcome.loan_id
                      JOIN stock_move move ON move.id = outcome.move_id
                     WHERE outcome.company_id = %s AND outcome.kind = 'charged'
                       AND outcome.state = 'done' AND outcome.settled_at IS NULL
                       AND outcome.beneficiary_id IS NOT NULL
                    """,
                    self.company_id.id,
                ),
                "state",
                "kind",
                "amount",
                "beneficiary_id",
                "settled_at",
                "move_id",
            ),
        )

    def _run_adjustments(self):
        """Give or take off what was approved by hand (K10)."""
        self.ensure_one()
        adjustments = self.env["performance.adjustment"]
        self._insert_deltas("manual", adjustments._get_targets_sql(self))

    def _get_charges_sql(self, rule, model, charges, *names):
        """Return the targets of charges with ``id``, ``name``, ``team_id``,
        ``person_id``, ``value`` (company currency) and ``moment`` (UTC), each in its
        month in the company's time zone; None without a rate.

        :param names: fields of ``model`` that the charges are read from
        """
        rates = self._get_rule_rates_sql(rule)
        if not rates:
            return None
        return SQL(
            """
            SELECT %(model)s AS source_model, charge.id AS source_id,
                   charge.name AS source_name, TO_CHAR(local.day, 'YYYY-MM') AS slice,
                   charge.person_id AS beneficiary_id,
                   -ROUND(charge.value * rate.rate / 100, %(digits)s) AS amount,
                   JSONB_BUILD_OBJECT(
                       'date', local.day,
                       'value', TRIM_SCALE(charge.value),
                       'rate', TRIM_SCALE(rate.rate)) AS inputs
              FROM (%(charges)s) charge
        CROSS JOIN LATERAL (SELECT (charge.moment AT TIME ZONE 'UTC'
                                    AT TIME ZONE %(tz)s)::date AS day) local
              JOIN %(rates)s rate ON rate.team_id = COALESCE(charge.team_id, 0)
                   AND rate.day = %(month_end)s
             WHERE local.day BETWEEN %(cut_over)s AND %(until)s
            """,
            model=model,
            charges=charges,
            rates=rates,
            month_end=self._get_month_end_sql(SQL("local.day")),
            tz=self.company_id._get_local_tz(),
            digits=self.company_id.currency_id.decimal_places,
            cut_over=self._get_cut_over(),
            until=self.date_end,
            to_flush=[self.env[model]._fields[name] for name in names],
        )
