from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from .common_stock_age import StockAgeCommon
from .common_stock_units import simulate_consumption
from .test_stock_age_property import History, StockHistories


class OverstockCommon(StockAgeCommon):
    """Ten old brackets and ten new ones, and two people who sell them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seller = cls._new_user("seller", "sales_team.group_sale_salesman")
        cls.other_seller = cls._new_user("rival", "sales_team.group_sale_salesman")
        cls.customer = cls.env["res.partner"].create({"name": "Builder"})

    @classmethod
    def _sell(cls, quantity, price, day, user=None, product=None, **values):
        """Sell and deliver; return the delivery's move."""
        product = product or cls.product
        user = cls.seller if user is None else user
        lot = values.pop("lot", None)
        order = cls.env["sale.order"].create(
            {
                "partner_id": cls.customer.id,
                "user_id": user.id,
                "team_id": values.pop("team_id", False),
                "company_id": cls.company.id,
                **values.pop("order", {}),
                "order_line": [
                    Command.create(
                        {
                            "product_id": product.id,
                            "product_uom_qty": quantity,
                            "price_unit": price,
                            "tax_ids": [Command.clear()],
                            **values,
                        }
                    )
                ],
            }
        )
        order.action_confirm()
        move = order.picking_ids.move_ids
        move.quantity = move.product_uom_qty
        if lot:
            move.move_line_ids.lot_id = lot
        move.picked = True
        order.picking_ids.button_validate()
        cls._date_moves(move, day)
        return move

    @classmethod
    def _bring_back(cls, delivery, quantity, day):
        return cls._move(
            quantity,
            cls.customers,
            cls.stock,
            day,
            product_id=delivery.product_id.id,
            origin_returned_move_id=delivery.id,
            sale_line_id=delivery.sale_line_id.id,
            lot_id=delivery.lot_ids.id,
        )

    @classmethod
    def _bonus(cls, rate=3, date_from="2020-01-01", threshold=365, **values):
        return cls.env["performance.rate"].create(
            {
                "company_id": cls.company.id,
                "rule": "K04",
                "date_from": date_from,
                "rate": rate,
                "threshold_days": threshold,
                **values,
            }
        )

    def _compute(self, period):
        period.with_user(self.finance).action_compute()
        return self._bonuses(period)

    def _bonuses(self, period):
        """Return ``[(person, delivery, month, amount)]``."""
        return sorted(
            (line.beneficiary_id.name, line.source_id, line.slice, line.amount)
            for line in period._get_lines()
            if line.rule == "K04"
        )


@tagged("post_install", "-at_install")
@freeze_time("2027-02-05 09:00:00")
class TestOverstock(OverstockCommon):
    """What selling old stock is worth."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.old = cls._purchase(10, 15.0, "2025-01-10")
        cls.new = cls._purchase(10, 20.0, "2026-09-01")
        cls.october = cls._period("2026-10-01")

    def _row(self, move, month, amount, user=None):
        return ((user or self.seller).name, move.id, month, amount)

    def test_no_rate_no_bonus(self):
        """K04: installing changes nothing."""
        self._sell(5, 50.0, "2026-10-20")
        self.assertEqual(self._compute(self.october), [])

    def test_old_goods_sold_give_their_seller_a_bonus_that_explains_itself(self):
        """K04: of 14 sold 10 were old: 3 % of 500.00."""
        self._bonus(3)
        sold = self._sell(14, 50.0, "2026-10-20")
        self.assertEqual(
            self._compute(self.october), [self._row(sold, "2026-10", 15.0)]
        )
        line = self.october.run_line_ids
        self.assertEqual(line.source_name, sold.reference)
        self.assertEqual(
            line.explanation,
            "15.00 USD = 3.00 % of 500.00 USD of Old Bracket without tax, sold on"
            f" {sold.sale_line_id.order_id.name}, delivered 10/20/2026: 10.00 received"
            f" 01/10/2025 on {self.old.reference}, age 648 days",
        )
        self.assertEqual(line.action_open_source()["res_id"], sold.picking_id.id)
        statement = self.october.statement_ids
        self.assertEqual(
            (statement.beneficiary_id, statement.amount), (self.seller, 15)
        )

    def test_bonus_on_cost(self):
        """K04: 3 % of what the ten old ones had cost, where that is the base."""
        self._bonus(3, bonus_base="cost")
        sold = self._sell(14, 50.0, "2026-10-20")
        self.assertEqual(self._compute(self.october), [self._row(sold, "2026-10", 4.5)])
        self.assertRegex(
            self.october.run_line_ids.explanation,
            r"^4\.50 USD = 3\.00 % of 150\.00 USD that Old Bracket had cost",
        )

    def test_only_older_than_the_threshold_counts(self):
        """K04: 648 days is not older than 648; the day is the company's."""
        rate = self._bonus(3, threshold=648)
        sold = self._sell(14, 50.0, "2026-10-20")
        self.assertEqual(self._compute(self.october), [])
        self.october.with_user(self.finance).action_reopen()
        rate.threshold_days = 647
        self.assertEqual(
            self._compute(self.october), [self._row(sold, "2026-10", 15.0)]
        )
        self.october.with_user(self.finance).action_reopen()
        rate.threshold_days = 648
        sold.date = "2026-10-20 17:00:00"  # the 21st in Shanghai
        self.assertEqual(
            self._compute(self.october), [self._row(sold, "2026-10", 15.0)]
        )

    def test_month_is_the_company_s(self):
        """K04: delivered at 17:00 UTC on the last of October is November in Shanghai."""
        self._bonus(3)
        sold = self._sell(1, 50.0, "2026-10-31")
        sold.date = "2026-10-31 17:00:00"
        self.assertEqual(self._compute(self.october), [])
        self._close(self.october)
        november = self._period("2026-11-01")
        self.assertEqual(self._compute(november), [self._row(sold, "2026-11", 1.5)])

    def test_month_by_month(self):
        """K04, K10: what customers send back is taken back in the month it was
        delivered, and whoever sells the old goods after all gets their bonus.

        =========  =================================  ==========================
        Month      What happens                       Booked in this month
        =========  =================================  ==========================
        October    A sells 6 at 50 (old: 6)           A October 6 × 50 × 3 % = 9
        November   A's customer sends 2 back;         A October 4 old: −3
                   B sells 5 at 40 (old: 5)           B November 5 × 40 × 3 % = 6
        December   nothing is sold; a new rate, 10 %  nothing
        January    A sells 3 at 60 (old: 1, new: 2)   A January 1 × 60 × 10 % = 6
        =========  =================================  ==========================
        """
        self._bonus(3)
        first = self._sell(6, 50.0, "2026-10-20")
        self._close(self.october)
        self.assertEqual(
            self._bonuses(self.october), [self._row(first, "2026-10", 9.0)]
        )
        self._bring_back(first, 2, "2026-11-05")
        second = self._sell(5, 40.0, "2026-11-10", user=self.other_seller)
        november = self._period("2026-11-01")
        self._close(november)
        self.assertEqual(
            self._bonuses(november),
            [
                self._row(second, "2026-11", 6.0, self.other_seller),
                self._row(first, "2026-10", -3.0),
            ],
        )
        line = november.entry_ids.filtered(lambda line: line.amount < 0)
        self.assertRegex(line.explanation, r"^6\.00 USD = .*; 9\.00 USD booked before")
        self._bonus(10, date_from="2026-12-01")
        december = self._period("2026-12-01")
        self._close(december)
        self.assertEqual(self._bonuses(december), [])
        third = self._sell(3, 60.0, "2027-01-10")
        january = self._period("2027-01-01")
        self.assertEqual(self._compute(january), [self._row(third, "2027-01", 6.0)])

    def test_all_sent_back_gives_all_back(self):
        """K04: a delivery that came back wholly is worth nothing."""
        self._bonus(3)
        sold = self._sell(6, 50.0, "2026-10-20")
        self._close(self.october)
        self._bring_back(sold, 6, "2026-11-05")
        november = self._period("2026-11-01")
        self.assertEqual(self._compute(november), [self._row(sold, "2026-10", -9.0)])

    def test_deliveries_before_the_cut_over_are_not_paid(self):
        """K04: nor do their returns take anything back; they decide whose the old goods
        are, though."""
        self._bonus(3)
        before = self._sell(6, 50.0, "2026-09-20")
        sold = self._sell(6, 50.0, "2026-10-20")
        self.assertEqual(self._compute(self.october), [self._row(sold, "2026-10", 6.0)])
        self._bring_back(before, 2, "2026-10-25")
        self.assertEqual(self._compute(self.october), [self._row(sold, "2026-10", 9.0)])

    def test_a_team_s_own_rate_goes_first(self):
        """K04: teams may have rates of their own."""
        team = self.env["crm.team"].create({"name": "North"})
        self._bonus(3)
        self._bonus(5, team_id=team.id)
        mine = self._sell(2, 50.0, "2026-10-20")
        theirs = self._sell(2, 50.0, "2026-10-21", team_id=team.id)
        self.assertEqual(
            self._compute(self.october),
            [self._row(mine, "2026-10", 3.0), self._row(theirs, "2026-10", 5.0)],
        )

    def test_the_lot_sold_decides(self):
        """K04: of tracked goods it is the lot's own age that counts."""
        self._bonus(3)
        product = self._new_product("Lot Thing", tracking="lot")
        lots = self.env["stock.lot"].create(
            [{"name": name, "product_id": product.id} for name in ("A", "B")]
        )
        for lot, day in zip(lots, ("2025-01-10", "2026-09-01"), strict=True):
            self._receive(5, day, product_id=product.id, lot_id=lot.id)
        self._sell(4, 50.0, "2026-10-20", product=product, lot=lots[1])
        old = self._sell(2, 50.0, "2026-10-21", product=product, lot=lots[0])
        self.assertEqual(self._compute(self.october), [self._row(old, "2026-10", 3.0)])

    def test_units_and_currencies_are_converted(self):
        """K04: a dozen sold in another currency, at the order's own rate."""
        self._bonus(3)
        self._receive(24, "2025-01-12")
        currency = self.env["res.currency"].create(
            {"name": "XCR", "symbol": "X", "rounding": 0.01}
        )
        self.env["res.currency.rate"].create(
            {
                "currency_id": currency.id,
                "name": "2020-01-01",
                "rate": 4.0,
                "company_id": self.company.id,
            }
        )
        pricelist = self.env["product.pricelist"].create(
            {"name": "Abroad", "currency_id": currency.id}
        )
        sold = self._sell(
            1,
            480.0,
            "2026-10-20",
            product_uom_id=self.env.ref("uom.product_uom_dozen").id,
            order={"pricelist_id": pricelist.id},
        )
        # 480 a dozen are 120 in company currency, 3 % of it 3.60
        self.assertEqual(self._compute(self.october), [self._row(sold, "2026-10", 3.6)])
        self.assertEqual(self.october.run_line_ids.inputs["quantity"], 12)

    def test_given_away_or_sold_by_nobody_is_no_sale(self):
        """K04: free goods, losses and orders without a salesperson earn nothing, but
        take the oldest goods like everything that leaves."""
        self._bonus(3)
        self._sell(2, 0.0, "2026-10-10")
        self._sell(3, 50.0, "2026-10-11", user=self.env["res.users"])
        self._move(4, self.stock, self.loss, "2026-10-12", is_inventory=True)
        sold = self._sell(5, 50.0, "2026-10-20")
        self.assertEqual(self._compute(self.october), [self._row(sold, "2026-10", 1.5)])

    def test_a_company_s_goods_are_its_own(self):
        """K04: what another company receives and sells of the same product is nothing
        to this one."""
        self._bonus(3)
        other = self.env["res.company"].create({"name": "Second Ltd"})
        self.env.user.company_ids += other
        warehouse = self.env["stock.warehouse"].search([("company_id", "=", other.id)])
        for source, target, day in (
            (self.vendors, warehouse.lot_stock_id, "2024-01-10"),
            (warehouse.lot_stock_id, self.customers, "2026-10-10"),
        ):
            self._move(10, source, target, day, company_id=other.id)
        sold = self._sell(2, 50.0, "2026-10-20")
        self.assertEqual(self._compute(self.october), [self._row(sold, "2026-10", 3.0)])

    def test_the_person_is_the_one_first_booked(self):
        """K10: a later change of the order's salesperson moves no history."""
        self._bonus(3)
        sold = self._sell(6, 50.0, "2026-10-20")
        self._close(self.october)
        sold.sale_line_id.order_id.user_id = self.other_seller
        self._bring_back(sold, 1, "2026-11-05")
        november = self._period("2026-11-01")
        self.assertEqual(self._compute(november), [self._row(sold, "2026-10", -1.5)])

    def test_computing_twice_changes_nothing(self):
        """K10: same lines, same hash."""
        self._bonus(3)
        self._sell(14, 50.0, "2026-10-20")
        rows = self._compute(self.october)
        digest = self.october.run_hash
        self.assertEqual(self._compute(self.october), rows)
        self.assertEqual(self.october.run_hash, digest)

    def test_finished_movements_stay_as_they_are(self):
        """K04: where a bonus is paid for stock age, nobody rewrites what it is told
        from."""
        head = self._new_user("head", "stock.group_stock_manager")
        self.env.flush_all()
        self.env.cr.precommit.data.clear()
        self.old.with_user(head).date = "2024-01-10 12:00:00"
        self._bonus(3)
        with self.assertRaises(UserError):
            self.old.with_user(head).date = "2023-01-10 12:00:00"


@tagged("post_install", "-at_install")
class TestOverstockProperty(StockHistories):
    """Random histories in which everything that goes to customers is sold."""

    def test_bonuses_equal_a_simulation_of_single_units(self):
        """K04: 10 % of 20.00 for every unit that lay longer than 5 days, told by moving
        single units, in each month as known at its end."""
        for seed in range(6, 8):
            with self.subTest(seed=seed):
                history = SalesHistory(self, seed)
                history.make()
                paid = [self._check_bonuses(history, each) for each in history.places]
                self.assertGreater(sum(paid), 4, "a history worth the name")

    def _check_bonuses(self, history, company):
        rate = self.env["performance.rate"].create(
            {
                "company_id": company.id,
                "rule": "K04",
                "date_from": "2020-01-01",
                "rate": 10,
                "threshold_days": 5,
            }
        )
        Period, paid = self.env["performance.period"], 0
        for month in ("2025-01-01", "2025-02-01"):
            period = Period.create({"company_id": company.id, "date_start": month})
            sql = period._get_overstock_targets_sql(period._get_rule_rates_sql("K04"))
            found = {
                row["source_id"]: (row["slice"], float(row["amount"]))
                for row in self.env.execute_query_dict(sql)
                if row["source_id"] in history.sold
            }
            expected = {}
            taken = simulate_consumption(history.events, period.date_end)
            for (event, receipt), units in taken.items():
                days = (event.day - receipt.day).days
                if (
                    units > 0
                    and event.key[0] == company
                    and event.move.id in history.sold
                    and days > 5
                ):
                    _slice, amount = expected.get(event.move.id, (None, 0.0))
                    expected[event.move.id] = (f"{event.day:%Y-%m}", amount + 2 * units)
            self._assert_same(found, expected)
            paid += len(found)
        Period.search([("company_id", "=", company.id)], order="id desc").unlink()
        rate.unlink()
        return paid


class SalesHistory(History):
    """Whatever goes to customers is sold at 20.00."""

    def __init__(self, test, seed):
        super().__init__(test, seed)
        self.sold = set()
        customer = self.env["res.partner"].create({"name": "Builder"})
        self.lines = {}
        for company in self.places:
            order = (
                self.env["sale.order"]
                .with_company(company)
                .create(
                    {
                        "partner_id": customer.id,
                        "user_id": test.env.uid,
                        "company_id": company.id,
                        "order_line": [
                            Command.create(
                                {
                                    "product_id": product.id,
                                    "product_uom_qty": 1000,
                                    "price_unit": 20.0,
                                    "tax_ids": [Command.clear()],
                                }
                            )
                            for product in self.products
                        ],
                    }
                )
            )
            for line in order.order_line:
                self.lines[company, line.product_id] = line

    def _note(self, kind, quantity, source, target, lot, **values):
        is_sale = (
            kind == "out" and not values.get("root") and target == self.test.customers
        )
        if is_sale:
            line = self.lines[self.company, self.product]
            values["sale_line_id"] = line.id
        event = super()._note(kind, quantity, source, target, lot, **values)
        if is_sale:
            self.sold.add(event.move.id)
        return event
