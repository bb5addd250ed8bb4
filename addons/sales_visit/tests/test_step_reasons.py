from datetime import timedelta
from unittest.mock import patch

from odoo.tests import freeze_time, tagged

from .common import VISIT_DAY, VisitCase

# state a step leads to -> (steps before it, the step itself)
STEPS = {
    "planned": ((), "action_plan"),
    "confirmed": (("action_plan",), "action_confirm"),
    "in_progress": ((), "action_start"),
    "to_report": (("action_start",), "action_finish"),
    "reported": (("action_start", "action_finish"), "action_submit_report"),
    "missed": (("action_plan",), "action_missed"),
    "draft": (("action_plan",), "action_draft"),
}


@tagged("post_install", "-at_install")
@freeze_time(VISIT_DAY + timedelta(hours=2))
class TestStepReasons(VisitCase):
    """V11: where a rule's reasons go, each step looks; rules need no guard of their own."""

    def _give_reason(self, state, mode):
        """Let every visit have a reason against the step to a state."""

        def get_step_reasons(visits, to):
            reasons = original(visits, to)
            for visit in visits if to == state else ():
                reason = {"rule": "V00", "mode": mode, "message": f"Reason: {mode}."}
                reasons[visit].append(reason)
            return reasons

        model = self.env.registry["sales.visit"]
        original = model._get_step_reasons
        return patch.object(model, "_get_step_reasons", get_step_reasons)

    def _get_visit_before(self, state):
        visit = self._new_visit()
        for step in STEPS[state][0]:
            getattr(visit, step)()
        return visit

    def test_blocking_reason_stops_every_step(self):
        """V11: whatever the step, it is refused with the reason and nothing has moved."""
        for state, (_steps, step) in STEPS.items():
            visit = self._get_visit_before(state)
            before = visit.state
            with self.subTest(state), self._give_reason(state, "block"):
                with self.assertRefused("Reason: block."):
                    getattr(visit, step)()
                visit.invalidate_recordset()
                self.assertEqual(visit.state, before)

    def test_steps_with_a_reason_of_their_own_meet_it_too(self):
        """V11: cancelling, reopening and reviewing are steps as well."""
        draft, reported = self._new_visit(), self._reported_visit()
        reviewed = reported.with_user(self.leader)
        for state, step, args in (
            ("cancelled", draft.cancel_visit, ("Reason",)),
            ("reviewed", reviewed.action_review, ()),
            ("to_report", reviewed.reopen_report, ("Reason",)),
        ):
            with (
                self.subTest(state),
                self._give_reason(state, "block"),
                self.assertRefused("Reason: block."),
            ):
                step(*args)

    def test_warning_lets_every_step_through_and_is_logged(self):
        """V11: warned, taken, and in the log."""
        for state, (_steps, step) in STEPS.items():
            visit = self._get_visit_before(state)
            with self.subTest(state), self._give_reason(state, "warn"):
                getattr(visit, step)()
                self.assertEqual(visit.state, state)
                self.assertIn("Reason: warn.", visit.message_ids[0].body)

    def test_banner_speaks_of_the_next_step_only(self):
        """V11: before pressing the button, the screen says what stands against it."""
        visit = self._new_visit()
        with self._give_reason("confirmed", "block"):
            self.assertFalse(visit.step_reasons)
            visit.action_plan()
            visit.invalidate_recordset(["step_reasons"])
            self.assertEqual(visit.step_reasons, "Reason: block.")
        visit.invalidate_recordset(["step_reasons"])
        self.assertFalse(visit.step_reasons)
