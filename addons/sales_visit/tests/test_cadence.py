from datetime import date, datetime, timedelta

from odoo.exceptions import AccessError
from odoo.tests import freeze_time, tagged

from .common import VISIT_DAY, VisitCase


@tagged("post_install", "-at_install")
@freeze_time("2026-11-26 08:00:00")
class TestCadence(VisitCase):
    """V02: when customers are due, by grade and channel."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["sales.cadence"].search([]).unlink()
        cls.grade = cls.env["sales.customer.grade"].create({"name": "Test grade"})
        cls.file = cls._new_file(cls.partner)

    @classmethod
    def _new_file(cls, partner, **values):
        file = cls.env["sales.customer.file"].create(
            {
                "company_id": cls.company.id,
                "partner_id": partner.id,
                "user_id": cls.salesperson.id,
                **values,
            }
        )
        return cls._backdate(file, datetime(2026, 11, 2, 2, 0))

    def _new_cadence(self, **values):
        return self.env["sales.cadence"].create(
            {"company_id": self.company.id, "date_from": "2026-01-01", **values}
        )

    def _run(self):
        cron = self.env.ref("sales_visit.ir_cron_update_due")
        self.env.flush_all()
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.env.invalidate_all()

    def _due(self, file=None):
        self._run()
        return (file or self.file).due_date

    def test_without_cadence_nobody_is_due(self):
        """V02: an installation makes nobody due."""
        self.assertFalse(self._due())
        self.file.next_due = "2026-12-10"
        self.assertEqual(self._due(), date(2026, 12, 10), "the day agreed on")

    def test_due_an_interval_after_the_last_contact(self):
        """V02: by the day of the visit; without one from the beginning of the file."""
        cadence = self._new_cadence()
        self.assertEqual(self._due(), date(2026, 12, 2))
        self._reported_visit()
        self.assertEqual(self.file.due_date, date(2026, 12, 26), "at once")
        self.assertEqual(self.file.cadence_id, cadence)
        self.assertEqual(self._due(), date(2026, 12, 26))

    def test_new_row_makes_nobody_overdue_who_was_never_visited(self):
        """V02: without a contact, the day from which the row is valid counts."""
        self._new_cadence(date_from="2026-11-20", interval_unit="week")
        self.assertEqual(self._due(), date(2026, 11, 27))

    def test_grade_before_all_company_before_all_newest_first(self):
        """V02: the most special row that has begun decides."""
        self._new_cadence(company_id=False, interval_unit="year")
        self.assertEqual(self._due(), date(2027, 11, 2))
        self._new_cadence(interval_number=2)
        self.assertEqual(self._due(), date(2027, 1, 2))
        self._new_cadence(grade_id=self.grade.id, interval_unit="week")
        self.assertEqual(self._due(), date(2027, 1, 2), "of another grade")
        self.file.change_grade(self.grade.id, "Grown")
        self.assertEqual(self.file.due_date, date(2026, 11, 9), "at once")
        self._new_cadence(
            grade_id=self.grade.id,
            interval_unit="day",
            interval_number=20,
            date_from="2026-02-01",
        )
        self.assertEqual(self._due(), date(2026, 11, 22))
        self._new_cadence(
            grade_id=self.grade.id, interval_number=0, date_from="2026-11-01"
        )
        self.assertFalse(self._due(), "such customers aren't visited")

    def test_channels_are_counted_apart(self):
        """V02: a call is no visit; the customer is due by what comes first."""
        self._new_cadence(interval_number=3)
        call = self._new_cadence(channel="phone", interval_unit="week")
        self._submit(self._go(self._new_visit()), VISIT_DAY + timedelta(hours=2))
        self.assertEqual(self._due(), date(2026, 11, 9))
        self.assertEqual(self.file.cadence_id, call)
        self._submit(
            self._go(self._new_visit(channel="phone")), VISIT_DAY + timedelta(hours=3)
        )
        self.assertEqual(self._due(), date(2026, 12, 3))

    def test_survey_counts_visits_of_its_type_only(self):
        """V02: yearly, whatever other visits there were."""
        survey = self.env["sales.visit.type"].create({"name": "Survey"})
        row = self._new_cadence(visit_type_id=survey.id, interval_unit="year")
        self._reported_visit()
        self.assertEqual(self._due(), date(2027, 11, 2))
        self._reported_visit(visit_type_id=survey.id)
        self.assertEqual(self._due(), date(2027, 11, 26))
        self.assertEqual(self.file.cadence_id, row)

    def test_row_that_begins_later(self):
        """V02: on the day it begins the job applies it, and once only."""
        row = self._new_cadence(date_from="2026-12-01")
        self.assertFalse(self._due())
        self.assertFalse(row.is_applied)
        with freeze_time("2026-11-30 16:30:00"):  # 1 December in Shanghai
            self.assertEqual(self._due(), date(2027, 1, 1))
        self.assertTrue(row.is_applied)

    def test_changed_and_deleted_rows_are_applied_anew(self):
        """V02: the job finds all files of the company again."""
        row = self._new_cadence()
        self._run()
        row.interval_number = 2
        self.assertEqual(self._due(), date(2027, 1, 2))
        row.unlink()
        self.assertFalse(self._due())

    def test_earlier_of_agreed_day_and_cadence(self):
        """V02: whichever comes first."""
        self._new_cadence()
        self.file.next_due = "2026-11-28"
        self.assertEqual(self._due(), date(2026, 11, 28))
        self.file.next_due = "2026-12-28"
        self.assertEqual(self._due(), date(2026, 12, 2))

    def test_nobody_writes_the_due_date(self):
        """V02: it is found, not entered."""
        for name, value in (
            ("due_date", "2030-01-01"),
            ("cadence_due", "2030-01-01"),
            ("due_computed_at", "2026-01-01 00:00:00"),
            ("planned_at", "2026-01-01 00:00:00"),
        ):
            for user in (self.salesperson, self.leader, self.company_manager):
                with (
                    self.subTest(name, user=user.login),
                    self.assertRaises(AccessError),
                ):
                    self.file.with_user(user).write({name: value})
        with self.assertRaises(AccessError):
            self._new_cadence(is_applied=True)

    def test_killed_half_way_and_run_again(self):
        """V02: a job that dies between two batches goes on where it stopped."""
        files = self.env["sales.customer.file"].union(
            *(self._new_file(self._new_partner(f"P{i}")) for i in range(5))
        )
        self._run()
        self._new_cadence()
        with self._killed_in_second_batch("sales.customer.file", "_update_due") as done:
            self._run()
        self.assertEqual(len(done[0]), 2)
        self._run()
        self.assertEqual(
            set((files | self.file).mapped("due_date")), {date(2026, 12, 2)}
        )

    def test_merged_customers_are_looked_at_again(self):
        """V02: the visits of both count."""
        self._new_cadence()
        other = self._new_partner("Customer B")
        self._reported_visit(partner_id=other.id)
        self.env["base.partner.merge.automatic.wizard"].create({})._merge(
            (self.partner | other).ids, self.partner
        )
        self.assertEqual(self._due(), date(2026, 12, 26))

    def test_constant_queries(self):
        """V02: 40 files take the queries of 4."""
        self._new_cadence()

        def count(number):
            files = self.env["sales.customer.file"].union(
                *(self._new_file(self._new_partner(f"P{i}")) for i in range(number))
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            files._update_due()
            self.env.flush_all()
            return self.cr.sql_log_count - before

        count(2)
        self.assertLessEqual(count(40), count(4))
