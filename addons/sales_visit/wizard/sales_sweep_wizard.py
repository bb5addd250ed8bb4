from odoo import fields, models
from odoo.exceptions import UserError


class SalesSweepWizard(models.TransientModel):
    """Enter the cold visits of a building in one grid (V23)."""

    _name = "sales.sweep.wizard"
    _description = "Building Sweep"

    building_id = fields.Many2one("sales.building", required=True)
    occupants = fields.Text(related="building_id.occupants")
    visit_type_id = fields.Many2one(
        "sales.visit.type",
        string="Type",
        required=True,
        default=lambda self: (
            self.env.ref("sales_visit.sales_visit_type_cold", raise_if_not_found=False)
            or self.env["sales.visit.type"].search([], limit=1)
        ),
    )
    line_ids = fields.One2many("sales.sweep.line", "wizard_id", string="Visits")

    def action_apply(self):
        """Create the visits that have just been made, with their customers: each takes
        the steps of any visit, so that every rule of a visit holds.

        :return: action that opens their reports
        :raise UserError: without a line, or when a rule blocks a visit
        """
        self.ensure_one()
        if not self.line_ids:
            raise UserError(self.env._("Enter at least one visit."))
        partners = self.line_ids._get_or_create_partners()
        company = self.building_id.company_id
        visits = self.env["sales.visit"].create(
            [
                {
                    "partner_id": partner.id,
                    "company_id": company.id,
                    "visit_type_id": self.visit_type_id.id,
                    "objective": self.building_id.name,
                }
                for partner in partners
            ]
        )
        visits.action_start()
        visits.action_finish()
        for visit, line in zip(visits, self.line_ids, strict=True):
            visit.write({"outcome_id": line.outcome_id.id, "summary": line.note})
        self._note_premises(company, partners)
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_visit.sales_visit_action_to_report"
        )
        return {**action, "domain": [("id", "in", visits.ids)]}

    def _note_premises(self, company, partners):
        """Note building and floor in the files that are one's own and don't say."""
        files = self.env["sales.customer.file"]._get_or_create(
            company, dict.fromkeys(partners, self.env.user)
        )
        for partner, line in zip(partners, self.line_ids, strict=True):
            file = files[partner.commercial_partner_id]
            if file.user_id == self.env.user and not file.building_id:
                file.write({"building_id": self.building_id.id, "floor": line.floor})
