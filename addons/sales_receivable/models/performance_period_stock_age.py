from odoo import models
from odoo.tools import SQL

from ..tools.planner import whole_tables


class PerformancePeriod(models.Model):
    """K03: stock older than the threshold is taken off its buyer, month by month."""

    _name = "performance.period"
    _inherit = "performance.period"

    def _run_stock_age(self):
        """Compute the stock age deductions (K03).

        Each month from the cut-over to this one is a slice: value left at that month's
        end × the rate in force then. Months already booked appear only with what has
        changed since, e.g. by a back-dated receipt.
        """
        self.ensure_one()
        rates = self.env["performance.rate"]._get_rates(
            "K03", self.company_id, self._get_months()
        )
        self._refresh_snapshot()
        with whole_tables(self.env.cr):
            self._insert_deltas("K03", self._get_stock_age_targets_sql(rates))

    def _refresh_snapshot(self):
        """Keep the month's stock age with the period, for people to look at."""
        snapshot = self.env["stock.age.snapshot"]._get_snapshot(
            self.company_id, self.date_end
        )
        snapshot._compute_lines()
        if self.snapshot_id != snapshot:
            self._end_step("compute", snapshot_id=snapshot.id)

    def _set_snapshot_state(self, state):
        """Freeze the stock age with the period's approval, thaw it when reopened."""
        self.env.cr.execute(
            SQL(
                "UPDATE stock_age_snapshot SET state = %s WHERE id = %s",
                state,
                self.snapshot_id.id or None,
            )
        )
        self.snapshot_id.invalidate_recordset()

    def _get_stock_age_targets_sql(self, rates):
        """Return the query of deductions per receipt and month.

        :param dict rates: ``performance.rate`` in force by month end; none: no query
        """
        if not rates:
            return None
        return SQL(
            """
            SELECT 'stock.move' AS source_model, layer.move_id AS source_id,
                   COALESCE(move.reference, '-') AS source_name,
                   TO_CHAR(layer.as_of, 'YYYY-MM') AS slice,
                   MAX(layer.buyer_id) AS beneficiary_id,
                   -ROUND(SUM(layer.value) * rate.rate / 100, %(digits)s) AS amount,
                   JSONB_BUILD_OBJECT(
                       'month_end', layer.as_of,
                       'product', COALESCE(product.default_code, template.name ->> 'en_US'),
                       'receipt_date', layer.receipt_date,
                       'purchase', purchase.name,
                       'age_days', layer.age_days,
                       'threshold_days', rate.threshold_days,
                       'quantity', TRIM_SCALE(SUM(layer.quantity)),
                       'unit_value', TRIM_SCALE(ROUND(MAX(layer.unit_value), 6)),
                       'value', TRIM_SCALE(SUM(layer.value)),
                       'rate', TRIM_SCALE(rate.rate)) AS inputs
              FROM (%(layers)s) layer
              JOIN (VALUES %(rates)s) rate (month, rate, threshold_days)
                ON rate.month = layer.as_of AND layer.age_days > rate.threshold_days
              JOIN stock_move move ON move.id = layer.move_id
              JOIN product_product product ON product.id = layer.product_id
              JOIN product_template template ON template.id = product.product_tmpl_id
         LEFT JOIN purchase_order purchase ON purchase.id = layer.purchase_id
             GROUP BY layer.move_id, move.reference, layer.as_of, layer.receipt_date,
                      layer.age_days, product.default_code, template.name, purchase.name,
                      rate.rate, rate.threshold_days
            """,
            digits=self.company_id.currency_id.decimal_places,
            layers=self.env["stock.move"]._get_age_layers_sql(
                [(self.company_id, month) for month in rates]
            ),
            rates=SQL(", ").join(
                SQL("(%s, %s::numeric, %s)", month, str(rate.rate), rate.threshold_days)
                for month, rate in rates.items()
            ),
            to_flush=[
                self.env["stock.move"]._fields["reference"],
                self.env["purchase.order"]._fields["name"],
                self.env["product.product"]._fields["default_code"],
                self.env["product.template"]._fields["name"],
            ],
        )
