from datetime import date, timedelta

from odoo.exceptions import AccessError
from odoo.tests import freeze_time, new_test_user, tagged

from .common import VISIT_DAY, VisitCase


@tagged("post_install", "-at_install")
class TestThanks(VisitCase):
    """V13: the thank-you on the working day after a visit."""

    def _run(self, moment):
        cron = self.env.ref("sales_visit.ir_cron_watch_thanks")
        self.env.flush_all()
        with freeze_time(moment), self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.env.invalidate_all()

    def _activity(self, visit):
        kind = self.env.ref("sales_visit.mail_activity_type_thanks")
        return visit.sudo().activity_ids.filtered(
            lambda activity: activity.activity_type_id == kind
        )

    def test_scheduled_for_the_next_working_day(self):
        """V13: by the salesperson's calendar, in one activity."""
        visit = self._go(self._new_visit())
        self.assertEqual(visit.thanks_due, date(2026, 11, 27))
        self.assertEqual(self._activity(visit).user_id, self.salesperson)
        self.assertEqual(self._activity(visit).date_deadline, date(2026, 11, 27))
        friday = self._go(
            self._new_visit(partner_id=self._new_partner("B").id),
            VISIT_DAY + timedelta(days=1),
        )
        self.assertEqual(friday.thanks_due, date(2026, 11, 30))

    def test_who_is_not_thanked(self):
        """V13: by phone, or by a type that asks for none."""
        self.assertFalse(self._go(self._new_visit(channel="phone")).thanks_state)
        self.visit_type.has_thanks = False
        self.assertFalse(self._go(self._new_visit()).thanks_state)

    def test_once_a_customer_and_day(self):
        """V13: two visits on one day, one thank-you; another salesperson's is apart."""
        visit = self._go(self._new_visit())
        again = self._go(self._new_visit(), VISIT_DAY + timedelta(hours=1))
        other = self._go(self._new_visit(self.colleague))
        self.assertEqual(visit.thanks_state, "due")
        self.assertFalse(again.thanks_state)
        self.assertEqual(other.thanks_state, "due")

    def test_done_activity_keeps_it(self):
        """V13: also once the report is locked."""
        visit = self._submit(
            self._go(self._new_visit()), VISIT_DAY + timedelta(hours=1)
        )
        with freeze_time("2026-11-27 15:59:59"):
            self._activity(visit).with_user(self.salesperson).action_feedback("Called")
        self.assertEqual(visit.thanks_state, "kept")
        self.assertEqual(str(visit.thanked_at), "2026-11-27 15:59:59")
        self._run("2026-11-28 08:00:00")
        self.assertEqual(visit.thanks_state, "kept")

    def test_button_keeps_it_and_settles_the_activity(self):
        """V13: once."""
        visit = self._go(self._new_visit())
        with freeze_time("2026-11-27 02:00:00"):
            visit.action_thanked()
            self.assertEqual(visit.thanks_state, "kept")
            self.assertFalse(self._activity(visit))
            with self.assertRefused("No thank-you"):
                visit.action_thanked()

    def test_missed_stays_missed(self):
        """V13: from the end of the day on; thanked later, the moment is noted."""
        visit = self._go(self._new_visit())
        self._run("2026-11-27 16:00:00")
        self.assertEqual(visit.thanks_state, "due", "exactly at the end is in time")
        self._run("2026-11-27 16:00:01")
        self.assertEqual(visit.thanks_state, "missed")
        with freeze_time("2026-11-30 02:00:00"):
            visit.action_thanked()
        self.assertEqual(visit.thanks_state, "missed")
        self.assertTrue(visit.thanked_at)
        late = self._go(self._new_visit(self.colleague))
        with freeze_time("2026-11-28 02:00:00"):
            late.action_thanked()
        self.assertEqual(late.thanks_state, "missed", "before the job came")

    def test_nobody_writes_it(self):
        """V13: kept is done, not entered; nobody else does it."""
        visit = self._go(self._new_visit())
        for name, value in (
            ("thanks_state", "kept"),
            ("thanked_at", "2026-11-27 00:00:00"),
            ("thanks_due", "2027-01-01"),
            ("thanks_until", "2027-01-01 00:00:00"),
        ):
            with self.subTest(name), self.assertRaises(AccessError):
                visit.write({name: value})
        with self.assertRaises(AccessError):
            visit.with_user(self.colleague).action_thanked()

    def test_ways_round(self):
        """V13: import, defaults and copies thank nobody; nor does another company,
        reception or the portal."""
        visit = self._go(self._new_visit())
        own = visit.browse().with_user(self.salesperson)
        names = [".id", "thanks_state"]
        self.assertFalse(own.load(names, [[str(visit.id), "kept"]])["ids"])
        again = visit.with_context(default_thanks_state="kept").copy()
        self.assertFalse(again.thanks_state)
        self.assertFalse(again.thanks_due)
        portal = new_test_user(self.env, "v_portal", groups="base.group_portal")
        for user in (self.foreigner, self.stranger, self.receptionist, portal):
            with self.subTest(user.login), self.assertRaises(AccessError):
                visit.with_user(user).action_thanked()
        self.assertEqual(visit.thanks_state, "due")

    def test_killed_half_way_and_run_again(self):
        """V13: a job that dies between two batches goes on where it stopped."""
        visits = self.env["sales.visit"].union(
            *(
                self._go(self._new_visit(partner_id=self._new_partner(f"P{i}").id))
                for i in range(5)
            )
        )
        with self._killed_in_second_batch("sales.visit", "_miss_thanks"):
            self._run("2026-11-28 08:00:00")
        missed = visits.filtered(lambda visit: visit.thanks_state == "missed")
        self.assertEqual(len(missed), 2)
        self._run("2026-11-28 09:00:00")
        self.assertEqual(set(visits.mapped("thanks_state")), {"missed"})

    def test_activity_moved_to_another_visit_keeps_nothing(self):
        """V13: one's own activity, moved to a colleague's visit and done there."""
        own, theirs = (self._go(self._new_visit(u)) for u in (None, self.stranger))
        activity = self._activity(own).with_user(self.salesperson)
        activity.sudo().res_id = theirs.id
        activity.sudo().with_user(self.salesperson).sudo().action_feedback("Called")
        self.assertEqual(theirs.sudo().thanks_state, "due")
