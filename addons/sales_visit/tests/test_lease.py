from datetime import date

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import freeze_time, tagged

from .common import VisitCase

TODAY = "2026-11-26 02:00:00"


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestLease(VisitCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["sales.lease.rule"].search(
            [("company_id", "=", cls.company.id)]
        ).unlink()
        cls.env["sales.lease.rule"].create(
            [{"company_id": cls.company.id, "months": months} for months in (5, 4)]
        )

    def _file(self, lease_end=False, **values):
        return (
            self.env["sales.customer.file"]
            .with_user(self.salesperson)
            .create(
                {
                    "partner_id": self._new_partner("Tenant").id,
                    "user_id": self.salesperson.id,
                    "company_id": self.company.id,
                    "lease_end": lease_end,
                    **values,
                }
            )
        )

    def _dates(self, file):
        return [str(day) for day in file.lease_follow_up_ids.sorted().mapped("date")]

    def _run_job(self, at):
        with self.enter_registry_test_mode(), freeze_time(at):
            self.env.ref("sales_visit.ir_cron_follow_up_leases").method_direct_trigger()
        self.env.invalidate_all()

    def test_follow_ups_at_each_time(self):
        """V22: five and four months before, by the calendar, at month ends too."""
        for lease_end, dates in (
            ("2027-08-31", ["2027-03-31", "2027-04-30"]),
            ("2027-07-31", ["2027-02-28", "2027-03-31"]),
            ("2028-06-30", ["2028-01-30", "2028-02-29"]),
        ):
            with self.subTest(lease_end):
                self.assertEqual(self._dates(self._file(lease_end)), dates)

    def test_late_entry_is_caught_up_once(self):
        """V22: of the times that have passed only the last; none for an ended lease."""
        self.assertEqual(
            self._dates(self._file("2027-03-31")), ["2026-10-31", "2026-11-30"]
        )
        file = self._file("2027-02-28")
        self.assertEqual(self._dates(file), ["2026-10-28"])
        self.assertEqual(file.lease_follow_up_ids.months, 4)
        self.assertFalse(self._file("2026-11-26").lease_follow_up_ids)

    def test_job_reminds_once(self):
        """V22: on the day, in one activity each; run again it does nothing."""
        file = self._file("2027-08-31")
        self._run_job("2027-03-30 02:00:00")
        self.assertFalse(file.sudo().activity_ids)
        for _again in range(2):
            self._run_job("2027-03-31 02:00:00")
            self.assertEqual(len(file.sudo().activity_ids), 1)
        activity = file.sudo().activity_ids
        self.assertEqual(activity.user_id, self.salesperson)
        self.assertEqual(activity.date_deadline, date(2027, 3, 31))
        self.assertIn("2027", activity.summary)
        self._run_job("2027-06-01 02:00:00")
        self.assertEqual(len(file.sudo().activity_ids), 2)

    def test_another_end_is_planned_anew(self):
        """V22: open times move with the lease; what was done isn't done again."""
        file = self._file("2027-08-31")
        self._run_job("2027-03-31 02:00:00")
        file.lease_end = "2028-08-31"
        self.assertEqual(self._dates(file), ["2027-03-31", "2028-03-31", "2028-04-30"])
        with freeze_time("2027-03-31 02:00:00"):
            file.lease_end = "2027-08-31"
        self.assertEqual(self._dates(file), ["2027-03-31", "2027-04-30"])
        self._run_job("2027-03-31 05:00:00")
        self.assertEqual(len(file.sudo().activity_ids), 1)
        file.lease_end = False
        self.assertEqual(self._dates(file), ["2027-03-31"])

    def test_owner_who_has_left(self):
        """V22: a manager of the company is reminded instead."""
        file = self._file("2027-08-31")
        self.salesperson.action_archive()
        self._run_job("2027-03-31 02:00:00")
        self.assertIn(
            file.sudo().activity_ids.user_id,
            self.env["res.users"]._get_company_managers(self.company),
        )

    def test_months_are_the_companys(self):
        """V22: its own rows, else those for all companies."""
        rules = self.env["sales.lease.rule"]
        rules.search([("company_id", "=", self.company.id)]).unlink()
        rules.search([("company_id", "=", False)]).unlink()
        rules.create({"company_id": False, "months": 6})
        self.assertEqual(self._dates(self._file("2027-08-31")), ["2027-02-28"])
        rules.create({"company_id": self.company.id, "months": 2})
        self.assertEqual(self._dates(self._file("2027-08-31")), ["2027-06-30"])

    def test_follow_ups_are_the_servers(self):
        """V22: nobody makes one done, moves or deletes it."""
        row = self._file("2027-08-31").lease_follow_up_ids[:1]
        for user in (self.salesperson, self.company_manager):
            rows = row.with_user(user)
            with self.subTest(user.login), self.assertRaises(AccessError):
                rows.write({"done_at": TODAY})
            with self.subTest(user.login), self.assertRaises(AccessError):
                rows.unlink()
        with self.assertRaises(AccessError):
            row.sudo().write({"date": "2030-01-01"})
        rows = row.with_user(self.salesperson)
        for columns, values in (
            ([".id", "done_at"], [str(row.id), "2026-01-01 00:00:00"]),
            (
                ["file_id/.id", "lease_end", "months", "date"],
                [str(row.file_id.id), "2027-08-31", "9", "2026-11-30"],
            ),
        ):
            with self.subTest(columns):
                self.assertFalse(rows.load(columns, [values])["ids"])
        files = row.file_id.with_user(self.salesperson)
        with self.assertRaises(AccessError):
            files.write(
                {"lease_follow_up_ids": [Command.update(row.id, {"done_at": TODAY})]}
            )

    def test_measuring_visit(self):
        """V22: booked from the file, for its customer."""
        file = self._file()
        context = file.action_measure()["context"]
        visit = self.env["sales.visit"].with_user(self.salesperson)
        visit = visit.with_context(**context).create({})
        self.assertEqual(visit.partner_id, file.partner_id)
        self.assertEqual(
            visit.visit_type_id, self.env.ref("sales_visit.sales_visit_type_measuring")
        )
