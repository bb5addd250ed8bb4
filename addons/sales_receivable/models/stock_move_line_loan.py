from odoo import api, models


class StockMoveLine(models.Model):
    """What a loan has moved is edited no more, where the rule blocks (A20)."""

    _name = "stock.move.line"
    _inherit = "stock.move.line"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._check_loans()
        return lines

    def write(self, vals):
        if {"quantity", "location_id", "location_dest_id", "lot_id"} & vals.keys():
            self._check_loans()
        return super().write(vals)

    def _check_loans(self):
        self.move_id.filtered(lambda move: move.state == "done")._check_loans(True)
