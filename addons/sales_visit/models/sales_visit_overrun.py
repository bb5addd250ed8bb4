from datetime import timedelta

from odoo import api, fields, models


class SalesVisit(models.Model):
    """A visit that lasts longer than planned says why (V09)."""

    _name = "sales.visit"
    _inherit = ["sales.visit"]

    # Decided when the visit ends: from its start on, its plan is frozen.
    overrun_minutes = fields.Integer(
        string="Overrun (min)",
        compute="_compute_overrun_minutes",
        store=True,
        help="Full minutes beyond the planned duration; 0 within the company's tolerance.",
    )
    overrun_reason = fields.Char(copy=False)

    @api.depends("actual_start", "actual_stop")
    def _compute_overrun_minutes(self):
        for visit in self:
            visit.overrun_minutes = visit._get_overrun()

    @api.depends("overrun_minutes", "overrun_reason")
    def _compute_step_reasons(self):
        return super()._compute_step_reasons()

    def _get_overrun(self):
        """Return by how many full minutes the visit exceeded its planned duration: that
        of its plan, else that of its type."""
        self.ensure_one()
        if not (self.actual_start and self.actual_stop):
            return 0
        if self.planned_start and self.planned_stop:
            planned = self.planned_stop - self.planned_start
        else:
            planned = timedelta(hours=self.visit_type_id.duration)
        over = self.actual_stop - self.actual_start - planned
        minutes = int(over.total_seconds() // 60)
        tolerance = self.company_id.sudo().visit_overrun_tolerance
        return minutes if minutes > max(tolerance, 0) else 0

    def _get_step_reasons(self, state):
        reasons = super()._get_step_reasons(state)
        if state != "reported":
            return reasons
        for visit in self:
            silent = visit.overrun_minutes and not (visit.overrun_reason or "").strip()
            mode = visit._get_rule_mode("V09") if silent else "off"
            if mode != "off":
                message = self.env._(
                    "The visit took %(minutes)s minutes more than planned: say why, e.g. that the customer wished to continue. (V09)",
                    minutes=visit.overrun_minutes,
                )
                reasons[visit].append({"rule": "V09", "mode": mode, "message": message})
        return reasons
