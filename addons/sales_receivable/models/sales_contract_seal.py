from odoo import fields, models


class SalesContractSeal(models.Model):
    """A seal of the company, and who keeps it (A09)."""

    _name = "sales.contract.seal"
    _description = "Company Seal"
    _order = "company_id, name"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        ondelete="cascade",
        default=lambda self: self.env.company,
    )
    keeper_ids = fields.Many2many(
        "res.users",
        string="Kept By",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Only they record stamps with it; empty: whoever records signatures.",
    )
    active = fields.Boolean(default=True)
