from odoo import models

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
        with self._watch_orders():
            return super()._action_done(*args, **kwargs)

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
