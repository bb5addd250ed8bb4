from odoo import fields, models


class ProductTemplate(models.Model):
    """What a product asks for before it is quoted, contracted and sold (A05)."""

    _name = "product.template"
    _inherit = "product.template"

    needs_selection = fields.Boolean(
        string="Selection Is Verified",
        help="Somebody of a level of authority verifies, before a quotation or a sample"
        " leaves, that this is the right product (A05).",
    )
    needs_trial = fields.Boolean(
        string="Needs a Trial",
        help="A sample or trial has passed with the customer before the contract (A05).",
    )
    needs_technical_agreement = fields.Boolean(
        help="A technical agreement is signed with the customer before the contract (A05).",
    )
