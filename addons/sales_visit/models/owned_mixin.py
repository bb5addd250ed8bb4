from odoo import fields, models


class OwnedMixin(models.AbstractModel):
    """Documents of a company that belong to one of its users."""

    _name = "sales.visit.owned.mixin"
    _description = "Document That Belongs to a User"

    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    user_id = fields.Many2one(
        "res.users",
        string="Salesperson",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        default=lambda self: self.env.user,
        domain="[('share', '=', False), ('company_ids', '=', company_id)]",
    )

    def write(self, vals):
        result = super().write(vals)
        if {"user_id", "company_id"} & vals.keys():
            # Nobody gives a document to somebody whose documents he could not see.
            self.check_access("write")
        return result
