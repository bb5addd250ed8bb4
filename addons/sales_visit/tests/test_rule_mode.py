from datetime import datetime

from odoo.exceptions import AccessError
from odoo.tests import freeze_time, tagged

from .common import VisitCase


@tagged("post_install", "-at_install")
@freeze_time("2026-11-22 12:00:00")
class TestRuleMode(VisitCase):
    """V11 stands for all rules: how modes are kept and found is the same for each."""

    def _mode(self, on=None, company=None):
        company = company or self.company
        moment = datetime.fromisoformat(on) if on else None
        return self.env["sales.visit.rule.mode"]._get_mode("V11", company, moment)

    def test_off_without_rows(self):
        """V11: installing changes nothing."""
        self.assertEqual(self._mode(), "off")

    def test_newest_row_of_the_documents_day(self):
        """V11: documents older than a row are not touched by it."""
        self._set_mode("V11", "warn", "2026-01-01")
        self._set_mode("V11", "block", "2026-06-01")
        self._set_mode("V11", "off", "2027-01-01")
        self.assertEqual(self._mode("2025-12-31 04:00"), "off")
        self.assertEqual(self._mode("2026-01-01 04:00"), "warn")
        self.assertEqual(self._mode("2026-06-01 04:00"), "block")
        self.assertEqual(self._mode(), "block")
        self.assertEqual(self._mode("2027-02-01 04:00"), "block", "it's today's")

    def test_relaxing_frees_older_documents(self):
        """V11: switched off today means off for all."""
        self._set_mode("V11", "block", "2026-01-01")
        row = self._set_mode("V11", "off", "2026-11-22")
        self.assertEqual(self._mode("2026-03-01 04:00"), "off")
        row.unlink()
        self.assertEqual(self._mode("2026-03-01 04:00"), "block")

    def test_days_are_the_companys(self):
        """V11: not those of the zone that a user or his browser claims."""
        self._set_mode("V11", "block", "2026-11-20")
        # 00:30 on the 20th in Shanghai
        self.assertEqual(self._mode("2026-11-19 16:30"), "block")
        self.assertEqual(self._mode("2026-11-19 15:30"), "off")
        modes = self.env["sales.visit.rule.mode"].with_context(tz="America/New_York")
        moment = datetime(2026, 11, 19, 16, 30)
        self.assertEqual(modes._get_mode("V11", self.company, moment), "block")

    def test_modes_belong_to_a_company(self):
        """V11: another company's mode doesn't count here."""
        self._set_mode("V11", "block", company=self.other_company)
        self.assertEqual(self._mode(), "off")
        self.assertEqual(self._mode(company=self.other_company), "block")

    def test_administrator_switches_for_own_companies(self):
        """V11: no rule of a company is switched from another."""
        row = self._set_mode("V11", "block", company=self.other_company)
        with self.assertRaises(AccessError):
            row.with_user(self.administrator).mode = "off"
        own = self._set_mode("V11", "block").with_user(self.administrator)
        own.mode = "off"
        self.assertEqual(self._mode(), "off")
        with self.assertRaises(AccessError):
            own.with_user(self.company_manager).mode = "block"

    def test_switching_on_dates_itself(self):
        """V11: a row without a day begins today."""
        row = self.env["sales.visit.rule.mode"].create({"company_id": self.company.id})
        self.assertEqual(str(row.date_from), "2026-11-22")
        self.assertEqual(row.mode, "warn")

    def test_says_beforehand_what_it_would_touch(self):
        """V11: open visits since the day whose type requires answers, no others."""
        self.visit_type.required_section_ids = self.env["sales.visit.section"].search(
            [], limit=1
        )
        free = self.visit_type.create({"name": "Free"})
        self._backdate(self._new_visit(), "2026-11-19 15:30:00")
        visits = (
            self._new_visit(),
            self._new_visit(visit_type_id=free.id),
            self._new_visit(self.foreigner),
            self._new_visit(),
        )
        visits[-1].cancel_visit("No time")
        for visit in visits:
            self._backdate(visit, "2026-11-19 16:30:00")
        row = self.env["sales.visit.rule.mode"].with_user(self.administrator)
        row = row.new({"rule": "V11", "company_id": self.company.id, "mode": "block"})
        for day, count in (("2026-11-19", 2), ("2026-11-20", 1), ("2026-11-21", 0)):
            row.date_from = day
            self.assertEqual(row.touched_count, count, day)
        row.update({"date_from": "2026-11-19", "mode": "off"})
        self.assertEqual(row.touched_count, 0)
