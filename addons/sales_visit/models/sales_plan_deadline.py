from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_datetime

from ..guard import as_server, is_server

DECIDING_FIELDS = {"user_id", "company_id", "date_start", "level"}
MISSING = [("approval_state", "=", "draft")]


class SalesPlan(models.Model):
    """By when a plan and its report are due, and whether they were late: decided by the
    first request that wasn't taken back, and by the report, then frozen (V03, P04)."""

    _name = "sales.plan"
    _inherit = ["sales.plan"]

    due_at = fields.Datetime(string="Plan Due", readonly=True, copy=False)
    due_rule_id = fields.Many2one(
        "sales.deadline.rule",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    remind_at = fields.Datetime(readonly=True, copy=False)
    reminded_at = fields.Datetime(readonly=True, copy=False)
    escalate_at = fields.Datetime(readonly=True, copy=False)
    escalated_at = fields.Datetime(readonly=True, copy=False)
    first_requested_at = fields.Datetime(
        readonly=True, copy=False, help="It decides whether the plan was late."
    )
    is_late = fields.Boolean(string="Plan Late", readonly=True, copy=False)
    report_due_at = fields.Datetime(string="Report Due", readonly=True, copy=False)
    report_due_rule_id = fields.Many2one(
        "sales.deadline.rule",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    report_remind_at = fields.Datetime(readonly=True, copy=False)
    report_reminded_at = fields.Datetime(readonly=True, copy=False)
    is_report_late = fields.Boolean(string="Report Late", readonly=True, copy=False)

    _remind_idx = models.Index(
        "(remind_at) WHERE approval_state = 'draft' AND reminded_at IS NULL"
    )
    _escalate_idx = models.Index(
        "(escalate_at) WHERE approval_state = 'draft' AND escalated_at IS NULL"
    )
    _report_remind_idx = models.Index(
        "(report_remind_at) WHERE report_submitted_at IS NULL AND report_reminded_at IS NULL"
    )

    @api.model_create_multi
    def create(self, vals_list):
        plans = super().create(vals_list)
        plans._set_deadlines()
        return plans

    def write(self, vals):
        if DECIDING_FIELDS & vals.keys() and not is_server(self):
            self._check_not_missing()
            self._check_not_requested()
        result = super().write(vals)
        if DECIDING_FIELDS & vals.keys():
            self._set_deadlines()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_not_missing(self):
        self._check_not_missing()

    def _check_not_missing(self):
        """Keep salespeople from making away with a plan that they owe (V03).

        :raise UserError: once it is due, for the salesperson
        """
        now = fields.Datetime.now()
        for plan in self:
            if plan.user_id == self.env.user and plan.due_at and plan.due_at < now:
                raise UserError(
                    self.env._(
                        "%(plan)s was due %(due)s: ask for its approval. (V03)",
                        plan=plan.display_name,
                        due=format_datetime(self.env, plan.due_at),
                    )
                )

    def _check_not_requested(self):
        """Keep what approval was asked for from becoming the plan of another week.

        :raise UserError: once it was asked for, unless that was taken back
        """
        for plan in self.filtered("first_requested_at"):
            raise UserError(
                self.env._(
                    "%(plan)s has been asked for and stays as it is.",
                    plan=plan.display_name,
                )
            )

    def _forget_request(self):
        """Let the next request decide whether the plan is late; late stays."""
        in_time = self.filtered(lambda plan: not plan.is_late)
        as_server(in_time).write({"first_requested_at": False})

    def _decide_late(self):
        """Freeze whether plans that are asked for the first time are late."""
        now = fields.Datetime.now()
        for plan in self.filtered(lambda plan: not plan.first_requested_at):
            late = bool(plan.due_at and now > plan.due_at)
            as_server(plan).write({"first_requested_at": now, "is_late": late})

    def _decide_report_late(self):
        """Freeze whether the reports just submitted are late."""
        for plan in self:
            late = plan.report_due_at and plan.report_submitted_at > plan.report_due_at
            as_server(plan).write({"is_report_late": bool(late)})

    def _set_deadlines(self):
        """Fix by when these plans and their reports are due, from the rules in force."""
        rules = self.env["sales.deadline.rule"]
        vals_of = {plan: {} for plan in self}
        for subject, prefix in (("week_plan", ""), ("week_report", "report_")):
            deadlines = rules._get_deadlines(
                subject,
                self,
                lambda plan, tz: rules._get_moment(plan.date_start, 0, tz),
            )
            for plan in self:
                rule, due, tz = deadlines.get(plan, (rules, False, False))
                vals_of[plan][f"{prefix}due_at"] = due
                vals_of[plan].update(rule._prepare_deadline(due, tz, prefix))
        for plan, vals in vals_of.items():
            as_server(plan).write(
                {name: value for name, value in vals.items() if name in plan._fields}
            )

    @api.model
    def _cron_watch_plans(self):
        """Prepare the coming week's plans where the company wants them, tell managers of
        those that nobody asked approval for (V03), and remind of plans and reports that
        are due soon, each once (P04)."""
        now = fields.Datetime.now()
        self._prepare_coming()
        for domain, deadline, done, act in (
            (MISSING, "remind_at", "reminded_at", "_remind"),
            (MISSING, "escalate_at", "escalated_at", "_escalate"),
            (
                [("report_submitted_at", "=", False)],
                "report_remind_at",
                "report_reminded_at",
                "_remind_of_report",
            ),
        ):
            due = Domain(domain) & Domain(deadline, "<=", now)
            if not self._run_in_batches(due, done, act):
                return

    @api.model
    def _prepare_coming(self):
        """Create the plans of the coming week that members of sales teams lack, where the
        rule is in force, so that missing ones show."""
        modes = self.env["sales.visit.rule.mode"]
        for company in modes.search([("rule", "=", "V03")]).company_id:
            if modes._get_mode("V03", company) == "off":
                continue
            members = self.env["crm.team.member"].search(
                [("crm_team_id.company_id", "in", [company.id, False])]
            )
            users = members.user_id.filtered(
                lambda user, company=company: company in user.company_ids
            )
            if users:
                monday = users[0]._get_coming_monday(company)
                working = self._filter_working(company, users, monday)
                self._get_or_create(company, working, monday)

    @api.model
    def _filter_working(self, company, users, monday):
        """Return the users who work on a day of a week: others owe no plan of it."""
        days = users._get_workdays(company, monday, monday + timedelta(days=7))
        return users.filtered(lambda user: user.active and days[user][0])

    def _escalate(self):
        """Tell the managers of those who owe a plan, unless they don't work that week."""
        owed = self.browse()
        for (company, monday), plans in self.grouped(
            lambda plan: (plan.company_id, plan.date_start)
        ).items():
            working = self._filter_working(company, plans.user_id, monday)
            owed |= plans.filtered(lambda plan, who=working: plan.user_id in who)
        self.env["mail.activity"]._create_reminders(
            "sales_visit.mail_activity_type_plan",
            self.env["res.users"]._get_managers_to_tell(owed),
            summary=lambda plan, user: plan.with_context(lang=user.lang).env._(
                "No plan of the week from %(user)s", user=plan.user_id.name
            ),
        )

    def _remind(self):
        self._create_reminders(self.env._("Ask for the approval of your week's plan"))

    def _remind_of_report(self):
        self._create_reminders(self.env._("Submit the report of your week"))

    def _create_reminders(self, summary):
        self.env["mail.activity"]._create_reminders(
            "sales_visit.mail_activity_type_plan",
            {plan: plan.user_id.filtered("active") for plan in self},
            summary=lambda _plan, _user: summary,
        )

    def _get_approval_detail(self):
        self.ensure_one()
        facts = {"count": self.planned_count, "focus": self.focus or ""}
        return (
            self.env._("late; planned visits: %(count)s. %(focus)s", **facts)
            if self.is_late
            else self.env._("planned visits: %(count)s. %(focus)s", **facts)
        ).strip()
