from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, ConcurrencyError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_date
from psycopg2.errors import UniqueViolation
from pytz import timezone, utc

from ..guard import as_server, is_server
from .sales_visit import BEFORE_START
from .sales_visit_pace import TOOK_PLACE

LEVELS = [("week", "Week")]


class SalesPlan(models.Model):
    """What a salesperson plans for a period, approved by a manager before, and what came
    of it, reported after (V03, P04).

    The plan of a week is made of visits: those that the salesperson has in that week when
    approval is asked for, which lists them for good. The approval puts those that are
    drafts on the calendar, and the report says of each whether it took place, and which
    took place besides.
    """

    _name = "sales.plan"
    _inherit = [
        "sales.approval.mixin",
        "sales.visit.owned.mixin",
        "sales.visit.batch.mixin",
    ]
    _description = "Sales Plan"
    _order = "date_start desc, user_id, id"
    _check_company_auto = True

    level = fields.Selection(LEVELS, required=True, default="week")
    date_start = fields.Date(
        string="First Day",
        required=True,
        copy=False,
        default=lambda self: self.env.user._get_coming_monday(self.env.company),
    )
    date_end = fields.Date(
        string="Last Day", compute="_compute_date_end", store=True, precompute=True
    )
    focus = fields.Text(help="What the week is to achieve.")
    visit_ids = fields.Many2many(
        "sales.visit",
        string="Not on the Plan",
        compute="_compute_visits",
        help="Visits to come in that week that haven't been asked for, and visits that took place off the plan.",
    )
    line_ids = fields.One2many("sales.plan.line", "plan_id", string="Planned Visits")
    planned_count = fields.Integer(string="Planned", compute="_compute_visits")
    done_count = fields.Integer(string="Done", compute="_compute_visits")
    off_plan_count = fields.Integer(string="Off Plan", compute="_compute_visits")
    skipped_count = fields.Integer(string="Skipped", compute="_compute_visits")
    report = fields.Text(
        string="Report of the Week",
        copy=False,
        help="Business development, receivables, exceptions.",
    )
    report_submitted_at = fields.Datetime(
        string="Report Submitted", readonly=True, copy=False
    )

    _period_uniq = models.Constraint(
        "unique(company_id, user_id, level, date_start)",
        "A salesperson has one plan of a period.",
    )

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends("date_start")
    def _compute_date_end(self):
        for plan in self:
            plan.date_end = plan.date_start and plan.date_start + timedelta(days=6)

    @api.depends("user_id", "date_start")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for plan in self:
            week = plan.date_start and self.env._(
                "Week of %(day)s", day=format_date(self.env, plan.date_start)
            )
            names = (week, plan.user_id.sudo().name)
            plan.display_name = " · ".join(filter(None, names))

    @api.depends("user_id")
    def _compute_approver_ids(self):
        return super()._compute_approver_ids()

    @api.depends(
        "user_id", "company_id", "date_start", "approval_state", "report_submitted_at"
    )
    def _compute_visits(self):
        for plan, (coming, off_plan) in self._get_visits().items():
            results = [line._get_result() for line in plan.line_ids]
            plan.visit_ids = coming | off_plan
            plan.done_count = results.count("done")
            plan.skipped_count = results.count("skipped")
            plan.off_plan_count = results.count("off_plan") + len(off_plan)
            plan.planned_count = len(results) - results.count("off_plan")
            if not plan.line_ids:
                plan.planned_count = len(coming)

    @api.constrains("level", "date_start")
    def _check_date_start(self):
        for plan in self:
            if plan.level == "week" and plan.date_start.weekday():
                raise ValidationError(self.env._("A week begins on Monday."))

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    def write(self, vals):
        if not is_server(self) and {"report", "line_ids"} & vals.keys():
            self._check_not_reported()
        return super().write(vals)

    @api.model
    def _get_free_fields(self):
        # The second half, the report, is written once the plan is decided; the guards of
        # the visits stand behind their lines.
        return super()._get_free_fields() | {"report", "line_ids"}

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    @api.model
    def action_open_coming(self):
        """Open the current user's plan of the coming week, a new one if need be."""
        company, user = self.env.company, self.env.user
        monday = user._get_coming_monday(company)
        plan = self._get_or_create(company, user, monday)[user]
        return {
            "name": plan.display_name,
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": plan.id,
            "views": [(False, "form")],
        }

    def action_add_due(self):
        """Put the salesperson's customers that are due by the end of the week, and that
        nobody has planned, on its free times (V02)."""
        self.ensure_one()
        self._check_is_draft()
        files = self.env["sales.customer.file"]
        files = files.search(
            [
                ("company_id", "=", self.company_id.id),
                ("user_id", "=", self.user_id.id),
                ("due_date", "<=", self.date_end),
                ("is_planned", "=", False),
            ]
        )
        planned = files._plan_visits(self.company_id, self.user_id, self.date_start)
        return files._notify_planned(*planned)

    def action_view_visits(self):
        """Open the visits of the week, on the calendar first."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_visit.sales_visit_action_all"
        )
        begin, end = self._get_span()[self]
        action["domain"] = [
            ("user_id", "=", self.user_id.id),
            ("company_id", "=", self.company_id.id),
            "|",
            ("plan_line_ids.plan_id", "=", self.id),
            "&",
            ("planned_start", ">=", begin),
            ("planned_start", "<", end),
        ]
        action["context"] = {
            "default_user_id": self.user_id.id,
            "default_company_id": self.company_id.id,
            "initial_date": self.date_start,
        }
        action["views"] = [
            (False, kind) for kind in ("calendar", "list", "kanban", "form")
        ]
        return action

    def action_request(self):
        """Ask for approval: lists the visits of the week; the first time decides whether
        the plan was late (V03).

        :raise UserError: without a visit before the week, after the report, or when a
            rule blocks one
        """
        self.check_access("write")
        self._check_not_reported()
        visits = {plan: coming for plan, (coming, _off) in self._get_visits().items()}
        now = fields.Datetime.now()
        spans = self._get_span()
        for plan, coming in visits.items():
            # Whoever hasn't planned the week that has begun asks late, and reports then.
            if not coming and now < spans[plan][0]:
                raise UserError(
                    self.env._(
                        "There is no visit on %(plan)s yet.", plan=plan.display_name
                    )
                )
            drafts = coming.filtered(lambda visit: visit.state == "draft")
            drafts._check_step_reasons("planned")
        result = super().action_request()
        self.env["sales.plan.line"]._add(visits, "planned")
        self._decide_late()
        # Who was reminded of it, or told that it was missing.
        self.sudo().activity_unlink(["sales_visit.mail_activity_type_plan"])
        return result

    def action_withdraw(self):
        result = super().action_withdraw()
        self._forget_request()
        self._clear_lines()
        return result

    def action_revise(self):
        """Take a plan that was refused back to draft, to change it and ask again.

        :raise UserError: when it hasn't been refused
        """
        self._check_approval_state("refused")
        self._check_not_reported()
        as_server(self).write({"approval_state": "draft", "requested_by_id": False})
        self._clear_lines()
        return True

    def action_submit_report(self):
        """Submit the report of the week: notes of each visit whether it took place, adds
        those off the plan, and stays (V03).

        :raise AccessError: for anyone but the salesperson
        :raise UserError: before the week's last day of work, before the plan was asked
            for, twice, or when a skipped visit has no reason
        """
        self.check_access("write")
        self._check_not_reported()
        self._check_can_report()
        off_plan = {plan: off for plan, (_coming, off) in self._get_visits().items()}
        for plan, visits in off_plan.items():
            if not (plan.line_ids or visits or (plan.report or "").strip()):
                raise UserError(self.env._("There is nothing in this report yet."))
        # Still open at the end of the week is skipped, too.
        results = {
            line: "done" if line._get_result() == "done" else "skipped"
            for line in self.line_ids
        }
        for line, result in results.items():
            if result == "skipped" and not line._get_reason():
                raise UserError(
                    self.env._(
                        "Say why %(visit)s was skipped.",
                        visit=line.visit_id.sudo().display_name,
                    )
                )
        for result, lines in self.line_ids.grouped(results.get).items():
            as_server(lines).write({"result": result})
        self.env["sales.plan.line"]._add(off_plan, "off_plan")
        as_server(self).write({"report_submitted_at": fields.Datetime.now()})
        self._decide_report_late()
        self.activity_unlink(["sales_visit.mail_activity_type_plan"])
        return True

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _get_approval_subject(self):
        return self.user_id

    def _after_approval(self):
        result = super()._after_approval()
        # Who decides has been checked; the visits are those that were asked for.
        visits = self.sudo().line_ids.visit_id
        visits.filtered(lambda visit: visit.state == "draft")._step_to("planned")
        return result

    def _clear_lines(self):
        # Nobody deletes lines by hand; taking the plan back has been checked.
        self.sudo().line_ids.unlink()

    def _check_can_report(self):
        now = fields.Datetime.now()
        first_days = self._get_report_days()
        for plan, (_begin, end) in self._get_span().items():
            if plan.user_id != self.env.user:
                raise AccessError(
                    self.env._(
                        "Only %(user)s can report about this week.",
                        user=plan.user_id.sudo().name,
                    )
                )
            if plan.approval_state == "draft":
                plan._check_approval_state("submitted")
            day, begin = first_days[plan]
            if now < begin:
                raise UserError(
                    self.env._(
                        "The report of this week can be submitted from %(day)s on.",
                        day=format_date(self.env, day),
                    )
                )
            until = min(end, plan.report_due_at or end)
            # Whoever sees the plan sees what came of it.
            for visit in plan.line_ids.sudo().visit_id:
                if (
                    visit.state in BEFORE_START
                    and visit.planned_start
                    and now < visit.planned_start < until
                ):
                    raise UserError(
                        self.env._(
                            "%(visit)s is still to come: go first, or move or cancel it.",
                            visit=visit.display_name,
                        )
                    )

    def _get_report_days(self):
        """Return ``{plan: (day, its beginning)}``: the last day on which the salesperson
        works in the week, or the day of the report's deadline, if that is earlier."""
        get_moment = self.env["sales.deadline.rule"]._get_moment
        found = {}
        for (company, monday), plans in self.grouped(
            lambda plan: (plan.company_id, plan.date_start)
        ).items():
            users = plans.user_id
            worked = users._get_workdays(company, monday, monday + timedelta(days=7))
            conditions = users._get_working_conditions(company)
            for plan in plans:
                tz = conditions[plan.user_id][0]
                day = max(worked[plan.user_id][0], default=monday)
                if plan.report_due_at:
                    # Due at the end of a day is due on that day.
                    due = utc.localize(plan.report_due_at - timedelta(seconds=1))
                    due = due.astimezone(timezone(tz)).date()
                    day = max(min(day, due), monday)
                found[plan] = (day, get_moment(day, 0, tz))
        return found

    def _check_not_reported(self):
        for plan in self:
            if plan.report_submitted_at:
                raise UserError(
                    self.env._(
                        "The report of %(plan)s has been submitted and stays.",
                        plan=plan.display_name,
                    )
                )

    @api.model
    def _get_or_create(self, company, users, date_start):
        """Return ``{user: plan}`` of a week, creating those that don't exist.

        :raise ConcurrencyError: somebody created one meanwhile; the host tries again
        """
        plans = self.search(
            [
                ("company_id", "=", company.id),
                ("user_id", "in", users.ids),
                ("level", "=", "week"),
                ("date_start", "=", date_start),
            ]
        )
        vals_list = [
            {"company_id": company.id, "user_id": user.id, "date_start": date_start}
            for user in users - plans.user_id
        ]
        try:
            with self.env.cr.savepoint():
                plans |= self.create(vals_list)
        except UniqueViolation as error:
            raise ConcurrencyError(str(error)) from error
        return {plan.user_id: plan for plan in plans}

    def _get_span(self):
        """Return ``{plan: (begin, end)}`` of each week by the salesperson's clock; naive,
        UTC."""
        get_moment = self.env["sales.deadline.rule"]._get_moment
        spans = {}
        for company, plans in self.grouped("company_id").items():
            conditions = plans.user_id._get_working_conditions(company)
            for plan in plans:
                tz = conditions[plan.user_id][0]
                spans[plan] = (
                    get_moment(plan.date_start, 0, tz),
                    get_moment(plan.date_end, 24, tz),
                )
        return spans

    def _get_visits(self):
        """Return the visits that belong to weeks without being on their lists.

        :return: ``{plan: (visits to come, which a request binds; visits that began in the
            week off the plan)}``; none once the report is in
        """
        empty = self.env["sales.visit"]
        found = {plan: (empty, empty) for plan in self}
        current = self.filtered(
            lambda plan: plan.user_id and plan.date_start and plan.company_id
        ).filtered(lambda plan: not plan.report_submitted_at)
        if not current:
            return found
        spans = current._get_span()
        to_come = Domain("state", "in", BEFORE_START)
        begun = Domain("state", "in", ("in_progress", *TOOK_PLACE))
        visits = empty.search(
            Domain.OR(
                Domain("user_id", "=", plan.user_id.id)
                & Domain("company_id", "=", plan.company_id.id)
                & (
                    to_come
                    & Domain("planned_start", ">=", spans[plan][0])
                    & Domain("planned_start", "<", spans[plan][1])
                    | begun
                    & Domain("visit_day", ">=", plan.date_start)
                    & Domain("visit_day", "<=", plan.date_end)
                )
                for plan in current
            ),
            order="planned_start, id",
        )
        by_owner = visits.grouped(lambda visit: (visit.user_id, visit.company_id))
        for plan in current:
            begin, end = spans[plan]
            own = by_owner.get((plan.user_id, plan.company_id), empty)
            own -= plan.line_ids.filtered(lambda line: line._is_as_asked()).visit_id
            coming = own.filtered(
                lambda visit, begin=begin, end=end: (
                    visit.state in BEFORE_START
                    and visit.planned_start
                    and begin <= visit.planned_start < end
                )
            )
            off_plan = (own - coming).filtered(
                lambda visit, plan=plan: plan._has_in_week(visit)
            )
            found[plan] = (coming, off_plan)
        return found

    def _has_in_week(self, visit):
        """Tell whether a visit began on a day of this week."""
        self.ensure_one()
        return (
            visit.state in ("in_progress", *TOOK_PLACE)
            and bool(visit.visit_day)
            and self.date_start <= visit.visit_day <= self.date_end
        )
