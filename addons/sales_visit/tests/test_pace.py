from datetime import date, datetime, timedelta

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import freeze_time, tagged

from .common import VisitCase

# A Thursday; November 2026 has 21 days from Monday to Friday.
NOVEMBER = date(2026, 11, 1)
START = datetime(2026, 11, 26, 6, 0)


@tagged("post_install", "-at_install")
@freeze_time("2026-11-26 08:00:00")
class TestPace(VisitCase):
    """V01: how many different customers a salesperson visits in a month."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.quota = cls._new_quota(customers=42)

    @classmethod
    def _new_quota(cls, **values):
        return cls.env["sales.quota"].create(
            {"company_id": cls.company.id, "date_from": "2026-01-01", **values}
        )

    def _pace(self, month=NOVEMBER, user=None):
        user = user or self.salesperson
        return self.env["sales.visit"]._get_pace(self.company, user, month)[user]

    def _visited(self, start=START, user=None, **values):
        return self._go(self._new_visit(user, planned_start=start, **values), start)

    def test_customer_counts_once_a_month(self):
        """V01: different customers, by company, whomever one met."""
        contact = self.env["res.partner"].create(
            {"name": "Buyer", "parent_id": self.partner.id}
        )
        self._visited()
        self._visited(START + timedelta(hours=1), partner_id=contact.id)
        self.assertEqual(self._pace()["done"], 1)
        self._visited(
            START + timedelta(hours=2), partner_id=self._new_partner("Other").id
        )
        self.assertEqual(self._pace()["done"], 2)
        self.assertEqual(self._pace(date(2026, 10, 1))["done"], 0)
        self.assertEqual(self._pace(user=self.colleague)["done"], 0)

    def test_only_visits_that_took_place_count(self):
        """V01: neither planned, nor under way, nor cancelled, nor missed."""
        visit = self._new_visit(planned_start=START)
        visit.action_plan()
        self.assertEqual(self._pace()["done"], 0)
        self.assertEqual(self._pace()["planned"], 1)
        visit.action_start()
        self.assertEqual(self._pace()["done"], 0)
        visit.cancel_visit("He was out")
        self.assertEqual(self._pace()["planned"], 0)
        missed = self._new_visit(planned_start=START)
        missed.action_plan()
        missed.action_missed()
        self.assertEqual(self._pace()["done"], 0)

    def test_planned_is_what_does_not_count_yet(self):
        """V01: a second visit to the same customer adds nothing."""
        self._visited()
        self._new_visit(planned_start="2026-11-27 06:00:00").action_plan()
        self.assertEqual(self._pace()["planned"], 0)

    def test_month_is_that_of_the_salespersons_day(self):
        """V01: 1 December 00:30 in Shanghai is 30 November in UTC."""
        visit = self._visited(datetime(2026, 11, 30, 16, 30))
        self.assertEqual(str(visit.visit_day), "2026-12-01")
        self.assertEqual(self._pace()["done"], 0)
        self.assertEqual(self._pace(date(2026, 12, 1))["done"], 1)

    def test_day_is_frozen_at_the_start(self):
        """V01: neither a report in December nor a caller moves it."""
        visit = self._go(self._new_visit(), datetime(2026, 11, 30, 6, 0))
        self._submit(visit, "2026-12-02 06:00:00")
        self.assertEqual(str(visit.visit_day), "2026-11-30")
        other = self._visited()
        for attempt in (other, other.with_user(self.leader), other.sudo()):
            with self.assertRaises(AccessError):
                attempt.visit_day = "2026-10-01"
        self.assertFalse(visit.copy().visit_day)

    def test_weights_of_channels(self):
        """V01: a phone call doesn't count unless the quota says so."""
        self._visited(channel="phone")
        self.assertEqual(self._pace()["done"], 0)
        weight = self.env["sales.quota.weight"].create(
            {"quota_id": self.quota.id, "channel": "phone", "weight": 0.25}
        )
        self.assertEqual(self._pace()["done"], 0.25)
        self._visited(START + timedelta(hours=1), channel="online")
        self.assertEqual(self._pace()["done"], 1, "the heaviest counts, once")
        weight.weight = 2
        self.assertEqual(self._pace()["done"], 2)

    def test_new_customers_are_counted_as_frozen(self):
        """V01: as decided when the report was submitted."""
        known = self._new_partner("Known")
        self._visited(datetime(2026, 10, 20, 6, 0), partner_id=known.id)
        self._submit(self._visited(), START + timedelta(hours=1))
        again = self._visited(START + timedelta(hours=1), partner_id=known.id)
        self._submit(again, START + timedelta(hours=2))
        pace = self._pace()
        self.assertEqual((pace["done"], pace["new"]), (2, 1))
        self.assertEqual((pace["needed"], pace["needed_new"]), (42, 14))

    def test_what_is_needed_a_day(self):
        """V01: what is left over the working days that are left, today among them."""
        self._visited()
        pace = self._pace()
        self.assertEqual(pace["days_left"], 3)  # 26, 27 and 30 November
        self.assertEqual(round(pace["per_day"], 2), round(41 / 3, 2))
        self.assertEqual(self._pace(date(2026, 10, 1))["per_day"], 0)
        self.assertEqual(self._pace(date(2026, 12, 1))["days_left"], 23)

    def _called(self, partner=None, start=START, reported=True, **values):
        """A call of today to a customer, by default an old one."""
        partner = partner or self._new_old_customer()
        values = {"channel": "phone", "partner_id": partner.id} | values
        visit = self._visited(start, **values)
        return self._submit(visit, start + timedelta(hours=1)) if reported else visit

    def _new_old_customer(self, name="Old"):
        """A customer whom somebody visited a month before."""
        partner = self._new_partner(name)
        self._visited(START - timedelta(days=40), self.colleague, partner_id=partner.id)
        return partner

    def test_old_customers_called_back(self):
        """V02: different old customers whom the salesperson has called, reported."""
        pace = self._pace()
        self.assertEqual((pace["callbacks"], pace["needed_callbacks"]), (0, 10))
        call = self._called(reported=False)
        self.assertEqual(self._pace()["callbacks"], 0, "the report is owed")
        self._submit(call, START + timedelta(hours=1))
        self.assertEqual(self._pace()["callbacks"], 1)
        self._called(call.partner_id, START + timedelta(hours=2))
        self.assertEqual(self._pace()["callbacks"], 1, "each customer once")
        self._called(self._new_partner("New"))
        for values in (
            {"channel": "in_person"},
            {"channel": "message"},
            {"direction": "in"},
            {"start": START - timedelta(days=30)},
            {"user": self.colleague},
        ):
            self._called(**values)
        self.assertEqual(self._pace()["callbacks"], 1)
        self._called()
        self.assertEqual(self._pace()["callbacks"], 2)
        call.with_user(self.leader).reopen_report("More, please")
        self.assertEqual(self._pace()["callbacks"], 2, "it has been reported")
        self.assertEqual(self._pace(date(2026, 10, 1))["callbacks"], 1)

    def test_contact_record_is_no_call_back(self):
        """V02: whose customer a lead is can be changed later."""
        lead = self.env["crm.lead"].create(
            {
                "name": "L",
                "user_id": self.salesperson.id,
                "company_id": self.company.id,
                "partner_id": self._new_old_customer().id,
            }
        )
        self.env["sales.contact.record"].with_user(self.salesperson).create(
            {"lead_id": lead.id, "note": "Called", "next_contact_on": "2026-12-01"}
        )
        self.assertEqual(self._pace()["callbacks"], 0)

    def test_each_figure_opens_its_visits(self):
        """V01, V02: from the pace and from My Day."""
        visited, called = self._visited(), self._called()
        new = self._submit(
            self._visited(partner_id=self._new_partner("New").id),
            START + timedelta(hours=2),
        )
        self.env.flush_all()
        row = self.env["sales.pace"].search(
            [("user_id", "=", self.salesperson.id), ("month", "=", "2026-11-01")]
        )
        self.assertEqual((row.callbacks, row.callbacks_share), (1, 10))
        self.assertIn("10 call-backs a month: 10", row.explanation)
        home = self.env["sales.visit"].with_user(self.salesperson)
        home = home.with_company(self.company)
        for figure, method, expected in (
            ("done", "action_view_visits", visited | new),
            ("new", "action_view_new", new),
            ("callbacks", "action_view_callbacks", called),
        ):
            for action in (getattr(row, method)(), home.action_view_my_pace(figure)):
                with self.subTest(figure):
                    found = self.env["sales.visit"].search(action["domain"])
                    self.assertEqual(found, expected)

    def _leave(self, **values):
        return self.env["resource.calendar.leaves"].create(
            {
                "name": "Leave",
                "calendar_id": self.calendar.id,
                "company_id": self.company.id,
                "date_from": "2026-11-02 00:00:00",
                "date_to": "2026-11-08 15:59:59",
                **values,
            }
        )

    def test_leave_reduces_the_quota(self):
        """V01: a week off of four and a bit; the colleague's stays."""
        self._leave(resource_id=self.employee.resource_id.id)
        pace = self._pace()
        self.assertEqual((pace["worked"], pace["workdays"]), (16, 21))
        self.assertEqual((pace["needed"], pace["needed_callbacks"]), (32, 8))
        self.assertEqual(self._pace(user=self.colleague)["needed"], 42)

    def test_nobody_reduces_his_own_quota(self):
        """V01: a leave that one enters for oneself doesn't."""
        self.env["resource.calendar.leaves"].with_user(self.salesperson).create(
            {
                "resource_id": self.employee.resource_id.id,
                "date_from": "2026-11-02 00:00:00",
                "date_to": "2026-11-08 15:59:59",
            }
        )
        self.assertEqual(self._pace()["needed"], 42)

    def test_public_holiday_leaves_the_quota(self):
        """V01: it is the month's for everybody; what is needed a day grows."""
        self._leave(date_from="2026-11-27 00:00:00", date_to="2026-11-27 15:59:59")
        pace = self._pace()
        self.assertEqual(pace["needed"], 42)
        self.assertEqual(pace["days_left"], 2)

    def test_joining_and_leaving(self):
        """V01: pro rata from the first, to the last day."""
        joiner = self._new_users({"v_joiner": "group_user"})
        employee = self._new_employee(joiner, date_version="2026-11-16")
        self.assertEqual(self._pace(user=joiner)["needed"], 22)  # 11 of 21 days
        self.assertEqual(self._pace(date(2026, 10, 1), joiner)["needed"], 0)
        employee.departure_date = "2026-11-20"
        self.assertEqual(self._pace(user=joiner)["needed"], 10)

    def test_person_before_team_before_company(self):
        """V01: and of those the newest valid on the first of the month."""
        self._new_quota(customers=10, team_id=self.team.id)
        self.assertEqual(self._pace()["needed"], 10)
        self.assertEqual(self._pace(user=self.stranger)["needed"], 42)
        self._new_quota(customers=5, user_id=self.salesperson.id)
        self._new_quota(
            customers=6, user_id=self.salesperson.id, date_from="2026-11-02"
        )
        self.assertEqual(self._pace()["needed"], 5)
        self.assertEqual(self._pace(date(2026, 12, 1))["needed"], 6)
        self.assertEqual(self._pace(user=self.colleague)["needed"], 10)

    def test_without_quota_visits_are_counted_only(self):
        """V01: nothing is asked of anybody who has no quota."""
        self.quota.unlink()
        self._visited()
        pace = self._pace()
        self.assertEqual((pace["done"], pace["needed"], pace["per_day"]), (1, 0, 0))

    def test_other_company_has_its_own(self):
        """V01: visits and quotas of another company don't count."""
        self.salesperson.company_ids |= self.other_company
        self._new_quota(company_id=self.other_company.id, customers=9)
        self._visited(company_id=self.other_company.id)
        self.assertEqual(self._pace()["done"], 0)
        self.assertEqual(self._pace()["needed"], 42)

    def test_rows_show_the_figures_and_their_origin(self):
        """V01: one row a member and month; the sentence says how the figure came about."""
        self._leave(resource_id=self.employee.resource_id.id)
        visit = self._visited()
        self.env.flush_all()
        rows = self.env["sales.pace"].with_user(self.leader)
        row = rows.search(
            [("user_id", "=", self.salesperson.id), ("month", "=", "2026-11-01")]
        )
        self.assertEqual((row.done, row.needed, row.planned), (1, 32, 0))
        self.assertEqual(round(row.done_share, 2), 3.12)
        self.assertIn("42 customers a month × 16 of 21 working days", row.explanation)
        found = self.env["sales.visit"].search(row.action_view_visits()["domain"])
        self.assertEqual(found, visit)

    def test_rows_follow_the_roles(self):
        """V01: own, the team's, the company's."""
        self.env.flush_all()
        rows = self.env["sales.pace"]

        def seen(user):
            found = rows.with_user(user).search([("month", "=", "2026-11-01")])
            return found.user_id & (
                self.salesperson | self.colleague | self.stranger | self.foreigner
            )

        team = self.salesperson | self.colleague
        self.assertEqual(seen(self.salesperson), self.salesperson)
        self.assertEqual(seen(self.leader), team)
        self.assertEqual(seen(self.line_manager), self.salesperson)
        self.assertEqual(seen(self.company_manager), team | self.stranger)
        self.assertFalse(seen(self.foreigner))
        for user in (self.receptionist, self.administrator):
            with self.assertRaises(AccessError):
                seen(user)

    def test_constant_queries(self):
        """V01: the pace of fifty takes the queries of five."""

        def count(number):
            users = self._new_users(
                {f"v_pace_{number}_{i}": "group_user" for i in range(number)}
            )
            for user in users:
                self._new_employee(user)
            self.team.member_ids = [Command.link(user.id) for user in users]
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.env["sales.visit"]._get_pace(self.company, users, NOVEMBER)
            return self.cr.sql_log_count - before

        count(2)
        few = count(5)
        self.assertLessEqual(count(50), few)

    def _board(self, user, viewer=None):
        rows = self.env["sales.pace"].with_user(viewer or self.leader)
        return rows.search([("user_id", "=", user.id), ("month", "=", NOVEMBER)])

    def test_board_beside_the_pace(self):
        """V03, V08, V10: late reports, unverified visits and plans waiting of the month,
        each opening its records."""
        late = self._visited(START - timedelta(days=7))
        self._submit(late, START)
        owed = self._visited(START - timedelta(days=3))
        fine = self._submit(self._visited(), START + timedelta(hours=1))
        self._visited(user=self.stranger)
        self._visited(START - timedelta(days=40))
        plan = self.env["sales.plan"].with_user(self.salesperson)
        plan = plan.create({"date_start": "2026-11-30", "company_id": self.company.id})
        self._new_visit(planned_start="2026-11-30 06:00:00")
        plan.action_request()
        row = self._board(self.salesperson)
        self.assertEqual(row.late_reports, 2)
        self.assertEqual(row.unverified_visits, 3)
        self.assertEqual(row.waiting_plans, 1)
        for figure, records in {
            "late_reports": late | owed,
            "unverified_visits": late | owed | fine,
            "waiting_plans": plan,
        }.items():
            action = getattr(row, f"action_view_{figure}")()
            with self.subTest(figure):
                found = self.env[action["res_model"]].search(action["domain"])
                self.assertEqual(found, records.sudo())
        self.assertFalse(self._board(self.colleague).late_reports)
        self.assertFalse(self._board(self.stranger))
