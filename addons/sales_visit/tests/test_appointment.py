from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.tests import Form, freeze_time, tagged

from .common import VISIT_DAY, VisitCase

REMINDER = "sales_visit.mail_activity_type_reconfirm"


@tagged("post_install", "-at_install")
@freeze_time(VISIT_DAY - timedelta(hours=3))
class TestAppointment(VisitCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contact = cls.env["res.partner"].create(
            {"name": "Ms Contact", "parent_id": cls.partner.id}
        )

    def _complete(self, visit):
        of_customer = self.contact.filtered(
            lambda contact: contact.parent_id == visit.partner_id
        )
        visit.write(
            {
                "confirmed_with_id": (of_customer or visit.partner_id).id,
                "is_address_checked": True,
                "is_hours_checked": True,
            }
        )
        return visit

    def _planned(self, **values):
        visit = self._complete(self._new_visit(**values))
        visit.action_plan()
        return visit

    def _get_reminders(self, visit):
        activity_type = self.env.ref(REMINDER)
        return visit.sudo().activity_ids.filtered(
            lambda activity: activity.activity_type_id == activity_type
        )

    def test_reminder_says_what_to_do(self):
        """V05: in the log too, in the language of who is reminded."""
        self.env["res.lang"]._activate_lang("fr_FR")
        kind = self.env.ref("sales_visit.mail_activity_type_reconfirm")
        kind.with_context(lang="fr_FR").name = "Reconfirmer"
        self.salesperson.lang = "fr_FR"
        visit = self._planned(planned_start=VISIT_DAY + timedelta(days=2))
        visit.with_user(self.leader).action_confirm()
        self.assertEqual(self._get_reminders(visit).summary, "Reconfirmer")
        with freeze_time("2026-11-26 17:00:00"):  # past midnight in Shanghai
            reminder = self.env["mail.activity"]._create_reminders(
                REMINDER, {visit: self.salesperson}
            )
        self.assertEqual(str(reminder.date_deadline), "2026-11-27")

    def test_says_who_confirmed_and_when(self):
        """V05: the server notes who pressed and when; nobody writes either."""
        visit = self._planned()
        visit.action_confirm()
        self.assertEqual(visit.confirmed_at, VISIT_DAY - timedelta(hours=3))
        self.assertEqual(visit.confirmed_by_id, self.salesperson)
        for vals in (
            {"confirmed_at": VISIT_DAY},
            {"confirmed_by_id": self.leader.id},
            {"reconfirm_on": False},
        ):
            with self.subTest(vals), self.assertRaises(AccessError):
                visit.write(vals)
        with self.assertRaises(AccessError):
            self._new_visit(confirmed_at=VISIT_DAY)

    def test_off_until_switched_on(self):
        """V05: without a row, no appointment is asked for."""
        visit = self._new_visit()
        visit.action_start()
        self.assertEqual(visit.state, "in_progress")
        self.assertFalse(visit.step_reasons)

    def test_incomplete_appointment_is_refused(self):
        """V05: who confirmed, and that address and office hours were checked."""
        self._set_mode("V05", "block")
        for name, label in (
            ("confirmed_with_id", "Confirmed With"),
            ("is_address_checked", "Address Checked"),
            ("is_hours_checked", "Office Hours Checked"),
        ):
            visit = self._planned()
            visit[name] = False
            with self.subTest(name), self.assertRefused(label):
                visit.action_confirm()
        self.assertIn("Office Hours Checked", visit.step_reasons)
        visit.is_hours_checked = True
        self.assertFalse(visit.step_reasons)
        visit.action_confirm()
        self.assertEqual(visit.state, "confirmed")

    def test_no_start_without_appointment(self):
        """V05: neither from the draft nor from the plan is there a way round it."""
        self._set_mode("V05", "block")
        with self.assertRefused("V05"):
            self._new_visit().action_start()
        with self.assertRefused("V05"):
            self._planned().action_start()

    def test_appointment_is_with_this_customer(self):
        """V05: tried: another customer for a confirmed visit; the ticks taken away."""
        self._set_mode("V05", "block")
        visit = self._planned().with_user(self.salesperson)
        visit.action_confirm()
        visit.partner_id = self._new_partner("Other")
        self.assertFalse(visit.is_address_checked or visit.is_hours_checked)
        visit.action_reconfirm()
        with self.assertRefused("isn't complete"):
            visit.action_start()
        bare = self._planned().with_user(self.salesperson)
        bare.action_confirm()
        bare.write({"confirmed_with_id": False, "is_address_checked": False})
        with self.assertRefused("isn't complete"):
            bare.action_start()

    def test_warning_lets_go_and_is_logged(self):
        """V05: where it only warns, the visit begins and the log says so."""
        self._set_mode("V05", "warn")
        visit = self._new_visit()
        visit.action_start()
        self.assertIn("V05", visit.message_ids[0].body)

    def test_only_where_we_go_by_appointment(self):
        """V05: not for calls, visitors, and types that go unannounced."""
        self._set_mode("V05", "block")
        cold = self.visit_type.create({"name": "Cold", "needs_appointment": False})
        for values in (
            {"channel": "phone"},
            {"direction": "in"},
            {"visit_type_id": cold.id},
        ):
            visit = self._new_visit(**values)
            with self.subTest(values):
                visit.action_start()
                self.assertEqual(visit.state, "in_progress")

    def test_confirmed_long_before_is_reconfirmed(self):
        """V05: two days ahead, a reminder for the day itself, and no start before."""
        self._set_mode("V05", "block")
        visit = self._planned(planned_start=VISIT_DAY + timedelta(days=2))
        visit.action_confirm()
        self.assertEqual(str(visit.reconfirm_on), "2026-11-28")
        reminder = self._get_reminders(visit)
        self.assertEqual(str(reminder.date_deadline), "2026-11-28")
        self.assertEqual(reminder.user_id, self.salesperson)
        with freeze_time(VISIT_DAY + timedelta(days=2)):
            with self.assertRefused("Reconfirm"):
                visit.action_start()
            visit.action_reconfirm()
            self.assertFalse(visit.reconfirm_on)
            self.assertFalse(self._get_reminders(visit))
            self.assertEqual(visit.confirmed_at, VISIT_DAY + timedelta(days=2))
            visit.action_start()

    def test_days_are_the_salespersons(self):
        """V05: a day before, by the clock of Shanghai, is no long time."""
        visit = self._planned(planned_start=VISIT_DAY + timedelta(days=1))
        visit.action_confirm()
        self.assertFalse(visit.reconfirm_on)
        # 23:30 on the 27th in Shanghai: two days, though 47 hours only
        late = self._planned(planned_start=VISIT_DAY + timedelta(days=2, hours=-5))
        late.action_confirm()
        self.assertEqual(str(late.reconfirm_on), "2026-11-28")

    def test_reconfirming_early_is_not_enough(self):
        """V05: pressing it days before the visit changes nothing."""
        visit = self._planned(planned_start=VISIT_DAY + timedelta(days=5))
        visit.action_confirm()
        visit.action_reconfirm()
        self.assertTrue(visit.reconfirm_on)
        self.assertEqual(len(self._get_reminders(visit)), 1)

    def test_days_ahead_are_the_companys_choice(self):
        """V05: one day, or never."""
        self.company.visit_reconfirm_days = 1
        visit = self._planned(planned_start=VISIT_DAY + timedelta(days=1))
        visit.action_confirm()
        self.assertTrue(visit.reconfirm_on)
        self.company.visit_reconfirm_days = 0
        visit = self._planned(planned_start=VISIT_DAY + timedelta(days=9))
        visit.action_confirm()
        self.assertFalse(visit.reconfirm_on)

    def test_moved_appointment_is_another_one(self):
        """V05: who moves it, or goes to somebody else, asks once more."""
        self._set_mode("V05", "block")
        visit = self._planned()
        visit.action_confirm()
        visit.write({"planned_start": VISIT_DAY.isoformat(" ")})
        self.assertFalse(visit.reconfirm_on, "the same time isn't another")
        visit.write({"planned_start": "2026-11-26 07:00:00"})
        self.assertEqual(str(visit.reconfirm_on), "2026-11-26")
        with self.assertRefused("moved"):
            visit.action_start()
        visit.action_reconfirm()
        visit.partner_id = self._new_partner("Customer B")
        self.assertTrue(visit.reconfirm_on)
        self._complete(visit)
        visit.action_reconfirm()
        visit.action_start()

    def test_reminder_goes_with_the_appointment(self):
        """V05: cancelled or taken back, nobody is reminded of it."""
        for step in ("action_draft", "cancel_visit"):
            visit = self._planned(planned_start=VISIT_DAY + timedelta(days=3))
            visit.action_confirm()
            with self.subTest(step):
                getattr(visit, step)(*(("No",) if step == "cancel_visit" else ()))
                self.assertFalse(visit.reconfirm_on)
                self.assertFalse(self._get_reminders(visit))

    def test_only_confirmed_visits_are_reconfirmed(self):
        """V05: it is no way to an appointment."""
        visit = self._planned()
        with self.assertRefused("reconfirmed"):
            visit.action_reconfirm()
        visit.action_confirm()
        with self.assertRaises(AccessError):
            visit.with_user(self.stranger).action_reconfirm()

    def test_what_was_confirmed_stays_once_begun(self):
        """V05: nobody tidies up the appointment afterwards."""
        visit = self._go(self._complete(self._new_visit()))
        for vals in ({"confirmed_with_id": False}, {"is_address_checked": False}):
            with self.subTest(vals), self.assertRefused("begun"):
                visit.write(vals)

    def test_form(self):
        """V05: the form takes the answers and the step from the plan."""
        visit = self._new_visit()
        visit.action_plan()
        with Form(visit) as form:
            form.confirmed_with_id = self.contact
            form.is_address_checked = True
            form.is_hours_checked = True
        self.assertEqual(visit.confirmed_with_id, self.contact)
