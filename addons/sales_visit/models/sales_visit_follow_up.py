from odoo import api, fields, models

from ..guard import as_server


class SalesVisit(models.Model):
    """What a visit leaves to be answered: questions (V16) and complaints (V15)."""

    _name = "sales.visit"
    _inherit = ["sales.visit"]

    question_ids = fields.One2many(
        "sales.visit.question", "visit_id", string="Open Questions"
    )
    earlier_question_ids = fields.Many2many(
        "sales.visit.question",
        string="Still to Be Answered",
        compute="_compute_earlier_question_ids",
        help="Questions that the customer asked at other visits and that are still open.",
    )
    complaint_ids = fields.One2many(
        "sales.visit.complaint", "visit_id", string="Complaints"
    )
    complaint_count = fields.Integer(compute="_compute_complaint_count")

    @api.depends("commercial_partner_id", "company_id")
    @api.depends_context("uid")
    def _compute_earlier_question_ids(self):
        found = self.env["sales.visit.question"].search(
            [
                ("commercial_partner_id", "in", self.commercial_partner_id.ids),
                ("company_id", "in", self.company_id.ids),
                ("is_answered", "=", False),
            ]
        )
        for visit in self:
            visit.earlier_question_ids = found.filtered(
                lambda question, visit=visit: (
                    question.commercial_partner_id == visit.commercial_partner_id
                    and question.company_id == visit.company_id
                    and question.visit_id != visit._origin
                )
            )

    @api.depends("complaint_ids")
    @api.depends_context("uid")
    def _compute_complaint_count(self):
        counts = dict(
            self.env["sales.visit.complaint"]._read_group(
                [("visit_id", "in", self.ids)], ["visit_id"], ["__count"]
            )
        )
        for visit in self:
            visit.complaint_count = counts.get(visit, 0)

    def action_view_complaints(self):
        """Open the complaints of this visit."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_visit.sales_visit_complaint_action"
        )
        return {**action, "domain": [("visit_id", "=", self.id)], "context": {}}

    def action_submit_report(self):
        """Submit the report; a complaint in it is recorded, and its clock starts (V15)."""
        result = super().action_submit_report()
        self._record_complaints()
        return result

    def _record_complaints(self):
        """Record the complaints of these reports, one a visit, whatever is reopened."""
        complaints = self.env["sales.visit.complaint"]
        silent = self.filtered(lambda visit: not (visit.complaint or "").strip())
        # Whoever has been handed a complaint since, it isn't recorded again.
        known = complaints.sudo().search([("visit_id", "in", self.ids)]).visit_id
        as_server(complaints).create(
            [
                {
                    "visit_id": visit.id,
                    "company_id": visit.company_id.id,
                    "partner_id": visit.partner_id.id,
                    "user_id": visit.user_id.id,
                    "description": visit.complaint,
                }
                for visit in self - silent - self.browse(known.ids)
            ]
        )
