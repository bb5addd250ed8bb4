from odoo import api, fields, models


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    freight_tariff_line_id = fields.Many2one(
        "freight.tariff.line",
        string="Tariff Line",
        index="btree_not_null",
        ondelete="restrict",
        copy=False,
        groups="freight_booking.group_commercial,freight_booking.group_settlement",
    )

    @api.depends("freight_tariff_line_id")
    def _compute_price_unit(self):
        """Keep prices drawn from a tariff; the pricelist does not know the route."""
        drawn = self.filtered(
            lambda line: line.sudo().freight_tariff_line_id and line.price_unit
        )
        return super(SaleOrderLine, self - drawn)._compute_price_unit()

    def _filter_freight(self):
        """Return the lines that ask for money: no notes, no down payments."""
        return self.filtered(lambda line: line.product_id and not line.is_downpayment)

    def _prepare_freight_price(self):
        """Return quantity, price and currency of the charge that this line asks for."""
        self.ensure_one()
        return {
            "quantity": self.product_uom_qty,
            "price_unit": self.price_unit * (1 - self.discount / 100),
            "currency_id": self.currency_id.id,
        }

    def _get_freight_amount(self):
        """Return what this line asks as a charge, untaxed, in the quote's currency."""
        price = self._prepare_freight_price()
        return self.currency_id.round(price["quantity"] * price["price_unit"])
