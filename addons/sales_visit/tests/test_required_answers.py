from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

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

    def test_arrives_off(self):
        """V11: a company that has chosen nothing gets no new obstacle."""
        self.assertEqual(self.company.visit_answers_mode, "off")
        visit = self._owed()
        self.assertFalse(visit.missing_answers)
        visit.action_submit_report()
        self.assertEqual(visit.state, "reported")

    def test_warn_says_so_and_lets_through(self):
        """V11: warned on the screen, submitted, and noted in the log."""
        self.company.write({"visit_answers_mode": "warn", "visit_answers_from": False})
        visit = self._owed()
        visit.outcome_id = self.outcome
        self.assertIn("Summary", visit.missing_answers)
        self.assertNotIn("Outcome", visit.missing_answers)
        visit.action_submit_report()
        self.assertEqual(visit.state, "reported")
        self.assertIn("Summary", visit.message_ids[0].body)

    def test_block_refuses_and_says_what_is_missing(self):
        """V11: no submission without the answers that the type requires."""
        self.company.visit_answers_mode = "block"
        visit = self._owed()
        with self.assertRaisesRegex(UserError, "Outcome, Summary"):
            visit.action_submit_report()
        self.assertEqual(visit.state, "to_report")
        self.assertFalse(visit.report_submitted_at)
        visit.write({"outcome_id": self.outcome.id, "summary": "Said"})
        self.assertFalse(visit.missing_answers)
        visit.action_submit_report()
        self.assertEqual(visit.state, "reported")

    def test_one_blocked_visit_blocks_the_batch(self):
        """V11: submitting many at once is no way round."""
        self.company.visit_answers_mode = "block"
        complete, incomplete = self._owed(), self._owed()
        complete.write({"outcome_id": self.outcome.id, "summary": "Said"})
        with self.assertRaises(UserError):
            (complete | incomplete).action_submit_report()

    def test_type_without_requirements_is_free(self):
        """V11: the requirement is the type's."""
        self.company.visit_answers_mode = "block"
        visit = self._owed()
        visit.visit_type_id = self.visit_type.create({"name": "Free"})
        visit.action_submit_report()
        self.assertEqual(visit.state, "reported")

    def test_older_visits_are_grandfathered(self):
        """V11: a visit created before the effective-from date is left alone."""
        visit = self._owed()
        created = visit.create_date.date()
        self.company.write(
            {"visit_answers_mode": "block", "visit_answers_from": "2100-01-01"}
        )
        visit.action_submit_report()
        self.assertEqual(visit.state, "reported")
        self.company.visit_answers_from = created
        with self.assertRaises(UserError):
            self._owed().action_submit_report()

    def test_switching_on_dates_itself(self):
        """V11: switched on without a date, the rule begins today."""
        with freeze_time(VISIT_DAY):
            self.company.visit_answers_mode = "warn"
            self.assertEqual(str(self.company.visit_answers_from), "2026-11-26")

    def test_other_company_is_not_touched(self):
        """V11: the mode is the company's."""
        self.other_company.visit_answers_mode = "block"
        visit = self._owed()
        visit.action_submit_report()
        self.assertEqual(visit.state, "reported")

    def test_settings_write_the_company(self):
        """V11: the administrator switches in the settings."""
        settings = self.env["res.config.settings"].with_company(self.company).create({})
        settings.visit_answers_mode = "block"
        settings.execute()
        self.assertEqual(self.company.visit_answers_mode, "block")
