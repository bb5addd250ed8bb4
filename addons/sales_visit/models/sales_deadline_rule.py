from datetime import datetime, time, timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from pytz import timezone, utc

SUBJECTS = [
    ("visit_report", "Visit report"),
    ("complaint", "Complaint"),
    ("week_plan", "Week plan"),
    ("week_report", "Week report"),
    ("lead_qualified", "Contact with a qualified lead"),
    ("lead_potential", "Contact with a potential lead, and every next one"),
]
POLICIES = [
    ("next_workday", "Next working day, at an hour"),
    ("same_day", "Same day, at an hour"),
    ("hours", "A number of hours later"),
    ("day", "A day of the period, at an hour"),
]
# What decides a deadline: once a document has been decided by a rule, they stay.
DECIDING_FIELDS = {
    "subject",
    "company_id",
    "date_from",
    "policy",
    "hour",
    "hours",
    "day",
}


class SalesDeadlineRule(models.Model):
    """By when something is due, as dated data (P04, V10).

    The newest row that starts on or before the day decides; a row of the company goes
    before a row for all companies.
    """

    _name = "sales.deadline.rule"
    _description = "Deadline Rule"
    _order = "subject, company_id, date_from desc, id desc"

    name = fields.Char(compute="_compute_name")
    subject = fields.Selection(SUBJECTS, required=True, default="visit_report")
    company_id = fields.Many2one(
        "res.company",
        index=True,
        ondelete="cascade",
        default=lambda self: self.env.company,
        help="Empty: for all companies that have no rule of their own.",
    )
    date_from = fields.Date(
        string="Valid From", required=True, default=fields.Date.context_today
    )
    policy = fields.Selection(POLICIES, required=True, default="next_workday")
    hour = fields.Float(
        default=9.0, help="Hour of the day in the salesperson's time zone."
    )
    day = fields.Integer(
        default=1,
        help="Day counted from the first day of the period, which is 1; 0 is the day before.",
    )
    hours = fields.Float(default=24.0, help="Hours after the end, day and night.")
    remind_before = fields.Float(
        string="Remind Before (h)",
        default=2.0,
        help="Hours before the deadline at which the salesperson is reminded.",
    )
    escalate_after = fields.Float(
        string="Escalate After (h)",
        default=2.0,
        help="Hours after the deadline at which the manager is told.",
    )

    _date_uniq = models.UniqueIndex(
        "(subject, COALESCE(company_id, 0), date_from)",
        "There is one deadline rule per subject, company and day.",
    )
    _check_hour = models.Constraint(
        "CHECK(hour >= 0 AND hour <= 24)", "An hour of the day is between 0 and 24."
    )
    _check_hours = models.Constraint(
        "CHECK(hours > 0 AND remind_before >= 0 AND escalate_after >= 0)",
        "Hours of a deadline can't be negative.",
    )

    @api.depends("policy", "hour", "hours", "day")
    def _compute_name(self):
        for rule in self:
            minutes = round(rule.hour * 60)
            clock = f"{minutes // 60}:{minutes % 60:02}"
            if rule.policy == "hours":
                rule.name = self.env._("%(hours)g hours later", hours=rule.hours)
            elif rule.policy == "day":
                rule.name = self.env._(
                    "day %(day)s, %(clock)s", day=rule.day, clock=clock
                )
            elif rule.policy == "same_day":
                rule.name = self.env._("same day, %(clock)s", clock=clock)
            else:
                rule.name = self.env._("next working day, %(clock)s", clock=clock)

    def write(self, vals):
        if DECIDING_FIELDS & vals.keys() and self._is_used():
            raise UserError(
                self.env._(
                    "This rule has already set deadlines. Add a rule that is valid from a later day instead, so that it stays known how those came about."
                )
            )
        return super().write(vals)

    @api.model
    def _get_rule(self, subject, company, on):
        """Return the rule for a subject in a company on a day; empty if there is none.

        :param date on: day, in the time zone of whoever the deadline is for
        """
        rules = self.search(
            [
                ("subject", "=", subject),
                ("company_id", "in", [company.id, False]),
                ("date_from", "<=", on),
            ]
        )
        return max(
            rules,
            key=lambda rule: (bool(rule.company_id), rule.date_from),
            default=self.browse(),
        )

    def _is_used(self):
        """Tell whether a deadline rests on any of these rules."""
        # Whoever administers rules need not be allowed to see what they decide about.
        return any(
            self.env[model].sudo().search_count([(field, "in", self.ids)], limit=1)
            for model, field in self._get_users_of_rules()
        )

    @api.model
    def _get_users_of_rules(self):
        """Return ``[(model, field)]`` where documents keep the rule that decided."""
        return [
            ("sales.visit", "report_due_rule_id"),
            ("sales.visit.complaint", "due_rule_id"),
            ("sales.plan", "due_rule_id"),
            ("sales.plan", "report_due_rule_id"),
        ]

    def _get_deadline(self, moment, tz, calendar, resource, company):
        """Return when something that ended at ``moment`` is due.

        :param datetime moment: naive, UTC
        :param str tz: time zone in which days and hours are meant
        :param calendar: ``resource.calendar`` that says which days are worked
        :param resource: ``resource.resource`` whose leaves count, may be empty
        :param company: ``res.company`` whose public holidays count
        :return: naive, UTC
        :rtype: datetime
        """
        self.ensure_one()
        if self.policy == "hours":
            return moment + timedelta(hours=self.hours)
        day = utc.localize(moment).astimezone(timezone(tz)).date()
        if self.policy == "day":
            return self._get_moment(day + timedelta(days=self.day - 1), self.hour, tz)
        if self.policy == "same_day":
            due = self._get_moment(day, self.hour, tz)
            # Ended after that hour already: the day itself is left.
            return due if due > moment else self._get_moment(day, 24, tz)
        if calendar:
            day = calendar._get_next_workday(day, tz, resource, company)
        else:
            day += timedelta(days=1)
        return self._get_moment(day, self.hour, tz)

    @api.model
    def _get_deadlines(self, subject, records, get_moment):
        """Return by when records are due, each by the clock and the working calendar of
        its user, by the rule of its company on that day.

        :param str subject: what is due
        :param records: records with ``company_id`` and ``user_id``; where they are empty
            the current ones count
        :param get_moment: function ``(record, tz)`` that returns from when the time runs,
            naive, UTC
        :return: ``{record: (rule under sudo, deadline in naive UTC, time zone meant)}``,
            without those that have no rule
        """
        deadlines = {}
        # What the rules say is no secret to whom they set deadlines.
        rules = self.sudo()
        for company, own in records.grouped(
            lambda record: record.company_id or record.env.company
        ).items():
            conditions = (own.user_id | self.env.user)._get_working_conditions(company)
            rule_on, due_from = {}, {}
            for record in own:
                condition = tz, calendar, resource = conditions[
                    record.user_id or self.env.user
                ]
                moment = get_moment(record, tz)
                day = utc.localize(moment).astimezone(timezone(tz)).date()
                if day not in rule_on:
                    rule_on[day] = rules._get_rule(subject, company, day)
                rule = rule_on[day]
                if not rule:
                    continue
                key = (condition, moment)
                if key not in due_from:
                    due_from[key] = rule._get_deadline(
                        moment, tz, calendar, resource, company
                    )
                deadlines[record] = (rule, due_from[key], tz)
        return deadlines

    def _prepare_deadline(self, due, tz, prefix=""):
        """Return what a document freezes of a deadline besides its moment: by which clock
        and rule, and when a job reminds and escalates.

        :param datetime due: naive, UTC; False, with no rule, where there is no deadline
        :param str tz: time zone that ``due`` was meant in
        :param str prefix: what the names of the document's fields begin with
        """
        return {
            f"{prefix}due_tz": tz,
            f"{prefix}due_rule_id": self.id,
            f"{prefix}remind_at": due and due - timedelta(hours=self.remind_before),
            f"{prefix}escalate_at": due and due + timedelta(hours=self.escalate_after),
        }

    @api.model
    def _get_moment(self, day, hour, tz):
        """Return the naive UTC datetime of an hour of a local day.

        Where the clock is set forward over that hour, the hour as it would have been
        counts; where it is set back and the hour comes twice, the later one.
        """
        local = datetime.combine(day, time.min) + timedelta(hours=hour)
        return timezone(tz).localize(local).astimezone(utc).replace(tzinfo=None)
