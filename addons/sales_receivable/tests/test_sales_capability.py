from odoo.tests import freeze_time, tagged

from .common_scorecard import ScorecardCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-12-05 09:00:00")
class TestSalesCapability(ScorecardCommon):
    """Six measures of each salesperson's month."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.resource_calendar_id.tz = "Asia/Shanghai"
        cls.old, cls.new = cls._customer("old"), cls._customer("new")

    def _quote(self, customer, day, confirm=None, amount=100, user=None):
        """Make a quotation on a day, and confirm it at a moment (UTC)."""
        order = self.env["sale.order"].create(
            {
                "partner_id": customer.id,
                "user_id": (user or self.seller).id,
                "company_id": self.company.id,
                "order_line": [
                    (0, 0, {"product_id": self.goods.id, "price_unit": amount})
                ],
            }
        )
        if confirm:
            order.action_confirm()
            order.date_order = confirm
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE sale_order SET create_date = %s WHERE id = %s",
            [f"{day} 03:00:00", order.id],
        )
        order.invalidate_recordset()
        return order

    def _row(self, month="2026-10-01", user=None):
        self.env.flush_all()
        model = self.env["sales.capability.report"]
        model.invalidate_model()
        return model.search(
            [("date", "=", month), ("user_id", "=", (user or self.seller).id)]
        )

    def test_six_measures_of_a_month(self):
        """K08: a first order, a repeated one of ten months, a quotation lost."""
        self._quote(self.old, "2025-12-10", "2025-12-10 03:00:00")
        self._quote(self.old, "2026-10-10", "2026-10-10 03:00:00", 300)
        self._quote(self.new, "2026-10-12", "2026-10-12 03:00:00", 100)
        self._quote(self.new, "2026-10-12")
        self._pay(self._sell(600, "2026-09-01", due="2026-10-20"), 450, "2026-11-01")
        row = self._row()
        self.assertEqual((row.developed, row.deals), (1, 2))
        self.assertEqual(round(row.hit_rate, 2), 66.67)
        self.assertEqual((row.average_deal, row.repeat_rate), (200, 50))
        self.assertEqual(row.quality, 75)
        self.assertEqual(round(row.loyalty, 1), 5.0)
        self.assertEqual(row.team_id, self.team)

    def test_days_are_the_company_s(self):
        """K08: half past midnight in Shanghai is the next month there."""
        self._quote(self.new, "2026-10-12", "2026-10-31 16:30:00")
        self.assertEqual(self._row().developed, 0)
        self.assertEqual(self._row("2026-11-01").developed, 1)

    def test_what_is_not_due_yet_has_no_quality(self):
        """K08: nor is nothing sold a bad deal: means leave empty months out."""
        self._sell(100, "2026-10-05", due="2026-12-31")
        self._quote(self.new, "2026-10-12")
        row = self._row()
        self.assertEqual((row.due, row.deals, row.quotes), (0, 0, 1))
        self.assertEqual((row.quality, row.hit_rate), (0, 0))
        self._quote(self.new, "2026-11-02", "2026-11-02 03:00:00", 80)
        [(deal, hit)] = self.env["sales.capability.report"]._read_group(
            [("user_id", "=", self.seller.id)], [], ["average_deal:avg", "hit_rate:avg"]
        )
        self.assertEqual((deal, hit), (80, 50))

    def test_amounts_in_company_currency(self):
        """K08: at the order's own rate."""
        order = self._quote(self.new, "2026-10-12", "2026-10-12 03:00:00", 100)
        self.env.cr.execute(
            "UPDATE sale_order SET currency_rate = 0.5 WHERE id = %s", [order.id]
        )
        order.invalidate_recordset()
        self.assertEqual(self._row().average_deal, 200)

    def test_everybody_sees_their_own(self):
        """K08: a person theirs, the leader the team's, finance all."""
        for user in (self.seller, self.other_seller):
            self._quote(self.new, "2026-10-12", user=user)
        self._quote(self.new, "2026-10-12", user=self.company_manager)
        rows = [
            self._row(user=user)
            for user in (self.seller, self.other_seller, self.company_manager)
        ]
        for user, expected in (
            (self.seller, rows[:1]),
            (self.other_seller, rows[1:2]),
            (self.leader, rows[:2]),
            (self.finance, rows),
            (self.administrator, []),
        ):
            seen = self.env["sales.capability.report"].with_user(user).search([])
            self.assertEqual(set(seen.ids), {row.id for row in expected}, user.login)
