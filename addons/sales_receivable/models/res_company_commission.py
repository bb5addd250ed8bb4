from odoo import fields, models


class ResCompany(models.Model):
    """How commission is handed over (K02)."""

    _name = "res.company"
    _inherit = "res.company"

    commission_handover = fields.Selection(
        [("payroll", "With a payroll file"), ("bill", "As vendor bills")],
        string="Commission Is Handed Over",
        required=True,
        default="payroll",
    )
    commission_product_id = fields.Many2one(
        "product.product",
        string="Product for Commission",
        ondelete="restrict",
        domain="[('type', '=', 'service')]",
        help="Its expense account takes the vendor bills of commission.",
    )
