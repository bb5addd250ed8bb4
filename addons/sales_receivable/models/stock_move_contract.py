from odoo import models


class StockMove(models.Model):
    """The first delivery starts the performance of a contract (A09)."""

    _name = "stock.move"
    _inherit = "stock.move"

    def _action_done(self, cancel_backorder=False):
        moves = super()._action_done(cancel_backorder=cancel_backorder)
        # Warehouse people needn't read contracts.
        moves.sudo().sale_line_id.order_id.contract_id._start_performing()
        return moves
