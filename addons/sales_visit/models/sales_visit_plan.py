from odoo import api, fields, models


class SalesVisit(models.Model):
    """Visits and the week's plan (V03)."""

    _name = "sales.visit"
    _inherit = ["sales.visit"]

    plan_line_ids = fields.One2many("sales.plan.line", "visit_id")

    @api.depends("plan_line_ids.plan_id.approval_state", "partner_id", "state")
    def _compute_step_reasons(self):
        return super()._compute_step_reasons()

    def _get_step_reasons(self, state):
        reasons = super()._get_step_reasons(state)
        if state != "in_progress":
            return reasons
        modes = {visit: visit._get_rule_mode("V03") for visit in self}
        looked_at = self.filtered(lambda visit: modes[visit] != "off")
        for visit in looked_at - looked_at._filter_approved():
            message = self.env._(
                "%(visit)s is on no approved plan of the week; %(managers)s can approve one. (V03)",
                visit=visit.display_name,
                managers=visit._get_manager_names(),
            )
            reasons[visit].append(
                {"rule": "V03", "mode": modes[visit], "message": message}
            )
        return reasons

    def _filter_approved(self):
        """Return the visits that are on an approved plan, with this customer."""
        # Whether a manager has approved doesn't depend on who may see the plan.
        lines = self.sudo().plan_line_ids.filtered(
            lambda line: (
                line.result == "planned"
                and line.plan_id.approval_state == "approved"
                and line.partner_id == line.visit_id.commercial_partner_id
            )
        )
        return self & lines.visit_id

    def _filter_off_plan(self):
        approved = self._filter_approved()
        return super()._filter_off_plan() | self.filtered(
            lambda visit: visit._get_rule_mode("V03") != "off" and visit not in approved
        )

    def _put_on_plan(self):
        """Put drafts that were made from a list on the plan, unless the approval of the
        week does it."""
        at_once = self.filtered(lambda visit: visit._get_rule_mode("V03") == "off")
        at_once._step_to("planned")
