from collections import defaultdict
from itertools import chain

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
# state -> where the main button leads from it
NEXT_STATES = {
    "draft": "planned",
    "planned": "confirmed",
    "confirmed": "in_progress",
    "in_progress": "to_report",
    "to_report": "reported",
    "reported": "reviewed",
}
# state -> the step that leads there
STEPS = {
    "draft": "action_draft",
    "planned": "action_plan",
    "confirmed": "action_confirm",
    "in_progress": "action_start",
    "to_report": "action_finish",
    "reported": "action_submit_report",
    "reviewed": "action_review",
    "cancelled": "action_cancel",
    "missed": "action_missed",
}


class SalesVisit(models.Model):
    """The steps of a visit. Each is a public method that any client may call: it checks
    who calls and from which state, reads the clock itself and writes the frozen fields."""

    _name = "sales.visit"
    _inherit = ["sales.visit"]

    can_review = fields.Boolean(compute="_compute_can_review")
    step_reasons = fields.Char(
        compute="_compute_step_reasons",
        help="What stands against the next step of the visit.",
    )
    is_step_blocked = fields.Boolean(compute="_compute_step_reasons")

    @api.depends_context("uid")
    @api.depends("user_id", "company_id")
    def _compute_can_review(self):
        managed = self._filter_managed()
        for visit in self:
            visit.can_review = visit in managed

    @api.depends("state")
    @api.depends_context("lang", "uid")
    def _compute_step_reasons(self):
        for next_state, visits in self.grouped(lambda v: v._get_next_state()).items():
            reasons = visits._get_step_reasons(next_state) if next_state else {}
            for visit in visits:
                own = reasons.get(visit, ())
                visit.step_reasons = " ".join(reason["message"] for reason in own)
                visit.is_step_blocked = any(r["mode"] == "block" for r in own)

    def _get_next_state(self):
        """Return where the main button leads; ``None`` from where there is none."""
        self.ensure_one()
        return NEXT_STATES.get(self.state)

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_move_to(self, state):
        """Take the step that leads to a state, as dropping a card on its column does.

        :param str state: technical name of the state
        :return: ``True``, or the action that asks for what the step needs
        :raise UserError: for what the step raises, or when there is no such state
        """
        if state not in STEPS:
            raise UserError(self.env._("There is no such step."))
        if state == "to_report" and any(v.report_submitted_at for v in self):
            return self.action_reopen()
        return getattr(self, STEPS[state])()

    def action_plan(self):
        """Put drafts on the plan.

        :raise UserError: without a planned start
        """
        self._step_to("planned")
        return True

    def action_start(self):
        """Begin the visit now; one that was never planned is marked as off plan.

        :raise AccessError: for anyone but the salesperson
        """
        self._check_is_salesperson()
        self._update_customers()
        now = fields.Datetime.now()
        days = self._get_local_days(now)
        off_plan = self._filter_off_plan()
        groups = self.grouped(lambda visit: (days[visit], visit in off_plan))
        self._step_groups_to(
            "in_progress",
            [
                ({"actual_start": now, "visit_day": day, "is_off_plan": off}, visits)
                for (day, off), visits in groups.items()
            ],
        )
        self._open_files()
        return True

    def _open_files(self):
        """Open the customers' files, if there are none yet: from now on it is on record
        whose customers they are, whatever becomes of the host's contact (V25)."""
        for company, visits in self.grouped("company_id").items():
            self.env["sales.customer.file"]._get_or_create(
                company,
                {visit.commercial_partner_id: visit.user_id for visit in visits},
            )

    def _filter_off_plan(self):
        """Return the visits that begin off plan if they begin now (V03)."""
        return self.filtered(lambda visit: visit.state == "draft")

    def action_finish(self):
        """End the visit now; from here the report's deadline is fixed (V10).

        :raise AccessError: for anyone but the salesperson
        """
        self._check_is_salesperson()
        now = fields.Datetime.now()
        self._step_groups_to(
            "to_report",
            (
                ({"actual_stop": now, **vals}, visits)
                for vals, visits in self._group_by_deadline(now)
            ),
        )
        return True

    def action_submit_report(self):
        """Submit the report now and lock it (V10).

        The first submission decides for good whether it was late and whether the
        customer was new (V01), and brings the customer's file up to date.

        :raise AccessError: for anyone but the salesperson
        :raise UserError: when required answers are missing and the company blocks (V11)
        """
        self._check_is_salesperson()
        first = self.filtered(lambda visit: not visit.report_submitted_at)
        first._update_customers()
        decided = first._group_by_submission(fields.Datetime.now())
        self._step_groups_to("reported", chain([({}, self - first)], decided))
        first._update_customer_files()
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
        return self.env["sales.visit.reason.wizard"]._ask(
            self.env._("Cancel Visit"), self, "cancel"
        )

    def action_reopen(self):
        """Ask for the reason, then reopen the report."""
        self._check_is_manager()
        return self.env["sales.visit.reason.wizard"]._ask(
            self.env._("Reopen Report"), self, "reopen"
        )

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
        """Move to a state, with what is frozen on the way: see :meth:`_step_groups_to`."""
        self._step_groups_to(state, [(vals or {}, self)])

    def _step_groups_to(self, state, groups):
        """Move to a state, unless a reason blocks; what only warns goes into the log.

        :param groups: ``(values, visits)`` of all these visits, with what each group
            freezes on the way; read once the step is known to be allowed
        :raise UserError: when a visit can't get there from where it is, or a rule blocks
        :raise AccessError: when the user may not write it
        """
        self._check_transition(state)
        warnings = self._check_step_reasons(state)
        for vals, visits in groups:
            as_server(visits).write({"state": state, **vals})
        if warnings:
            logged = self.browse(visit.id for visit in warnings)
            logged._message_log_batch(
                {visit.id: message for visit, message in warnings.items()}
            )

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

    # ------------------------------------------------------------
    # REASONS
    # ------------------------------------------------------------

    def _get_step_reasons(self, state):
        """Return why these visits can't, or shouldn't, take the step to a state.

        The one place that rules about a step go to, by extension: guard, banner and log
        follow from it. An extension adds the fields it looks at to the dependencies of
        :meth:`_compute_step_reasons`.

        :param str state: where the step leads; where it starts is the visit's own state
        :return: ``{visit: [{"rule", "mode", "message"}]}``: rule ID, ``"warn"`` or
            ``"block"``, and a sentence with the figures and, where it blocks, who can
            help; a ``defaultdict`` to append to
        """
        return defaultdict(list)

    def _get_rule_mode(self, rule):
        """Return how a rule treats this visit: ``"off"``, ``"warn"`` or ``"block"``."""
        self.ensure_one()
        modes = self.env["sales.visit.rule.mode"]
        return modes._get_mode(
            rule, self.company_id, self.counts_since or self.create_date
        )

    def _check_step_reasons(self, state):
        """Raise what blocks a step, return what only warns.

        :return: ``{visit: message}``
        :raise UserError: with every blocking reason of the first blocked visit
        """
        warnings = {}
        for visit, reasons in self._get_step_reasons(state).items():
            blocking = [r["message"] for r in reasons if r["mode"] == "block"]
            if blocking:
                raise UserError("\n".join([visit.display_name, *blocking]))
            warnings[visit] = "\n".join(reason["message"] for reason in reasons)
        return warnings

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
