from datetime import timedelta

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, freeze_time, tagged

from .common import VISIT_DAY, VisitCase

BUSY = "is busy at that time"


@tagged("post_install", "-at_install")
class TestCompanion(VisitCase):
    """V22: the designer comes along to a measuring visit."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.design = cls.env["sales.project.role"].create({"name": "Test design"})
        cls.measuring = cls.env["sales.visit.type"].create(
            {"name": "Test measuring", "companion_role_id": cls.design.id}
        )
        cls.file = cls.env["sales.customer.file"].create(
            {
                "partner_id": cls.partner.id,
                "user_id": cls.salesperson.id,
                "company_id": cls.company.id,
            }
        )
        cls.member = cls.env["sales.work.team.member"].create(
            {
                "file_id": cls.file.id,
                "role_id": cls.design.id,
                "user_id": cls.stranger.id,
            }
        )

    def _measure(self, **values):
        return self._new_visit(visit_type_id=self.measuring.id, **values)

    def test_designer_of_the_work_team(self):
        """V22: by the type's role; another may be chosen; nobody where none is known."""
        self.assertEqual(self._measure().companion_id, self.stranger)
        self.assertFalse(self._new_visit().companion_id)
        other = self._new_partner("Customer B")
        self.assertFalse(self._measure(partner_id=other.id).companion_id)
        chosen = self._measure(companion_id=self.colleague.id)
        self.assertEqual(chosen.companion_id, self.colleague)
        visit = self._new_visit()
        visit.visit_type_id = self.measuring
        self.assertEqual(visit.companion_id, self.stranger)
        self.member.user_id = self.salesperson
        self.assertFalse(self._measure().companion_id)
        measuring = self.env.ref("sales_visit.sales_visit_type_measuring")
        self.assertEqual(
            measuring.companion_role_id,
            self.env.ref("sales_visit.sales_project_role_design"),
        )

    def test_who_can_come_along(self):
        """V22: a colleague of the company, not oneself, before the visit begins."""
        visit = self._measure()
        with self.assertRaises(ValidationError):
            visit.companion_id = self.salesperson
        with self.assertRaises(UserError):
            visit.sudo().companion_id = self.foreigner
        self._go(visit)
        with self.assertRefused("has begun"):
            visit.companion_id = self.colleague
        self.member.user_id = self.colleague
        self.assertEqual(visit.companion_id, self.stranger)

    def test_one_private_event_that_follows(self):
        """V22: both have it, the customer hasn't; it moves, and goes with the visit."""
        visit = self._measure()
        mails = self.env["mail.mail"].sudo().search_count([])
        visit.action_plan()
        event = visit.sudo().calendar_event_id
        attendees = (self.salesperson | self.stranger).partner_id
        self.assertEqual(event.partner_ids, attendees)
        self.assertEqual((event.privacy, event.name), ("private", visit.name))
        self.assertFalse(event.description)
        self.assertEqual(self.env["mail.mail"].sudo().search_count([]), mails)
        visit.planned_start = VISIT_DAY + timedelta(days=1)
        self.assertEqual(event.start, VISIT_DAY + timedelta(days=1))
        visit.companion_id = self.colleague
        attendees = (self.salesperson | self.colleague).partner_id
        self.assertEqual(event.partner_ids, attendees)
        visit.companion_id = False
        self.assertEqual(event.partner_ids, self.salesperson.partner_id)
        visit.visit_type_id = self.visit_type
        visit.visit_type_id = self.measuring
        self.assertIn(self.stranger.partner_id, event.partner_ids)
        visit.cancel_visit("Not now")
        self.assertFalse(event.exists())

    def test_reads_the_visit_and_nothing_more(self):
        """V22: the form opens; no step, no write, no move through the event."""
        visit = self._measure()
        visit.action_plan()
        seen = visit.with_user(self.stranger)
        form = Form(seen)
        self.assertEqual(form.partner_id, self.partner)
        self.assertTrue(form.is_guest)
        self.assertFalse(visit.with_user(self.leader).is_guest)
        self.assertIn(visit, seen.search([("companion_id", "=", self.stranger.id)]))
        event = visit.sudo().calendar_event_id.with_user(self.stranger)
        for call in (
            lambda: seen.write({"objective": "Mine"}),
            lambda: seen.write({"user_id": self.stranger.id}),
            seen.action_confirm,
            seen.action_start,
            seen.unlink,
            lambda: event.write({"start": VISIT_DAY, "stop": VISIT_DAY}),
            lambda: self.file.with_user(self.stranger).check_access("read"),
        ):
            with self.assertRaises(AccessError):
                call()
        visit.companion_id = False
        with self.assertRaises(AccessError):
            seen.check_access("read")

    @freeze_time(VISIT_DAY)
    def test_on_the_companions_day(self):
        """V22: My Day tells who comes along today, at what time."""
        self._measure().action_plan()
        self._measure(planned_start=VISIT_DAY + timedelta(days=1)).action_plan()
        visits = self.env["sales.visit"].with_user(self.stranger)
        due = [d for d in visits.get_my_day()["due"] if "companion" in d["key"]]
        self.assertEqual(len(due), 1)
        self.assertIn("Customer A", due[0]["text"])
        self.assertIn("14:00", due[0]["text"])

    def test_busy_companion_warns(self):
        """V22: with a visit of his, one he comes along to, or a meeting; it never stops."""
        self.assertFalse(self._measure().step_reasons)
        other = self._measure(planned_start=VISIT_DAY + timedelta(minutes=15))
        self.assertIn(BUSY, other.step_reasons)
        other.action_plan()
        self.assertEqual(other.state, "planned")
        self.assertIn(BUSY, other.message_ids[0].body)
        free = VISIT_DAY + timedelta(hours=3)
        visit = self._measure(planned_start=free)
        visit.action_plan()
        self.assertFalse(visit.step_reasons, "his own event isn't in the way")
        self._new_visit(self.stranger, planned_start=free + timedelta(minutes=29))
        visit.invalidate_recordset()
        self.assertIn(BUSY, visit.step_reasons)
        later = VISIT_DAY + timedelta(hours=6)
        visit = self._measure(planned_start=later)
        self.env["calendar.event"].with_user(self.stranger).create(
            {"name": "Meeting", "start": later, "stop": later + timedelta(hours=1)}
        )
        visit.invalidate_recordset()
        self.assertIn(BUSY, visit.step_reasons)

    def test_constant_queries(self):
        """V22: planning many with a companion takes no query for each."""

        def count(number):
            visits = self.env["sales.visit"].concat(
                *(self._measure() for __ in range(number))
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            visits.mapped("step_reasons")
            return self.cr.sql_log_count - before

        count(2)
        self.assertLessEqual(count(25), count(5))
