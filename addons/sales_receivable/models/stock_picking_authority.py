from odoo import models


class StockPicking(models.Model):
    """Movements take their places from their delivery, past their own guard (R02)."""

    _name = "stock.picking"
    _inherit = "stock.picking"

    def write(self, vals):
        if {"location_id", "location_dest_id"}.isdisjoint(vals):
            return super().write(vals)
        left = self.move_ids._filter_left()
        with left._watch_orders(), left._keep_left():
            return super().write(vals)
