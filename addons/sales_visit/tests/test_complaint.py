from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, new_test_user, tagged

from .common import VISIT_DAY, VisitCase

LATE = "sales_visit.mail_activity_type_complaint_late"


@tagged("post_install", "-at_install")
class TestComplaint(VisitCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.complaint_rule = cls.env["sales.deadline.rule"].create(
            {
                "subject": "complaint",
                "company_id": False,
                "date_from": "2020-01-01",
                "policy": "hours",
                "hours": 24,
                "remind_before": 2,
                "escalate_after": 1,
            }
        )

    def _complain(self, user=None, at=VISIT_DAY, **values):
        with freeze_time(at):
            return (
                self.env["sales.visit.complaint"]
                .with_user(user or self.salesperson)
                .create(
                    {
                        "partner_id": self.partner.id,
                        "company_id": self.company.id,
                        "description": "Came broken",
                        **values,
                    }
                )
            )

    def _told(self, at=VISIT_DAY, **values):
        complaint = self._complain(**values)
        with freeze_time(at):
            complaint.action_apologise()
            complaint.answer = "A new one comes on Monday"
            complaint.action_tell()
        return complaint

    def _run_job(self, at):
        with self.enter_registry_test_mode(), freeze_time(at):
            self.env.ref("sales_visit.ir_cron_watch_complaints").method_direct_trigger()
        self.env.invalidate_all()

    def _get_escalations(self, complaint):
        activity_type = self.env.ref(LATE)
        return complaint.sudo().activity_ids.filtered(
            lambda activity: activity.activity_type_id == activity_type
        )

    def test_comes_with_the_report(self):
        """V15: what the report says is recorded once, whatever is reopened."""
        visit = self._go(self._new_visit())
        visit.complaint = "Came broken"
        self._submit(visit, VISIT_DAY + timedelta(hours=1))
        complaint = visit.complaint_ids
        self.assertEqual(complaint.description, "Came broken")
        self.assertEqual(complaint.partner_id, self.partner)
        self.assertEqual(complaint.user_id, self.salesperson)
        self.assertEqual(complaint.due_at, VISIT_DAY + timedelta(hours=25))
        self.assertEqual(visit.complaint_count, 1)
        visit.with_user(self.leader).reopen_report("Look again")
        visit.complaint = "Came broken and late"
        visit.action_submit_report()
        self.assertEqual(visit.complaint_ids, complaint)
        self.assertFalse(self._reported_visit().complaint_ids)

    def test_complaint_added_after_reopening_is_recorded(self):
        """V15: forgetting it in the first report loses nothing."""
        visit = self._reported_visit()
        visit.with_user(self.leader).reopen_report("Was there no complaint?")
        visit.complaint = "There was"
        visit.action_submit_report()
        self.assertEqual(visit.complaint_ids.description, "There was")

    def test_not_closed_before_the_customer_is_told(self):
        """V15: apology, answer, told, closed: no step is skipped."""
        complaint = self._complain()
        with self.assertRefused("V15"):
            complaint.action_close()
        with self.assertRefused("Apologised"):
            complaint.action_tell()
        complaint.action_apologise()
        with self.assertRefused("Answer"):
            complaint.action_tell()
        complaint.answer = "  "
        with self.assertRefused("Answer"):
            complaint.action_tell()
        complaint.answer = "A new one comes on Monday"
        with self.assertRefused("V15"):
            complaint.action_close()
        complaint.action_tell()
        self.assertEqual(complaint.told_by_id, self.salesperson)
        complaint.action_close()
        self.assertEqual(complaint.state, "closed")

    def test_steps_are_no_fields(self):
        """V15: what steps note is nobody's to write, create or import."""
        complaint = self._complain()
        for vals in (
            {"state": "closed"},
            {"told_at": VISIT_DAY},
            {"apologised_at": VISIT_DAY},
            {"due_at": VISIT_DAY + timedelta(days=90)},
            {"is_late": True},
            {"escalated_at": VISIT_DAY},
        ):
            with self.subTest(vals), self.assertRaises(AccessError):
                complaint.write(vals)
            with self.subTest(vals), self.assertRaises(AccessError):
                self._complain(**vals)
        visit = self._reported_visit()
        with self.assertRaises(AccessError):
            self._complain(visit_id=visit.id)

    def test_ways_round(self):
        """V15: neither import, defaults, copy, another company, reception nor a portal
        user closes, backdates or takes away a complaint."""
        complaint = self._told()
        complaints = self.env["sales.visit.complaint"]
        own = complaints.with_user(self.salesperson)
        row = [str(self.partner.id), "Broken"]
        for name, value in (
            ("state", "closed"),
            ("told_at", "2026-01-01 00:00:00"),
            ("due_at", "2030-01-01 00:00:00"),
        ):
            with self.subTest(name):
                names = ["partner_id/.id", "description", name]
                self.assertFalse(own.load(names, [[*row, value]])["ids"])
                fresh = own.with_context(**{f"default_{name}": value}).create(
                    {"partner_id": self.partner.id, "description": "Broken"}
                )
                self.assertEqual(fresh.state, "new")
                self.assertNotEqual(str(fresh[name]), value)
        again = complaint.copy()
        self.assertEqual(again.state, "new")
        self.assertFalse(again.told_at)
        portal = new_test_user(self.env, "v_portal", groups="base.group_portal")
        for user in (self.foreigner, self.stranger, self.receptionist, portal):
            for method, *args in (
                ("read", ["description"]),
                ("write", {"answer": "None"}),
                ("action_close",),
                ("action_apologise",),
                ("copy",),
            ):
                with (
                    self.subTest(user=user.login, method=method),
                    self.assertRaises(AccessError),
                ):
                    getattr(complaint.with_user(user), method)(*args)
        with self.assertRaises(AccessError):
            own.create(
                {
                    "partner_id": self.partner.id,
                    "description": "Elsewhere",
                    "company_id": self.other_company.id,
                }
            )
        for vals in (
            {"company_id": self.other_company.id},
            {"partner_id": self._new_partner("B").id},
        ):
            with self.subTest(vals), self.assertRefused("V15"):
                complaint.with_user(self.company_manager).write(vals)

    def test_what_was_said_stays(self):
        """V15: complaint and customer at once, the answer once told, all once closed."""
        complaint = self._complain()
        with self.assertRefused("V15"):
            complaint.description = "Nothing much"
        complaint = self._told()
        with self.assertRefused("V15"):
            complaint.answer = "Something else"
        with self.assertRefused("never deleted"):
            complaint.sudo().unlink()
        complaint.action_close()
        with self.assertRefused("closed"):
            complaint.user_id = self.leader
        message = complaint.message_post(body="By the way")
        with self.assertRaises(UserError):
            message.sudo().body = "Changed"

    def test_late_is_decided_when_the_customer_is_told(self):
        """V15: exactly at the deadline is in time; late stays."""
        in_time = self._told(at=VISIT_DAY + timedelta(hours=24))
        late = self._told(at=VISIT_DAY + timedelta(hours=24, seconds=1))
        self.assertFalse(in_time.is_late)
        self.assertTrue(late.is_late)

    def test_overdue_is_found(self):
        """V15: what should have been answered, until it is."""
        complaint = self._complain()
        told = self._told()
        with freeze_time(VISIT_DAY + timedelta(hours=25)):
            found = complaint.search([("is_overdue", "=", True)])
            self.assertIn(complaint, found)
            self.assertNotIn(told, found)
            self.assertTrue(complaint.is_overdue)

    def test_deadline_is_data(self):
        """V15: no rule, no deadline; a rule that decided stays as it is."""
        self._complain()
        with self.assertRefused("already set deadlines"):
            self.complaint_rule.hours = 48
        self.env["sales.deadline.rule"].create(
            {
                "subject": "complaint",
                "company_id": self.company.id,
                "date_from": "2026-11-26",
                "policy": "hours",
                "hours": 4,
            }
        )
        complaint = self._complain()
        self.assertEqual(complaint.due_at, VISIT_DAY + timedelta(hours=4))

    def test_job_reminds_and_escalates_once(self):
        """V15: before the deadline the one responsible, after it the manager; once."""
        complaint = self._complain()
        told = self._told()
        self._run_job(VISIT_DAY + timedelta(hours=23))
        self.assertEqual(complaint.activity_ids.user_id, self.salesperson)
        self.assertEqual(complaint.state, "new")
        for _again in range(2):
            self._run_job(VISIT_DAY + timedelta(hours=26))
            self.assertEqual(complaint.state, "escalated")
            self.assertEqual(
                self._get_escalations(complaint).user_id, self.line_manager
            )
        self.assertEqual(len(self._get_escalations(complaint)), 1)
        self.assertEqual(told.state, "told")
        self.assertFalse(told.activity_ids)

    def test_escalated_by_hand_is_not_escalated_again(self):
        """V15: the salesperson hands it up early; the job leaves it at that."""
        complaint = self._complain()
        complaint.action_escalate()
        self.assertEqual(complaint.state, "escalated")
        self._run_job(VISIT_DAY + timedelta(hours=26))
        self.assertEqual(len(self._get_escalations(complaint)), 1)
        with self.assertRefused("over"):
            complaint.action_escalate()

    def test_telling_settles_the_reminders(self):
        """V15: nobody chases what is done."""
        complaint = self._complain()
        self._run_job(VISIT_DAY + timedelta(hours=26))
        complaint.action_apologise()
        complaint.answer = "Here it is"
        complaint.action_tell()
        self.assertFalse(complaint.sudo().activity_ids)

    def test_job_killed_half_way_goes_on(self):
        """V15: what the first run has done isn't done again, the rest is."""
        complaints = self.env["sales.visit.complaint"]
        for _i in range(3):
            complaints |= self._complain()
        complaints[0].sudo().action_escalate()
        self._run_job(VISIT_DAY + timedelta(hours=26))
        for complaint in complaints:
            self.assertEqual(len(self._get_escalations(complaint)), 1)
