from odoo import fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    visit_count = fields.Integer(
        compute="_compute_visit_count", groups="sales_visit.group_user"
    )

    def _compute_visit_count(self):
        counts = dict(
            self.env["sales.visit"]._read_group(
                [("commercial_partner_id", "in", self.commercial_partner_id.ids)],
                ["commercial_partner_id"],
                ["__count"],
            )
        )
        for partner in self:
            partner.visit_count = counts.get(partner.commercial_partner_id, 0)

    def action_view_visits(self):
        """Open the visits of this customer, whichever contact they were at."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_visit.sales_visit_action_all"
        )
        action["domain"] = [
            ("commercial_partner_id", "=", self.commercial_partner_id.id)
        ]
        action["context"] = {"default_partner_id": self.id}
        return action
