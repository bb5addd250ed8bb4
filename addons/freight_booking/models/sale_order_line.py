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
