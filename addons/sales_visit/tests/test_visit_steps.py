from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, tagged

from .common import VISIT_DAY, VisitCase


@tagged("post_install", "-at_install")
class TestVisitSteps(VisitCase):
    def test_visit_walks_from_draft_to_reviewed(self):
        """V10: every step is one method; times come from the clock."""
        visit = self._go(self._new_visit())
        self.assertEqual(visit.state, "to_report")
        self.assertEqual(visit.actual_start, VISIT_DAY)
        self.assertEqual(visit.actual_stop, VISIT_DAY + timedelta(minutes=30))
        self.assertAlmostEqual(visit.duration, 0.5)
        self._submit(visit, VISIT_DAY + timedelta(hours=3))
        self.assertEqual(visit.state, "reported")
        with freeze_time("2026-11-27 02:00:00"):
            visit.with_user(self.leader).action_review()
        self.assertEqual(visit.state, "reviewed")
        self.assertEqual(visit.reviewed_by_id, self.leader)
        self.assertEqual(str(visit.reviewed_at), "2026-11-27 02:00:00")

    def test_card_dropped_takes_the_step(self):
        """V10: dropping a card is pressing its button, and meets the same guards."""
        visit = self._new_visit()
        drop = visit.with_user(self.salesperson).action_move_to
        for state in ("planned", "confirmed", "in_progress", "to_report", "reported"):
            self.assertTrue(drop(state))
            self.assertEqual(visit.state, state)
        with self.assertRaises(AccessError):
            drop("reviewed")
        self.assertTrue(visit.with_user(self.leader).action_move_to("reviewed"))
        for state in ("draft", "confirmed", "no such state", "unlink", "__class__"):
            with self.subTest(state), self.assertRaises(UserError):
                visit.with_user(self.leader).action_move_to(state)
        action = visit.with_user(self.leader).action_move_to("to_report")
        self.assertEqual(action["context"]["default_step"], "reopen")
        self.assertEqual(visit.state, "reviewed")
        early = self._new_visit()
        with self.assertRefused("can't become"):
            early.with_user(self.leader).action_move_to("reviewed")

    def test_planned_end_follows_the_type_and_moves_along(self):
        """V09: a visit is planned for the duration of its type."""
        visit = self._new_visit()
        self.assertEqual(visit.planned_stop, VISIT_DAY + timedelta(minutes=30))
        visit.planned_start = VISIT_DAY + timedelta(days=1)
        self.assertEqual(visit.planned_stop, VISIT_DAY + timedelta(days=1, minutes=30))
        end = VISIT_DAY + timedelta(days=1, hours=2)
        visit.planned_stop = end
        self.assertEqual(visit.planned_stop, end)

    def test_visit_started_without_plan_is_off_plan(self):
        """V03: a visit that begins as a draft is off plan; a planned one isn't."""
        walk_in = self._new_visit(planned_start=False)
        walk_in.action_start()
        self.assertTrue(walk_in.is_off_plan)
        planned = self._new_visit()
        planned.action_plan()
        planned.action_start()
        self.assertFalse(planned.is_off_plan)

    def test_plan_needs_a_start(self):
        """V03: a plan says when."""
        with self.assertRaisesRegex(UserError, "begins"):
            self._new_visit(planned_start=False).action_plan()

    def test_steps_only_from_their_states(self):
        """V10: no step can be skipped towards a report, none repeated."""
        visit = self._new_visit()
        for step in ("action_confirm", "action_finish", "action_submit_report"):
            with self.subTest(step), self.assertRaises(UserError):
                getattr(visit, step)()
        with self.assertRaises(UserError):
            visit.with_user(self.leader).action_review()
        self._go(visit)
        for step in ("action_plan", "action_start", "action_finish", "action_draft"):
            with self.subTest(step), self.assertRaises(UserError):
                getattr(visit, step)()
        self.assertEqual(visit.state, "to_report")

    def test_owed_report_cannot_be_cancelled_away(self):
        """V10: once the visit has ended a report is owed; cancelling is no way out."""
        visit = self._go(self._new_visit())
        with self.assertRaises(UserError):
            visit.cancel_visit("No time")
        with self.assertRaises(UserError), freeze_time("2026-12-01"):
            visit.action_missed()

    def test_cancelled_visit_keeps_its_reason(self):
        """V03: what is skipped says why."""
        visit = self._new_visit()
        visit.action_plan()
        with self.assertRaises(UserError):
            visit.cancel_visit("  ")
        visit.cancel_visit("Customer is ill")
        self.assertEqual(visit.state, "cancelled")
        self.assertEqual(visit.cancel_reason, "Customer is ill")
        self.assertIn("Customer is ill", visit.message_ids[0].body)
        visit.action_draft()
        self.assertFalse(visit.cancel_reason)

    def test_only_past_visits_are_missed(self):
        """V03: a visit to come isn't missed yet."""
        visit = self._new_visit()
        visit.action_plan()
        with freeze_time(VISIT_DAY), self.assertRaises(UserError):
            visit.action_missed()
        with freeze_time(VISIT_DAY + timedelta(days=1)):
            visit.action_missed()
        self.assertEqual(visit.state, "missed")

    def test_only_the_salesperson_goes_and_reports(self):
        """V10: nobody, not even a manager, reports for somebody else."""
        visit = self._new_visit()
        visit.action_plan()
        with self.assertRaises(AccessError):
            visit.with_user(self.leader).action_start()
        self._go(self._new_visit())
        owed = self._go(self._new_visit())
        for user in (self.leader, self.company_manager, self.env.user):
            with self.subTest(user.login), self.assertRaises(AccessError):
                owed.with_user(user).sudo().action_submit_report()

    def test_managers_review_but_never_themselves(self):
        """V10: team leader, line manager and company manager review; others don't."""
        for user in (self.leader, self.line_manager, self.company_manager):
            visit = self._reported_visit()
            self.assertTrue(visit.with_user(user).can_review)
            visit.with_user(user).action_review()
            self.assertEqual(visit.reviewed_by_id, user)
        visit = self._reported_visit()
        for user in (self.salesperson, self.colleague, self.other_leader):
            self.assertFalse(visit.with_user(user).sudo().can_review)
            with self.subTest(user.login), self.assertRaises(AccessError):
                visit.with_user(user).sudo().action_review()
        self.team.user_id = self.salesperson
        self.salesperson.group_ids |= self.env.ref("sales_visit.group_company_manager")
        with self.assertRaises(AccessError):
            visit.action_review()

    def test_manager_reopens_with_reason_and_all_is_logged(self):
        """V10: the manager reopens with a reason; both are in the log."""
        visit = self._reported_visit()
        with self.assertRaises(AccessError):
            visit.reopen_report("Typo")
        manager_visit = visit.with_user(self.leader)
        with self.assertRaises(UserError):
            manager_visit.reopen_report("")
        action = manager_visit.action_reopen()
        with Form.from_action(self.env(user=self.leader), action) as form:
            form.reason = "Say what they ordered"
        form.record.action_apply()
        self.assertEqual(visit.state, "to_report")
        message = visit.message_ids[0]
        self.assertIn("Say what they ordered", message.body)
        self.assertEqual(message.author_id, self.leader.partner_id)
        self.assertEqual(visit.activity_ids.user_id, self.salesperson)
        self.assertEqual(len(visit.activity_ids), 2)
        visit.summary = "Ordered 3"
        visit.action_submit_report()
        self.assertEqual(visit.state, "reported")
        thanks = self.env.ref("sales_visit.mail_activity_type_thanks")
        self.assertEqual(visit.activity_ids.activity_type_id, thanks)

    def test_state_changes_are_tracked(self):
        """V10: the log shows who moved the visit from what to what."""
        visit = self._new_visit().with_context(tracking_disable=False)
        self.flush_tracking()
        visit.action_plan()
        self.flush_tracking()
        tracking = visit.message_ids.sudo().tracking_value_ids
        self.assertIn("Planned", tracking.mapped("new_value_char"))

    def flush_tracking(self):
        self.env.flush_all()
        self.cr.precommit.run()

    def test_reason_wizard_knows_what_has_such_a_step(self):
        """V10: tried with a model that isn't there, one without steps and another's."""
        for model, step in (
            ("no.such.model", "refuse"),
            ("res.partner", "refuse"),
            ("sales.visit", "refuse"),
            ("sales.plan", "cancel"),
        ):
            wizard = (
                self.env["sales.visit.reason.wizard"]
                .with_user(self.salesperson)
                .create(
                    {"res_model": model, "res_ids": [1], "step": step, "reason": "R"}
                )
            )
            with self.subTest(model), self.assertRefused("no such step"):
                wizard.action_apply()

    def test_reason_wizard_serves_cancelling_too(self):
        """V03: the button asks for the reason before anything changes."""
        visit = self._new_visit()
        action = visit.action_cancel()
        self.assertEqual(visit.state, "draft")
        with Form.from_action(self.env(user=self.salesperson), action) as form:
            form.reason = "Double"
        form.record.action_apply()
        self.assertEqual(visit.state, "cancelled")
