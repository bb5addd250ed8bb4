from odoo import api, fields, models


class SalesVisit(models.Model):
    """The needs that a visit found, and those that were known before (V21)."""

    _name = "sales.visit"
    _inherit = ["sales.visit"]

    need_ids = fields.One2many("sales.need", "visit_id", string="Needs Found")
    earlier_need_ids = fields.Many2many(
        "sales.need", string="Known Needs", compute="_compute_earlier_need_ids"
    )

    @api.depends("commercial_partner_id", "company_id")
    @api.depends_context("uid")
    def _compute_earlier_need_ids(self):
        found = self.env["sales.need"].search(
            [
                ("commercial_partner_id", "in", self.commercial_partner_id.ids),
                ("company_id", "in", self.company_id.ids),
            ]
        )
        for visit in self:
            visit.earlier_need_ids = found.filtered(
                lambda need, visit=visit: (
                    need.commercial_partner_id == visit.commercial_partner_id
                    and need.company_id == visit.company_id
                    and need.visit_id != visit._origin
                )
            )
