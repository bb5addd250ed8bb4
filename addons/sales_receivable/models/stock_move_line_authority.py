from odoo import api, models

from ..tools.defaults import get_new_values

LEAVING = {
    "quantity",
    "product_uom_id",
    "move_id",
    "location_id",
    "location_dest_id",
}


class StockMoveLine(models.Model):
    """Finished deliveries can still be edited, and the quantity that left with them
    (A16)."""

    _name = "stock.move.line"
    _inherit = "stock.move.line"

    @api.model_create_multi
    def create(self, vals_list):
        move_ids = get_new_values(self, "move_id", vals_list)
        moves = self.env["stock.move"].browse(move_ids)
        with moves._filter_left()._watch_orders():
            return super().create(vals_list)

    def write(self, vals):
        moves = self.env["stock.move"]
        if LEAVING & vals.keys():
            moves = self.move_id | moves.browse(vals.get("move_id"))
        left = moves._filter_left()
        with left._watch_orders(), left._keep_left():
            return super().write(vals)
