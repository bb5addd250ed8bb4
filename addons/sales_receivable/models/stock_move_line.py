from odoo import api, models

# What the stock age of past months was computed from.
HISTORY = {
    "move_id",
    "product_id",
    "product_uom_id",
    "quantity",
    "lot_id",
    "owner_id",
    "location_id",
    "location_dest_id",
}


class StockMoveLine(models.Model):
    """The details of finished movements stay, like the movements themselves (K03)."""

    _name = "stock.move.line"
    _inherit = "stock.move.line"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._check_history()
        return lines

    def write(self, vals):
        if vals.get("quant_id"):  # the host takes lot, owner and place from it
            self._check_history()
        names = HISTORY & vals.keys()
        changed = self.filtered(
            lambda line: any(
                line._fields[name].convert_to_cache(vals[name], line)
                != line._fields[name].convert_to_cache(line[name], line)
                for name in names
            )
        )
        changed._check_history()
        result = super().write(vals)
        if "move_id" in names:
            changed._check_history()
        return result

    def _check_history(self):
        """Refuse to touch details of finished movements where stock age counts, but
        for those that this transaction has finished."""
        if self.env.su:
            return
        moves = self.move_id
        finished_now = moves._get_finished_now()
        moves.filtered(
            lambda move: move.state == "done" and move.id not in finished_now
        )._check_history()
