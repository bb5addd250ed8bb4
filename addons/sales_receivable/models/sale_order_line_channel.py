from odoo import models
from odoo.tools import float_round


class SaleOrderLine(models.Model):
    """Prices of the price list with the markup of the customer's channel (A15)."""

    _name = "sale.order.line"
    _inherit = "sale.order.line"

    def _get_display_price(self):
        price = super()._get_display_price()
        factor = self.order_id._get_channel_factor()
        if factor == 1.0:
            return price
        digits = self.env["decimal.precision"].precision_get("Product Price")
        return float_round(price * factor, precision_digits=digits)

    def _get_listed_price(self, rules, moment):
        """What the price list asks for; less than with the markup is a discount."""
        price = super()._get_listed_price(rules, moment)
        return price * self.order_id._get_channel_factor()
