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
        company (age survives). What is returned counts as never moved: goods sent back
        to the vendor shrink the receipt they came with, sent again they grow it again.
        What no receipt explains is a row without ``move_id`` and age, valued at the
        product's present cost.

        Columns: ``company_id``, ``as_of``, ``product_id``, ``lot_id`` (tracked products
        only), ``move_id``, ``receipt_date`` and ``age_days`` (company's time zone),
        ``quantity`` (product's unit), ``unit_value`` and ``value`` (layer's own cost,
        company currency), ``buyer_id``, ``purchase_id``.

        :param list cutoffs: pairs of ``res.company`` record and date
        """
        return SQL(
            """
            WITH RECURSIVE %(sources)s,
            scope AS (
                SELECT DISTINCT company_id, product_id FROM onhand WHERE quantity > 0
            ),
            %(candidates)s,
            stack AS (
                -- The row of what is on hand comes last: what it is more than all
                -- receipts together, no receipt explains.
                SELECT entry.*, SUM(quantity) OVER downward AS reach,
                       SUM(onhand) OVER (PARTITION BY company_id, as_of, product_id,
                                                      lot_id) AS covered
                  FROM (SELECT company_id, as_of, product_id, lot_id, move_id, received,
                               unit_value, quantity, 0 AS onhand
                          FROM layer
                         UNION ALL
                        SELECT company_id, as_of, product_id, lot_id, NULL, NULL,
                               NULL, 0, quantity
                          FROM onhand WHERE quantity > 0) entry
                WINDOW downward AS (
                    PARTITION BY company_id, as_of, product_id, lot_id
                        ORDER BY received DESC NULLS LAST, move_id DESC NULLS LAST)
            ),
            remaining AS (
                SELECT stack.*,
                       CASE WHEN move_id IS NULL THEN covered - reach
                            ELSE LEAST(quantity, covered - (reach - quantity))
                       END AS remaining
                  FROM stack
                 WHERE reach - quantity < covered
            )
            SELECT remaining.company_id, remaining.as_of, remaining.product_id,
                   NULLIF(remaining.lot_id, 0) AS lot_id, remaining.move_id,
                   local.day AS receipt_date, remaining.as_of - local.day AS age_days,
                   remaining.remaining AS quantity, cost.unit_value,
                   ROUND(remaining.remaining * cost.unit_value, currency.decimal_places)
                   AS value,
                   %(buyer)s AS buyer_id,
                   purchase.id AS purchase_id
              FROM remaining
              JOIN cutoff ON cutoff.company_id = remaining.company_id
                         AND cutoff.as_of = remaining.as_of
              JOIN res_company company ON company.id = remaining.company_id
              JOIN res_currency currency ON currency.id = company.currency_id
              JOIN product_product product ON product.id = remaining.product_id
              JOIN product_template template ON template.id = product.product_tmpl_id
         LEFT JOIN stock_move move ON move.id = remaining.move_id
                   %(buyer_joins)s
        CROSS JOIN LATERAL (
                SELECT (remaining.received AT TIME ZONE 'UTC' AT TIME ZONE cutoff.tz)::date
                       AS day) local
        CROSS JOIN LATERAL (
                SELECT COALESCE(
                           CASE WHEN remaining.move_id IS NULL
                                THEN (product.standard_price
                                      ->> remaining.company_id::text)::numeric
                                ELSE remaining.unit_value END,
                           0) AS unit_value) cost
            """,
            sources=self._get_age_sources_sql(cutoffs),
            candidates=self._get_candidates_sql(),
            buyer=self._get_buyer_sql("remaining"),
            buyer_joins=self._get_buyer_joins_sql(),
            to_flush=self._get_age_fields(),
        )

    @api.model
    def _get_age_sources_sql(self, cutoffs):
        """Return the common table expressions that stock age is told from, over two that
        follow: ``scope``, the companies and products, and ``candidate``, the rows of
        ``receipt`` that may count as of a cutoff.

        ``returned`` names the movement that each return, at however many removes, goes
        back to; ``layer`` is what is left of the candidates after returns.
        """
        return SQL(
            """
            cutoff AS (
                SELECT company_id, as_of, tz, ((as_of + 1)::timestamp AT TIME ZONE tz)
                       AT TIME ZONE 'UTC' AS until
                  FROM (VALUES %(cutoffs)s) pair (company_id, as_of, tz)
            ),
            valued AS (
                SELECT id FROM stock_location
                 WHERE company_id IS NOT NULL AND usage IN ('internal', 'transit')
            ),
            onhand AS (%(onhand)s),
            returned AS (%(returned)s),
            receipt AS (%(receipts)s),
            back AS (%(returns)s),
            layer AS (
                SELECT candidate.*, candidate.received_quantity + COALESCE(back.quantity, 0)
                       AS quantity
                  FROM candidate
             LEFT JOIN (
                        SELECT cutoff.as_of, back.root_id, back.company_id,
                               back.product_id, back.lot_id, SUM(back.quantity) AS quantity
                          FROM back
                          JOIN cutoff ON cutoff.company_id = back.company_id
                                     AND back.date < cutoff.until
                         GROUP BY 1, 2, 3, 4, 5
                  ) back ON back.root_id = candidate.move_id
                        AND back.as_of = candidate.as_of
                        AND back.company_id = candidate.company_id
                        AND back.product_id = candidate.product_id
                        AND back.lot_id = candidate.lot_id
                 WHERE candidate.received_quantity + COALESCE(back.quantity, 0) > 0
            )
            """,
            cutoffs=SQL(", ").join(
                SQL("(%s, %s, %s)", company.id, as_of, company._get_local_tz())
                for company, as_of in cutoffs
            ),
            onhand=self._get_onhand_sql(),
            returned=self._get_returned_sql(),
            receipts=self._get_receipts_sql(),
            returns=self._get_flow_sql(
                SQL("returned.root_id"),
                SQL(
                    """JOIN returned ON returned.id = move.id
                                    AND move.origin_returned_move_id IS NOT NULL"""
                ),
            ),
        )

    @api.model
    def _get_candidates_sql(self):
        """Return the common table expressions that lead to ``candidate``: the receipts
        of which something may be left as of a cutoff.

        All others are covered up: newer receipts alone, less all that was ever sent
        back of them, are more than what is on hand. That is found out once for all
        cutoffs, so that months later cost what is in stock and not what ever was.
        """
        return SQL(
            """
            covering AS (
                SELECT receipt.*, sure, SUM(sure) OVER (
                           PARTITION BY receipt.company_id, receipt.product_id,
                                        receipt.lot_id
                               ORDER BY receipt.received DESC, receipt.move_id DESC)
                       - sure AS above
                  FROM receipt
             LEFT JOIN (SELECT root_id, product_id, lot_id, -SUM(quantity) AS quantity
                          FROM back WHERE quantity < 0 GROUP BY 1, 2, 3) sent
                    ON sent.root_id = receipt.move_id
                   AND sent.product_id = receipt.product_id
                   AND sent.lot_id = receipt.lot_id
            CROSS JOIN LATERAL (SELECT GREATEST(receipt.quantity
                                                - COALESCE(sent.quantity, 0), 0) AS sure
                       ) least
            ),
            later AS (
                SELECT cutoff.as_of, covering.company_id, covering.product_id,
                       covering.lot_id, SUM(covering.sure) AS quantity
                  FROM covering
                  JOIN cutoff ON cutoff.company_id = covering.company_id
                             AND covering.received >= cutoff.until
                 WHERE covering.received >= (SELECT MIN(until) FROM cutoff)
                 GROUP BY 1, 2, 3, 4
            ),
            candidate AS (
                SELECT covering.company_id, onhand.as_of, covering.product_id,
                       covering.lot_id, covering.move_id, covering.received,
                       covering.unit_value, covering.quantity AS received_quantity
                  FROM onhand
                  JOIN cutoff ON cutoff.company_id = onhand.company_id
                             AND cutoff.as_of = onhand.as_of
             LEFT JOIN later ON later.as_of = onhand.as_of
                            AND later.company_id = onhand.company_id
                            AND later.product_id = onhand.product_id
                            AND later.lot_id = onhand.lot_id
                  JOIN covering ON covering.company_id = onhand.company_id
                               AND covering.product_id = onhand.product_id
                               AND covering.lot_id = onhand.lot_id
                               AND covering.received < cutoff.until
                               AND covering.above
                                   < onhand.quantity + COALESCE(later.quantity, 0)
                 WHERE onhand.quantity > 0
            )
            """
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
                       %(quant_lot)s AS lot_id,
                       quant.quantity, 'infinity'::timestamp AS date
                  FROM stock_quant quant
                  JOIN valued ON valued.id = quant.location_id
                  JOIN product_product product ON product.id = quant.product_id
                  JOIN product_template template ON template.id = product.product_tmpl_id
                  JOIN res_company company ON company.id = quant.company_id
                 WHERE quant.owner_id IS NULL OR quant.owner_id = company.partner_id
                 UNION ALL
                SELECT move.company_id, move.product_id,
                       %(line_lot)s,
                       CASE WHEN target.id IS NULL THEN line.quantity_product_uom
                            ELSE -line.quantity_product_uom END,
                       move.date
                  FROM stock_move move
                  JOIN stock_move_line line ON line.move_id = move.id
                  JOIN product_product product ON product.id = move.product_id
                  JOIN product_template template ON template.id = product.product_tmpl_id
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
            """,
            quant_lot=self._get_lot_key_sql("quant"),
            line_lot=self._get_lot_key_sql("line"),
        )

    @api.model
    def _get_returned_sql(self):
        """Return which movement each return goes back to in the end: a receipt sent back
        to the vendor, sent again and back once more is one receipt, and likewise what
        customers bring back."""
        return SQL(
            """
            SELECT back.id, root.id AS root_id
              FROM stock_move back
              JOIN stock_move root ON root.id = back.origin_returned_move_id
             WHERE root.state = 'done' AND (root.is_in OR root.is_out)
               AND back.origin_returned_move_id IS NOT NULL
               AND back.state = 'done' AND (back.is_in OR back.is_out)
               AND back.company_id IN (SELECT company_id FROM cutoff)
               AND %(is_root)s
             UNION ALL
            SELECT back.id, returned.root_id
              FROM returned
              JOIN stock_move back ON back.origin_returned_move_id = returned.id
             WHERE back.state = 'done' AND (back.is_in OR back.is_out)
               AND back.origin_returned_move_id IS NOT NULL
            """,
            is_root=self._get_is_root_sql("root"),
        )

    @api.model
    def _get_is_root_sql(self, move):
        """Return the condition that a movement returns nothing.

        :param str move: alias of ``stock_move``
        """
        return SQL(
            """(%(origin)s IS NULL
                OR (SELECT origin.id FROM stock_move origin
                     WHERE origin.id = %(origin)s AND origin.state = 'done'
                       AND (origin.is_in OR origin.is_out)) IS NULL)""",
            origin=SQL.identifier(move, "origin_returned_move_id"),
        )

    @api.model
    def _get_receipts_sql(self):
        """Return what genuine receipts brought in, by move and lot, as the host values
        them, for the products of the scope."""
        return SQL(
            """
            SELECT move.id AS move_id, move.company_id, move.product_id,
                   %(lot)s AS lot_id, move.date AS received,
                   move.value / NULLIF(SUM(SUM(line.quantity_product_uom))
                                       OVER (PARTITION BY move.id), 0) AS unit_value,
                   SUM(line.quantity_product_uom) AS quantity
              FROM stock_move move
              JOIN scope ON scope.company_id = move.company_id
                        AND scope.product_id = move.product_id
              JOIN stock_move_line line ON line.move_id = move.id
              JOIN stock_location source ON source.id = line.location_id
              JOIN product_product product ON product.id = move.product_id
              JOIN product_template template ON template.id = product.product_tmpl_id
              JOIN res_company company ON company.id = move.company_id
             WHERE move.is_in AND move.state = 'done'
               AND %(is_root)s
               AND source.usage NOT IN ('customer', 'inventory')
               AND (line.owner_id IS NULL OR line.owner_id = company.partner_id)
               AND line.location_id NOT IN (SELECT id FROM valued)
               AND line.location_dest_id IN (SELECT id FROM valued)
             GROUP BY move.id, 4
            """,
            lot=self._get_lot_key_sql("line"),
            is_root=self._get_is_root_sql("move"),
        )

    @api.model
    def _get_flow_sql(self, root, join, further=None):
        """Return what movements of the scope brought in (positive) or took out.

        :param SQL root: which movement a ``move`` counts for
        :param SQL join: what picks the movements, joined to ``move``
        :param SQL further: columns that follow
        """
        return SQL(
            """
            SELECT %(root)s AS root_id, move.company_id, move.product_id,
                   %(lot)s AS lot_id, move.date,
                   CASE WHEN target.id IS NULL THEN -line.quantity_product_uom
                        ELSE line.quantity_product_uom END AS quantity
                   %(further)s
              FROM stock_move move
                   %(join)s
              JOIN scope ON scope.company_id = move.company_id
                        AND scope.product_id = move.product_id
              JOIN stock_move_line line ON line.move_id = move.id
              JOIN product_product product ON product.id = move.product_id
              JOIN product_template template ON template.id = product.product_tmpl_id
              JOIN res_company company ON company.id = move.company_id
         LEFT JOIN valued source ON source.id = line.location_id
         LEFT JOIN valued target ON target.id = line.location_dest_id
             WHERE (source.id IS NULL) <> (target.id IS NULL)
               AND (line.owner_id IS NULL OR line.owner_id = company.partner_id)
            """,
            root=root,
            join=join,
            further=further or SQL(),
            lot=self._get_lot_key_sql("line"),
        )

    @api.model
    def _get_lot_key_sql(self, owner):
        """Return the lot by which goods of a product are told apart, 0 for none."""
        return SQL(
            "CASE WHEN template.tracking <> 'none' THEN COALESCE(%s, 0) ELSE 0 END",
            SQL.identifier(owner, "lot_id"),
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
                "receipt_buyer_id",
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
