from odoo import models


class StockMove(models.Model):
    """What a delivery means to contracts and instalments (A09, A10)."""

    _name = "stock.move"
    _inherit = "stock.move"

    def _action_done(self, cancel_backorder=False):
        moves = super()._action_done(cancel_backorder=cancel_backorder)
        # Warehouse people needn't read contracts and invoices.
        orders = moves.sudo().sale_line_id.order_id
        orders.contract_id._start_performing()
        orders._update_instalments()
        return moves
