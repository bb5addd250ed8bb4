from odoo import api, fields, models
from odoo.fields import Domain


class AuthoritySubstitute(models.Model):
    """Who decides in somebody's place while they are away (A17)."""

    _name = "authority.substitute"
    _description = "Substitute"
    _inherit = ["cached.rows.mixin"]
    _order = "date_from desc, id desc"
    _rec_name = "user_id"

    user_id = fields.Many2one(
        "res.users",
        string="Absent Person",
        required=True,
        index=True,
        ondelete="cascade",
        default=lambda self: self.env.user,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    substitute_id = fields.Many2one(
        "res.users",
        required=True,
        index=True,
        ondelete="cascade",
        domain="[('share', '=', False), ('company_ids', 'in', company_id),"
        " ('id', '!=', user_id)]",
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        ondelete="cascade",
        default=lambda self: self.env.company,
    )
    date_from = fields.Date(
        string="From", required=True, default=fields.Date.context_today
    )
    date_to = fields.Date(string="To", required=True, default=fields.Date.context_today)

    _dates = models.Constraint(
        "CHECK(date_to >= date_from)", "An absence can't end before it starts."
    )
    _not_self = models.Constraint(
        "CHECK(user_id != substitute_id)", "Nobody stands in for themselves."
    )

    def write(self, vals):
        result = super().write(vals)
        # The record rule lets people file their own absence: it must also hold for what
        # the row has become, or one's own row could be turned into somebody else's.
        self.check_access("write")
        return result

    @api.model
    def _domain_on(self, on):
        return Domain("date_from", "<=", on) & Domain("date_to", ">=", on)

    @api.model
    def _get_substitutes(self, company, on):
        """Return ``{absent user id: id of the one who stands in}`` on a date."""
        # Who stands in is asked for everybody, whatever records the asker may read.
        rows = self.sudo().search(
            Domain("company_id", "=", company.id)
            & Domain("substitute_id.active", "=", True)
            & self._domain_on(on),
            order="date_from, id",
        )
        return {row.user_id.id: row.substitute_id.id for row in rows}
