from odoo import api, fields, models


class ResPartner(models.Model):
    _name = "res.partner"
    _inherit = "res.partner"

    settlement_method_id = fields.Many2one(
        "sales.settlement.method",
        company_dependent=True,
        ondelete="restrict",
        check_company=True,
        help="How the customer settles; orders take it over (A07).",
    )

    @api.model
    def _commercial_fields(self):
        return [*super()._commercial_fields(), "settlement_method_id"]
