from datetime import datetime, timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged

from .common import VISIT_DAY, VisitCase


@tagged("post_install", "-at_install")
class TestReportDeadline(VisitCase):
    def _due(self, start, user=None, **values):
        """Deadline of a visit that ends at ``start`` (UTC, as a string)."""
        visit = self._new_visit(user, **values)
        start = datetime.fromisoformat(start)
        self._go(visit, start, minutes=0)
        return str(visit.report_due)

    def test_due_at_nine_of_the_next_working_day(self):
        """V10: Thursday 14:30 in Shanghai is due Friday 9:00, that is 01:00 UTC."""
        visit = self._go(self._new_visit())
        self.assertEqual(str(visit.report_due), "2026-11-27 01:00:00")
        self.assertEqual(visit.report_due_tz, "Asia/Shanghai")
        self.assertEqual(visit.report_due_rule_id, self.rule)

    def test_weekend_is_skipped(self):
        """V10: a Friday's and a Saturday's visit are due on Monday."""
        self.assertEqual(self._due("2026-11-27 06:00:00"), "2026-11-30 01:00:00")
        self.assertEqual(self._due("2026-11-28 06:00:00"), "2026-11-30 01:00:00")

    def test_public_holiday_is_skipped(self):
        """V10: a holiday of the company is no working day; another company's is one."""
        leaves = self.env["resource.calendar.leaves"]
        holiday = {
            "name": "Holiday",
            "date_from": "2026-11-26 16:00:00",
            "date_to": "2026-11-27 15:59:59",
        }
        elsewhere = leaves.with_company(self.other_company).create(holiday)
        self.assertEqual(elsewhere.company_id, self.other_company)
        self.assertEqual(self._due("2026-11-26 06:00:00"), "2026-11-27 01:00:00")
        without_employee = self._due("2026-11-26 06:00:00", self.colleague)
        self.assertEqual(without_employee, "2026-11-27 01:00:00")
        leaves.create(holiday | {"calendar_id": self.calendar.id})
        self.assertEqual(self._due("2026-11-26 06:00:00"), "2026-11-30 01:00:00")

    def test_own_leave_is_skipped_and_others_are_not(self):
        """V10: who is on leave next day reports when back; a colleague's leave is none."""
        leave = self.env["resource.calendar.leaves"].create(
            {
                "name": "Leave",
                "calendar_id": self.calendar.id,
                "resource_id": self._new_employee(self.colleague).resource_id.id,
                "date_from": "2026-11-26 16:00:00",
                "date_to": "2026-11-30 15:59:59",
            }
        )
        self.assertEqual(self._due("2026-11-26 06:00:00"), "2026-11-27 01:00:00")
        leave.resource_id = self.employee.resource_id
        self.assertEqual(self._due("2026-11-26 06:00:00"), "2026-12-01 01:00:00")

    def test_half_a_working_day_is_a_working_day(self):
        """V10: a morning off doesn't move the deadline to another day."""
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Morning off",
                "calendar_id": self.calendar.id,
                "resource_id": self.employee.resource_id.id,
                "date_from": "2026-11-27 00:00:00",
                "date_to": "2026-11-27 04:00:00",
            }
        )
        self.assertEqual(self._due("2026-11-26 06:00:00"), "2026-11-27 01:00:00")

    def test_own_working_days_count(self):
        """V10: somebody who works on Saturdays reports on Saturday."""
        self.env["resource.calendar.attendance"].create(
            {
                "name": "Saturday",
                "calendar_id": self.calendar.id,
                "dayofweek": "5",
                "hour_from": 8,
                "hour_to": 12,
                "day_period": "morning",
            }
        )
        self.assertEqual(self._due("2026-11-27 06:00:00"), "2026-11-28 01:00:00")

    def test_employee_without_calendar_takes_the_companys(self):
        """V10: no working calendar of one's own doesn't mean always at work."""
        self.employee.resource_calendar_id = False
        self.assertEqual(self._due("2026-11-27 06:00:00"), "2026-11-30 01:00:00")
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Leave",
                "resource_id": self.employee.resource_id.id,
                "date_from": "2026-11-29 16:00:00",
                "date_to": "2026-11-30 15:59:59",
            }
        )
        self.assertEqual(self._due("2026-11-27 06:00:00"), "2026-12-01 01:00:00")

    def test_user_without_employee_takes_the_companys(self):
        """V10: neither an employee record is needed."""
        self.assertFalse(self.colleague.employee_ids)
        due = self._due("2026-11-27 06:00:00", self.colleague)
        self.assertEqual(due, "2026-11-30 01:00:00")

    def test_own_preferences_move_no_deadline(self):
        """V10: the clock is that of the working calendar, not of one's preferences."""
        user = self.salesperson
        user.with_user(user).write({"tz": "Pacific/Honolulu"})
        self.assertEqual(user.tz, "Pacific/Honolulu")
        self.assertEqual(self._due("2026-11-26 06:00:00"), "2026-11-27 01:00:00")
        colleague = self.colleague  # no employee: the company's calendar
        colleague.with_user(colleague).write({"tz": "Pacific/Honolulu"})
        due = self._due("2026-11-26 06:00:00", colleague)
        self.assertEqual(due, "2026-11-27 01:00:00")
        visit = self._go(self._new_visit())
        self.calendar.tz = "UTC"
        self.assertEqual(visit.report_due_tz, "Asia/Shanghai")
        self.assertEqual(str(visit.report_due), "2026-11-27 01:00:00")

    def test_users_clock_counts_without_any_calendar(self):
        """V10: where nobody has set working hours, the user's own zone is all there is."""
        self.employee.resource_calendar_id = False
        self.company.resource_calendar_id = False
        self.salesperson.tz = "America/Lima"
        self.assertEqual(self._due("2026-11-27 06:00:00"), "2026-11-28 14:00:00")

    def test_working_conditions_are_not_the_salespersons_to_write(self):
        """V10: neither calendar nor employee; leaves one enters for oneself, as the host
        allows, move nothing."""
        env = self.env(user=self.salesperson)
        for record, values in (
            (self.calendar, {"tz": "UTC"}),
            (self.calendar.attendance_ids[0], {"dayofweek": "6"}),
            (self.employee, {"tz": "UTC"}),
            (self.employee, {"resource_calendar_id": False}),
            (self.employee.resource_id, {"calendar_id": False}),
            (self.company, {"resource_calendar_id": False}),
        ):
            with self.subTest(record._name), self.assertRaises(AccessError):
                record.with_env(env).write(values)
        leave = env["resource.calendar.leaves"].create(
            {
                "name": "Helping myself",
                "resource_id": self.employee.resource_id.id,
                "date_from": "2026-11-26 16:00:00",
                "date_to": "2026-12-30 15:59:59",
            }
        )
        self.assertEqual(self._due("2026-11-26 06:00:00"), "2026-11-27 01:00:00")
        granted = self.env["resource.calendar.leaves"].create(
            {
                "name": "Granted",
                "resource_id": self.employee.resource_id.id,
                "date_from": "2026-11-26 16:00:00",
                "date_to": "2026-11-27 15:59:59",
            }
        )
        self.assertEqual(self._due("2026-11-26 06:00:00"), "2026-11-30 01:00:00")
        self.assertTrue(leave.is_self_entered)
        with self.assertRaises(UserError):
            leave.is_self_entered = False
        granted.with_env(env).date_to = "2026-12-30 15:59:59"
        self.assertEqual(self._due("2026-11-26 06:00:00"), "2026-11-27 01:00:00")

    def test_finishing_late_moves_no_deadline(self):
        """V10: the day of the visit is the day it began; who finishes days later is late."""
        for month, policy, due in (
            (1, {"policy": "next_workday", "hour": 9}, "2026-11-24 01:00:00"),
            (2, {"policy": "same_day", "hour": 18}, "2026-11-23 16:00:00"),
            (3, {"policy": "hours", "hours": 6}, "2026-11-23 21:59:59"),
        ):
            self.env["sales.deadline.rule"].create(
                {"company_id": self.company.id, "date_from": f"2026-{month}-01"}
                | policy
            )
            start = datetime(2026, 11, 23, 6)  # Monday, 14:00 in Shanghai
            with self.subTest(policy["policy"]):
                visit = self._go(self._new_visit(), start, minutes=3 * 24 * 60)
                self.assertEqual(visit.actual_stop, start + timedelta(days=3))
                self.assertEqual(str(visit.report_due), due)
                with freeze_time("2026-11-26 06:00:00"):
                    self.assertTrue(visit.is_report_overdue)

    def test_visit_over_midnight_belongs_to_the_day_it_began(self):
        """V10: begun on Thursday at 23:40, over on Friday: due on Friday."""
        visit = self._go(self._new_visit(), datetime(2026, 11, 26, 15, 40), minutes=60)
        self.assertEqual(str(visit.report_due), "2026-11-27 01:00:00")

    def test_visits_finished_together_keep_their_own_days(self):
        """V10: finishing several at once gives each the deadline of its own day."""
        monday, thursday = self._new_visit(), self._new_visit()
        for visit, start in ((monday, "2026-11-23 06:00:00"), (thursday, VISIT_DAY)):
            with freeze_time(start):
                visit.action_start()
        with freeze_time(VISIT_DAY + timedelta(hours=1)):
            (monday | thursday).action_finish()
        self.assertEqual(str(monday.report_due), "2026-11-24 01:00:00")
        self.assertEqual(str(thursday.report_due), "2026-11-27 01:00:00")

    def test_three_time_zones(self):
        """V10: 9:00 is 9:00 where the salesperson is, on the day after his day."""
        ended = (
            "2026-11-26 23:30:00"  # Friday in Shanghai and Auckland, Thursday in Lima
        )
        for tz, due in (
            ("Asia/Shanghai", "2026-11-30 01:00:00"),
            ("America/Lima", "2026-11-27 14:00:00"),
            ("Pacific/Auckland", "2026-11-29 20:00:00"),
        ):
            self.calendar.tz = tz
            with self.subTest(tz):
                self.assertEqual(self._due(ended), due)

    def test_midnight_utc_is_no_border(self):
        """V10: one minute before and after midnight UTC are one day in Shanghai."""
        self.assertEqual(self._due("2026-11-25 23:59:00"), "2026-11-27 01:00:00")
        self.assertEqual(self._due("2026-11-26 00:01:00"), "2026-11-27 01:00:00")

    def test_local_midnight_is_the_border(self):
        """V10: one minute before and after midnight in Shanghai are two days."""
        self.assertEqual(self._due("2026-11-25 15:59:00"), "2026-11-26 01:00:00")
        self.assertEqual(self._due("2026-11-25 16:00:00"), "2026-11-27 01:00:00")

    def test_daylight_saving(self):
        """V10: over a change of the clock 9:00 stays 9:00 on the wall."""
        self.calendar.tz = "America/New_York"  # back on 1 Nov, forward on 14 Mar
        self.assertEqual(self._due("2026-10-29 16:00:00"), "2026-10-30 13:00:00")
        self.assertEqual(self._due("2026-10-30 16:00:00"), "2026-11-02 14:00:00")
        self.assertEqual(self._due("2027-03-12 16:00:00"), "2027-03-15 13:00:00")

    def test_hour_that_does_not_exist(self):
        """V10: an hour lost to the clock counts as it would have been."""
        rules = self.env["sales.deadline.rule"]
        moment = rules._get_moment(
            datetime(2027, 3, 14).date(), 2.5, "America/New_York"
        )
        self.assertEqual(str(moment), "2027-03-14 07:30:00")

    def test_hour_that_comes_twice(self):
        """V10: of an hour that comes twice the later one counts."""
        rules = self.env["sales.deadline.rule"]
        moment = rules._get_moment(
            datetime(2026, 11, 1).date(), 1.5, "America/New_York"
        )
        self.assertEqual(str(moment), "2026-11-01 06:30:00")

    def test_exactly_at_the_deadline_is_in_time(self):
        """V10: 9:00:00 is in time, 9:00:01 is late and says by how much."""
        in_time = self._submit(
            self._go(self._new_visit()), datetime(2026, 11, 27, 1, 0, 0)
        )
        self.assertFalse(in_time.is_report_late)
        self.assertEqual(in_time.report_delay_hours, 0)
        late = self._submit(
            self._go(self._new_visit()), datetime(2026, 11, 27, 1, 0, 1)
        )
        self.assertTrue(late.is_report_late)
        self.assertAlmostEqual(late.report_delay_hours, 1 / 3600, 6)

    def test_late_stays_late(self):
        """V10: reopening and submitting again washes nothing away."""
        visit = self._submit(self._go(self._new_visit()), datetime(2026, 11, 27, 4))
        submitted = visit.report_submitted_at
        visit.with_user(self.leader).reopen_report("More detail")
        self.assertTrue(visit.is_report_late)
        with freeze_time("2026-11-27 05:00:00"):
            visit.action_submit_report()
        self.assertTrue(visit.is_report_late)
        self.assertEqual(visit.report_submitted_at, submitted)
        self.assertEqual(visit.report_delay_hours, 3)

    def test_reopened_report_in_time_does_not_become_late(self):
        """V10: the manager's question doesn't make a punctual report late or overdue."""
        visit = self._submit(self._go(self._new_visit()), datetime(2026, 11, 26, 10))
        with freeze_time("2026-12-01"):
            visit.with_user(self.leader).reopen_report("More detail")
            self.assertFalse(visit.is_report_overdue)
            visit.action_submit_report()
        self.assertFalse(visit.is_report_late)

    def test_lateness_never_blocks(self):
        """V10: a late report can be submitted: it's flagged, that's all."""
        visit = self._submit(self._go(self._new_visit()), datetime(2027, 5, 1))
        self.assertEqual(visit.state, "reported")

    def test_overdue_is_found_and_shown(self):
        """V10: what is owed past its deadline is one search away."""
        visit = self._go(self._new_visit())
        mine = [("id", "=", visit.id)]
        overdue = [*mine, ("is_report_overdue", "=", True)]
        not_overdue = [*mine, ("is_report_overdue", "=", False)]
        with freeze_time("2026-11-27 01:00:00"):
            self.assertFalse(visit.search(overdue))
            self.assertEqual(visit.search(not_overdue), visit)
        visit.invalidate_recordset()
        with freeze_time("2026-11-27 01:00:01"):
            self.assertTrue(visit.is_report_overdue)
            self.assertEqual(visit.search(overdue), visit)
            self.assertFalse(visit.search(not_overdue))
        self._submit(visit, datetime(2026, 11, 27, 3))
        with freeze_time("2026-11-28"):
            self.assertFalse(visit.search(overdue))

    def test_banner_tells_deadline_zone_and_what_is_left(self):
        """V10: the screen says until when, by which clock, and how it went."""
        visit = self._go(self._new_visit())
        for moment, level, words in (
            ("2026-11-26 16:00:00", "info", "due 27 Nov 09:00 (Asia/Shanghai"),
            ("2026-11-26 16:00:00", "info", "9 h 0 min left"),
            ("2026-11-26 23:40:00", "warning", "1 h 20 min left"),
            ("2026-11-27 03:00:00", "danger", "late by 2 h 0 min"),
            ("2026-11-29 04:00:00", "danger", "late by 2 d 3 h"),
        ):
            visit.invalidate_recordset()
            with self.subTest(moment), freeze_time(moment):
                self.assertEqual(visit.report_banner_level, level)
                self.assertIn(words, visit.report_banner)
        self.assertIn("next working day, 9:00", visit.report_banner)
        self._submit(visit, datetime(2026, 11, 27, 3))
        self.assertEqual(visit.report_banner_level, "danger")
        self.assertIn("submitted 27 Nov 11:00, late by 2 h", visit.report_banner)

    def test_same_day_policy(self):
        """V10: due the same day at an hour; after that hour, by the end of the day."""
        self.rule.write({"policy": "same_day", "hour": 18})
        self.assertEqual(self._due("2026-11-28 06:00:00"), "2026-11-28 10:00:00")
        self.assertEqual(self._due("2026-11-28 11:00:00"), "2026-11-28 16:00:00")

    def test_hours_policy(self):
        """V10: due a number of hours later, whatever the day."""
        self.rule.write({"policy": "hours", "hours": 6})
        self.assertEqual(self._due("2026-11-27 23:00:00"), "2026-11-28 05:00:00")

    def test_rule_of_the_company_and_newest_date_decide(self):
        """P04: dated rows; the company's own go before those for all."""
        rules = self.env["sales.deadline.rule"]
        rules.create({"company_id": False, "date_from": "2026-11-26", "hour": 10})
        self.assertEqual(self._due("2026-11-25 06:00:00"), "2026-11-26 01:00:00")
        self.assertEqual(self._due("2026-11-26 06:00:00"), "2026-11-27 02:00:00")
        own = {"company_id": self.company.id}
        rules.create(own | {"date_from": "2026-01-01", "hour": 11})
        rules.create(own | {"date_from": "2026-12-01", "hour": 12})
        rules.create({"company_id": self.other_company.id, "date_from": "2026-11-01"})
        self.assertEqual(self._due("2026-11-26 06:00:00"), "2026-11-27 03:00:00")

    def test_deadline_set_is_not_moved_by_a_later_rule(self):
        """V10: the deadline is frozen, and so is the rule that it rests on."""
        visit = self._go(self._new_visit())
        self.env["sales.deadline.rule"].create(
            {"company_id": self.company.id, "date_from": "2026-01-01", "hour": 18}
        )
        self.assertEqual(str(visit.report_due), "2026-11-27 01:00:00")
        with self.assertRaises(UserError):
            self.rule.hour = 18
        self.rule.remind_before = 5  # decides no deadline

    def test_without_a_rule_nothing_is_due(self):
        """V10: a company that wants no deadline has none."""
        self.rule.unlink()
        visit = self._go(self._new_visit())
        self.assertFalse(visit.report_due)
        self.assertFalse(visit.report_banner)
        self._submit(visit, VISIT_DAY + timedelta(days=30))
        self.assertFalse(visit.is_report_late)

    def test_calendar_without_working_time_ends_the_search(self):
        """V10: an empty calendar falls back to the next day instead of looping."""
        self.calendar.attendance_ids.unlink()
        self.assertEqual(self._due("2026-11-27 06:00:00"), "2026-11-28 01:00:00")
