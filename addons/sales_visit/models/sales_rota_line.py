from odoo import api, fields, models

from ..guard import as_server


class SalesRotaLine(models.Model):
    """A person on a duty rota, with the turns he or she has had (V12)."""

    _name = "sales.rota.line"
    _inherit = ["sales.visit.server.field.mixin"]
    _description = "Person on a Duty Rota"
    _order = "rota_id, sequence, id"
    _rec_name = "user_id"
    _check_company_auto = True

    rota_id = fields.Many2one(
        "sales.rota", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="rota_id.company_id", store=True)
    sequence = fields.Integer(default=10)
    user_id = fields.Many2one(
        "res.users",
        string="Salesperson",
        required=True,
        ondelete="restrict",
        check_company=True,
        domain="[('share', '=', False), ('company_ids', '=', company_id)]",
    )
    turns = fields.Integer(
        readonly=True,
        copy=False,
        help="Turns so far; whoever joins starts with the fewest of the others.",
    )

    _user_uniq = models.Constraint(
        "unique(rota_id, user_id)", "Everybody is on a rota once."
    )

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        for rota, joined in lines.grouped("rota_id").items():
            others = rota.line_ids - joined
            as_server(joined).write({"turns": min(others.mapped("turns"), default=0)})
        return lines

    def _count_turn(self, number):
        """Add to the turns, or take from them what is given back."""
        for line in self:
            # Reception moves the rota on, it doesn't write it.
            as_server(line.sudo()).write({"turns": line.turns + number})
