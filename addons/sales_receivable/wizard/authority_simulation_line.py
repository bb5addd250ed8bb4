from odoo import fields, models


class AuthoritySimulationLine(models.TransientModel):
    """A line of a quotation at another price (X04)."""

    _name = "authority.simulation.line"
    _description = "What If: Line"
    _inherit = ["finite.mixin"]

    simulation_id = fields.Many2one(
        "authority.simulation", required=True, index=True, ondelete="cascade"
    )
    order_line_id = fields.Many2one(
        "sale.order.line", required=True, readonly=True, ondelete="cascade"
    )
    name = fields.Text(related="order_line_id.name")
    currency_id = fields.Many2one(related="order_line_id.currency_id")
    quantity = fields.Float(digits="Product Unit")
    price_unit = fields.Float(string="Unit Price", digits="Product Price")
    discount = fields.Float(string="Disc.%", digits="Discount")

    def _prepare_order_line(self, further_discount):
        """Return the values of the order's line, with a further discount in percent."""
        self.ensure_one()
        left = (1 - self.discount / 100) * (1 - further_discount / 100)
        return {
            "product_uom_qty": self.quantity,
            "price_unit": self.price_unit,
            "discount": (1 - left) * 100 if further_discount else self.discount,
        }
