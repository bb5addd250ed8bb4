from odoo import api, fields, models, tools
from odoo.fields import Domain


class AuthorityLevel(models.Model):
    """A rank in the company's order of authority, e.g. vice president (A01).

    Levels are held through dated ``authority.assignment`` records, not through groups.
    """

    _name = "authority.level"
    _description = "Level of Authority"
    _inherit = ["cached.rows.mixin"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    sequence = fields.Integer(
        string="Rank",
        required=True,
        help="A level covers everything that the levels of a lower rank cover.",
    )

    _code_uniq = models.Constraint("unique(code)", "A level's code is unique.")
    _sequence_uniq = models.Constraint(
        "unique(sequence)", "Two levels can't have the same rank."
    )

    @api.model
    @tools.ormcache()
    def _get_ranks(self):
        """Return ``((rank, level id), …)``, lowest first."""
        # Ranks decide for everybody, whatever records a user may read.
        levels = self.sudo().search(Domain.TRUE, order="sequence")
        return tuple((level.sequence, level.id) for level in levels)
