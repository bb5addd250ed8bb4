from odoo import fields, models


class ProductTemplate(models.Model):
    _name = "product.template"
    _inherit = "product.template"

    needs_installation = fields.Boolean(
        help="Orders with it need an installation that the customer has accepted before"
        " a tax invoice is issued, where the rule is in force.",
    )
