from datetime import date

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import freeze_time, tagged

from .common import VisitCase


@tagged("post_install", "-at_install")
class TestGreeting(VisitCase):
    """V28: birthdays and festivals give an activity."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["sales.greeting.day"].search([]).unlink()
        cls.grade = cls.env["sales.customer.grade"].create({"name": "Test grade"})
        cls.file = cls._new_file("Graded", grade_id=cls.grade.id)

    @classmethod
    def _new_file(cls, name, **values):
        return cls.env["sales.customer.file"].create(
            {
                "company_id": cls.company.id,
                "partner_id": cls._new_partner(name).id,
                "user_id": cls.salesperson.id,
                **values,
            }
        )

    def _new_birthday(self, birthday, **values):
        contact = self.env["res.partner"].create(
            {"name": "Ms Chen", "parent_id": self.file.partner_id.id}
        )
        with freeze_time("2026-01-05"):
            return (
                self.env["sales.contact.birthday"]
                .with_user(self.salesperson)
                .create(
                    {
                        "company_id": self.company.id,
                        "partner_id": contact.id,
                        "birthday": birthday,
                        "has_consented": True,
                        **values,
                    }
                )
            )

    def _run(self, moment):
        cron = self.env.ref("sales_visit.ir_cron_greet")
        self.env.flush_all()
        with freeze_time(moment), self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.env.invalidate_all()

    def _activities(self, files=None):
        kind = self.env.ref("sales_visit.mail_activity_type_greeting")
        return self.env["mail.activity"].search(
            [
                ("res_model", "=", "sales.customer.file"),
                ("res_id", "in", (files or self.file).ids),
                ("activity_type_id", "=", kind.id),
            ]
        )

    def test_birthday_is_greeted_once_a_year(self):
        """V28: by the company's clock, on the file, by who keeps the birthday."""
        self._new_birthday("1980-11-27")
        self._run("2026-11-26 15:00:00")
        self.assertFalse(self._activities())
        self._run("2026-11-26 16:30:00")  # 27 November in Shanghai
        activity = self._activities()
        self.assertEqual(activity.user_id, self.salesperson)
        self.assertEqual(activity.date_deadline, date(2026, 11, 27))
        self.assertIn("Ms Chen", activity.summary)
        activity.unlink()
        self._run("2026-11-27 08:00:00")
        self.assertFalse(self._activities(), "dismissed")
        self._run("2027-11-27 08:00:00")
        self.assertEqual(len(self._activities()), 1)

    def test_late_job_still_greets(self):
        """V28: a job that didn't run over the weekend."""
        self._new_birthday("1980-11-28")
        self._run("2026-11-30 08:00:00")
        self.assertEqual(self._activities().date_deadline, date(2026, 11, 28))

    def test_personal_data_has_its_limits(self):
        """V28: no birthday to come, no blank purpose, no longer than configured."""
        birthday = self._new_birthday("1980-11-27")
        self.company.birthday_retention_years = 2
        for vals in (
            {"birthday": "2999-01-01"},
            {"purpose": " "},
            {"keep_until": "2028-11-23"},
        ):
            with self.subTest(vals), self.assertRaises(ValidationError):
                birthday.write(vals)
        birthday.keep_until = "2028-11-22"

    def test_twenty_ninth_of_february(self):
        """V28: on 28 February in other years, once."""
        self._new_birthday("1980-02-29")
        for moment in ("2027-02-28 08:00:00", "2027-03-01 08:00:00"):
            self._run(moment)
        self.assertEqual(self._activities().date_deadline, date(2027, 2, 28))
        self._activities().unlink()
        for moment in ("2028-02-28 08:00:00", "2028-02-29 08:00:00"):
            self._run(moment)
        self.assertEqual(self._activities().date_deadline, date(2028, 2, 29))

    def test_birthday_needs_consent_and_ends(self):
        """V28: personal data with purpose, consent and an end."""
        with self.assertRaises(ValidationError):
            self._new_birthday("1980-11-27", has_consented=False)
        with self.assertRaises(ValidationError):
            self.env["sales.contact.birthday"].create(
                {"partner_id": self.partner.id, "birthday": "1980-11-27"}
            )
        birthday = self._new_birthday("1980-11-27", keep_until="2026-11-26")
        self._run("2026-11-27 08:00:00")
        self.assertFalse(self._activities())
        self.assertFalse(birthday.exists())

    def test_birthdays_are_erased_by_the_companys_day(self):
        """V28: on the day after the last, by its clock; killed half-way it goes on."""
        for i in range(1, 4):
            self._new_birthday(f"1980-03-0{i}", keep_until="2026-11-26")
        birthdays = self.env["sales.contact.birthday"]

        def run(moment, left):
            self._run(moment)
            kept = birthdays.search_count([("company_id", "=", self.company.id)])
            self.assertEqual(kept, left, moment)

        run("2026-11-26 15:59:00", 3)
        with self._killed_in_second_batch("sales.contact.birthday", "unlink"):
            run("2026-11-26 16:01:00", 1)  # 27 November in Shanghai
        run("2026-11-26 16:02:00", 0)

    def test_who_sees_birthdays(self):
        """V26: whoever greets, and the managers."""
        birthday = self._new_birthday("1980-11-27")
        for user, sees in (
            (self.salesperson, True),
            (self.leader, True),
            (self.company_manager, True),
            (self.colleague, False),
            (self.other_leader, False),
            (self.foreigner, False),
        ):
            records = birthday.with_user(user).with_context(allowed_company_ids=[])
            with self.subTest(user.login):
                self.assertEqual(bool(records._filtered_access("read")), sees)
        with self.assertRaises(AccessError):
            birthday.with_user(self.receptionist).read(["birthday"])
        with self.assertRaises(AccessError):
            self.env["sales.greeting"].with_user(self.salesperson).search([])

    def test_festival_greets_graded_customers(self):
        """V28: of its grades, of the company, that somebody owns."""
        other_grade = self.grade.create({"name": "Other grade"})
        others = (
            self._new_file("Other", grade_id=other_grade.id)
            | self._new_file("Ungraded")
            | self._new_file("Nobody's", grade_id=self.grade.id, user_id=False)
        )
        festival = self.env["sales.greeting.day"].create(
            {
                "name": "Mid-Autumn",
                "date": "2027-09-15",
                "days_before": 2,
                "company_id": self.company.id,
                "grade_ids": self.grade.ids,
            }
        )
        self._run("2027-09-12 08:00:00")
        self.assertFalse(self._activities())
        self._run("2027-09-13 08:00:00")
        self._run("2027-09-14 08:00:00")
        self.assertEqual(self._activities().summary, "Mid-Autumn")
        self.assertEqual(self._activities().date_deadline, date(2027, 9, 13))
        self.assertFalse(self._activities(others))
        festival.grade_ids = False
        self._run("2027-09-15 08:00:00")
        self.assertEqual(len(self._activities(others)), 1)
        self.assertEqual(len(self._activities()), 1)

    def test_killed_half_way_and_run_again(self):
        """V28: a job that dies between two batches doubles nothing."""
        files = self.file.union(
            *(self._new_file(f"F{i}", grade_id=self.grade.id) for i in range(4))
        )
        self.env["sales.greeting.day"].create(
            {"name": "New Year", "date": "2027-01-01", "company_id": self.company.id}
        )
        with self._killed_in_second_batch("sales.greeting", "_remind"):
            self._run("2027-01-01 08:00:00")
        self.assertEqual(len(self._activities(files)), 2)
        self._run("2027-01-01 09:00:00")
        self.assertEqual(
            sorted(self._activities(files).mapped("res_id")), sorted(files.ids)
        )

    def test_only_on_customers_one_may_see(self):
        """V28, V25: a colleague's customer is his to greet."""
        values = {"birthday": "1980-01-02", "user_id": self.stranger.id}
        values = {
            "company_id": self.company.id,
            "partner_id": self.file.partner_id.id,
            "has_consented": True,
            **values,
        }
        birthdays = self.env["sales.contact.birthday"]
        with self.assertRaises(AccessError):
            birthdays.with_user(self.stranger).create(values)
        free = self._new_partner("Free")
        self.assertTrue(
            birthdays.with_user(self.stranger).create({**values, "partner_id": free.id})
        )
