from datetime import datetime, timedelta

from odoo.exceptions import AccessError
from odoo.tests import freeze_time, tagged
from odoo.tools.safe_eval import safe_eval
from pytz import timezone, utc

from .common import VisitCase

MONDAY = datetime(2026, 11, 30)


@tagged("post_install", "-at_install")
@freeze_time("2026-11-26 08:00:00")
class TestWeekPlanning(VisitCase):
    """V02: one press puts the customers that are due on the coming week."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["sales.cadence"].search([]).unlink()
        cls.visit_type.sequence = -1
        cls.files = cls._new_files(3)

    @classmethod
    def _new_files(cls, number, **values):
        return cls.env["sales.customer.file"].create(
            [
                {
                    "company_id": cls.company.id,
                    "partner_id": cls._new_partner(f"Due {i}").id,
                    "user_id": cls.salesperson.id,
                    "next_due": "2026-11-26",
                    **values,
                }
                for i in range(number)
            ]
        )

    def _plan(self, files=None, user=None):
        files = self.files if files is None else files
        before = self.env["sales.visit"].search([])
        files.with_user(user or self.salesperson).action_plan_week()
        return (self.env["sales.visit"].search([]) - before).sorted("planned_start")

    def _local(self, visits):
        tz = timezone("Asia/Shanghai")
        return [
            utc.localize(visit.planned_start).astimezone(tz).strftime("%d %H:%M")
            for visit in visits
        ]

    def test_visits_in_free_times_of_the_coming_week(self):
        """V02: in working time, with the time on the way between them."""
        visits = self._plan()
        self.assertEqual(self._local(visits), ["30 08:00", "30 09:00", "30 10:00"])
        self.assertEqual(visits.partner_id, self.files.partner_id)
        self.assertEqual(set(visits.mapped("state")), {"planned"})
        self.assertEqual(visits.user_id, self.salesperson)
        self.company.visit_gap = 0
        visits = self._plan(self._new_files(2))
        self.assertEqual(self._local(visits), ["30 08:30", "30 09:30"])

    def test_pressed_twice_doubles_nothing(self):
        """V02: whom a visit is planned to, whoever's it is, isn't planned again."""
        self._plan()
        self.assertFalse(self._plan())
        file = self._new_files(1)
        self._new_visit(self.colleague, partner_id=file.partner_id.id).action_plan()
        self.assertFalse(self._plan(file))
        drafted = self._new_files(1)
        self._new_visit(partner_id=drafted.partner_id.id)
        self.assertFalse(self._plan(drafted))
        told = drafted.with_user(self.salesperson).action_plan_week()
        self.assertEqual(told["params"]["type"], "warning")

    def test_idle_visits_hide_nobody(self):
        """V02: tried: a draft without a time, a colleague's draft, a visit planned for a
        time long passed; the customers stay due."""
        undated, foreign, passed, under_way = files = self._new_files(4)
        self._new_visit(partner_id=undated.partner_id.id, planned_start=False)
        self._new_visit(
            self.colleague, partner_id=undated.partner_id.id, planned_start=False
        )
        self._new_visit(self.colleague, partner_id=foreign.partner_id.id)
        old = self._new_visit(
            partner_id=passed.partner_id.id, planned_start=datetime(2026, 10, 1, 2)
        )
        old.action_plan()
        going = self._new_visit(partner_id=under_way.partner_id.id, planned_start=False)
        going.action_start()
        self.assertEqual(files._filter_planned(), under_way)
        self.assertEqual(
            self._plan(files).partner_id, (undated | foreign | passed).partner_id
        )

    def _miss(self, moment):
        self.env.flush_all()
        with freeze_time(moment), self.enter_registry_test_mode():
            self.env.ref("sales_visit.ir_cron_miss_visits").method_direct_trigger()
        self.env.invalidate_all()

    def test_missed_by_the_day_of_the_salesperson(self):
        """V02: what nobody began is missed 24 hours after its day, by the clock of the
        salesperson; what has begun, drafts and what was moved aren't."""
        american = self.calendar.copy({"tz": "America/Los_Angeles"})
        self._new_employee(self.stranger, resource_calendar_id=american.id)
        # Half an hour before midnight in Shanghai.
        start = datetime(2026, 11, 26, 15, 30)
        here, confirmed, begun, moved, draft = (
            self._new_visit(planned_start=start) for _i in range(5)
        )
        away = self._new_visit(self.stranger, planned_start=start)
        (here | confirmed | begun | moved).action_plan()
        away.action_plan()
        confirmed.action_confirm()
        begun.action_start()
        moved.planned_start = start + timedelta(days=1)
        all_ = (here | confirmed | begun | moved | draft | away).sudo()
        before = {visit: visit.state for visit in all_}
        self._miss("2026-11-27 15:59:59")
        self.assertEqual({visit: visit.state for visit in all_}, before)
        self._miss("2026-11-27 16:00:01")
        self.assertEqual(all_.filtered(lambda v: v.state == "missed"), here | confirmed)
        self._miss("2026-11-27 17:00:00")
        self.assertEqual((begun.state, moved.state), ("in_progress", "planned"))
        self.company.visit_missed_hours = 0
        self._miss("2026-12-27 17:00:00")
        self.assertEqual(moved.state, "planned")
        self.company.visit_missed_hours = 1
        self._miss("2026-11-27 16:59:59")
        self.assertEqual(moved.state, "planned")
        self._miss("2026-11-27 17:00:01")
        self.assertEqual((moved.state, away.sudo().state), ("missed", "missed"))

    def test_missing_killed_half_way_and_run_again(self):
        """V02: what one batch noted stays noted, the others follow."""
        visits = self.env["sales.visit"].union(*(self._new_visit() for _i in range(5)))
        visits.action_plan()
        with self._killed_in_second_batch("sales.visit", "_miss"):
            self._miss("2026-11-28 08:00:00")
        self.assertEqual(visits.mapped("state").count("missed"), 2)
        self._miss("2026-11-28 08:00:00")
        self.assertEqual(set(visits.mapped("state")), {"missed"})

    def test_missed_or_cancelled_is_due_again(self):
        """V02: an open visit ends, whatever way."""
        visits = self._plan()
        visits[0].with_user(self.salesperson).cancel_visit("He is away")
        self.assertEqual(len(self._plan()), 1)

    def test_no_double_booking(self):
        """V02: neither with visits nor with meetings of the calendar."""
        appointment = self._new_visit(planned_start=MONDAY + timedelta(hours=1))
        appointment.action_plan()
        appointment.action_confirm()
        self.env["calendar.event"].create(
            {
                "name": "Meeting",
                "start": MONDAY + timedelta(hours=2),
                "stop": MONDAY + timedelta(hours=8),
                "partner_ids": [(6, 0, self.salesperson.partner_id.ids)],
            }
        )
        visits = self._plan()
        self.assertEqual(self._local(visits), ["30 08:00", "30 16:30", "01 08:00"])
        self.assertEqual(appointment.planned_start, MONDAY + timedelta(hours=1))

    def test_holidays_and_leave_are_skipped(self):
        """V02: working days only."""
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "calendar_id": self.calendar.id,
                "company_id": self.company.id,
                "date_from": "2026-11-29 16:00:00",
                "date_to": "2026-11-30 15:59:59",
            }
        )
        self.assertEqual(
            self._local(self._plan()), ["01 08:00", "01 09:00", "01 10:00"]
        )

    def test_agreed_days_first_then_the_longest_due(self):
        """V02: appointments come first."""
        late, early, agreed = self.files
        late.next_due = "2026-11-25"
        early.next_due = "2026-11-24"
        agreed.next_due = "2026-12-02"
        visits = self._plan()
        self.assertEqual(self._local(visits), ["30 08:00", "30 09:00", "02 08:00"])
        self.assertEqual(visits.partner_id.ids, (early | late | agreed).partner_id.ids)

    def test_who_does_not_fit_is_named(self):
        """V02: a full week takes no more."""
        self.company.visit_gap = 24
        files = self._new_files(6)
        result = files.with_user(self.salesperson).action_plan_week()
        self.assertEqual(result["params"]["type"], "warning")
        planned = files._filter_planned()
        self.assertTrue(0 < len(planned) < 6)
        for file in files - planned:
            self.assertIn(file.partner_id.name, result["params"]["message"])

    def test_cadence_says_what_is_planned(self):
        """V02: a call is planned as a call."""
        survey = self.env["sales.visit.type"].create(
            {"name": "Survey", "duration": 0.25}
        )
        self.env["sales.cadence"].create(
            {
                "company_id": self.company.id,
                "channel": "phone",
                "visit_type_id": survey.id,
                "interval_unit": "week",
                "date_from": "2026-01-01",
            }
        )
        file = self._new_files(1, next_due=False)
        file._update_due()
        visit = self._plan(file)
        self.assertEqual(visit.channel, "phone")
        self.assertEqual(visit.visit_type_id, survey)
        self.assertEqual(
            visit.planned_stop - visit.planned_start, timedelta(minutes=15)
        )

    def test_manager_plans_for_the_owner(self):
        """V02: in the owner's time; strangers don't plan at all."""
        visits = self._plan(user=self.leader)
        self.assertEqual(visits.user_id, self.salesperson)
        for user in (self.colleague, self.other_leader, self.foreigner):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self._new_files(1).with_user(user).action_plan_week()

    def test_list_of_due_customers(self):
        """V02: found by one query, also as "not planned"."""
        model = self.env["sales.customer.file"].with_user(self.salesperson)
        domain = [("is_planned", "=", False), ("id", "in", self.files.ids)]
        self.assertEqual(len(model.search(domain)), 3)
        self._plan(self.files[0])
        self.assertEqual(model.search(domain), self.files[1:])
        domain[0] = ("is_planned", "=", True)
        self.assertEqual(model.search(domain), self.files[0])
        self.assertEqual(self.files._filter_planned(), self.files[0])
        self.files.invalidate_recordset()
        self.assertEqual(self.files.filtered("is_planned"), self.files[0])

    def test_action_shows_who_is_not_planned(self):
        """V02: whatever filters are chosen."""
        action = self.env.ref("sales_visit.sales_customer_file_action_due")
        files = self.env["sales.customer.file"].with_user(self.salesperson)
        mine = [("id", "in", self.files.ids)]
        self._plan(self.files[0])
        self.assertEqual(files.search(safe_eval(action.domain) + mine), self.files[1:])

    def test_constant_queries(self):
        """V02: planning 20 customers takes the queries of 3."""

        def count(number):
            files = self._new_files(number).with_user(self.salesperson)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            files.action_plan_week()
            self.env.flush_all()
            return self.cr.sql_log_count - before

        count(2)
        few = count(3)
        self.assertLessEqual(count(20), few)
