from datetime import date, datetime

from odoo.tests import freeze_time

from .common import AuthorityCase


@freeze_time("2026-11-22 12:00:00")
class TestBusinessRuleMode(AuthorityCase):
    def mode(self, on=None):
        return self.env["business.rule.mode"]._get_mode("A02", self.company, on)

    def test_off_without_rows(self):
        """X01: installing changes nothing."""
        self.assertEqual(self.mode(), "off")

    def test_newest_row_of_the_documents_day(self):
        """X01: documents older than a row are not touched by it."""
        self.set_mode("A02", "warn", "2026-01-01")
        self.set_mode("A02", "block", "2026-06-01")
        self.set_mode("A02", "off", "2027-01-01")
        self.assertEqual(self.mode(date(2025, 12, 31)), "off")
        self.assertEqual(self.mode(date(2026, 1, 1)), "warn")
        self.assertEqual(self.mode(date(2026, 6, 1)), "block")
        self.assertEqual(self.mode(), "block")
        self.assertEqual(self.mode(date(2027, 2, 1)), "block", "the future is today's")

    def test_relaxing_frees_older_documents(self):
        """X01: switched off today means off for all."""
        self.set_mode("A02", "block", "2026-01-01")
        self.set_mode("A02", "off", "2026-11-22")
        self.assertEqual(self.mode(date(2026, 3, 1)), "off")

    def test_days_are_the_companys(self):
        """X01: not those of the user's time zone, which a browser may claim."""
        self.company.resource_calendar_id.tz = "Asia/Shanghai"
        self.set_mode("A02", "block", "2026-11-20")
        moment = datetime(2026, 11, 19, 16, 30)  # 00:30 on the 20th in Shanghai
        self.assertEqual(self.mode(moment), "block")
        self.assertEqual(self.mode(datetime(2026, 11, 19, 15, 30)), "off")
        Mode = self.env["business.rule.mode"].with_context(tz="America/New_York")
        self.assertEqual(Mode._get_mode("A02", self.company, moment), "block")

    def test_modes_belong_to_a_company(self):
        """X01: another company's mode doesn't count here."""
        other = self.env["res.company"].create({"name": "Other"})
        self.set_mode("A02", "block", company=other)
        self.assertEqual(self.mode(), "off")

    def test_counting_what_rows_touch(self):
        """X01: each row counts from its day on; many rows cost the queries of one."""
        rows = self.set_mode("A02", "warn", "2026-11-01")
        self.new_order()
        old = self.new_order()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE sale_order SET create_date = '2026-11-10' WHERE id = %s", [old.id]
        )

        def count(rows):
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            rows.mapped("touched_count")
            return self.cr.sql_log_count - before

        count(rows)
        few = count(rows)
        self.assertEqual(rows.touched_count, 2)
        for day in range(2, 22, 2):
            rows |= self.set_mode("A02", "block", f"2026-11-{day:02}")
        rows |= self.set_mode("A02", "off", "2026-11-22")
        self.env.flush_all()
        count(rows)  # new rows have emptied the server's caches
        self.assertLessEqual(count(rows), few)
        self.assertEqual([row.touched_count for row in rows], [2] * 6 + [1] * 5 + [0])
