from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_datetime
from pytz import timezone, utc

from ..guard import as_server

REPORT_OWED = [("state", "=", "to_report"), ("report_submitted_at", "=", False)]


class SalesVisit(models.Model):
    """The deadline of the report: fixed when the visit ends, decided when the report is
    first submitted (V10)."""

    _name = "sales.visit"
    _inherit = ["sales.visit"]

    report_due = fields.Datetime(readonly=True, copy=False, index="btree_not_null")
    report_due_tz = fields.Char(
        string="Time Zone of Deadline", readonly=True, copy=False
    )
    report_due_rule_id = fields.Many2one(
        "sales.deadline.rule",
        string="Deadline Rule",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    report_remind_at = fields.Datetime(readonly=True, copy=False)
    report_escalate_at = fields.Datetime(readonly=True, copy=False)
    report_reminded_at = fields.Datetime(readonly=True, copy=False)
    report_escalated_at = fields.Datetime(readonly=True, copy=False)
    report_submitted_at = fields.Datetime(
        readonly=True, copy=False, help="First submission: it decides about lateness."
    )
    is_report_late = fields.Boolean(
        string="Report Late",
        readonly=True,
        copy=False,
        help="Decided when the report is first submitted; it stays.",
    )
    report_delay_hours = fields.Float(
        string="Report Delay (h)",
        readonly=True,
        copy=False,
        aggregator="avg",
        help="Hours between the deadline and the first submission; 0 when in time.",
    )
    is_report_overdue = fields.Boolean(
        string="Report Overdue",
        compute="_compute_is_report_overdue",
        search="_search_is_report_overdue",
        help="The deadline has passed and no report has been submitted.",
    )
    report_banner = fields.Char(compute="_compute_report_banner")
    report_banner_level = fields.Selection(
        [
            ("info", "Info"),
            ("success", "Success"),
            ("warning", "Warning"),
            ("danger", "Danger"),
        ],
        compute="_compute_report_banner",
    )

    _report_owed_idx = models.Index(
        "(report_due) WHERE state = 'to_report' AND report_submitted_at IS NULL"
    )
    _report_remind_idx = models.Index(
        "(report_remind_at) WHERE state = 'to_report' AND report_submitted_at IS NULL AND report_reminded_at IS NULL"
    )
    _report_escalate_idx = models.Index(
        "(report_escalate_at) WHERE state = 'to_report' AND report_submitted_at IS NULL AND report_escalated_at IS NULL"
    )

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends("state", "report_due", "report_submitted_at")
    def _compute_is_report_overdue(self):
        now = fields.Datetime.now()
        for visit in self:
            visit.is_report_overdue = (
                visit.state == "to_report"
                and not visit.report_submitted_at
                and bool(visit.report_due)
                and visit.report_due < now
            )

    def _search_is_report_overdue(self, operator, value):
        if operator != "in" or set(value) != {True}:
            return NotImplemented
        return Domain(REPORT_OWED) & Domain("report_due", "<", fields.Datetime.now())

    @api.depends("state", "report_due", "report_submitted_at", "is_report_late")
    @api.depends_context("lang")
    def _compute_report_banner(self):
        for visit in self:
            visit.report_banner_level, visit.report_banner = visit._get_report_banner()

    def _get_report_banner(self):
        """Return ``(level, sentence)`` that says where the report stands (V10)."""
        self.ensure_one()
        if not self.report_due:
            return False, False
        facts = {
            "due": self._format_moment(self.report_due),
            "tz": self.report_due_tz,
            "rule": self.report_due_rule_id.sudo().name,
        }
        if submitted := self.report_submitted_at:
            facts["submitted"] = self._format_moment(submitted)
            if not self.is_report_late:
                return "success", self.env._(
                    "Report submitted %(submitted)s, in time: it was due %(due)s (%(tz)s; %(rule)s).",
                    **facts,
                )
            facts["late"] = self._format_span(submitted - self.report_due)
            return "danger", self.env._(
                "Report submitted %(submitted)s, late by %(late)s: it was due %(due)s (%(tz)s; %(rule)s).",
                **facts,
            )
        now = fields.Datetime.now()
        if now > self.report_due:
            facts["late"] = self._format_span(now - self.report_due)
            return "danger", self.env._(
                "Report was due %(due)s (%(tz)s; %(rule)s), late by %(late)s.", **facts
            )
        facts["left"] = self._format_span(self.report_due - now)
        level = "warning" if self.report_remind_at <= now else "info"
        return level, self.env._(
            "Report due %(due)s (%(tz)s; %(rule)s), %(left)s left.", **facts
        )

    def _format_moment(self, moment):
        """Return a UTC datetime as the deadline's clock shows it."""
        pattern = self.env._("d MMM HH:mm")  # each language has its own order
        return format_datetime(
            self.env, moment, tz=self.report_due_tz, dt_format=pattern
        )

    def _format_span(self, span):
        """Return a time span in days, hours and minutes, rounded down."""
        minutes = int(span.total_seconds() // 60)
        days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
        if days:
            return self.env._("%(days)s d %(hours)s h", days=days, hours=hours)
        if hours:
            return self.env._(
                "%(hours)s h %(minutes)s min", hours=hours, minutes=minutes
            )
        return self.env._("%(minutes)s min", minutes=minutes)

    # ------------------------------------------------------------
    # DEADLINE
    # ------------------------------------------------------------

    def _group_by_deadline(self, stop):
        """Yield ``(values, visits)``: what visits that end at ``stop`` freeze about their
        report's deadline. Without a deadline rule there is none."""
        deadlines = self.env["sales.deadline.rule"]._get_deadlines(
            "visit_report", self, lambda visit, tz: visit._get_visited_at(stop, tz)
        )
        for deadline, visits in self.grouped(deadlines.get).items():
            if not deadline:
                yield {}, visits
                continue
            rule, due, tz = deadline
            yield (
                {"report_due": due, **rule._prepare_deadline(due, tz, "report_")},
                visits,
            )

    def _get_visited_at(self, stop, tz):
        """Return the moment from which the report's deadline counts (V10): the end of
        the visit, but no later than the last second of the day on which it began.

        Whoever presses "Finish" days later doesn't gain days for the report.

        :param datetime stop: naive, UTC
        :param str tz: time zone whose days count
        :return: naive, UTC
        """
        self.ensure_one()
        day = utc.localize(self.actual_start).astimezone(timezone(tz)).date()
        midnight = self.env["sales.deadline.rule"]._get_moment(day, 24, tz)
        return min(stop, midnight - timedelta(seconds=1))

    def _group_by_submission(self, now):
        """Yield ``(values, visits)``: what the first submission at ``now`` decides."""
        newcomers = self._filter_new_customers()

        def get_vals(visit):
            late = visit.report_due and now > visit.report_due
            delay = (now - visit.report_due).total_seconds() / 3600 if late else 0.0
            return (delay, bool(late), visit in newcomers, visit.customer_grade_id.id)

        for (delay, late, new, grade_id), visits in self.grouped(get_vals).items():
            yield (
                {
                    "report_submitted_at": now,
                    "is_report_late": late,
                    "report_delay_hours": delay,
                    "is_new_customer": new,
                    "report_grade_id": grade_id,
                },
                visits,
            )

    def _update_customers(self):
        """Count visits for the company that their customer belongs to by now (V01): a
        contact may have joined one since; leaving it makes no new customer of him."""
        # Which company a customer belongs to is no secret of that company.
        for customer, visits in self.grouped("commercial_partner_id").items():
            company = customer.sudo().commercial_partner_id
            if company.id != customer.id:
                as_server(visits).write({"commercial_partner_id": company.id})

    def _filter_new_customers(self):
        """Return the visits whose customer was new to the company when they began (V01):
        no earlier visit in person that took place, no order confirmed before, neither of
        the company that the contact was of before."""
        if not self:
            return self
        visits = self.env["sales.visit"]
        visits.flush_model()
        self.env["sale.order"].flush_model(
            ["partner_id", "company_id", "state", "date_order", "visit_confirmed_at"]
        )
        self.env["res.partner"].flush_model(
            ["commercial_partner_id", "visit_former_company_id"]
        )
        rows = self.env.execute_query(
            SQL(
                """
                SELECT v.id
                  FROM sales_visit v
                  JOIN res_partner contact ON contact.id = v.partner_id
             LEFT JOIN res_partner former
                    ON former.id = contact.visit_former_company_id
            CROSS JOIN LATERAL (SELECT ARRAY[v.commercial_partner_id,
                                             former.commercial_partner_id] AS ids
                       ) customer
                 WHERE v.id IN %(ids)s
                   AND NOT EXISTS (
                       SELECT FROM res_partner p
                         JOIN sales_visit e ON e.commercial_partner_id = p.id
                        WHERE p.commercial_partner_id = ANY (customer.ids)
                          AND e.company_id = v.company_id
                          AND e.state IN ('to_report', 'reported', 'reviewed')
                          AND e.channel = 'in_person'
                          AND (e.actual_start, e.id) < (v.actual_start, v.id))
                   AND NOT EXISTS (
                       SELECT FROM sale_order o
                         JOIN res_partner p ON p.id = o.partner_id
                        WHERE p.commercial_partner_id = ANY (customer.ids)
                          AND o.company_id = v.company_id
                          AND COALESCE(o.visit_confirmed_at,
                                       CASE WHEN o.state = 'sale' THEN
                                           LEAST(o.date_order, o.create_date) END
                              ) < v.actual_start)
                """,
                ids=tuple(self.ids),
            )
        )
        return self.browse(id_ for (id_,) in rows)

    def _update_customer_files(self):
        """Bring the customers' files up to date with newly submitted reports."""
        model = self.env["sales.customer.file"]
        for company, visits in self.grouped("company_id").items():
            files = model._get_or_create(
                company,
                {visit.commercial_partner_id: visit.user_id for visit in visits},
            )
            for visit in visits.sorted("actual_start"):
                file = files[visit.commercial_partner_id]
                if not file.last_visit or file.last_visit <= visit.actual_start:
                    as_server(file).write(
                        {
                            "last_visit": visit.actual_start,
                            "next_due": visit.next_visit_date,
                        }
                    )
            # Under sudo, as they come: the customer may be somebody else's.
            model.sudo().union(*files.values())._update_due()
