from odoo import api, fields, models
from odoo.fields import Domain
from pytz import timezone, utc

from .sales_visit_deadline import REPORT_OWED


class SalesVisit(models.Model):
    """The job that watches deadlines of reports. Activities remind, the columns of the
    visit decide: a reminder that was deleted doesn't come again."""

    _name = "sales.visit"
    _inherit = ["sales.visit", "sales.visit.batch.mixin"]

    @api.model
    def _cron_watch_reports(self):
        """Remind salespeople before, tell managers after the deadline of a report (V10).

        Each visit is reminded and escalated once: its own columns record it, in the same
        transaction as the activity. Committed batch by batch; workers skip each other's.
        """
        now = fields.Datetime.now()
        for deadline, done, act in (
            ("report_remind_at", "report_reminded_at", "_remind"),
            ("report_escalate_at", "report_escalated_at", "_escalate"),
        ):
            domain = Domain(REPORT_OWED) & Domain(deadline, "<=", now)
            if not self._run_in_batches(domain, done, act):
                return

    def _remind(self):
        """Remind those who owe the reports."""
        self._schedule_report_activities(
            "sales_visit.mail_activity_type_report",
            {
                visit: visit.user_id if visit.user_id.active else manager
                for visit, manager in self._get_managers_to_tell().items()
            },
        )

    def _escalate(self):
        """Tell the managers of those who owe the reports."""
        self._schedule_report_activities(
            "sales_visit.mail_activity_type_late", self._get_managers_to_tell()
        )

    def _get_managers_to_tell(self):
        """Return ``{visit: res.users}``: the first manager of each salesperson, else a
        manager of the company; empty where there is nobody to tell."""
        managers_to_tell = {}
        for company, visits in self.grouped("company_id").items():
            managers = visits.user_id._get_visit_managers(company)
            fallback = self.env["res.users"]._get_company_managers(company)
            for visit in visits:
                candidates = managers[visit.user_id] or fallback - visit.user_id
                managers_to_tell[visit] = candidates[:1]
        return managers_to_tell

    def _schedule_report_activities(self, xmlid, user_by_visit):
        """Create one activity a visit, in one batch, without mailing each assignment."""
        activity_type = self.env.ref(xmlid)
        model = self.env["ir.model"]._get(self._name)
        self.env["mail.activity"].with_context(mail_activity_quick_update=True).create(
            [
                {
                    "activity_type_id": activity_type.id,
                    "automated": True,
                    "date_deadline": utc.localize(visit.report_due)
                    .astimezone(timezone(visit.report_due_tz))
                    .date(),
                    "res_model_id": model.id,
                    "res_id": visit.id,
                    "summary": visit._get_activity_summary(activity_type, user),
                    "user_id": user.id,
                }
                for visit, user in user_by_visit.items()
                if user
            ]
        )

    def _get_activity_summary(self, activity_type, user):
        """Return what is due, in the addressee's language and the visit's time zone."""
        visit = self.with_context(lang=user.lang)
        return visit.env._(
            "%(what)s: %(customer)s, %(due)s (%(tz)s)",
            what=activity_type.with_context(lang=user.lang).name,
            customer=visit.partner_id.display_name,
            due=visit._format_moment(visit.report_due),
            tz=visit.report_due_tz,
        )
