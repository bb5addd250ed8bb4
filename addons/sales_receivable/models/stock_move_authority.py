from odoo import models
from odoo.exceptions import UserError

LEAVING = {
    "state",
    "quantity",
    "product_id",
    "product_uom",
    "sale_line_id",
    "location_id",
    "location_dest_id",
}


class StockMove(models.Model):
    """No more leaves for an order than what it says passed, or would pass, its gates
    (A16): neither a quantity raised on the delivery, nor goods put to it, nor another
    delivery of the same line, nor a finished one edited."""

    _name = "stock.move"
    _inherit = "stock.move"

    def write(self, vals):
        if LEAVING.isdisjoint(vals):
            return super().write(vals)
        moves = self if vals.get("state") == "done" else self._filter_left()
        with moves._watch_orders(vals.get("sale_line_id")):
            return super().write(vals)

    def _action_done(self, *args, **kwargs):
        self._check_order_confirmed()
        with self._watch_orders():
            return super()._action_done(*args, **kwargs)

    def _check_order_confirmed(self):
        """Refuse to deliver for an order that nobody could have approved: a quotation,
        or one that was cancelled (A16)."""
        # The warehouse needn't read orders: only that they aren't confirmed is said.
        for move in self.sudo().filtered(
            lambda m: (
                m.location_dest_id._is_outgoing() and not m.location_id._is_outgoing()
            )
        ):
            order = move.sale_line_id.order_id
            if (
                order
                and order.state != "sale"
                and order._is_authority_on(order.company_id)
            ):
                raise UserError(
                    self.env._(
                        "%(order)s isn't confirmed: nothing is delivered for it.",
                        order=order.name,
                    )
                )

    def _get_upstream_documents_and_responsibles(self, visited):
        """Find out whom to tell of a cancelled order also for who reads no purchases:
        cancelling is the way to ask for approval of a confirmed order (A16)."""
        # Only whom to tell comes of it; the host schedules their activities.
        return super(StockMove, self.sudo())._get_upstream_documents_and_responsibles(
            visited
        )

    def _filter_left(self):
        return self.filtered(lambda move: move.state == "done")

    def _watch_orders(self, sale_line_id=None):
        """Watch what is made of the orders that these movements belong to.

        :param sale_line_id: order line that they are about to belong to, if any
        """
        # Compared under sudo by the watch: the warehouse needn't read orders.
        moves = self.sudo()
        lines = moves.sale_line_id
        if moves and sale_line_id:
            lines |= lines.browse(sale_line_id)
        return (lines.order_id | moves.picking_id.sale_id)._watch_authority()
