from contextlib import contextmanager

from odoo import api, models

from ..tools.defaults import get_new_values


class StockMove(models.Model):
    """No more comes for a purchase than what was signed for (A06): neither by a receipt,
    nor by goods added to it, nor by a finished one edited or linked."""

    _name = "stock.move"
    _inherit = "stock.move"

    @api.model_create_multi
    def create(self, vals_list):
        lines = self.env["purchase.order.line"]
        if "done" in get_new_values(self, "state", vals_list):
            lines = lines.browse(get_new_values(self, "purchase_line_id", vals_list))
        with lines.sudo().order_id._watch_authority():
            return super().create(vals_list)

    def write(self, vals):
        lines = self.env["purchase.order.line"]
        if vals.get("purchase_line_id") and self._filter_left():
            lines = lines.browse(vals["purchase_line_id"])
        with lines.sudo().order_id._watch_authority():
            return super().write(vals)

    @contextmanager
    def _watch_orders(self, *args, **kwargs):
        # Compared under sudo by the watch: the warehouse needn't read purchases. What is
        # added to a receipt becomes a line of its purchase.
        moves = self.sudo()
        purchases = moves.purchase_line_id.order_id | moves.picking_id.purchase_id
        with super()._watch_orders(*args, **kwargs), purchases._watch_authority():
            yield
