from datetime import date, datetime

from odoo.exceptions import AccessError
from odoo.service.model import call_kw
from odoo.tests import freeze_time, tagged

from .common import VisitCase

MONDAY = date(2026, 11, 30)
BEGIN = datetime(2026, 11, 30, 1, 0)  # 9:00 in Shanghai
MISSED = "2026-11-29 18:00:00"  # two hours after Sunday 24:00 in Shanghai


@tagged("post_install", "-at_install")
@freeze_time("2026-11-27 08:00:00")
class TestPlanWatch(VisitCase):
    """V03: week plans that are missing, and what waits for a manager."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["sales.deadline.rule"].create(
            {
                "subject": "week_plan",
                "company_id": False,
                "date_from": "2020-01-01",
                "policy": "day",
                "day": 0,
                "hour": 24,
            }
        )
        cls.plans = cls.env["sales.plan"]
        cls.of_week = [
            ("company_id", "=", cls.company.id),
            ("date_start", "=", MONDAY),
        ]

    def _new_plan(self, user=None, visits=1):
        user = user or self.salesperson
        for _visit in range(visits):
            self._new_visit(user, planned_start=BEGIN)
        plans = self.plans.with_user(user).with_company(self.company)
        return plans.create({"date_start": MONDAY})

    def _run(self, moment):
        cron = self.env.ref("sales_visit.ir_cron_watch_plans")
        self.env.flush_all()
        with freeze_time(moment), self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.env.invalidate_all()

    def test_job_prepares_and_reminds_once(self):
        """V03: missing plans show where the rule is in force; P04: reminded once."""
        plans = self.env["sales.plan"]
        mine = [("user_id", "=", self.salesperson.id)]
        self._run("2026-11-27 08:00:00")
        self.assertFalse(plans.search(mine))
        self._set_mode("V03", "warn")
        self._run("2026-11-27 08:00:00")
        self._run("2026-11-27 09:00:00")
        plan = plans.search(mine)
        self.assertEqual(plan.date_start, MONDAY)
        for moment in ("2026-11-29 14:00:00", "2026-11-29 15:00:00"):
            self._run(moment)
        self.assertEqual(len(plan.activity_ids), 1)
        self.assertEqual(plan.activity_ids.user_id, self.salesperson)
        plan.activity_ids.unlink()
        self._run("2026-11-29 15:30:00")
        self.assertFalse(plan.activity_ids)

    def _escalations(self):
        """``{salesperson: manager told}``"""
        self.env.invalidate_all()
        told = self.env["mail.activity"].search(
            [
                ("res_model", "=", "sales.plan"),
                ("res_id", "in", self.plans.search(self.of_week).ids),
                ("summary", "=like", "No plan%"),
            ]
        )
        return {
            self.plans.browse(activity.res_id).user_id: activity.user_id
            for activity in told
        }

    def test_manager_is_told_of_a_missing_plan_once(self):
        """V03: who asked for none by the deadline; not who asked, nor who is away."""
        self._set_mode("V03", "warn")
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Leave",
                "calendar_id": self.calendar.id,
                "company_id": self.company.id,
                "resource_id": self._new_employee(self.stranger).resource_id.id,
                "date_from": "2026-11-29 16:00:00",
                "date_to": "2026-12-06 15:59:59",
            }
        )
        self._run("2026-11-27 08:00:00")
        self.assertFalse(self.plans.search([("user_id", "=", self.stranger.id)]))
        asked = self.plans.search([("user_id", "=", self.colleague.id)])
        self._new_visit(self.colleague, planned_start=BEGIN)
        asked.with_user(self.colleague).action_request()
        self._run("2026-11-29 17:59:00")
        self.assertFalse(self._escalations())
        self._run(MISSED)
        self.assertEqual(self._escalations(), {self.salesperson: self.line_manager})
        plan = self.plans.search([*self.of_week, ("user_id", "=", self.salesperson.id)])
        plan.activity_ids.unlink()
        self._run("2026-11-29 19:00:00")
        self.assertFalse(self._escalations(), "told once")
        self.assertEqual(str(plan.escalated_at), MISSED)

    def test_asking_settles_it(self):
        """V03: whoever was told needn't look any more; late it stays."""
        plan = self._new_plan()
        self._run(MISSED)
        self.assertEqual(len(plan.activity_ids), 2)
        with freeze_time("2026-11-29 19:00:00"):
            plan.action_request()
        self.assertEqual(
            plan.activity_ids.activity_type_id,
            self.env.ref("sales_visit.mail_activity_type_approval"),
        )
        self.assertTrue(plan.is_late)

    def test_owed_plan_is_not_made_away_with(self):
        """V03: neither deleted nor moved to another week by who owes it."""
        plan = self._new_plan()
        with freeze_time("2026-11-29 16:00:01"):
            for attempt in (
                plan.unlink,
                lambda: plan.write({"date_start": "2026-12-07"}),
                lambda: plan.write({"user_id": self.colleague.id}),
                lambda: plan.write({"escalated_at": "2026-11-29 16:00:00"}),
            ):
                with self.assertRefused(""):
                    attempt()
            plan.focus = "Old customers"
            plan.with_user(self.leader).unlink()
        self.assertFalse(plan.exists())
        self._new_plan().unlink()

    def test_job_killed_half_way_goes_on(self):
        """V03: nobody is told twice, nobody forgotten; so are the reminders."""
        for user in (self.salesperson, self.colleague, self.stranger):
            self._new_plan(user)
        for step in ("_remind", "_escalate"):
            with self._killed_in_second_batch("sales.plan", step):
                self._run(MISSED)
            column = {"_remind": "reminded_at", "_escalate": "escalated_at"}[step]
            self.assertEqual(
                self.plans.search_count([*self.of_week, (column, "!=", False)]),
                2,
            )
        for _run in range(2):
            self._run(MISSED)
        self.assertEqual(
            self._escalations(),
            {
                self.salesperson: self.line_manager,
                self.colleague: self.leader,
                self.stranger: self.other_leader,
            },
        )
        activities = self.plans.search(self.of_week).activity_ids
        self.assertEqual(len(activities), 6)

    def _waiting(self, user):
        rows = self.env["sales.approval"].with_user(user).with_company(self.company)
        self.env.flush_all()
        self.env.invalidate_all()
        return rows.search([("can_decide", "=", True)])

    def _consent(self):
        self.env["sales.customer.file"].create(
            {
                "company_id": self.company.id,
                "partner_id": self.partner.id,
                "user_id": self.salesperson.id,
            }
        )
        consent = (
            self.env["sales.cross.consent"]
            .with_user(self.stranger)
            .create(
                {
                    "partner_id": self.partner.id,
                    "company_id": self.company.id,
                    "reason": "He asked for me",
                }
            )
        )
        consent.action_request()
        return consent

    def test_one_list_of_what_waits(self):
        """V03, V25: plans and consents together, for whoever decides about them."""
        plan, consent = self._new_plan(), self._consent()
        plan.action_request()
        rows = self._waiting(self.leader)
        self.assertEqual(
            set(rows.mapped("document")), {plan.display_name, consent.display_name}
        )
        self.assertEqual(rows.requested_by_id, self.salesperson | self.stranger)
        for user in (self.other_leader, self.company_manager):
            with self.subTest(user.login):
                self.assertFalse(self._waiting(user))
        for user in (self.salesperson, self.receptionist, self.administrator):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self._waiting(user)
        row = rows.filtered(lambda row: row.res_model == "sales.plan")
        self.assertEqual(row.action_open()["res_id"], plan.id)
        with self.assertRaises(AccessError):
            row.with_user(self.company_manager).action_approve()
        with self.assertRaises(AccessError):
            row.sudo().with_user(self.salesperson).sudo().action_approve()
        for attempt in (
            lambda: row.write({"res_id": 1}),
            row.unlink,
            lambda: row.create({"res_id": plan.id, "res_model": "sales.plan"}),
        ):
            with self.assertRaises(AccessError):
                attempt()
        rows.action_approve()
        self.assertEqual(plan.approval_state, "approved")
        self.assertEqual(consent.approval_state, "approved")
        self.assertFalse(self._waiting(self.leader))

    def test_refused_from_the_list(self):
        """V03: with the reason, through the same steps."""
        plan, consent = self._new_plan(), self._consent()
        plan.action_request()
        rows = self._waiting(self.leader)
        action = rows.action_refuse()
        wizard = self.env["sales.visit.reason.wizard"].with_user(self.leader)
        wizard = wizard.with_context(**action["context"])
        wizard.create({"reason": "Too few"}).action_apply()
        for document in (plan, consent):
            self.assertEqual(document.approval_state, "refused")
            self.assertEqual(document.decision_reason, "Too few")

    def _due(self, user):
        self.env.flush_all()
        self.env.invalidate_all()
        day = call_kw(self.env(user=user)["sales.visit"], "get_my_day", [], {})
        return {item["key"]: item for item in day["due"]}

    def test_home_of_a_manager(self):
        """V03: what waits and what is missing, each opening its records."""
        plan = self._new_plan()
        plan.action_request()
        missing = self._new_plan(self.colleague)
        self.assertIn("1", self._due(self.leader)["approvals"]["text"])
        self.assertNotIn("plans", self._due(self.leader))
        self.assertNotIn("approvals", self._due(self.salesperson))
        with freeze_time(MISSED):
            due = self._due(self.leader)
            self.assertNotIn("plans", self._due(self.line_manager), "not his")
            found = self.plans.search(due["plans"]["action"]["domain"])
        self.assertEqual(found, missing)
        with freeze_time("2026-12-08 08:00:00"):
            self.assertNotIn("plans", self._due(self.leader), "the week is over")

    def test_constant_queries(self):
        """V03: the list of 12 takes the queries of 3."""

        def count():
            self._due(self.leader)
            before = self.cr.sql_log_count
            rows = self._waiting(self.leader)
            rows.mapped("document")
            return self.cr.sql_log_count - before, len(rows)

        def ask(number):
            users = self._new_users(
                {f"v_ask_{number}_{i}": "group_user" for i in range(number)}
            )
            self.team.member_ids |= self.env["res.users"].union(*users)
            for user in users:
                self._new_plan(user).action_request()

        ask(3)
        (few, small), _asked = count(), ask(9)
        many, large = count()
        self.assertEqual((small, large), (3, 12))
        self.assertLessEqual(many, few)
