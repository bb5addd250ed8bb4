from markupsafe import Markup
from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..guard import as_server

# state -> states it can be reached from
TRANSITIONS = {
    "draft": {"planned", "confirmed", "cancelled"},
    "planned": {"draft"},
    "confirmed": {"planned"},
    "in_progress": {"draft", "planned", "confirmed"},
    "to_report": {"in_progress", "reported", "reviewed"},
    "reported": {"to_report"},
    "reviewed": {"reported"},
    "cancelled": {"draft", "planned", "confirmed", "in_progress"},
    "missed": {"planned", "confirmed"},
}


class SalesVisit(models.Model):
    """The steps of a visit. Each is a public method that any client may call: it checks
    who calls and from which state, reads the clock itself and writes the frozen fields."""

    _name = "sales.visit"
    _inherit = ["sales.visit"]

    can_review = fields.Boolean(compute="_compute_can_review")

    @api.depends_context("uid")
    @api.depends("user_id", "company_id")
    def _compute_can_review(self):
        managed = self._filter_managed()
        for visit in self:
            visit.can_review = visit in managed

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_plan(self):
        """Put drafts on the plan.

        :raise UserError: without a planned start
        """
        self._step_to("planned")
        return True

    def action_confirm(self):
        """Note that the customer has confirmed the appointment."""
        self._step_to("confirmed")
        return True

    def action_start(self):
        """Begin the visit now; one that was never planned is marked as off plan.

        :raise AccessError: for anyone but the salesperson
        """
        self._check_is_salesperson()
        now = fields.Datetime.now()
        unplanned = self.filtered(lambda visit: visit.state == "draft")
        unplanned._step_to("in_progress", {"actual_start": now, "is_off_plan": True})
        (self - unplanned)._step_to("in_progress", {"actual_start": now})
        return True

    def action_finish(self):
        """End the visit now; from here the report's deadline is fixed (V10).

        :raise AccessError: for anyone but the salesperson
        """
        self._check_is_salesperson()
        self._check_transition("to_report")
        now = fields.Datetime.now()
        for vals, visits in self._group_by_deadline(now):
            visits._step_to("to_report", {"actual_stop": now, **vals})
        return True

    def action_submit_report(self):
        """Submit the report now and lock it (V10).

        The first submission decides for good whether it was late and whether the
        customer was new (V01), and brings the customer's file up to date.

        :raise AccessError: for anyone but the salesperson
        :raise UserError: when required answers are missing and the company blocks (V11)
        """
        self._check_is_salesperson()
        self._check_transition("reported")
        warnings = self._check_blocking_reasons()
        first = self.filtered(lambda visit: not visit.report_submitted_at)
        (self - first)._step_to("reported")
        for vals, visits in first._group_by_submission(fields.Datetime.now()):
            visits._step_to("reported", vals)
        first._update_customer_files()
        for visit, message in warnings.items():
            visit.message_post(body=message)
        # The manager's reminder isn't the salesperson's to delete, but it's settled.
        self.sudo().activity_unlink(
            [
                "sales_visit.mail_activity_type_report",
                "sales_visit.mail_activity_type_late",
            ]
        )
        return True

    def action_review(self):
        """Close the report as read by the manager.

        :raise AccessError: for anyone but a manager of the salesperson
        """
        self._check_is_manager()
        self._step_to(
            "reviewed",
            {"reviewed_by_id": self.env.uid, "reviewed_at": fields.Datetime.now()},
        )
        return True

    def action_missed(self):
        """Note that a planned visit did not take place.

        :raise UserError: before its planned end
        """
        now = fields.Datetime.now()
        for visit in self:
            if visit.planned_stop and visit.planned_stop > now:
                raise UserError(
                    self.env._(
                        "%(visit)s is still to come: cancel it instead.",
                        visit=visit.display_name,
                    )
                )
        self._step_to("missed")
        return True

    def action_draft(self):
        """Take visits that have not begun back to draft.

        :raise UserError: when one has begun
        """
        for visit in self:
            if visit.actual_start:
                raise UserError(
                    self.env._(
                        "%(visit)s had begun: plan a new one.", visit=visit.display_name
                    )
                )
        self._step_to("draft", {"cancel_reason": False})
        return True

    def action_cancel(self):
        """Ask for the reason, then cancel."""
        return self._open_reason_wizard("cancel", self.env._("Cancel Visit"))

    def action_reopen(self):
        """Ask for the reason, then reopen the report."""
        self._check_is_manager()
        return self._open_reason_wizard("reopen", self.env._("Reopen Report"))

    def cancel_visit(self, reason):
        """Cancel visits that have not ended.

        :param str reason: why, kept on the visit and in its log
        :raise UserError: without a reason, or when a report is owed already
        """
        reason = self._check_reason(reason)
        self._step_to("cancelled", {"cancel_reason": reason})
        self._log_reason(self.env._("Cancelled"), reason)
        return True

    def reopen_report(self, reason):
        """Give a submitted report back to the salesperson (V10).

        Deadline, lateness and "new customer" stay as they were decided.

        :param str reason: why, kept in the log
        :raise AccessError: for anyone but a manager of the salesperson
        :raise UserError: without a reason
        """
        reason = self._check_reason(reason)
        self._check_is_manager()
        self._step_to("to_report", {"reviewed_by_id": False, "reviewed_at": False})
        self._log_reason(self.env._("Report reopened"), reason)
        for user, visits in self.grouped("user_id").items():
            visits.activity_schedule(
                "sales_visit.mail_activity_type_report",
                summary=self.env._("Reopened: %(reason)s", reason=reason),
                user_id=user.id,
            )
        return True

    # ------------------------------------------------------------
    # STATE MACHINE
    # ------------------------------------------------------------

    def _step_to(self, state, vals=None):
        """Move to a state, with what is frozen on the way.

        :raise UserError: when a visit can't get there from where it is
        :raise AccessError: when the user may not write it
        """
        self._check_transition(state)
        as_server(self).write({"state": state, **(vals or {})})

    def _check_transition(self, state):
        labels = dict(self._fields["state"]._description_selection(self.env))
        for visit in self:
            if visit.state not in TRANSITIONS[state]:
                raise UserError(
                    self.env._(
                        "%(visit)s is “%(current)s”: it can't become “%(target)s”.",
                        visit=visit.display_name,
                        current=labels[visit.state],
                        target=labels[state],
                    )
                )

    def _check_is_salesperson(self):
        for visit in self:
            if visit.user_id != self.env.user:
                raise AccessError(
                    self.env._(
                        "Only %(user)s can do this: it is his or her visit.",
                        user=visit.user_id.sudo().name,
                    )
                )

    def _check_is_manager(self):
        for visit in self - self._filter_managed():
            raise AccessError(
                self.env._(
                    "Only a manager of %(user)s can do this: %(managers)s.",
                    user=visit.user_id.sudo().name,
                    managers=visit._get_manager_names(),
                )
            )

    def _filter_managed(self):
        """Return the visits whose salesperson the current user manages: as line manager,
        team leader or manager of the company, never one's own."""
        user = self.env.user
        foreign = self.filtered(lambda visit: visit.user_id != user)
        if user.has_group("sales_visit.group_company_manager"):
            return foreign.filtered(lambda visit: visit.company_id in user.company_ids)
        managed = self.browse()
        for company, visits in foreign.grouped("company_id").items():
            managers = visits.user_id._get_visit_managers(company)
            managed |= visits.filtered(
                lambda visit, managers=managers: user in managers[visit.user_id]
            )
        return managed

    def _get_manager_names(self):
        """Return the names of those who can reopen and review, for messages."""
        self.ensure_one()
        managers = self.user_id._get_visit_managers(self.company_id)[self.user_id]
        names = managers.sudo().mapped("name")
        return ", ".join(names) or self.env._("A company manager")

    def _check_reason(self, reason):
        reason = (reason or "").strip()
        if not reason:
            raise UserError(self.env._("Give a reason."))
        return reason

    def _log_reason(self, title, reason):
        body = Markup("<b>%s</b><br/>%s") % (title, reason)
        for visit in self:
            visit.message_post(body=body)

    def _open_reason_wizard(self, step, title):
        return {
            "name": title,
            "type": "ir.actions.act_window",
            "res_model": "sales.visit.reason.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_visit_ids": self.ids, "default_step": step},
        }
