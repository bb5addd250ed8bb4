from odoo import fields, models


class ProductTemplate(models.Model):
    _name = "product.template"
    _inherit = "product.template"

    slip_needs_codes = fields.Boolean(
        string="Codes on Delivery Slips",
        help="Slips with these goods say their secondary code and box code (A13).",
    )
