from collections import defaultdict

from odoo import api, models
from odoo.tools import SQL


class StockMove(models.Model):
    """Deliveries make invoices due that are settled with the next one (A07)."""

    _name = "stock.move"
    _inherit = "stock.move"

    def _is_delivery(self):
        """Tell whether the move brings goods to a customer."""
        self.ensure_one()
        return (
            self.location_dest_id.usage == "customer"
            and self.location_id.usage != "customer"
        )

    def _get_debtor(self):
        """Return the commercial partner who owes for what is delivered."""
        self.ensure_one()
        order = self.sale_line_id.order_id
        partner = order.partner_invoice_id or self.picking_id.partner_id
        return partner.commercial_partner_id

    def _action_done(self, *args, **kwargs):
        moves = super()._action_done(*args, **kwargs)
        # Who delivers need not read invoices; only their due dates follow.
        delivered = moves.sudo().filtered(
            lambda move: move.state == "done" and move._is_delivery()
        )
        for company, own in delivered.grouped("company_id").items():
            customers = self.env["res.partner"].union(
                *(move._get_debtor() for move in own)
            )
            if customers:
                self.env["account.move"].sudo()._update_due_of_customers(
                    company, customers
                )
        return moves

    @api.model
    def _get_deliveries(self, company, customers):
        """Return when goods were delivered to customers, one moment per delivery.

        :param customers: commercial partners who owe for them
        :return: ``{partner.id: [(UTC datetime, stock move id), …]}`` in their order
        """
        deliveries = defaultdict(list)
        for partner_id, *moment in self.env.execute_query(
            SQL(
                """
                WITH debtor AS (
                    SELECT id, commercial_partner_id FROM res_partner
                     WHERE commercial_partner_id = ANY(%(customer_ids)s)
                ),
                sent AS (
                    SELECT move.*, debtor.commercial_partner_id
                      FROM debtor
                      JOIN sale_order ordering ON ordering.partner_invoice_id = debtor.id
                      JOIN sale_order_line line ON line.order_id = ordering.id
                      JOIN stock_move move ON move.sale_line_id = line.id
                     UNION ALL
                    SELECT move.*, debtor.commercial_partner_id
                      FROM debtor
                      JOIN stock_picking picking ON picking.partner_id = debtor.id
                      JOIN stock_move move ON move.picking_id = picking.id
                     WHERE move.sale_line_id IS NULL
                )
                SELECT sent.commercial_partner_id, MIN(sent.date) AS moment, MIN(sent.id)
                  FROM sent
                  JOIN stock_location source ON source.id = sent.location_id
                  JOIN stock_location destination ON destination.id = sent.location_dest_id
                 WHERE sent.company_id = %(company_id)s AND sent.state = 'done'
                   AND source.usage <> 'customer' AND destination.usage = 'customer'
                 GROUP BY 1, COALESCE(sent.picking_id, -sent.id)
                 ORDER BY 2, 3
                """,
                customer_ids=customers.ids,
                company_id=company.id,
                to_flush=[
                    *map(
                        self._fields.get,
                        (
                            "company_id",
                            "date",
                            "location_dest_id",
                            "location_id",
                            "picking_id",
                            "sale_line_id",
                            "state",
                        ),
                    ),
                    self.env["res.partner"]._fields["commercial_partner_id"],
                    self.env["sale.order"]._fields["partner_invoice_id"],
                    self.env["stock.picking"]._fields["partner_id"],
                ],
            )
        ):
            deliveries[partner_id].append(tuple(moment))
        return deliveries
