from datetime import date, datetime, timedelta

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from .common import VisitCase

MONDAY = date(2026, 11, 30)
BEGIN = datetime(2026, 11, 30, 1, 0)  # 9:00 in Shanghai


@tagged("post_install", "-at_install")
@freeze_time("2026-11-27 08:00:00")
class TestWeekPlan(VisitCase):
    """V03: the week's plan, its approval and its report."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        rules = cls.env["sales.deadline.rule"]
        for subject, day, hour in (("week_plan", 0, 24), ("week_report", 5, 18)):
            rules.create(
                {
                    "subject": subject,
                    "company_id": False,
                    "date_from": "2020-01-01",
                    "policy": "day",
                    "day": day,
                    "hour": hour,
                }
            )

    def _new_plan(self, visits=2, user=None):
        user = user or self.salesperson
        for number in range(visits):
            self._new_visit(
                user,
                partner_id=self._new_partner(f"P{number}").id,
                planned_start=BEGIN + timedelta(days=number),
            )
        plans = self.env["sales.plan"].with_user(user).with_company(self.company)
        return plans.create({"date_start": MONDAY})

    def _approved(self, visits=2):
        plan = self._new_plan(visits)
        plan.action_request()
        plan.with_user(self.leader).action_approve()
        return plan

    def test_approval_puts_the_visits_on_the_plan_once(self):
        """V03: drafts become planned; nothing is doubled."""
        plan = self._new_plan()
        self.assertEqual(plan.planned_count, 2)
        plan.action_request()
        visits = plan.line_ids.visit_id
        self.assertEqual(len(visits), 2)
        self.assertEqual(set(visits.mapped("state")), {"draft"})
        plan.with_user(self.line_manager).action_approve()
        self.assertEqual(set(visits.mapped("state")), {"planned"})
        with self.assertRefused("“Approved”"):
            plan.with_user(self.leader).action_approve()
        self.assertEqual(
            self.env["sales.visit"].search_count(
                [("user_id", "=", self.salesperson.id)]
            ),
            2,
        )

    def test_who_decides(self):
        """V03: managers of the salesperson, nobody else, and never oneself."""
        plan = self._new_plan()
        plan.action_request()
        for user in (
            self.salesperson,
            self.colleague,
            self.other_leader,
            self.foreigner,
        ):
            with self.subTest(user.login), self.assertRaises(AccessError):
                plan.with_user(user).action_approve()
        with self.assertRaises(AccessError):
            plan.write({"approval_state": "approved"})
        self.assertEqual(plan.approver_ids, self.line_manager | self.leader)

    def test_what_was_asked_for_stays(self):
        """V03: lines are the plan's; neither added, changed nor deleted by hand."""
        plan = self._new_plan()
        plan.action_request()
        line = plan.line_ids[0]
        with self.assertRefused("has been asked for"):
            plan.focus = "Other"
        for vals in (
            {"result": "done"},
            {"partner_id": self.partner.id},
            {"planned_start": BEGIN},
            {"plan_id": plan.id},
        ):
            with self.subTest(vals), self.assertRaises(AccessError):
                line.write(vals)
        with self.assertRaises(AccessError):
            line.unlink()
        with self.assertRefused("has been asked for"):
            line.sudo().unlink()
        with self.assertRaises(AccessError):
            plan.write({"line_ids": [(2, line.id)]})
        with self.assertRaises(AccessError):
            self.env["sales.plan.line"].with_user(self.salesperson).create(
                {
                    "plan_id": plan.id,
                    "visit_id": self._new_visit().id,
                    "partner_id": self.partner.id,
                    "result": "planned",
                }
            )
        with self.assertRefused("has been asked for"):
            plan.unlink()

    def test_visit_on_a_plan_is_not_deleted(self):
        """V03: what has been asked for doesn't vanish."""
        plan = self._new_plan(1)
        plan.action_request()
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaisesRegex(IntegrityError, "sales_plan_line"),
            self.env.cr.savepoint(),
        ):
            plan.line_ids.visit_id.unlink()
        self.assertTrue(plan.line_ids.visit_id.exists())

    def test_withdrawn_and_refused_plans_are_asked_for_again(self):
        """V03: with the visits that the week has by then."""
        plan = self._new_plan(1)
        plan.action_request()
        plan.action_withdraw()
        self.assertFalse(plan.line_ids)
        self._new_visit(planned_start=BEGIN)
        plan.action_request()
        self.assertEqual(len(plan.line_ids), 2)
        plan.with_user(self.leader).refuse("Too few")
        self.assertEqual(set(plan.line_ids.visit_id.mapped("state")), {"draft"})
        plan.action_revise()
        self.assertEqual(plan.approval_state, "draft")
        plan.action_request()
        self.assertEqual(len(plan.line_ids), 2)

    def test_empty_plan_is_not_asked_for(self):
        """V03: a plan has visits."""
        with self.assertRefused("no visit"):
            self._new_plan(0).action_request()

    def test_one_plan_a_week_from_monday(self):
        """V03: one per person and week."""
        self._new_plan(0)
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaisesRegex(IntegrityError, "period_uniq"),
            self.env.cr.savepoint(),
        ):
            self._new_plan(0)
        with self.assertRaises(ValidationError):
            self.env["sales.plan"].create(
                {"date_start": "2026-12-01", "company_id": self.company.id}
            )

    def test_late_is_decided_by_the_first_request(self):
        """V03: before Monday by the salesperson's clock; late stays."""
        plan = self._new_plan()
        self.assertEqual(plan.due_at, datetime(2026, 11, 29, 16, 0))
        with freeze_time("2026-11-29 16:00:00"):
            plan.action_request()
        self.assertFalse(plan.is_late)
        late = self._new_plan(user=self.colleague)
        with freeze_time("2026-11-29 16:00:01"):
            late.action_request()
        self.assertTrue(late.is_late)
        for name in ("is_late", "due_at", "first_requested_at", "is_report_late"):
            with self.subTest(name), self.assertRaises(AccessError):
                late.sudo().write({name: False})

    def test_late_is_not_forged_by_an_earlier_request(self):
        """V03: tried: ask for another week, withdraw or have it refused, and move the plan
        to this week, whose deadline has passed; or ask for one visit and withdraw."""
        plan = self._new_plan(1)
        plan.action_request()
        plan.action_withdraw()
        with freeze_time("2026-11-29 16:00:01"):
            plan.action_request()
            self.assertTrue(plan.is_late)
            plan.action_withdraw()
            plan.action_request()
            self.assertTrue(plan.is_late, "late stays")
        for back in ("withdrawn", "refused"):
            with self.subTest(back):
                user = self.colleague if back == "withdrawn" else self.stranger
                plan = self._new_plan(1, user=user)
                plan.date_start = MONDAY + timedelta(days=7)
                visit = self._new_visit(user, planned_start=BEGIN + timedelta(days=7))
                plan.action_request()
                if back == "withdrawn":
                    plan.action_withdraw()
                else:
                    plan.with_user(self.other_leader).refuse("Why not this week?")
                    plan.action_revise()
                with freeze_time("2026-11-30 00:00:00"):
                    if back == "refused":
                        with self.assertRefused("has been asked for"):
                            plan.date_start = MONDAY
                        continue
                    plan.date_start = MONDAY
                    visit.planned_start = BEGIN + timedelta(days=1)
                    plan.action_request()
                    self.assertTrue(plan.is_late)

    def test_week_is_reported_when_it_is_over_and_was_planned(self):
        """V03: tried: report a plan that nobody asked for, one on its first morning, one
        with a visit still to come, and one without a word."""
        unasked = self._new_plan(0, user=self.colleague)
        plan = self._approved(2)
        line = plan.line_ids[-1]
        with freeze_time("2026-12-04 09:00:00"):
            with self.assertRefused("“Draft”"):
                unasked.action_submit_report()
            unasked.action_request()
            self.assertTrue(unasked.is_late)
            with self.assertRefused("There is nothing"):
                unasked.action_submit_report()
            unasked.report = "Ill all the week."
            unasked.action_submit_report()
            self.assertFalse(unasked.planned_count)
        plan.line_ids.reason = "No time"
        for moment in ("2026-11-30 00:00:00", "2026-12-03 15:59:00"):
            with freeze_time(moment), self.assertRefused("12/04/2026"):
                plan.action_submit_report()
        line.visit_id.planned_start = datetime(2026, 12, 4, 3, 0)
        with freeze_time("2026-12-04 02:00:00"), self.assertRefused("still to come"):
            plan.action_submit_report()
        with freeze_time("2026-12-04 08:00:00"):
            plan.action_submit_report()

    def test_report_is_possible_when_it_is_due(self):
        """V03: who doesn't work at the end of the week, or whose company wants the report
        before, needn't wait."""
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Leave",
                "calendar_id": self.calendar.id,
                "company_id": self.company.id,
                "resource_id": self.employee.resource_id.id,
                "date_from": "2026-12-02 16:00:00",
                "date_to": "2026-12-06 15:59:59",
            }
        )
        plan = self._approved(1)
        plan.line_ids.reason = "No time"
        with freeze_time("2026-12-01 15:59:00"), self.assertRefused("12/02/2026"):
            plan.action_submit_report()
        with freeze_time("2026-12-02 08:00:00"):
            plan.action_submit_report()
        self.env["sales.deadline.rule"].create(
            {
                "subject": "week_report",
                "company_id": self.company.id,
                "date_from": "2020-01-01",
                "policy": "day",
                "day": 2,
                "hour": 18,
            }
        )
        plan = self._new_plan(2, user=self.colleague)
        plan.action_request()
        plan.line_ids.reason = "No time"
        with freeze_time("2026-12-01 08:00:00"):
            plan.action_submit_report()
        self.assertFalse(plan.is_report_late)

    def test_approval_is_for_this_week_customer_and_salesperson(self):
        """V03: tried: begin what is approved for a week in another one, moved or not; put it
        back to draft with another customer or salesperson, and plan it again."""
        self._set_mode("V03", "warn")
        plan = self._approved(4)
        early, moved, other, handed = plan.line_ids.visit_id.with_user(self.salesperson)
        moved.planned_start = BEGIN - timedelta(days=2)
        for visit in (early, moved):
            self.assertIn(
                "approved for",
                visit._get_step_reasons("in_progress")[visit][0]["message"],
            )
            visit.action_start()
            self.assertTrue(visit.is_off_plan)
        other.action_draft()
        other.partner_id = self.partner
        other.action_plan()
        handed.sudo().user_id = self.colleague
        with freeze_time(BEGIN):
            other.action_start()
            handed.with_user(self.colleague).action_start()
        self.assertTrue(other.is_off_plan)
        self.assertTrue(handed.is_off_plan)
        results = {line.visit_id: line.current_result for line in plan.line_ids}
        self.assertEqual(
            results, dict.fromkeys(early | moved | other | handed, "skipped")
        )
        self.assertEqual(plan.visit_ids, other)
        with freeze_time("2026-12-04 09:00:00"):
            plan.line_ids.reason = "Something else"
            plan.action_submit_report()
        lines = plan.line_ids.filtered(lambda line: line.visit_id == other)
        self.assertEqual(
            {(line.partner_id, line.result) for line in lines},
            {
                (self.partner, "off_plan"),
                ((lines.partner_id - self.partner), "skipped"),
            },
        )

    def test_report_says_what_came_of_it(self):
        """V03: planned, done, off plan and skipped, frozen by the report."""
        plan = self._approved(4)
        done, cancelled, moved, untouched = plan.line_ids.sorted("planned_start")
        other = self._new_visit(planned_start=BEGIN)
        for visit in (done.visit_id, other):
            with freeze_time(BEGIN):
                visit.action_start()
        cancelled.visit_id.with_user(self.salesperson).cancel_visit("He was ill")
        moved.visit_id.with_user(self.salesperson).planned_start = BEGIN + timedelta(
            days=8
        )
        with freeze_time("2026-12-04 09:00:00"):
            with self.assertRefused("was skipped"):
                plan.action_submit_report()
            moved.reason = "He asked for next week"
            untouched.with_user(self.salesperson).reason = "No time"
            plan.report = "A quiet week."
            plan.action_submit_report()
        self.assertFalse(plan.is_report_late)
        results = {line.visit_id: line.result for line in plan.line_ids}
        self.assertEqual(
            results,
            {
                done.visit_id: "done",
                other: "off_plan",
                cancelled.visit_id: "skipped",
                moved.visit_id: "skipped",
                untouched.visit_id: "skipped",
            },
        )
        counts = (plan.planned_count, plan.done_count)
        counts += (plan.off_plan_count, plan.skipped_count)
        self.assertEqual(counts, (4, 1, 1, 3))
        with freeze_time(BEGIN + timedelta(days=8)):
            moved.visit_id.with_user(self.salesperson).action_start()
        plan.invalidate_recordset()
        self.assertEqual(plan.done_count, 1)

    def test_report_stays(self):
        """V03: neither text nor reasons change, and it is submitted once."""
        plan = self._approved(1)
        with freeze_time(BEGIN):
            plan.line_ids.visit_id.with_user(self.salesperson).action_start()
        with freeze_time("2026-12-04 10:00:01"):
            plan.action_submit_report()
            self.assertTrue(plan.is_report_late)
            with self.assertRefused("stays"):
                plan.action_submit_report()
        with self.assertRefused("stays"):
            plan.report = "Other"
        with self.assertRefused("stays"):
            plan.line_ids.reason = "Other"
        with self.assertRefused("stays"):
            plan.write({"line_ids": [(1, plan.line_ids.id, {"reason": "Other"})]})

    def test_who_reports_and_when(self):
        """V03: the salesperson, once the week has begun."""
        plan = self._approved(1)
        with self.assertRefused("12/04/2026"):
            plan.action_submit_report()
        with freeze_time("2026-12-04 09:00:00"), self.assertRaises(AccessError):
            plan.with_user(self.leader).action_submit_report()

    def test_rule_is_off_warns_or_blocks(self):
        """V03: a visit begun without an approved plan."""
        visit = self._new_visit()
        visit.action_plan()
        visit.action_start()
        self.assertFalse(visit.is_off_plan)
        self._set_mode("V03", "warn")
        visit = self._new_visit()
        visit.action_plan()
        self.assertIn(
            "V03",
            visit.step_reasons
            or visit._get_step_reasons("in_progress")[visit][0]["message"],
        )
        visit.action_start()
        self.assertTrue(visit.is_off_plan)
        self.env["sales.visit.rule.mode"].search([("rule", "=", "V03")]).mode = "block"
        visit = self._new_visit()
        visit.action_plan()
        with self.assertRefused("V03"):
            visit.action_start()
        planned = self._approved(1).line_ids.visit_id.with_user(self.salesperson)
        planned.partner_id = self.partner
        with freeze_time(BEGIN), self.assertRefused("V03"):
            planned.action_start()

    def test_approved_visit_starts_where_the_rule_blocks(self):
        """V03: what a manager has approved isn't off plan."""
        self._set_mode("V03", "block")
        visit = self._approved(1).line_ids.visit_id.with_user(self.salesperson)
        with freeze_time(BEGIN):
            visit.action_start()
        self.assertEqual(visit.state, "in_progress")
        self.assertFalse(visit.is_off_plan)

    def test_due_customers_wait_for_the_approval(self):
        """V03: where the rule is in force, "Plan These" makes drafts (V02)."""
        file = self.env["sales.customer.file"].create(
            {
                "company_id": self.company.id,
                "partner_id": self.partner.id,
                "user_id": self.salesperson.id,
                "next_due": "2026-11-26",
            }
        )
        self._set_mode("V03", "warn")
        plan = self._new_plan(0)
        plan.action_add_due()
        visit = self.env["sales.visit"].search([("partner_id", "=", self.partner.id)])
        self.assertEqual(visit.state, "draft")
        self.assertTrue(file._filter_planned())
        plan.action_request()
        plan.with_user(self.leader).action_approve()
        self.assertEqual(visit.state, "planned")

    def test_coming_week_opens_the_same_plan(self):
        """V03: pressed twice, one plan."""
        plans = self.env["sales.plan"].with_user(self.salesperson)
        plans = plans.with_company(self.company)
        action = plans.action_open_coming()
        self.assertEqual(plans.action_open_coming()["res_id"], action["res_id"])
        self.assertEqual(plans.browse(action["res_id"]).date_start, MONDAY)

    def test_constant_queries(self):
        """V03: the list of 12 plans takes the queries of 3; so does approving 20 visits."""

        def count(function):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            function()
            self.env.flush_all()
            return self.cr.sql_log_count - before

        plans = self.env["sales.plan"].create(
            [
                {
                    "company_id": self.company.id,
                    "user_id": self.salesperson.id,
                    "date_start": MONDAY + timedelta(days=7 * week),
                }
                for week in range(1, 13)
            ]
        )
        few = count(lambda: plans[:3].mapped("done_count"))
        self.assertLessEqual(count(lambda: plans.mapped("done_count")), few)
        small, large = self._new_plan(4), self._new_plan(20, self.colleague)
        (small | large).sudo().action_request()
        self.env.flush_all()
        small, large = (p.with_user(self.leader) for p in (small, large))
        few = count(small.action_approve)
        self.assertLessEqual(count(large.action_approve), few)

    def test_other_people_see_nothing(self):
        """V03: own, the team's, the company's."""
        plan = self._new_plan()
        plan.action_request()
        plan = plan.with_context(allowed_company_ids=[])
        for user, sees in (
            (self.salesperson, True),
            (self.leader, True),
            (self.line_manager, True),
            (self.company_manager, True),
            (self.colleague, False),
            (self.other_leader, False),
            (self.foreigner, False),
        ):
            with self.subTest(user.login):
                for records in (plan, plan.line_ids):
                    found = records.with_user(user)._filtered_access("read")
                    self.assertEqual(bool(found), sees)
        with self.assertRaises(UserError):
            plan.with_user(self.receptionist).read(["focus"])
