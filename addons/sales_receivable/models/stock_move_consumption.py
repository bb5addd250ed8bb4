from odoo import api, models
from odoo.tools import SQL


class StockMove(models.Model):
    """Which receipts the goods came from that left: forward FIFO (K04)."""

    _name = "stock.move"
    _inherit = "stock.move"

    @api.model
    def _get_consumption_sql(self, company, first, last):
        """Return the query of what left from a day on, by the receipts it came from, as
        known at the end of another day (K04).

        Told from the same movements as the stock layers: from what is on hand at the
        end of the last day backwards, each movement took the oldest goods that were
        there, so that of every receipt what is left and what was consumed since ever
        make up what was received. What is returned counts as never moved. Goods found
        at a count or brought back without a delivery to return are the ones consumed
        last: they have a negative quantity, and leave once more later. What no receipt
        explains isn't among the rows, and what was sold before it came has a negative
        age.

        Columns: ``company_id``, ``product_id``, ``lot_id`` (tracked products only),
        ``move_id`` (the movement out), ``delivery_date``, ``receipt_id``,
        ``receipt_date`` and ``age_days`` when it left (company's time zone),
        ``quantity`` (product's unit), ``unit_value`` (layer's own cost, company
        currency).

        :param first: day from which on movements count, in the company's time zone
        :param last: day as of whose end all is told
        """
        return SQL(
            """
            WITH RECURSIVE %(sources)s,
            span AS (
                SELECT company_id, tz, until,
                       (%(first)s::timestamp AT TIME ZONE tz) AT TIME ZONE 'UTC' AS since
                  FROM cutoff
            ),
            scope AS (
                SELECT DISTINCT move.company_id, move.product_id
                  FROM stock_move move
                  JOIN span ON span.company_id = move.company_id
                 WHERE move.is_out AND move.state = 'done'
                   AND move.date >= span.since AND move.date < span.until
            ),
            candidate AS (
                SELECT cutoff.as_of, receipt.company_id, receipt.product_id,
                       receipt.lot_id, receipt.move_id, receipt.received,
                       receipt.unit_value, receipt.quantity AS received_quantity
                  FROM receipt
                  JOIN cutoff ON cutoff.company_id = receipt.company_id
                             AND receipt.received < cutoff.until
            ),
            %(steps)s,
            %(overlaps)s
            SELECT drawn.company_id, drawn.product_id,
                   NULLIF(drawn.lot_id, 0) AS lot_id, drawn.move_id,
                   local.left_on AS delivery_date, drawn.receipt_id,
                   local.came_on AS receipt_date,
                   local.left_on - local.came_on AS age_days,
                   drawn.quantity, COALESCE(drawn.unit_value, 0) AS unit_value
              FROM drawn
              JOIN span ON span.company_id = drawn.company_id
        CROSS JOIN LATERAL (
                SELECT (drawn.date AT TIME ZONE 'UTC' AT TIME ZONE span.tz)::date
                       AS left_on,
                       (drawn.received AT TIME ZONE 'UTC' AT TIME ZONE span.tz)::date
                       AS came_on) local
            """,
            sources=self._get_age_sources_sql([(company, last)]),
            first=first,
            steps=self._get_steps_sql(),
            overlaps=self._get_overlaps_sql(),
            to_flush=self._get_age_fields(),
        )

    @api.model
    def _get_steps_sql(self):
        """Return the common table expressions that lead to ``step``: the movements since
        the first day, net of their returns, with the depth below the newest receipt
        that they drew from (``low`` to ``high``). Depth is counted from what was on
        hand last, which is what the layers left are told from, too.
        """
        return SQL(
            """
            touched AS (
                -- Receipts without returns took nothing out; all others may have.
                SELECT move.id AS root_id
                  FROM stock_move move
                  JOIN span ON span.company_id = move.company_id
                 WHERE move.state = 'done' AND (move.is_in OR move.is_out)
                   AND move.date >= span.since AND move.date < span.until
                   AND %(is_root)s
                   AND NOT EXISTS (SELECT FROM receipt WHERE receipt.move_id = move.id)
                 UNION
                SELECT returned.root_id
                  FROM returned
                  JOIN stock_move move ON move.id = returned.id
                  JOIN span ON span.company_id = move.company_id
                 WHERE move.date >= span.since AND move.date < span.until
            ),
            flow AS (%(moved)s UNION ALL %(returns)s),
            net AS (
                -- More brought back than had left is an event of its own, of that day.
                SELECT flow.company_id, flow.product_id, flow.lot_id,
                       flow.root_id AS move_id, -SUM(flow.quantity) AS quantity,
                       CASE WHEN SIGN(SUM(flow.quantity)) =
                                 SIGN(SUM(flow.quantity) FILTER (WHERE flow.is_root))
                            THEN MIN(flow.date) FILTER (WHERE flow.is_root)
                            ELSE MAX(flow.date) END AS date
                  FROM flow
                  JOIN span ON span.company_id = flow.company_id
                           AND flow.date < span.until
             LEFT JOIN (SELECT DISTINCT move_id, lot_id FROM layer) kept
                    ON kept.move_id = flow.root_id AND kept.lot_id = flow.lot_id
                 WHERE kept.move_id IS NULL
                 GROUP BY 1, 2, 3, 4
                HAVING SUM(flow.quantity) <> 0
            ),
            step AS (
                -- What is on hand goes before the last movement.
                SELECT walk.*, LEAST(reach, reach - walk.quantity) AS low,
                       GREATEST(reach, reach - walk.quantity) AS high
                  FROM (
                    SELECT entry.*, SUM(entry.quantity) OVER (
                               PARTITION BY company_id, product_id, lot_id
                                   ORDER BY date DESC, move_id DESC) AS reach
                      FROM (
                        SELECT net.company_id, net.product_id, net.lot_id, net.move_id,
                               net.quantity, net.date
                          FROM net
                          JOIN span ON span.company_id = net.company_id
                                   AND net.date >= span.since
                         UNION ALL
                        SELECT company_id, product_id, lot_id, NULL, quantity, 'infinity'
                          FROM onhand
                      ) entry
                  ) walk
                 WHERE walk.move_id IS NOT NULL
            )
            """,
            is_root=self._get_is_root_sql("move"),
            moved=self._get_flow_sql(
                SQL("move.id"),
                SQL("JOIN touched ON touched.root_id = move.id"),
                SQL(", TRUE AS is_root"),
            ),
            returns=self._get_flow_sql(
                SQL("returned.root_id"),
                SQL(
                    """JOIN returned ON returned.id = move.id
                                    AND move.origin_returned_move_id IS NOT NULL
                       JOIN touched ON touched.root_id = returned.root_id"""
                ),
                SQL(", FALSE"),
            ),
        )

    @api.model
    def _get_overlaps_sql(self):
        """Return the common table expressions that lead to ``drawn``: how much of which
        layer each step drew.

        Layers and steps are merged by depth once: the layers that begin above a step's
        ends are the numbers of the first and the last one that it meets, so that no
        layer is compared with steps that don't draw from it.
        """
        return SQL(
            """
            shelf AS (
                SELECT company_id, product_id, lot_id, move_id, received, unit_value,
                       SUM(quantity) OVER downward - quantity AS low,
                       SUM(quantity) OVER downward AS high,
                       ROW_NUMBER() OVER downward AS number
                  FROM layer
                WINDOW downward AS (PARTITION BY company_id, product_id, lot_id
                                        ORDER BY received DESC, move_id DESC)
            ),
            met AS (
                SELECT company_id, product_id, lot_id, move_id,
                       GENERATE_SERIES(GREATEST(MIN(number), 1), MAX(number)) AS number
                  FROM (
                    SELECT edge.*, COUNT(*) FILTER (WHERE kind = 1) OVER (
                               PARTITION BY company_id, product_id, lot_id
                                   ORDER BY depth, kind
                                   ROWS UNBOUNDED PRECEDING) AS number
                      FROM (
                        SELECT company_id, product_id, lot_id, NULL::int AS move_id,
                               low AS depth, 1 AS kind
                          FROM shelf
                         UNION ALL
                        SELECT company_id, product_id, lot_id, move_id, low, 2 FROM step
                         UNION ALL
                        SELECT company_id, product_id, lot_id, move_id, high, 0 FROM step
                      ) edge
                  ) numbered
                 WHERE kind <> 1
                 GROUP BY 1, 2, 3, 4
            ),
            drawn AS (
                SELECT step.company_id, step.product_id, step.lot_id, step.move_id,
                       step.date, shelf.move_id AS receipt_id, shelf.received,
                       shelf.unit_value,
                       SIGN(step.quantity) * (LEAST(step.high, shelf.high)
                                              - GREATEST(step.low, shelf.low)) AS quantity
                  FROM met
                  JOIN step ON step.company_id = met.company_id
                           AND step.product_id = met.product_id
                           AND step.lot_id = met.lot_id
                           AND step.move_id = met.move_id
                  JOIN shelf ON shelf.company_id = met.company_id
                            AND shelf.product_id = met.product_id
                            AND shelf.lot_id = met.lot_id
                            AND shelf.number = met.number
                 WHERE LEAST(step.high, shelf.high) > GREATEST(step.low, shelf.low)
            )
            """
        )
