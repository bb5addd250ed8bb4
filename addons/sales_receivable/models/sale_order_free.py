from odoo import api, models


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

    def _filter_confirmed(self):
        return self.filtered(lambda order: order.state == "sale")

    def _check_given_away(self):
        """Count what has left and costs nothing by now, as what leaves so (A21).

        :raise UserError: no slip covers it and the rule blocks
        """
        # Who sells needn't read deliveries and slips.
        moves = self.sudo().order_line.move_ids
        moves.filtered(lambda move: move.state == "done")._use_slips()


class SaleOrderLine(models.Model):
    """Goods that have left aren't given away afterwards (A21)."""

    _name = "sale.order.line"
    _inherit = "sale.order.line"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.order_id._filter_confirmed()._check_given_away()
        return lines

    def write(self, vals):
        result = super().write(vals)
        if not {"price_unit", "discount", "product_uom_qty"}.isdisjoint(vals):
            self.order_id._filter_confirmed()._check_given_away()
        return result

    def unlink(self):
        orders = self.order_id._filter_confirmed()
        result = super().unlink()
        orders._check_given_away()
        return result
