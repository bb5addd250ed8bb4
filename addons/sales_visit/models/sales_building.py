from odoo import api, fields, models


class SalesBuilding(models.Model):
    """A building that is swept floor by floor (V23)."""

    _name = "sales.building"
    _description = "Building"
    _order = "name, id"

    name = fields.Char(required=True)
    street = fields.Char()
    city = fields.Char()
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    file_ids = fields.One2many("sales.customer.file", "building_id", string="Customers")
    occupants = fields.Text(
        string="Who of Ours Is There",
        compute="_compute_occupants",
        help="Customers by floor, with their owners.",
    )

    @api.depends("file_ids.floor", "file_ids.user_id")
    def _compute_occupants(self):
        # Whoever sweeps a building must know whom not to call on: names and owners.
        files = self.env["sales.customer.file"].sudo()
        found = files.search([("building_id", "in", self.ids)])
        for building in self:
            own = found.filtered(
                lambda file, building=building: file.building_id == building
            )
            building.occupants = "\n".join(
                " · ".join(
                    filter(
                        None,
                        (file.floor, file.partner_id.display_name, file.user_id.name),
                    )
                )
                for file in own.sorted(lambda file: (file.floor or "", file.id))
            )

    def action_sweep(self):
        """Open the quick entry of cold visits in this building."""
        self.ensure_one()
        return {
            "name": self.env._("Sweep"),
            "type": "ir.actions.act_window",
            "res_model": "sales.sweep.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_building_id": self.id},
        }
