from odoo.tests import freeze_time, tagged

from .common import VisitCase

REMINDER = "2026-11-26 23:00:00"
DEADLINE = "2026-11-27 01:00:00"
ESCALATION = "2026-11-27 03:00:00"


@tagged("post_install", "-at_install")
class TestDeadlineJob(VisitCase):
    def _run(self, moment):
        cron = self.env.ref("sales_visit.ir_cron_watch_reports")
        self.env.flush_all()
        with freeze_time(moment), self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.env.invalidate_all()

    def _activities(self, visits, kind):
        return self.env["mail.activity"].search(
            [
                ("res_model", "=", "sales.visit"),
                ("res_id", "in", visits.ids),
                ("activity_type_id", "=", self.env.ref(f"sales_visit.{kind}").id),
            ]
        )

    def _reminders(self, visits):
        return self._activities(visits, "mail_activity_type_report")

    def _escalations(self, visits):
        return self._activities(visits, "mail_activity_type_late")

    def test_reminds_before_and_escalates_after_once(self):
        """V10: two hours before the salesperson, two hours after the line manager."""
        visit = self._go(self._new_visit())
        self._run("2026-11-26 22:59:59")
        self.assertFalse(self._reminders(visit))
        self._run(REMINDER)
        reminder = self._reminders(visit)
        self.assertEqual(reminder.user_id, self.salesperson)
        self.assertEqual(str(reminder.date_deadline), "2026-11-27")
        self.assertIn("27 Nov 09:00", reminder.summary)
        self._run("2026-11-27 02:59:59")
        self.assertFalse(self._escalations(visit))
        self._run(ESCALATION)
        self.assertEqual(self._escalations(visit).user_id, self.line_manager)
        self._run("2026-11-28 03:00:00")
        self.assertEqual(len(self._reminders(visit)), 1)
        self.assertEqual(len(self._escalations(visit)), 1)
        self.assertEqual(str(visit.report_reminded_at), REMINDER)
        self.assertEqual(str(visit.report_escalated_at), ESCALATION)

    def test_dismissed_reminder_does_not_come_back(self):
        """V10: our own column decides, not the activity."""
        visit = self._go(self._new_visit())
        self._run(REMINDER)
        self._reminders(visit).unlink()
        self._run("2026-11-26 23:30:00")
        self.assertFalse(self._reminders(visit))

    def test_submission_settles_everything(self):
        """V10: a submitted report is neither reminded nor escalated any more."""
        visit = self._go(self._new_visit())
        self._run(ESCALATION)
        with freeze_time("2026-11-27 04:00:00"):
            visit.action_submit_report()
        self.assertFalse(self._reminders(visit) | self._escalations(visit))
        punctual = self._go(self._new_visit())
        with freeze_time("2026-11-26 08:00:00"):
            punctual.action_submit_report()
        punctual.with_user(self.leader).reopen_report("More")
        self._run("2026-11-29 03:00:00")
        self.assertFalse(self._escalations(punctual))

    def test_who_is_told(self):
        """V10: line manager, else team leader, else a company manager, never oneself."""
        leaderless = self._go(self._new_visit(self.stranger))
        self.other_team.user_id = self.stranger
        led = self._go(self._new_visit(self.colleague))
        self._run(ESCALATION)
        self.assertEqual(self._escalations(led).user_id, self.leader)
        self.assertEqual(self._escalations(leaderless).user_id, self.company_manager)

    def test_killed_half_way_and_run_again(self):
        """V10: a job that dies between two batches loses nothing and doubles nothing."""
        visits = self.env["sales.visit"].union(
            *(self._go(self._new_visit()) for _i in range(5))
        )
        with self._killed_in_second_batch("sales.visit", "_remind") as done:
            self._run(ESCALATION)
        self.assertEqual(len(done[0]), 2)
        self.assertEqual(len(self._reminders(visits)), 2)
        self.assertEqual(len(visits.filtered("report_reminded_at")), 2)
        self._run(ESCALATION)
        self._run(ESCALATION)
        self.assertEqual(len(self._reminders(visits)), 5)
        self.assertEqual(len(self._escalations(visits)), 5)
        self.assertEqual(sorted(self._reminders(visits).mapped("res_id")), visits.ids)

    def test_departed_salesperson_goes_to_the_manager(self):
        """V10: a report owed by somebody who has left isn't forgotten."""
        visit = self._go(self._new_visit())
        self.salesperson.active = False
        self._run(REMINDER)
        self.assertEqual(self._reminders(visit).user_id, self.line_manager)
