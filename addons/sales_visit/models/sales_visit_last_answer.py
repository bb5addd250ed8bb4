from odoo import api, fields, models
from odoo.tools import SQL, format_date

from .sales_visit import LOCKED_STATES

# Shown, but for this visit to say anew: an appointment that has passed, a complaint that
# would be recorded once more.
NOT_TAKEN_OVER = {"next_visit_date", "complaint"}
TEXT_TYPES = ("char", "text")


class SalesVisit(models.Model):
    """What the customer answered last time, under the answers of this report (V11)."""

    _name = "sales.visit"
    _inherit = ["sales.visit"]

    # {"day": str, "answers": {field: {"text": str, "value": what to take over}}}
    last_answers = fields.Json(compute="_compute_last_answers")

    @api.depends("state", "actual_start", "commercial_partner_id", "company_id")
    @api.depends_context("uid", "lang")
    def _compute_last_answers(self):
        last = self._get_last_reports()
        for visit in self:
            report = last.get(visit._origin)
            visit.last_answers = report and {
                "day": format_date(self.env, report.visit_day),
                "answers": report._get_answers(),
            }

    @api.model
    def _get_answer_fields(self):
        """Return the names of the answers that are shown again at the next visit."""
        names = [*self._get_section_fields(), "next_visit_place"]
        types = (*TEXT_TYPES, "selection", "date", "many2one", "many2many")
        return [
            name
            for name in names
            if self._fields[name].type in types
            and self._fields[name].comodel_name != "ir.attachment"
        ]

    def _get_answers(self):
        """Return ``{field: {"text", "value"}}`` of what this report answers; a value is
        what a client writes to give the same answer, ``None`` where it shouldn't."""
        self.ensure_one()
        answers = {}
        for name in self._get_answer_fields():
            field, value = self._fields[name], self[name]
            if not value:
                continue
            if field.type in TEXT_TYPES:
                text = raw = value
            elif field.type == "selection":
                text = dict(field._description_selection(self.env))[value]
                raw = value
            elif field.type == "date":
                text, raw = format_date(self.env, value), fields.Date.to_string(value)
            else:
                text = ", ".join(value.mapped("display_name"))
                raw = value.ids
            answers[name] = {
                "text": text,
                "value": None if name in NOT_TAKEN_OVER else raw,
            }
        return answers

    def _get_last_reports(self):
        """Return ``{visit: the customer's report before}`` of the visits whose report is
        still to be written, as far as the current user sees it; in one query."""
        open_visits = self._origin.filtered(
            lambda visit: visit.state in ("in_progress", "to_report")
        )
        if not open_visits:
            return {}
        self.flush_model(
            ["state", "actual_start", "commercial_partner_id", "company_id"]
        )
        # With the viewer's record rules.
        seen = self._search([("state", "in", list(LOCKED_STATES))])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT v.id, last.id
                  FROM sales_visit v
                 CROSS JOIN LATERAL (
                       SELECT sales_visit.id
                         FROM %(seen)s
                        WHERE %(where)s
                          AND sales_visit.commercial_partner_id = v.commercial_partner_id
                          AND sales_visit.company_id = v.company_id
                          AND sales_visit.actual_start < v.actual_start
                        ORDER BY sales_visit.actual_start DESC, sales_visit.id DESC
                        LIMIT 1
                       ) last
                 WHERE v.id IN %(ids)s
                """,
                seen=seen.from_clause,
                where=seen.where_clause,
                ids=tuple(open_visits.ids),
            )
        )
        # Fetched together, as the answers are read right after.
        reports = self.browse(last_id for _id, last_id in rows)
        return {
            self.browse(id_): report
            for (id_, _last_id), report in zip(rows, reports, strict=True)
        }
