from datetime import timedelta

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger
from psycopg2.errors import CheckViolation

from .common import VISIT_DAY, VisitCase


@tagged("post_install", "-at_install")
class TestRequiredAnswers(VisitCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.visit_type.required_section_ids = [
            Command.set(
                [
                    cls.env.ref("sales_visit.sales_visit_section_summary").id,
                    cls.env.ref("sales_visit.sales_visit_section_outcome_id").id,
                ]
            )
        ]

    def _owed(self, **values):
        return self._go(self._new_visit(**values))

    def _submit_bare(self, visits):
        with freeze_time(VISIT_DAY + timedelta(hours=1)):
            visits.action_submit_report()

    def test_arrives_off(self):
        """V11: a company that has chosen nothing gets no new obstacle."""
        visit = self._owed()
        self.assertFalse(visit.step_reasons)
        visit.action_submit_report()
        self.assertEqual(visit.state, "reported")

    def test_warn_says_so_and_lets_through(self):
        """V11: warned on the screen, submitted, and noted in the log."""
        self._set_mode("V11", "warn")
        visit = self._owed()
        visit.outcome_id = self.outcome
        self.assertIn("Summary", visit.step_reasons)
        self.assertNotIn("Outcome", visit.step_reasons)
        visit.action_submit_report()
        self.assertEqual(visit.state, "reported")
        self.assertIn("Summary", visit.message_ids[0].body)

    def test_block_refuses_and_says_what_is_missing(self):
        """V11: no submission without the answers that the type requires."""
        self._set_mode("V11", "block")
        visit = self._owed()
        with self.assertRaisesRegex(UserError, "Outcome, Summary"):
            visit.action_submit_report()
        self.assertEqual(visit.state, "to_report")
        self.assertFalse(visit.report_submitted_at)
        visit.write({"outcome_id": self.outcome.id, "summary": "Said"})
        self.assertFalse(visit.step_reasons)
        visit.action_submit_report()
        self.assertEqual(visit.state, "reported")

    def test_blanks_and_the_past_are_no_answers(self):
        """V11: nor is a next visit before this one."""
        self._set_mode("V11", "block")
        visit = self._owed()
        visit.write({"summary": "  ", "outcome_id": self.outcome.id})
        with self.assertRefused("Missing"):
            self._submit_bare(visit)
        with mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation):
            visit.next_visit_date = "2020-01-01"
            self.env.flush_all()

    def test_one_blocked_visit_blocks_the_batch(self):
        """V11: submitting many at once is no way round."""
        self._set_mode("V11", "block")
        complete, incomplete = self._owed(), self._owed()
        complete.write({"outcome_id": self.outcome.id, "summary": "Said"})
        with self.assertRaises(UserError):
            (complete | incomplete).action_submit_report()

    def test_type_without_requirements_is_free(self):
        """V11: the requirement is the type's."""
        self._set_mode("V11", "block")
        visit = self._owed(visit_type_id=self.visit_type.create({"name": "Free"}).id)
        visit.action_submit_report()
        self.assertEqual(visit.state, "reported")

    def test_older_visits_are_grandfathered(self):
        """V11: a visit created before the effective-from date is left alone."""
        visits = self._owed(), self._owed()
        for visit in visits:
            self._backdate(visit, "2026-11-25 04:00:00")
        row = self._set_mode("V11", "block", "2026-11-26")
        self._submit_bare(visits[0])
        self.assertEqual(visits[0].state, "reported")
        row.date_from = "2026-11-25"
        with self.assertRaises(UserError):
            self._submit_bare(visits[1])

    def test_other_company_is_not_touched(self):
        """V11: the mode is the company's."""
        self._set_mode("V11", "block", company=self.other_company)
        visit = self._owed()
        visit.action_submit_report()
        self.assertEqual(visit.state, "reported")

    def test_warnings_of_many_are_logged_at_once(self):
        """V11: the log of a batch takes no query per visit."""
        self._set_mode("V11", "warn")

        def submit(number):
            visits = self._go(
                self._new_visit().union(*(self._new_visit() for _i in range(number)))
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self._submit_bare(visits)
            self.env.flush_all()
            for visit in visits:
                self.assertIn("Summary", visit.message_ids[0].body)
            return self.cr.sql_log_count - before

        submit(1)
        few = submit(2)
        self.assertLessEqual(submit(12) - few, 30)  # what reading the logs takes
