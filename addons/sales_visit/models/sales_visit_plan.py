from odoo import api, fields, models


class SalesVisit(models.Model):
    """Visits and the week's plan (V03)."""

    _name = "sales.visit"
    _inherit = ["sales.visit"]

    plan_line_ids = fields.One2many("sales.plan.line", "visit_id")

    @api.depends(
        "plan_line_ids.plan_id.approval_state", "partner_id", "user_id", "state"
    )
    def _compute_step_reasons(self):
        return super()._compute_step_reasons()

    def _get_step_reasons(self, state):
        reasons = super()._get_step_reasons(state)
        if state != "in_progress":
            return reasons
        modes = {visit: visit._get_rule_mode("V03") for visit in self}
        looked_at = self.filtered(lambda visit: modes[visit] != "off")
        for visit in looked_at - looked_at._filter_approved():
            # Approved, but for a day that isn't this week's.
            plan = visit._get_approved_lines().plan_id[:1]
            message = (
                self.env._(
                    "%(visit)s is approved for another week: %(plan)s. (V03)",
                    visit=visit.display_name,
                    plan=plan.display_name,
                )
                if plan
                else self.env._(
                    "%(visit)s is on no approved plan of the week; %(managers)s can approve one. (V03)",
                    visit=visit.display_name,
                    managers=visit._get_manager_names(),
                )
            )
            reasons[visit].append(
                {"rule": "V03", "mode": modes[visit], "message": message}
            )
        return reasons

    def _filter_approved(self):
        """Return the visits that are on an approved plan of the week if they begin now."""
        days = self._get_local_days(fields.Datetime.now())
        return self.filtered(
            lambda visit: any(
                line.plan_id.date_start <= days[visit] <= line.plan_id.date_end
                for line in visit._get_approved_lines()
            )
        )

    def _get_approved_lines(self):
        """Return where the visit is on approved plans, as it was asked for."""
        self.ensure_one()
        # Whether a manager has approved doesn't depend on who may see the plan.
        return self.sudo().plan_line_ids.filtered(
            lambda line: (
                line.result == "planned"
                and line.plan_id.approval_state == "approved"
                and line._is_as_asked()
            )
        )

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
