from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from .common_scorecard import ScorecardCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-12-05 09:00:00")
class TestSalesTarget(ScorecardCommon):
    """Plans, their approval, and how they compare."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.group_ids += cls.env.ref("account.group_account_user")
        cls.planner = cls._user("planner", "sales_team.group_sale_manager")
        cls.boss = cls.company_manager
        cls.vendor = cls._customer("Maker")
        cls.region, cls.elsewhere = cls.env["res.country.state"].search([], limit=2)
        cls.customer.state_id = cls.region
        cls.category = cls.env["product.category"].create({"name": "Steel"})
        cls.bolts = cls.env["product.product"].create(
            {
                "name": "Bolts",
                "categ_id": cls.env["product.category"]
                .create({"name": "Bolts", "parent_id": cls.category.id})
                .id,
            }
        )

    def _plan(self, sales=1000, purchase=0, approve=True, **values):
        target = (
            self.env["sales.target"]
            .with_user(self.planner)
            .create(
                {
                    "company_id": self.company.id,
                    "date": "2026-10-15",
                    "planned_sales": sales,
                    "planned_purchase": purchase,
                    **values,
                }
            )
        )
        if approve:
            target.with_user(self.boss).action_approve()
        return target.with_user(self.env.user)

    def _row(self, target):
        self.env.flush_all()
        self.env["sales.target.report"].invalidate_model()
        return self.env["sales.target.report"].search([("id", "=", target.id)])

    def _bill(self, amount, day, **values):
        return self._invoice(
            amount,
            day,
            move_type="in_invoice",
            partner_id=self.vendor.id,
            **values,
        )

    # --- approval ---------------------------------------------------------------------

    def test_a_plan_counts_once_it_is_approved(self):
        """K09: by a company manager who didn't make it."""
        target = self._plan(approve=False)
        self.assertEqual((target.state, str(target.date)), ("draft", "2026-10-01"))
        self.assertFalse(self._row(target))
        for user in (self.planner, self.seller, self.finance):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                target.with_user(user).action_approve()
        target.with_user(self.boss).action_approve()
        self.assertEqual(
            (target.state, target.approved_sales, target.approved_by_id),
            ("approved", 1000, self.boss),
        )
        with self.assertRaises(UserError):
            target.with_user(self.boss).action_approve()

    def test_a_change_needs_approval_by_somebody_else(self):
        """K09: until then the approved figures count."""
        target = self._plan()
        target.with_user(self.boss).planned_sales = 2000
        self.assertEqual(target.state, "changed")
        self.assertEqual(self._row(target).planned_sales, 1000)
        with self.assertRaises(UserError):
            target.with_user(self.boss).action_approve()
        other = self._user("other_boss", "sales_receivable.group_company_manager")
        target.with_user(other).action_approve()
        self.assertEqual(self._row(target).planned_sales, 2000)

    def test_saving_the_same_figures_makes_nobody_the_planner(self):
        """K09: the own change isn't laundered by somebody who saves it again."""
        target = self._plan(approve=False)
        target.with_user(self.boss).planned_sales = 2000
        target.with_user(self.planner).planned_sales = 2000
        with self.assertRaises(UserError):
            target.with_user(self.boss).action_approve()

    def test_no_way_round_the_approval(self):
        """K09: by write, create, default, copy, import or deleting."""
        target = self._plan()
        model = self.env["sales.target"].with_user(self.boss)
        mine = target.with_user(self.boss)
        for attempt in (
            lambda: mine.write({"approved_sales": 1}),
            lambda: mine.write({"state": "approved"}),
            lambda: mine.write({"planned_by_id": self.planner.id}),
            lambda: mine.write({"date": "2026-11-01"}),
            lambda: mine.write({"team_id": self.team.id}),
            mine.unlink,
            lambda: model.create({"approved_sales": 5, "date": "2026-11-01"}),
        ):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                attempt()
        mine.write({"date": "2026-10-31"})
        made = model.with_context(
            default_approved_sales=5, default_approved_at="2026-01-01 00:00:00"
        ).create({"date": "2026-11-01", "company_id": self.company.id})
        self.assertEqual((made.state, made.approved_sales), ("draft", 0))
        self.assertEqual(target.copy({"date": "2026-09-01"}).state, "draft")
        result = model.load(
            ["date", "planned_sales", "approved_sales"], [["2026-08-01", "5", "5"]]
        )
        self.assertFalse(result["ids"])

    def test_plans_are_imported(self):
        """K09: by the host's import, in words."""
        result = (
            self.env["sales.target"]
            .with_user(self.planner)
            .load(
                ["date", "team_id", "planned_sales", "planned_purchase"],
                [["2026-10-01", "North", "500", "300"]],
            )
        )
        self.assertFalse(result["messages"])
        target = self.env["sales.target"].browse(result["ids"])
        self.assertEqual((target.team_id, target.planned_purchase), (self.team, 300))

    def test_one_plan_of_a_thing_and_month(self):
        """K09: two would count twice."""
        self._plan(team_id=self.team.id)
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self._plan(team_id=self.team.id, date="2026-10-20")

    # --- figures ----------------------------------------------------------------------

    def test_sales_and_purchases_of_the_month(self):
        """K09: invoices less credit notes, bills, and the difference of both."""
        target = self._plan(1000, 500)
        self._sell(900, "2026-10-01")
        self._sell(100, "2026-10-31", move_type="out_refund")
        self._sell(7000, "2026-11-01")
        self._bill(300, "2026-10-10")
        row = self._row(target)
        self.assertEqual((row.sales, row.purchase, row.difference), (800, 300, 500))
        self.assertEqual(row.planned_difference, 500)
        self.assertEqual((row.sales_variance, row.sales_variance_percent), (-200, -20))
        self.assertEqual(row.purchase_variance_percent, -40)

    def test_further_off_than_allowed_is_flagged(self):
        """K09: beyond ±20 %, which is configuration; not before the month is over."""
        exactly = self._plan(1000)
        self._sell(800, "2026-10-05")
        self.assertFalse(self._row(exactly).is_off)
        self._sell(401, "2026-10-05")
        self.assertTrue(self._row(exactly).is_off)
        self.company.target_tolerance_percent = 21
        self.assertFalse(self._row(exactly).is_off)
        running = self._plan(1000, date="2026-12-01")
        self.assertFalse(self._row(running).is_off)

    def test_by_region_team_person_category_and_product(self):
        """K09: each counts its own, several at once what is all of them."""
        line = {"product_id": self.bolts.id}
        self._sell(100, "2026-10-05", team_id=self.team.id, **line)
        self._sell(40, "2026-10-05", self.other_seller, team_id=self.team.id)
        self._sell(7, "2026-10-05", team_id=False, partner_id=self._customer("x").id)
        for values, expected in (
            ({"state_id": self.region.id}, 140),
            ({"state_id": self.elsewhere.id}, 0),
            ({"team_id": self.team.id}, 140),
            ({"user_id": self.seller.id}, 107),
            ({"categ_id": self.category.id}, 100),
            ({"product_id": self.bolts.id}, 100),
            ({"user_id": self.other_seller.id, "team_id": self.team.id}, 40),
            ({"user_id": self.other_seller.id, "product_id": self.bolts.id}, 0),
        ):
            with self.subTest(**values):
                self.assertEqual(self._row(self._plan(**values)).sales, expected)

    def test_purchases_are_the_buyer_s(self):
        """K09: of the order's buyer and their team, whoever enters the bill."""
        order = (
            self.env["purchase.order"]
            .sudo()
            .create(
                {
                    "partner_id": self.vendor.id,
                    "user_id": self.seller.id,
                    "company_id": self.company.id,
                    "order_line": [
                        Command.create(
                            {
                                "product_id": self.bolts.id,
                                "price_unit": 60,
                                "tax_ids": False,
                            }
                        )
                    ],
                }
            )
        )
        bill = self._bill(60, "2026-10-10", invoice_user_id=self.other_seller.id)
        bill.invoice_line_ids.sudo().write({"purchase_line_id": order.order_line.id})
        for values, expected in (
            ({"user_id": self.seller.id}, 60),
            ({"user_id": self.other_seller.id}, 0),
            ({"team_id": self.team.id}, 60),
        ):
            with self.subTest(**values):
                self.assertEqual(self._row(self._plan(**values)).purchase, expected)

    # --- who sees what ----------------------------------------------------------------

    def test_everybody_sees_their_own_plan(self):
        """K09: a person theirs, the leader the team's, the planner and finance all."""
        own = self._plan(user_id=self.seller.id)
        teams = self._plan(team_id=self.team.id)
        all_ = self._plan()
        for user, expected in (
            (self.seller, own),
            (self.other_seller, own.browse()),
            (self.leader, own + teams),
            (self.planner, own + teams + all_),
            (self.finance, own + teams + all_),
            (self.boss, own + teams + all_),
        ):
            for model in ("sales.target", "sales.target.report"):
                seen = self.env[model].with_user(user).search([]).ids
                self.assertEqual(set(seen), set(expected.ids), (user.login, model))
        with self.assertRaises(AccessError):
            own.with_user(self.seller).planned_sales = 1
