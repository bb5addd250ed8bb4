from odoo import models


class SaleOrder(models.Model):
    """Which lines of an order cost nothing (A21)."""

    _name = "sale.order"
    _inherit = "sale.order"

    def _get_free_lines(self):
        """Return the lines of goods whose price is nothing after every discount, parts of
        a combo aside, whose price is the combo's."""
        free = self.env["sale.order.line"]
        for order in self:
            for figure in order._get_net_lines():
                line = figure["line"]
                if not line.combo_item_id and (
                    order.currency_id.compare_amounts(figure["net"], 0.0) <= 0
                ):
                    free |= line
        return free
