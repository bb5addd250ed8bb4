from odoo import api, models

LEAVING = {"quantity", "product_uom_id", "move_id", "location_dest_id"}


class StockMoveLine(models.Model):
    """Finished deliveries can still be edited, and the quantity that left with them
    (A16)."""

    _name = "stock.move.line"
    _inherit = "stock.move.line"

    @api.model_create_multi
    def create(self, vals_list):
        default = self.env.context.get("default_move_id")
        move_ids = {vals.get("move_id", default) for vals in vals_list}
        moves = self.env["stock.move"].browse(filter(None, move_ids))
        with moves._filter_left()._watch_orders():
            return super().create(vals_list)

    def write(self, vals):
        moves = self.env["stock.move"]
        if LEAVING & vals.keys():
            moves = self.move_id | moves.browse(vals.get("move_id"))
        with moves._filter_left()._watch_orders():
            return super().write(vals)
