from odoo import fields, models


class SalesProjectRole(models.Model):
    """A role in the team that works for a customer: each active one is to be filled for
    customers whose grade needs a team (V18)."""

    _name = "sales.project.role"
    _description = "Role in a Work Team"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)

    _name_uniq = models.Constraint("unique(name)", "There is one role of a name.")
