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
        managers = self.env["res.users"]._get_managers_to_tell(self)
        self._create_report_reminders(
            "sales_visit.mail_activity_type_report",
            {
                visit: visit.user_id if visit.user_id.active else managers[visit]
                for visit in self
            },
        )

    def _escalate(self):
        """Tell the managers of those who owe the reports."""
        self._create_report_reminders(
            "sales_visit.mail_activity_type_late",
            self.env["res.users"]._get_managers_to_tell(self),
        )

    def _create_report_reminders(self, xmlid, user_by_visit):
        activity_type = self.env.ref(xmlid)
        self.env["mail.activity"]._create_reminders(
            xmlid,
            user_by_visit,
            date=lambda visit: (
                utc.localize(visit.report_due)
                .astimezone(timezone(visit.report_due_tz))
                .date()
            ),
            summary=lambda visit, user: visit._get_activity_summary(
                activity_type, user
            ),
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
