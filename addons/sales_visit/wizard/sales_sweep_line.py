from odoo import api, fields, models


class SalesSweepLine(models.TransientModel):
    """One company called on in a building sweep (V23)."""

    _name = "sales.sweep.line"
    _description = "Line of a Building Sweep"
    _order = "id"

    wizard_id = fields.Many2one("sales.sweep.wizard", required=True, ondelete="cascade")
    floor = fields.Char()
    name = fields.Char(string="Company", required=True)
    phone = fields.Char()
    outcome_id = fields.Many2one("sales.visit.outcome")
    note = fields.Char(string="What Was Said")
    known_as = fields.Char(
        compute="_compute_known_as", help="Who of our records that is, and whose."
    )

    @api.depends("name")
    def _compute_known_as(self):
        model = self.env["sales.reception.entry"]
        for line in self:
            partner = line._find_partner()
            company = line.wizard_id.building_id.company_id or self.env.company
            owner = model._get_owners(company, partner).get(partner)
            names = (partner.display_name, owner and owner.name)
            line.known_as = " · ".join(filter(None, names)) if partner else False

    def _find_partner(self):
        """Return the customer of exactly this name, whatever its case; may be empty."""
        self.ensure_one()
        name = (self.name or "").strip()
        return self.env["res.partner"].search(
            [
                ("name", "=ilike", name.replace("%", r"\%").replace("_", r"\_")),
                ("parent_id", "=", False),
                ("partner_share", "=", True),
            ],
            limit=1,
        )

    def _get_or_create_partners(self):
        """Return the customers of these lines, in their order: known ones are found, new
        ones created, each once."""
        partners = self.env["res.partner"]
        found = []
        for line in self:
            partner = line._find_partner()
            if not partner:
                partner = partners.create(
                    {
                        "name": line.name.strip(),
                        "is_company": True,
                        "phone": line.phone,
                        "street": line.wizard_id.building_id.street,
                        "city": line.wizard_id.building_id.city,
                        "street2": line.floor,
                    }
                )
            found.append(partner)
        return found
