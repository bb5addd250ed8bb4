from odoo import api, models
from odoo.tools import SQL


class StockMove(models.Model):
    _name = "stock.move"
    _inherit = "stock.move"

    _receipt_age_idx = models.Index(
        "(company_id, product_id, date DESC, id DESC) WHERE is_in AND state = 'done'"
    )

    @api.model
    def _get_age_layers_sql(self, cutoffs):
        """Return the query of stock layers as of the end of given days (K03).

        Exact reverse FIFO per company, product and lot: what is on hand is covered by
        the newest receipts. Layers are the host's valued receipts, without goods owned
        by others. No layers are: goods back from customers and count differences (they
        restore older layers: a count can't make old stock young), transfers inside the
        company (age survives). Goods sent back to the vendor shrink the receipt they
        came with. What no receipt explains is a row without ``move_id`` and age, valued
        at the product's present cost.

        Columns: ``company_id``, ``as_of``, ``product_id``, ``lot_id`` (tracked products
        only), ``move_id``, ``receipt_date`` and ``age_days`` (company's time zone),
        ``quantity`` (product's unit), ``unit_value`` and ``value`` (layer's own cost,
        company currency), ``buyer_id``, ``purchase_id``.

        :param list cutoffs: pairs of ``res.company`` record and date
        """
        return SQL(
            """
            WITH cutoff AS (
                SELECT company_id, as_of, tz, ((as_of + 1)::timestamp AT TIME ZONE tz)
                       AT TIME ZONE 'UTC' AS until
                  FROM (VALUES %(cutoffs)s) pair (company_id, as_of, tz)
            ),
            valued AS (
                SELECT id FROM stock_location
                 WHERE company_id IS NOT NULL AND usage IN ('internal', 'transit')
            ),
            product AS (
                SELECT product.id, template.tracking <> 'none' AS tracked,
                       product.standard_price, template.responsible_id
                  FROM product_product product
                  JOIN product_template template ON template.id = product.product_tmpl_id
            ),
            onhand AS (%(onhand)s),
            receipt AS (%(receipt)s),
            layer AS (%(layer)s),
            stack AS (
                SELECT layer.*, SUM(quantity) OVER (
                           PARTITION BY company_id, as_of, product_id, lot_id
                               ORDER BY date DESC, move_id DESC) AS reach
                  FROM layer
            ),
            covered AS (
                SELECT stack.company_id, stack.as_of, stack.product_id, stack.lot_id,
                       stack.move_id,
                       LEAST(stack.quantity,
                             onhand.quantity - (stack.reach - stack.quantity)) AS quantity
                  FROM stack
                  JOIN onhand USING (company_id, as_of, product_id, lot_id)
                 WHERE stack.reach - stack.quantity < onhand.quantity
                 UNION ALL
                SELECT company_id, as_of, product_id, lot_id, NULL,
                       onhand.quantity - COALESCE(MAX(stack.reach), 0)
                  FROM onhand
             LEFT JOIN stack USING (company_id, as_of, product_id, lot_id)
                 GROUP BY company_id, as_of, product_id, lot_id, onhand.quantity
                HAVING onhand.quantity > COALESCE(MAX(stack.reach), 0)
            )
            SELECT covered.company_id, covered.as_of, covered.product_id,
                   NULLIF(covered.lot_id, 0) AS lot_id, covered.move_id,
                   received.day AS receipt_date, covered.as_of - received.day AS age_days,
                   covered.quantity, cost.unit_value,
                   ROUND(covered.quantity * cost.unit_value, currency.decimal_places)
                   AS value,
                   COALESCE(purchase.user_id, vendor.buyer_id, vendor_parent.buyer_id,
                            (product.responsible_id ->> covered.company_id::text)::int)
                   AS buyer_id,
                   purchase.id AS purchase_id
              FROM covered
              JOIN cutoff ON (cutoff.company_id, cutoff.as_of)
                             = (covered.company_id, covered.as_of)
              JOIN res_company company ON company.id = covered.company_id
              JOIN res_currency currency ON currency.id = company.currency_id
              JOIN product ON product.id = covered.product_id
         LEFT JOIN stock_move move ON move.id = covered.move_id
         LEFT JOIN (SELECT move_id, SUM(quantity) AS quantity
                      FROM receipt GROUP BY move_id) valued_receipt
                ON valued_receipt.move_id = covered.move_id
         LEFT JOIN purchase_order_line purchase_line
                ON purchase_line.id = move.purchase_line_id
         LEFT JOIN purchase_order purchase ON purchase.id = purchase_line.order_id
         LEFT JOIN stock_picking picking ON picking.id = move.picking_id
         LEFT JOIN res_partner vendor
                ON vendor.id = COALESCE(purchase.partner_id, picking.partner_id)
         LEFT JOIN res_partner vendor_parent
                ON vendor_parent.id = vendor.commercial_partner_id
        CROSS JOIN LATERAL (
                SELECT (move.date AT TIME ZONE 'UTC' AT TIME ZONE cutoff.tz)::date
                       AS day) received
        CROSS JOIN LATERAL (
                SELECT COALESCE(
                           CASE WHEN move.id IS NULL
                                THEN (product.standard_price
                                      ->> covered.company_id::text)::numeric
                                ELSE move.value / valued_receipt.quantity END,
                           0) AS unit_value) cost
            """,
            cutoffs=SQL(", ").join(
                SQL("(%s, %s, %s)", company.id, as_of, company._get_local_tz())
                for company, as_of in cutoffs
            ),
            onhand=self._get_onhand_sql(),
            receipt=self._get_receipt_sql(),
            layer=self._get_layer_sql(),
            to_flush=self._get_age_fields(),
        )

    @api.model
    def _get_onhand_sql(self):
        """Return own stock on hand as of each cutoff: today's less what came later."""
        return SQL(
            """
            SELECT cutoff.company_id, cutoff.as_of, change.product_id, change.lot_id,
                   SUM(change.quantity) AS quantity
              FROM cutoff
              JOIN (
                SELECT quant.company_id, quant.product_id,
                       CASE WHEN product.tracked THEN COALESCE(quant.lot_id, 0) ELSE 0 END
                       AS lot_id,
                       quant.quantity, 'infinity'::timestamp AS date
                  FROM stock_quant quant
                  JOIN valued ON valued.id = quant.location_id
                  JOIN product ON product.id = quant.product_id
                  JOIN res_company company ON company.id = quant.company_id
                 WHERE quant.owner_id IS NULL OR quant.owner_id = company.partner_id
                 UNION ALL
                SELECT move.company_id, move.product_id,
                       CASE WHEN product.tracked THEN COALESCE(line.lot_id, 0) ELSE 0 END,
                       CASE WHEN target.id IS NULL THEN line.quantity_product_uom
                            ELSE -line.quantity_product_uom END,
                       move.date
                  FROM stock_move move
                  JOIN stock_move_line line ON line.move_id = move.id
                  JOIN product ON product.id = move.product_id
                  JOIN res_company company ON company.id = move.company_id
             LEFT JOIN valued source ON source.id = line.location_id
             LEFT JOIN valued target ON target.id = line.location_dest_id
                 WHERE move.state = 'done'
                   AND move.date >= (SELECT MIN(until) FROM cutoff)
                   AND (source.id IS NULL) <> (target.id IS NULL)
                   AND (line.owner_id IS NULL OR line.owner_id = company.partner_id)
              ) change ON change.company_id = cutoff.company_id
                      AND change.date >= cutoff.until
             GROUP BY 1, 2, 3, 4
            HAVING SUM(change.quantity) > 0
            """
        )

    @api.model
    def _get_receipt_sql(self):
        """Return genuine receipts by move and lot, as the host values them."""
        return SQL(
            """
            SELECT move.id AS move_id, move.company_id, move.product_id, move.date,
                   CASE WHEN product.tracked THEN COALESCE(line.lot_id, 0) ELSE 0 END
                   AS lot_id,
                   SUM(line.quantity_product_uom) AS quantity
              FROM stock_move move
              JOIN stock_move_line line ON line.move_id = move.id
              JOIN stock_location source ON source.id = line.location_id
              JOIN product ON product.id = move.product_id
              JOIN res_company company ON company.id = move.company_id
         LEFT JOIN stock_move origin ON origin.id = move.origin_returned_move_id
             WHERE move.is_in AND move.state = 'done'
               AND move.company_id IN (SELECT company_id FROM cutoff)
               AND move.product_id IN (SELECT product_id FROM onhand)
               AND origin.is_out IS NOT TRUE
               AND source.usage NOT IN ('customer', 'inventory')
               AND line.picked
               AND (line.owner_id IS NULL OR line.owner_id = company.partner_id)
               AND line.location_id NOT IN (SELECT id FROM valued)
               AND line.location_dest_id IN (SELECT id FROM valued)
             GROUP BY move.id, 5
            HAVING SUM(line.quantity_product_uom) > 0
            """
        )

    @api.model
    def _get_layer_sql(self):
        """Return what each receipt brought in as of each cutoff, net of what was sent
        back to the vendor by then; what the vendor sent again counts with the receipt.
        """
        return SQL(
            """
            SELECT cutoff.company_id, cutoff.as_of, receipt.product_id, change.lot_id,
                   receipt.move_id, receipt.date, SUM(change.quantity) AS quantity
              FROM cutoff
              JOIN (SELECT DISTINCT move_id, company_id, product_id, date FROM receipt)
                   receipt ON receipt.company_id = cutoff.company_id
              JOIN (
                SELECT move_id, lot_id, date, quantity FROM receipt
                 UNION ALL
                SELECT back.receipt_id,
                       CASE WHEN product.tracked THEN COALESCE(line.lot_id, 0) ELSE 0 END,
                       back.date, back.sign * line.quantity_product_uom
                  FROM (SELECT sent.id, sent.date, receipt.move_id AS receipt_id, -1 AS sign
                          FROM receipt
                          JOIN stock_move sent
                            ON sent.origin_returned_move_id = receipt.move_id
                         WHERE sent.is_out AND sent.state = 'done'
                         UNION
                        SELECT again.id, again.date, receipt.move_id, 1
                          FROM receipt
                          JOIN stock_move sent
                            ON sent.origin_returned_move_id = receipt.move_id
                          JOIN stock_move again
                            ON again.origin_returned_move_id = sent.id
                         WHERE sent.is_out AND again.is_in AND again.state = 'done'
                       ) back
                  JOIN stock_move_line line ON line.move_id = back.id
                  JOIN product ON product.id = line.product_id
                  JOIN res_company company ON company.id = line.company_id
                 WHERE line.picked
                   AND (line.owner_id IS NULL OR line.owner_id = company.partner_id)
              ) change ON change.move_id = receipt.move_id
                      AND change.date < cutoff.until
             GROUP BY 1, 2, 3, 4, 5, 6
            HAVING SUM(change.quantity) > 0
            """
        )

    @api.model
    def _get_age_fields(self):
        """Return the fields that the layer query reads."""
        names = {
            "stock.move": (
                "company_id",
                "date",
                "is_in",
                "is_out",
                "origin_returned_move_id",
                "picking_id",
                "product_id",
                "purchase_line_id",
                "state",
                "value",
            ),
            "stock.move.line": (
                "company_id",
                "location_id",
                "location_dest_id",
                "lot_id",
                "move_id",
                "owner_id",
                "picked",
                "product_id",
                "quantity_product_uom",
            ),
            "stock.quant": (
                "company_id",
                "location_id",
                "lot_id",
                "owner_id",
                "product_id",
                "quantity",
            ),
            "stock.location": ("company_id", "usage"),
            "stock.picking": ("partner_id",),
            "product.template": ("tracking", "responsible_id"),
            "product.product": ("product_tmpl_id", "standard_price"),
            "purchase.order": ("user_id", "partner_id"),
            "purchase.order.line": ("order_id",),
            "res.partner": ("buyer_id", "commercial_partner_id"),
        }
        return [
            self.env[model]._fields[name]
            for model, fields in names.items()
            for name in fields
        ]
