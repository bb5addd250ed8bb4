from odoo import models
from odoo.tools import SQL

from ..tools.planner import whole_tables


class PerformancePeriod(models.Model):
    """K04: who sells what had lain too long gets a bonus."""

    _name = "performance.period"
    _inherit = "performance.period"

    def _run_overstock(self):
        """Compute the overstock bonuses (K04).

        Each delivery since the cut-over gives its seller, in the month of its day in
        the company's time zone, the rate in force then of what in it was older than
        the threshold on that day. What customers have sent back by the end of this
        period counts as never delivered.
        """
        self.ensure_one()
        rates = self._get_rule_rates_sql("K04")
        with whole_tables(self.env.cr):
            self._insert_deltas("K04", rates and self._get_overstock_targets_sql(rates))

    def _get_overstock_targets_sql(self, rates):
        """Return the query of bonuses per delivery.

        :param SQL rates: versions in force, by month end and sales team
        """
        return SQL(
            """
            SELECT 'stock.move' AS source_model, sold.move_id AS source_id,
                   sold.reference AS source_name,
                   TO_CHAR(sold.delivery_date, 'YYYY-MM') AS slice,
                   sold.user_id AS beneficiary_id,
                   ROUND(ROUND(SUM(sold.value), %(digits)s) * sold.rate / 100,
                         %(digits)s) AS amount,
                   JSONB_BUILD_OBJECT(
                       'date', sold.delivery_date,
                       'order', sold.order_name,
                       'product', sold.product,
                       'base', sold.bonus_base,
                       'quantity', TRIM_SCALE(SUM(sold.quantity)),
                       'value', TRIM_SCALE(ROUND(SUM(sold.value), %(digits)s)),
                       'rate', TRIM_SCALE(sold.rate),
                       'threshold_days', sold.threshold_days,
                       'layers', JSONB_AGG(
                           JSONB_BUILD_OBJECT(
                               'receipt', sold.receipt,
                               'receipt_date', sold.receipt_date,
                               'age_days', sold.age_days,
                               'quantity', TRIM_SCALE(sold.quantity),
                               'value', TRIM_SCALE(ROUND(sold.value, %(digits)s)))
                           ORDER BY sold.receipt_date, sold.receipt, sold.quantity,
                                    sold.value)) AS inputs
              FROM (%(sold)s) sold
             GROUP BY sold.move_id, sold.reference, sold.delivery_date, sold.user_id,
                      sold.order_name, sold.product, sold.bonus_base, sold.rate,
                      sold.threshold_days
            """,
            sold=self._get_overstock_sold_sql(rates),
            digits=self.company_id.currency_id.decimal_places,
        )

    def _get_overstock_sold_sql(self, rates):
        """Return what was sold from each receipt that was too old by then, with its
        value in company currency: at the receipt's cost, or at the price of the order
        line at the order's own rate of exchange. Goods that aren't what the order line
        sells, e.g. parts of a kit, have no price of their own, so no sales value; goods
        given away aren't sold."""
        return SQL(
            """
            SELECT consumed.move_id, consumed.delivery_date, consumed.receipt_date,
                   consumed.age_days, consumed.quantity, sale_order.user_id,
                   sale_order.name AS order_name, rate.rate, rate.threshold_days,
                   version.bonus_base, COALESCE(move.reference, '-') AS reference,
                   COALESCE(receipt.reference, '-') AS receipt,
                   COALESCE(product.default_code, template.name ->> 'en_US') AS product,
                   consumed.quantity
                   * CASE WHEN version.bonus_base = 'cost' THEN consumed.unit_value
                          ELSE price.unit_price END AS value
              FROM (%(consumption)s) consumed
              JOIN stock_move move ON move.id = consumed.move_id
              JOIN stock_move receipt ON receipt.id = consumed.receipt_id
              JOIN sale_order_line sale_line ON sale_line.id = move.sale_line_id
              JOIN sale_order ON sale_order.id = sale_line.order_id
              JOIN product_product product ON product.id = consumed.product_id
              JOIN product_template template ON template.id = product.product_tmpl_id
              JOIN uom_uom unit ON unit.id = template.uom_id
              JOIN uom_uom sale_unit ON sale_unit.id = sale_line.product_uom_id
              JOIN %(rates)s rate ON rate.team_id = COALESCE(sale_order.team_id, 0)
                   AND rate.day = %(month_end)s
                   AND consumed.age_days > rate.threshold_days
              JOIN performance_rate version ON version.id = rate.rate_id
        CROSS JOIN LATERAL (
                SELECT CASE WHEN sale_line.product_id = consumed.product_id
                            THEN COALESCE(sale_line.price_subtotal
                                 / NULLIF(sale_line.product_uom_qty
                                          * sale_unit.factor / unit.factor, 0)
                                 / NULLIF(sale_order.currency_rate, 0), 0)
                            ELSE 0 END AS unit_price) price
             WHERE consumed.quantity > 0 AND sale_order.user_id IS NOT NULL
               AND sale_line.price_subtotal > 0
            """,
            consumption=self.env["stock.move"]._get_consumption_sql(
                self.company_id, self._get_cut_over(), self.date_end
            ),
            rates=rates,
            month_end=self._get_month_end_sql(SQL("consumed.delivery_date")),
            to_flush=self._get_overstock_fields(),
        )

    def _get_overstock_fields(self):
        names = {
            "stock.move": ("reference", "sale_line_id"),
            "sale.order": ("currency_rate", "name", "team_id", "user_id"),
            "sale.order.line": (
                "order_id",
                "price_subtotal",
                "product_id",
                "product_uom_id",
                "product_uom_qty",
            ),
            "product.product": ("default_code",),
            "product.template": ("name", "uom_id"),
            "performance.rate": ("bonus_base",),
            "uom.uom": ("factor",),
        }
        return [
            self.env[model]._fields[name]
            for model, fields in names.items()
            for name in fields
        ]
