from odoo import api, fields, models


class ResPartner(models.Model):
    _name = "res.partner"
    _inherit = "res.partner"

    sales_channel_id = fields.Many2one(
        "sales.channel",
        company_dependent=True,
        ondelete="restrict",
        help="The channel of the customer; orders take it over (A15).",
    )

    @api.model
    def _commercial_fields(self):
        return [*super()._commercial_fields(), "sales_channel_id"]
