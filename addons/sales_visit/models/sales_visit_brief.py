from odoo import api, fields, models


class SalesVisit(models.Model):
    """The brief before the visit, on one screen (V06)."""

    _name = "sales.visit"
    _inherit = ["sales.visit"]

    talk_outline = fields.Text(
        copy=False, help="What to talk about, in which order (V06)."
    )
    brief = fields.Html(compute="_compute_brief", sanitize=False)

    @api.depends("commercial_partner_id", "company_id")
    @api.depends_context("uid", "lang", "tz")
    def _compute_brief(self):
        for visit in self:
            customer = visit.commercial_partner_id
            parts = customer and customer._get_visit_brief(visit.company_id)
            visit.brief = self.env["ir.qweb"]._render(
                "sales_visit.visit_brief", {"parts": parts or []}
            )
