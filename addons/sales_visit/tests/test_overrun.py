from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import VISIT_DAY, VisitCase


@tagged("post_install", "-at_install")
class TestOverrun(VisitCase):
    def _submit_now(self, visit):
        return self._submit(visit, VISIT_DAY + timedelta(hours=3))

    def test_minutes_beyond_the_plan(self):
        """V09: full minutes beyond the planned duration; in time is none."""
        for minutes, overrun in ((20, 0), (30, 0), (31, 1), (75, 45)):
            visit = self._go(self._new_visit(), minutes=minutes)
            with self.subTest(minutes):
                self.assertEqual(visit.overrun_minutes, overrun)

    def test_planned_duration_is_that_of_the_plan(self):
        """V09: an hour planned is an hour allowed; without a plan the type says."""
        visit = self._new_visit(planned_stop=VISIT_DAY + timedelta(hours=1))
        self.assertEqual(self._go(visit, minutes=61).overrun_minutes, 1)
        visit = self._new_visit(planned_start=False)
        visit.action_start()
        visit.action_finish()
        self.assertEqual(visit.overrun_minutes, 0)

    def test_tolerance_is_the_companys(self):
        """V09: within it there is no overrun; beyond it all of it counts."""
        self.company.visit_overrun_tolerance = 10
        self.assertEqual(self._go(self._new_visit(), minutes=40).overrun_minutes, 0)
        visit = self._go(self._new_visit(), minutes=41)
        self.assertEqual(visit.overrun_minutes, 11)
        self.company.visit_overrun_tolerance = 60
        visit.invalidate_recordset()
        self.assertEqual(visit.overrun_minutes, 11, "decided when the visit ended")

    def test_overrun_without_a_reason_is_refused(self):
        """V09: spaces are no reason; a reason is enough."""
        self._set_mode("V09", "block")
        visit = self._go(self._new_visit(), minutes=45)
        self.assertIn("15", visit.step_reasons)
        visit.overrun_reason = "  "
        with self.assertRefused("15 minutes"):
            self._submit_now(visit)
        visit.overrun_reason = "The customer wished to continue"
        self._submit_now(visit)
        self.assertEqual(visit.state, "reported")
        with self.assertRefused("V10"):
            visit.overrun_reason = "Another"

    def test_warning_and_off(self):
        """V09: warned, the report is taken and the log says so; off, it isn't."""
        visit = self._submit_now(self._go(self._new_visit(), minutes=45))
        self.assertNotIn("V09", str(visit.message_ids.mapped("body")))
        self._set_mode("V09", "warn")
        visit = self._submit_now(self._go(self._new_visit(), minutes=45))
        self.assertIn("V09", str(visit.message_ids.mapped("body")))

    def test_nobody_writes_the_overrun_or_its_plan(self):
        """V09: neither the figure nor, once begun, what it is measured against."""
        visit = self._go(self._new_visit(), minutes=45)
        with self.assertRaises(AccessError):
            visit.overrun_minutes = 0
        with self.assertRefused("begun"):
            visit.planned_stop = VISIT_DAY + timedelta(hours=2)
