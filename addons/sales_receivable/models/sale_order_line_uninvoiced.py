from odoo import api, models
from odoo.tools import SQL

UNINVOICED_FIELDS = {
    "account.move": ("commercial_partner_id", "company_id", "move_type", "state"),
    "account.move.line": (
        "parent_state",
        "price_total",
        "product_id",
        "product_uom_id",
        "quantity",
        "sale_line_ids",
    ),
    "product.product": ("product_tmpl_id",),
    "product.template": ("invoice_policy",),
    "res.partner": ("commercial_partner_id",),
    "sale.order": ("company_id", "currency_id", "partner_invoice_id", "state"),
    "sale.order.line": (
        "discount",
        "display_type",
        "invoice_lines",
        "is_downpayment",
        "order_id",
        "price_total",
        "price_unit",
        "product_id",
        "product_uom_id",
        "product_uom_qty",
        "qty_delivered",
        "qty_delivered_method",
    ),
    "stock.move": (
        "location_dest_id",
        "location_id",
        "product_id",
        "product_uom",
        "quantity",
        "sale_line_id",
        "state",
    ),
    "uom.uom": ("factor",),
}


class SaleOrderLine(models.Model):
    _name = "sale.order.line"
    _inherit = "sale.order.line"

    def _get_invoiced_items(self):
        """Return the posted invoice lines that ask for this line.

        A link alone proves nothing, since it can be forged: customer, company and
        product are the order's, and what is linked to several lines is of none.
        """
        self.ensure_one()
        order = self.order_id
        return self.invoice_lines.filtered(
            lambda item: (
                item.parent_state == "posted"
                and item.move_id.is_sale_document(include_receipts=True)
                and item.move_id.commercial_partner_id == order._get_debtor()
                and item.company_id == order.company_id
                and item.product_id == self.product_id
                and len(item.sale_line_ids) == 1
            )
        )

    def _get_signed_quantity(self, items):
        """Return the quantity of invoice lines in this line's unit, credited ones off."""
        self.ensure_one()
        return sum(
            item.product_uom_id._compute_quantity(
                item.quantity * -item.move_id.direction_sign,
                self.product_uom_id,
                round=False,
            )
            for item in items
        )

    def _get_quantity_invoiced_until(self, invoice):
        """Return how much invoices have asked for, in the line's unit, up to and
        including this one."""
        self.ensure_one()
        earlier = self._get_invoiced_items().filtered(
            lambda item: (
                item.move_id.move_type == "out_invoice"
                and (item.move_id.invoice_date, item.move_id.id)
                < (invoice.invoice_date, invoice.id)
            )
        )
        own = self.invoice_lines.filtered(lambda item: item.move_id == invoice)
        return self._get_signed_quantity(earlier | own)

    @api.model
    def _get_uninvoiced_sql(self, company, partner_ids, order_ids):
        """Return the query of what confirmed orders of customers will still ask for (R02).

        An order that asks for less than nothing is no credit for others, unless goods
        have come back.

        Only posted invoices count as invoiced, as ``_get_invoiced_items`` says. What is delivered or still comes is asked
        for; of goods, what is ordered but neither delivered nor on its way any more is
        not, unless they are invoiced as ordered. Returned goods were not delivered. Down
        payments are taken off what they announce. Amounts are in the order's currency,
        with tax; lines added by a delivery, which have no total, without.

        Columns: commercial partner, currency, order (of the given ones, else NULL),
        delivered but not invoiced, ordered but neither delivered nor invoiced.

        :param list partner_ids: commercial partners, by whom is invoiced
        :param list order_ids: orders that get rows of their own
        """
        return SQL(
            """
            SELECT partner_id, currency_id,
                   CASE WHEN order_id = ANY(%(order_ids)s) THEN order_id END,
                   SUM(delivered),
                   SUM(GREATEST(delivered + ordered, LEAST(moved, 0)) - delivered)
              FROM (
            SELECT customer.commercial_partner_id AS partner_id,
                   ordering.currency_id, ordering.id AS order_id,
                   SUM(asked.delivered) AS delivered,
                   -- Anybody types what was delivered of a service.
                   SUM(asked.delivered) FILTER (
                       WHERE moved.quantity IS NOT NULL) AS moved,
                   SUM(CASE WHEN line.product_uom_qty = 0 AND line.is_downpayment
                             AND NOT turn.gone THEN -invoiced.total
                            WHEN comes.yes AND ordering.state = 'sale'
                            THEN side.sign * unit.price * GREATEST(side.ordered
                                 - GREATEST(side.delivered, side.invoiced), 0)
                            ELSE 0 END) AS ordered
              FROM sale_order ordering
              JOIN res_partner customer ON customer.id = ordering.partner_invoice_id
              JOIN sale_order_line line ON line.order_id = ordering.id
                -- Most quotations never move: leave them out before anything is summed.
               AND (ordering.state = 'sale'
                    OR EXISTS (SELECT FROM stock_move gone
                                WHERE gone.sale_line_id = line.id
                                  AND gone.state = 'done'))
         LEFT JOIN uom_uom uom ON uom.id = line.product_uom_id
         LEFT JOIN product_product product ON product.id = line.product_id
         LEFT JOIN product_template template ON template.id = product.product_tmpl_id
        CROSS JOIN LATERAL (
                SELECT COALESCE(SUM(kind.sign * item.quantity
                           * COALESCE(item_uom.factor / NULLIF(uom.factor, 0), 1)), 0)
                           AS quantity,
                       COALESCE(SUM(kind.sign * item.price_total), 0) AS total
                  FROM sale_order_line_invoice_rel relation
                  JOIN account_move_line item ON item.id = relation.invoice_line_id
                  JOIN account_move move ON move.id = item.move_id
             LEFT JOIN uom_uom item_uom ON item_uom.id = item.product_uom_id
            CROSS JOIN LATERAL (
                    SELECT CASE move.move_type WHEN 'out_refund' THEN -1 ELSE 1 END
                           AS sign) kind
                 WHERE relation.order_line_id = line.id
                   AND move.state = 'posted'
                   AND move.move_type IN ('out_invoice', 'out_receipt', 'out_refund')
                   -- A link alone proves nothing.
                   AND move.company_id = ordering.company_id
                   AND move.commercial_partner_id = customer.commercial_partner_id
                   AND item.product_id IS NOT DISTINCT FROM line.product_id
                   AND NOT EXISTS (SELECT FROM sale_order_line_invoice_rel other
                                    WHERE other.invoice_line_id = item.id
                                      AND other.order_line_id <> line.id)
              ) invoiced
        CROSS JOIN LATERAL (
                SELECT COALESCE(line.price_total / NULLIF(line.product_uom_qty, 0),
                           line.price_unit * (1 - line.discount / 100)) AS price
              ) unit
        CROSS JOIN LATERAL (
                -- Of goods the movements say it: the line's own figure can be written.
                SELECT SUM(CASE WHEN move.state = 'done' THEN move.quantity
                           * ((target.usage = 'customer')::int
                              - (source.usage = 'customer')::int)
                           * COALESCE(move_uom.factor / NULLIF(uom.factor, 0), 1)
                           ELSE 0 END) AS quantity
                  FROM stock_move move
                  JOIN stock_location source ON source.id = move.location_id
                  JOIN stock_location target ON target.id = move.location_dest_id
             LEFT JOIN uom_uom move_uom ON move_uom.id = move.product_uom
                 WHERE move.sale_line_id = line.id
                   AND move.product_id = line.product_id
              ) moved
        CROSS JOIN LATERAL (
                -- What is with the customer is asked for, whatever its line says by now.
                SELECT COALESCE(moved.quantity, 0) > 0 AS gone,
                       CASE WHEN line.product_uom_qty < 0
                             AND COALESCE(moved.quantity, 0) <= 0
                            THEN -1 ELSE 1 END AS sign
              ) turn
        CROSS JOIN LATERAL (
                SELECT turn.sign,
                       turn.sign * line.product_uom_qty AS ordered,
                       turn.sign * COALESCE(moved.quantity, line.qty_delivered, 0)
                           AS delivered,
                       turn.sign * invoiced.quantity AS invoiced
              ) side
        CROSS JOIN LATERAL (
                SELECT CASE WHEN line.product_uom_qty = 0 AND line.is_downpayment
                             AND NOT turn.gone THEN 0
                            ELSE side.sign * unit.price
                                 * GREATEST(side.delivered - side.invoiced, 0)
                       END AS delivered
              ) asked
        CROSS JOIN LATERAL (
                SELECT line.qty_delivered_method IS DISTINCT FROM 'stock_move'
                       OR template.invoice_policy = 'order'
                       OR EXISTS (SELECT FROM stock_move move
                                   WHERE move.sale_line_id = line.id
                                     AND move.state NOT IN ('done', 'cancel'))
                       -- What a vendor delivers has no movement until it is bought.
                       OR NOT EXISTS (SELECT FROM stock_move move
                                       WHERE move.sale_line_id = line.id) AS yes
              ) comes
             WHERE ordering.company_id = %(company_id)s
               -- What was delivered is owed, whatever became of its order.
               AND (ordering.state = 'sale'
                    OR moved.quantity > 0)
               AND customer.commercial_partner_id = ANY(%(partner_ids)s)
               AND line.display_type IS NULL
             GROUP BY 1, 2, 3) by_order
             GROUP BY 1, 2, 3
            """,
            company_id=company.id,
            partner_ids=list(partner_ids),
            order_ids=list(order_ids),
            to_flush=[
                self.env[model]._fields[name]
                for model, names in UNINVOICED_FIELDS.items()
                for name in names
            ],
        )
