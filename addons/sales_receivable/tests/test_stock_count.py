import io

import openpyxl
from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged

from .common_stock_age import StockAgeCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-12-21 09:00:00")
class TestStockCount(StockAgeCommon):
    """The quarter's stock count, and whether the accounts agree."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["account.chart.template"]._load(
            "generic_coa", cls.company, install_demo=False
        )
        cls.clerk = cls._new_user("clerk", "stock.group_stock_user")
        cls.company.stock_count_user_id = cls.clerk
        cls.account = cls.company.account_stock_valuation_id
        cls.product.categ_id = cls.env["product.category"].create({"name": "Steel"})
        cls._receive(10, "2026-10-10")
        cls.quant = cls.env["stock.quant"].search(
            [("location_id", "=", cls.stock.id), ("product_id", "=", cls.product.id)]
        )
        cls.env.flush_all()

    def _schedule(self):
        self.env["stock.count"]._schedule(self.company)
        return self._counts()

    def _counts(self):
        return self.env["stock.count"].search([("company_id", "=", self.company.id)])

    def _count(self, quantity):
        """Enter what was counted, as the warehouse does."""
        quant = self.quant.with_user(self.clerk).with_context(inventory_mode=True)
        quant.inventory_quantity = quantity
        quant.action_apply_inventory()

    def _book(self, amount, day="2026-12-01", **values):
        entry = self.env["account.move"].create(
            {
                "date": day,
                "company_id": self.company.id,
                "line_ids": [
                    Command.create({"account_id": account.id, "balance": sum_, **extra})
                    for account, sum_, extra in (
                        (self.account, amount, values),
                        (self.company.expense_account_id, -amount, {}),
                    )
                ],
            }
        )
        entry.action_post()

    def _accounts(self, count):
        return [
            (line.categ_id, line.stock_value, line.balance, line.difference)
            for line in count.account_line_ids
        ]

    # --- scheduling -------------------------------------------------------------------

    def test_nothing_is_scheduled_without_somebody_responsible(self):
        """K05: installing changes nothing."""
        self.company.stock_count_user_id = False
        with self.enter_registry_test_mode():
            self.env.ref("sales_receivable.ir_cron_stock_count").method_direct_trigger()
        self.assertFalse(self._counts())

    def test_each_quarter_s_count_is_scheduled_once(self):
        """K05: so many days before the quarter's end, with the host's inventory."""
        with freeze_time("2026-12-20 09:00:00"):
            self.assertFalse(self._schedule())
        with self.enter_registry_test_mode():
            for _twice in range(2):
                self.env.ref(
                    "sales_receivable.ir_cron_stock_count"
                ).method_direct_trigger()
        count = self._counts()
        self.assertEqual(
            (str(count.date_start), str(count.date_end), count.user_id),
            ("2026-10-01", "2026-12-31", self.clerk),
        )
        self.quant.invalidate_recordset()
        self.assertEqual(
            (str(self.quant.inventory_date), self.quant.user_id),
            ("2026-12-31", self.clerk),
        )
        self.assertEqual(
            (count.activity_ids.user_id, str(count.activity_ids.date_deadline)),
            (self.clerk, "2026-12-31"),
        )
        self.assertEqual(count.display_name, "Stock count 2026 Q4")
        with self.assertRaises(UserError):
            count.with_user(self.finance).action_request()

    def test_days_are_the_company_s(self):
        """K05: the 21st begins in Shanghai while it is the 20th in London."""
        with freeze_time("2026-12-20 16:30:00"):
            self.assertTrue(self._schedule())

    def test_a_quarter_by_hand(self):
        """K05: any day names its quarter; another one of the same can't be."""
        count = (
            self.env["stock.count"]
            .with_user(self.finance)
            .create({"date_start": "2026-08-15", "user_id": self.clerk.id})
        )
        self.assertEqual(str(count.date_start), "2026-07-01")
        self.assertFalse(count.requested_at)
        count.action_request()
        self.assertTrue(count.requested_at)

    # --- results ----------------------------------------------------------------------

    def test_what_is_missing_at_cost(self):
        """K05: by product, with the cost of what was corrected."""
        count = self._schedule()
        self._count(8)
        count.with_user(self.finance).action_compute()
        line = count.line_ids
        self.assertEqual(
            (line.product_id, line.quantity, line.value), (self.product, -2, -14)
        )
        self.assertEqual(count.difference_value, -14)
        self._count(10)
        count.with_user(self.finance).action_compute()
        self.assertFalse(count.line_ids)

    def test_stock_and_accounts(self):
        """K05: by category what has products, and what has none; up to the day."""
        count = self._schedule()
        self._book(50, product_id=self.product.id)
        self._book(15)
        self._book(1000, "2027-01-01")
        count.with_user(self.finance).action_compute()
        rows = self._accounts(count)
        self.assertEqual(
            rows,
            [
                (self.product.categ_id, 70, 50, 20),
                (self.env["product.category"], 0, 15, -15),
            ],
        )
        self.assertEqual(count.account_difference, 5)
        self._book(5)
        count.with_user(self.finance).action_compute()
        self.assertEqual(count.account_difference, 0)

    def test_goods_are_valued_by_their_category_s_method(self):
        """K05: FIFO at what the receipts cost, else at the present cost."""
        count = self._schedule()
        self._purchase(10, 15.0, "2026-11-10", buyer=self.buyer)
        self.product.standard_price = 9
        count.action_compute()
        self.assertEqual(sum(count.account_line_ids.mapped("stock_value")), 180)
        self.product.categ_id.property_cost_method = "fifo"
        count.action_compute()
        fifo = sum(
            layer["value"]
            for layer in self.env.execute_query_dict(
                self.env["stock.move"]._get_age_layers_sql(
                    [(self.company, count.date_end.replace(day=21))]
                )
            )
        )
        self.assertEqual(sum(count.account_line_ids.mapped("stock_value")), float(fifo))
        self.assertNotEqual(fifo, 180)

    def test_products_without_a_category(self):
        """K05: are valued with the company's account and method."""
        count = self._schedule()
        self.product.categ_id = False
        count.action_compute()
        self.assertEqual(
            self._accounts(count), [(self.env["product.category"], 70, 0, 70)]
        )

    # --- closing ----------------------------------------------------------------------

    def test_differences_need_an_explanation(self):
        """K05: finance closes, after the quarter, and says why stock and books differ."""
        count = self._schedule()
        finance = count.with_user(self.finance)
        finance.action_compute()
        self.assertEqual(count.account_difference, 70)
        finance.reason = "first count"
        with self.assertRaises(UserError):
            finance.action_close()
        finance.reason = " "
        with freeze_time("2027-01-04 09:00:00"):
            with self.assertRaises(UserError):
                finance.action_close()
            finance.reason = "nothing was booked at cut-over"
            for user in (self.clerk, self.company_manager, self.buyer):
                with self.assertRaises(AccessError), self.env.cr.savepoint():
                    count.with_user(user).action_close()
            finance.action_close()
        self.assertEqual((count.state, count.closed_by_id), ("closed", self.finance))

    def test_what_agrees_needs_none(self):
        """K05: nothing corrected, accounts agree."""
        count = self._schedule()
        self._book(70)
        with freeze_time("2027-01-04 09:00:00"):
            count.with_user(self.finance).action_close()
        self.assertEqual((count.state, count.account_difference), ("closed", 0))

    def test_a_closed_count_stays(self):
        """K05: whatever is corrected or booked afterwards, which is the next count's."""
        count = self._schedule()
        self._count(8)
        count.reason = "theft"
        with freeze_time("2027-01-04 09:00:00"):
            count.with_user(self.finance).action_close()
            lines = count.line_ids
        with freeze_time("2027-03-25 09:00:00"):
            self._count(7)
            following = self._schedule() - count
            following.with_user(self.finance).action_compute()
            self.assertEqual(following.line_ids.quantity, -1)
            for attempt in (
                lambda: count.with_user(self.finance).action_compute(),
                lambda: count.with_user(self.finance).action_close(),
                lambda: count.write({"reason": "else"}),
                count.unlink,
            ):
                with self.assertRaises(UserError):
                    attempt()
        self.assertEqual((count.line_ids, count.difference_value), (lines, -14))

    def test_results_are_not_written_by_hand(self):
        """K05: neither figures nor state nor quarter, nor the lines."""
        count = self._schedule().with_user(self.finance)
        self._count(8)
        count.action_compute()
        for attempt in (
            lambda: count.write({"state": "closed"}),
            lambda: count.write({"difference_value": 0}),
            lambda: count.write({"date_start": "2026-01-01"}),
            lambda: count.write({"line_ids": [Command.clear()]}),
            lambda: count.line_ids.write({"value": 0}),
            count.line_ids.unlink,
            lambda: count.create({"state": "closed", "user_id": self.clerk.id}),
            lambda: count.sudo().unlink(),
        ):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                attempt()

    def test_workbook(self):
        """K11: differences and accounts, each with its total."""
        count = self._schedule()
        self._count(8)
        self._book(50)
        count.with_user(self.finance).action_compute()
        _name, content = count.with_user(self.finance)._get_xlsx()
        book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
        differences, accounts = ([*sheet.values] for sheet in book)
        self.assertEqual(differences[-1][4], -14)
        self.assertEqual(accounts[-1][2:5], (56, 50, 6))
