from datetime import datetime, timedelta

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from .common import VISIT_DAY, VisitCase


@tagged("post_install", "-at_install")
@freeze_time("2026-11-24 08:00:00")
class TestCalendarEvent(VisitCase):
    """V26: the event of a visit tells nothing of the customer; V03: it moves along."""

    def _planned(self, user=None, **values):
        visit = self._new_visit(user, **values)
        visit.action_plan()
        return visit

    def _event(self, visit):
        return visit.sudo().calendar_event_id

    def test_event_is_private_and_tells_nothing(self):
        """V26: reference only, nobody invited, no mail, no phone in it."""
        self.partner.write({"phone": "+86 20 5555 0100", "email": "a@example.com"})
        before = self.env["mail.mail"].search([])
        visit = self._new_visit(objective="Secret contract")
        self.assertFalse(self._event(visit), "drafts aren't on the calendar")
        visit.with_context(
            active_model="res.partner",
            active_id=self.partner.id,
            default_description="Secret",
            default_location="Secret",
        ).action_plan()
        event = self._event(visit)
        self.assertEqual(event.name, visit.name)
        self.assertEqual(event.privacy, "private")
        self.assertEqual(event.partner_ids, self.salesperson.partner_id)
        self.assertEqual(event.user_id, self.salesperson)
        self.assertFalse(event.res_id)
        self.assertFalse(event.location)
        text = " ".join(
            filter(None, (event.name, event.description, event.display_description))
        )
        for secret in ("Customer A", "5555", "example.com", "Secret"):
            self.assertNotIn(secret, text)
        self.assertEqual(self.env["mail.mail"].search([]), before)
        self.assertEqual(
            event.with_user(self.colleague).display_name, "Busy", "for others"
        )

    def test_visit_moves_the_event(self):
        """V03: also to somebody else's calendar."""
        visit = self._planned()
        event = self._event(visit)
        visit.planned_start = VISIT_DAY + timedelta(days=1)
        self.assertEqual(event.start, VISIT_DAY + timedelta(days=1))
        self.assertEqual(event.stop, visit.planned_stop)
        visit.with_user(self.leader).user_id = self.colleague
        self.assertEqual(event.user_id, self.colleague)
        self.assertEqual(event.partner_ids, self.colleague.partner_id)
        self.assertEqual(self._event(visit), event)

    def test_event_moves_the_visit(self):
        """V03: once, in the salesperson's name."""
        visit = self._planned()
        event = self._event(visit).with_user(self.salesperson)
        later = VISIT_DAY + timedelta(days=1)
        event.write({"start": later, "stop": later + timedelta(hours=1)})
        self.assertEqual(visit.planned_start, later)
        self.assertEqual(visit.planned_stop, later + timedelta(hours=1))
        self.assertEqual(event.start, later)
        self.assertEqual(event.stop, later + timedelta(hours=1))

    def test_event_of_the_whole_day_keeps_the_hours(self):
        """V03: tried: tick "all day" on the event, alone or with another day; the visit stays
        at its hours and the event follows them."""
        visit = self._planned()
        event = self._event(visit).with_user(self.salesperson)
        event.write({"allday": True})
        self.assertEqual(visit.planned_start, VISIT_DAY)
        self.assertEqual((event.allday, event.start), (False, VISIT_DAY))
        event.write(
            {"allday": True, "start_date": "2026-11-27", "stop_date": "2026-11-27"}
        )
        later = VISIT_DAY + timedelta(days=1)
        self.assertEqual(visit.planned_start, later)
        self.assertEqual(visit.planned_stop, later + timedelta(minutes=30))
        self.assertEqual((event.allday, event.start), (False, later))

    def test_event_of_a_visit_that_has_begun_stays(self):
        """V03: what has begun keeps its plan, whichever way it is moved."""
        visit = self._planned()
        visit.action_start()
        event = self._event(visit).with_user(self.salesperson)
        later = VISIT_DAY + timedelta(days=1)
        with self.assertRefused("has begun"):
            event.write({"start": later, "stop": later + timedelta(hours=1)})
        self.assertEqual(visit.planned_start, VISIT_DAY)

    def test_nobody_else_moves_the_visit_by_its_event(self):
        """V26: private events are their owner's."""
        visit = self._planned()
        later = VISIT_DAY + timedelta(days=1)
        for user in (self.colleague, self.other_leader):
            with self.subTest(user.login), self.assertRaises(UserError):
                self._event(visit).with_user(user).write(
                    {"start": later, "stop": later + timedelta(hours=1)}
                )
        self.assertEqual(visit.planned_start, VISIT_DAY)

    def test_what_is_off_leaves_the_calendar(self):
        """V03: cancelled, taken back, missed or deleted."""
        cancelled = self._planned()
        drafted = self._planned()
        missed = self._planned(planned_start=datetime(2026, 11, 23, 6, 0))
        events = self._event(cancelled | drafted | missed)
        self.assertEqual(len(events), 3)
        cancelled.cancel_visit("Ill")
        drafted.action_draft()
        missed.action_missed()
        self.assertFalse(events.exists())
        drafted.action_plan()
        self.assertTrue(self._event(drafted))

    def test_deleted_event_leaves_the_visit(self):
        """V03: the visit stays; the next move puts it back."""
        visit = self._planned()
        self._event(visit).with_user(self.salesperson).unlink()
        visit.invalidate_recordset()
        self.assertEqual(visit.state, "planned")
        visit.planned_start = VISIT_DAY + timedelta(days=1)
        self.assertTrue(self._event(visit))

    def test_nobody_else_changes_or_deletes_the_event(self):
        """V22: a colleague who comes along reads the visit, no more."""
        visit = self._planned(companion_id=self.colleague.id)
        event = self._event(visit)
        for user in (self.colleague, self.stranger):
            with self.subTest(user.login), self.assertRaises(UserError):
                event.with_user(user).unlink()
            for vals in (
                {"name": "With the customer"},
                {"partner_ids": [Command.link(self.partner.id)]},
                {"partner_ids": [Command.unlink(self.salesperson.partner_id.id)]},
                {"privacy": "public"},
                {"active": False},
            ):
                with self.subTest(vals), self.assertRaises(UserError):
                    event.with_user(user).write(vals)
            attendees = self.env["calendar.attendee"].with_user(user)
            with self.assertRaises(UserError):
                attendees.create({"event_id": event.id, "partner_id": self.partner.id})
            with self.assertRaises(UserError):
                attendees.browse(event.attendee_ids.ids).unlink()
        self.assertTrue(event.exists())
        mine = event.attendee_ids.filtered(
            lambda x: x.partner_id == self.colleague.partner_id
        )
        mine.with_user(self.colleague).do_accept()
        self.assertEqual(mine.state, "accepted")

    def test_manager_who_plans_gets_no_event(self):
        """V03: it is in the salesperson's calendar, whoever plans."""
        visit = self._new_visit()
        visit.with_user(self.leader).action_plan()
        self.assertEqual(self._event(visit).partner_ids, self.salesperson.partner_id)

    def test_host_events_work_as_before(self):
        """V03: events without a visit are nobody's business."""
        event = (
            self.env["calendar.event"]
            .with_user(self.receptionist)
            .create({"name": "M", "start": VISIT_DAY, "stop": VISIT_DAY})
        )
        event.write({"start": VISIT_DAY - timedelta(days=1)})
        event.unlink()

    def test_constant_queries(self):
        """V03: 40 visits take the queries of 4."""

        def count(number):
            visits = self.env["sales.visit"].union(
                *(self._new_visit() for _i in range(number))
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            visits.action_plan()
            self.env.flush_all()
            return self.cr.sql_log_count - before

        count(2)
        self.assertLessEqual(count(40), count(4))
