from odoo import api, models

# What the details of a finished movement say of lent goods.
KEPT = {
    "company_id",
    "date",
    "location_dest_id",
    "location_id",
    "lot_id",
    "move_id",
    "owner_id",
    "product_id",
    "product_uom_id",
    "quant_id",
    "quantity",
    "state",
}


class StockMoveLine(models.Model):
    """What a loan has moved is edited no more (A20)."""

    _name = "stock.move.line"
    _inherit = "stock.move.line"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._check_loans()
        return lines

    def write(self, vals):
        if KEPT.isdisjoint(vals):
            return super().write(vals)
        # The day comes from the movement, just as that is finished.
        dated = KEPT & vals.keys() == {"date"}
        self._check_loans(dated)
        result = super().write(vals)
        self._check_loans(dated)
        return result

    def _check_loans(self, dated=False):
        moves = self.move_id
        moves = moves._filter_finished() if dated else moves._filter_left()
        moves._check_loans(True)
