import io

import openpyxl
from odoo.tests import freeze_time, tagged

from .common_stock_age import StockAgeCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-12-05 09:00:00")
class TestLedgerFiles(StockAgeCommon):
    """The workbooks of stock age and period."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._rate(1)
        cls._purchase(10, 15.0, "2025-01-10", buyer=cls.buyer)
        cls._purchase(20, 15.0, "2025-01-11", buyer=cls.other_buyer)
        cls.period = cls._period("2026-10-01")
        cls.period.action_compute()

    def _sheets(self, record):
        content = record._get_xlsx()[1]
        book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
        return {sheet.title: list(sheet.values) for sheet in book}

    def test_stock_age_workbook(self):
        """K11: layers with age, buyer, quantity and value, and the total value."""
        [rows] = self._sheets(self.period.snapshot_id).values()
        layer = next(row for row in rows if row[6] == self.buyer.name)
        self.assertEqual((layer[3], layer[7], layer[9]), (659, 10, 150))
        self.assertEqual(layer[2].date().isoformat(), "2025-01-10")
        self.assertEqual(rows[-1][9], 450)

    def test_stock_age_print(self):
        """K11: value by product and bucket, and what the columns come to; a purchaser's
        has their own."""
        table = self.period.snapshot_id._get_product_table()
        [(product, values, total)] = table["rows"]
        self.assertEqual((product, sum(values), total), (self.product, 450, 450))
        self.assertEqual(len(values), len(table["buckets"]))
        for user, shown, hidden in (
            (self.finance, "450.00", "Nothing"),
            (self.buyer, "150.00", "450.00"),
        ):
            html, _type = (
                self.env["ir.actions.report"]
                .with_user(user)
                ._render_qweb_html(
                    "sales_receivable.stock_age_document", self.period.snapshot_id.ids
                )
            )
            self.assertIn(shown, html.decode())
            self.assertNotIn(hidden, html.decode())

    def test_period_workbook(self):
        """K11: totals per person and every line with its explanation."""
        sheets = self._sheets(self.period)
        people = {row[0]: row[10] for row in sheets["Statement"]}
        self.assertEqual(people[self.buyer.name], -1.5)
        self.assertEqual(people["Total"], -4.5)
        line = next(
            row for row in sheets["Performance"] if row[0] == self.other_buyer.name
        )
        self.assertEqual(line[7], -3)
        self.assertIn("3.00 USD off = 1.00 % of 300.00 USD", line[4])
        self.assertEqual(sheets["Performance"][-1][7], -4.5)

    def test_workbook_holds_the_reader_s_own_lines(self):
        """K11: a purchaser's workbook of the period has their figures only."""
        sheets = self._sheets(self.period.with_user(self.buyer))
        cells = {cell for rows in sheets.values() for row in rows for cell in row}
        self.assertIn(self.buyer.name, cells)
        self.assertNotIn(self.other_buyer.name, cells)
        self.assertEqual(sheets["Statement"][-1][10], -1.5)
