from odoo import models


class SaleOrderLine(models.Model):
    """Prices of the price list with the markup of the customer's channel (A15)."""

    _name = "sale.order.line"
    _inherit = "sale.order.line"

    def _get_display_price(self):
        return super()._get_display_price() * self.order_id._get_channel_factor()

    def _get_listed_price(self, rules, moment):
        """What the price list asks for; less than with the markup is a discount."""
        price = super()._get_listed_price(rules, moment)
        return price * self.order_id._get_channel_factor()
