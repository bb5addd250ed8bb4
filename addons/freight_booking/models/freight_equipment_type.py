from odoo import api, fields, models


class FreightEquipmentType(models.Model):
    """A container size and type by its ISO 6346 code, e.g. 45G1."""

    _name = "freight.equipment.type"
    _description = "Equipment Type"
    _order = "sequence, code"
    _rec_names_search = ["code", "name"]

    name = fields.Char(required=True, translate=True)
    code = fields.Char(string="ISO Code", required=True, size=4)
    sequence = fields.Integer(default=10)
    kind = fields.Selection(
        [
            ("dry", "Dry"),
            ("reefer", "Refrigerated"),
            ("open_top", "Open Top"),
            ("flat", "Flat Rack"),
            ("tank", "Tank"),
        ],
        required=True,
        default="dry",
    )
    teu = fields.Float(
        string="TEU",
        required=True,
        default=2.0,
        help="Twenty-foot equivalent units, for volume figures.",
    )
    active = fields.Boolean(default=True)

    _code_uniq = models.Constraint("unique(code)", "An ISO code is listed once.")

    @api.depends("name", "code")
    def _compute_display_name(self):
        for kind in self:
            kind.display_name = f"{kind.name or ''} ({kind.code or ''})"
