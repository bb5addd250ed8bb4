from odoo import api, models

# What the stock age of past months was computed from, and what decides whether a line
# still counts when the host values it or lets it be deleted.
HISTORY = {
    "move_id",
    "company_id",
    "product_id",
    "product_uom_id",
    "quantity",
    "quantity_product_uom",
    "lot_id",
    "owner_id",
    "location_id",
    "location_dest_id",
    "picked",
    "state",
}


class StockMoveLine(models.Model):
    """The details of finished movements stay, like the movements themselves (K03)."""

    _name = "stock.move.line"
    _inherit = ["stock.move.line", "stock.history.mixin"]

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._check_history()
        return lines

    def write(self, vals):
        if vals.get("quant_id"):  # the host takes lot, owner and place from it
            self._check_history()
        changed = self._filter_changing(vals, HISTORY)
        changed._check_history()
        result = super().write(vals)
        if "move_id" in vals:
            changed._check_history()
        return result

    def _check_history(self):
        """Refuse to touch details of finished movements where stock age counts, but
        for those that this transaction has finished."""
        if not self.env.su:
            self.move_id._filter_finished()._check_history()
