import random
from datetime import date, timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common_stock_age import StockAgeCommon


@tagged("post_install", "-at_install")
class TestStockAge(StockAgeCommon):
    """The layers of the stock as of a day."""

    def _quantities(self, day, product=None):
        return [(layer[2], layer[3]) for layer in self._layers(day, product)]

    def test_oldest_goods_leave_first(self):
        """K03: what is on hand is what came in last."""
        self._receive(10, "2025-01-10")
        self._receive(10, "2025-02-10")
        self._deliver(12, "2025-03-10")
        self.assertEqual(self._quantities("2025-03-31"), [(8, 49)])
        self.assertEqual(self._quantities("2025-03-09"), [(10, 58), (10, 27)])
        self.assertEqual(self._quantities("2025-01-31"), [(10, 21)])
        self.assertEqual(self._quantities("2025-01-09"), [])

    def test_days_are_the_company_s(self):
        """K03: a receipt of 20:00 UTC belongs to the next day in Shanghai."""
        move = self._receive(1, "2025-01-10")
        move.date = "2025-01-10 20:00:00"
        self.assertEqual(self._quantities("2025-01-10"), [])
        self.assertEqual(self._quantities("2025-01-11"), [(1, 0)])

    def test_customer_return_makes_old_goods_old_again(self):
        """K03: goods back from the customer are no young layer."""
        self._receive(10, "2024-01-10")
        self._receive(10, "2025-01-10")
        delivery = self._deliver(10, "2025-02-01")
        self.assertEqual(self._quantities("2025-03-01"), [(10, 50)])
        self._move(
            4,
            self.customers,
            self.stock,
            "2025-02-10",
            origin_returned_move_id=delivery.id,
        )
        self.assertEqual(self._quantities("2025-03-01"), [(4, 416), (10, 50)])

    def test_vendor_return_shrinks_its_receipt(self):
        """K03: sent back to the vendor is taken from its own receipt, and a replacement
        grows it again."""
        old = self._receive(10, "2024-01-10")
        new = self._receive(10, "2025-01-10")
        back = self._move(
            4, self.stock, self.vendors, "2025-01-20", origin_returned_move_id=new.id
        )
        layers = self._layers("2025-03-01")
        self.assertEqual([(m, q) for m, _l, q, _a in layers], [(old, 10), (new, 6)])
        self._move(
            3, self.vendors, self.stock, "2025-01-25", origin_returned_move_id=back.id
        )
        layers = self._layers("2025-03-01")
        self.assertEqual([(m, q) for m, _l, q, _a in layers], [(old, 10), (new, 9)])
        layers = self._layers("2025-01-22")
        self.assertEqual([(m, q) for m, _l, q, _a in layers], [(old, 10), (new, 6)])

    def test_sent_back_again_and_again_is_one_receipt(self):
        """K03: sent back, replaced and sent back once more leaves the receipt what it
        was less the last; no other receipt pays for it."""
        old = self._receive(10, "2024-01-10")
        new = back = self._receive(10, "2025-01-10")
        for day, (source, target) in (
            ("2025-01-20", (self.stock, self.vendors)),
            ("2025-01-25", (self.vendors, self.stock)),
            ("2025-01-30", (self.stock, self.vendors)),
        ):
            back = self._move(4, source, target, day, origin_returned_move_id=back.id)
        layers = self._layers("2025-03-01")
        self.assertEqual([(m, q) for m, _l, q, _a in layers], [(old, 10), (new, 6)])

    def test_counting_can_not_make_old_stock_young(self):
        """K03: a count down and up again leaves the age as it was."""
        self._receive(10, "2024-01-10")
        self._move(6, self.stock, self.loss, "2025-02-01", is_inventory=True)
        self._move(6, self.loss, self.stock, "2025-02-02", is_inventory=True)
        self.assertEqual(self._quantities("2025-03-01"), [(10, 416)])

    def test_unexplained_stock_is_unknown_not_dropped(self):
        """K03: what no receipt explains has no age and its own bucket."""
        self._move(5, self.loss, self.stock, "2025-02-01", is_inventory=True)
        self._receive(10, "2025-02-10")
        layers = self._layers("2025-03-01")
        self.assertEqual(sum(layer[2] for layer in layers), 15)
        unknown = [layer for layer in layers if not layer[0]]
        self.assertEqual([(layer[2], layer[3]) for layer in unknown], [(5, None)])
        snapshot = self._snapshot("2025-03-01")
        line = snapshot.line_ids.filtered(lambda line: not line.move_id)
        self.assertTrue(line.bucket_id.is_unknown)
        self.assertEqual(line.value, 35)  # at the product's present cost of 7

    def test_transfer_between_warehouses_keeps_the_age(self):
        """K03: moving goods inside the company doesn't make them young."""
        other = self.env["stock.warehouse"].create(
            {"name": "Far", "code": "FAR", "company_id": self.company.id}
        )
        receipt = self._receive(10, "2024-01-10")
        self._move(4, self.stock, other.lot_stock_id, "2025-02-01")
        layers = self._layers("2025-03-01")
        self.assertEqual([(m, q) for m, _l, q, _a in layers], [(receipt, 10)])

    def test_goods_owned_by_others_are_not_ours(self):
        """K03: consigned goods have no layer and don't hide ours."""
        self._receive(10, "2024-01-10")
        self._receive(5, "2025-02-01", owner_id=self.vendor.id)
        self.assertEqual(self._quantities("2025-03-01"), [(10, 416)])

    def test_lots_keep_their_own_receipts(self):
        """K03: of tracked goods each lot has its own age."""
        product = self._new_product("Serial Thing", tracking="lot")
        lots = self.env["stock.lot"].create(
            [{"name": name, "product_id": product.id} for name in ("A", "B")]
        )
        for lot, day in zip(lots, ("2024-01-10", "2025-01-10"), strict=True):
            self._receive(5, day, product_id=product.id, lot_id=lot.id)
        self._deliver(3, "2025-02-01", product_id=product.id, lot_id=lots[1].id)
        layers = self._layers("2025-03-01", product)
        self.assertEqual(
            [(lot, quantity, age) for _m, lot, quantity, age in layers],
            [(lots[0], 5, 416), (lots[1], 2, 50)],
        )

    def test_other_units_of_measure_are_converted(self):
        """K03: quantities are in the product's unit."""
        dozen = self.env.ref("uom.product_uom_dozen")
        self._receive(2, "2025-01-10", product_uom=dozen.id)
        move_line = self.env["stock.move.line"].search(
            [("product_id", "=", self.product.id)]
        )
        expected = move_line.quantity_product_uom
        self.assertEqual(self._quantities("2025-01-10"), [(expected, 0)])

    def test_random_sequences_equal_a_simulation_unit_by_unit(self):
        """K03: any order of receipts, deliveries, returns and counts gives the layers
        that a simulation moving single units gives, on every day."""
        for seed in range(4):
            with self.subTest(seed=seed):
                product = self._new_product(f"Random {seed}")
                UnitSimulation(self, product, seed).run()

    # ------------------------------------------------------------------
    # Snapshots
    # ------------------------------------------------------------------

    def _snapshot(self, day):
        snapshot = self.env["stock.age.snapshot"]._get_snapshot(self.company, day)
        snapshot.action_compute()
        return snapshot

    def test_layer_has_its_own_cost_and_the_order_s_buyer(self):
        """K03: 400 days old goods show with their buyer, at the receipt's cost."""
        day = "2026-10-31"
        self._purchase(10, 15.0, self._days_before(day, 400), buyer=self.buyer)
        self._purchase(10, 20.0, self._days_before(day, 10), buyer=self.other_buyer)
        self._deliver(4, self._days_before(day, 5))
        self._rate(1)
        old, new = self._snapshot(day).line_ids.sorted("age_days", reverse=True)
        self.assertEqual((old.quantity, old.value, old.age_days), (6, 90, 400))
        self.assertEqual((old.buyer_id, old.bucket_id.day_from), (self.buyer, 366))
        self.assertEqual((new.quantity, new.value, new.age_days), (10, 200, 10))
        self.assertEqual(new.buyer_id, self.other_buyer)
        self.assertTrue(old.is_over_threshold)
        self.assertFalse(new.is_over_threshold)

    def test_buyer_falls_back_to_vendor_then_product(self):
        """K03: order's user, else the vendor's buyer, else the product's responsible."""
        unknown = self._purchase(1, 5.0, "2025-01-10")
        line = self._snapshot("2025-02-01").line_ids
        self.assertFalse(line.buyer_id)
        self.product.responsible_id = self.finance
        self.assertFalse(line.buyer_id, "frozen in the snapshot")
        line = self._snapshot("2025-02-01").line_ids
        self.assertEqual(line.buyer_id, self.finance, "nobody was known before")
        receipts = unknown + self._purchase(1, 5.0, "2025-01-11")
        self.vendor.buyer_id = self.other_buyer
        receipts += self._purchase(1, 5.0, "2025-01-12")
        receipts += self._purchase(1, 5.0, "2025-01-13", buyer=self.buyer)
        self.assertEqual(
            [receipt.receipt_buyer_id for receipt in receipts],
            [self.env["res.users"], self.finance, self.other_buyer, self.buyer],
        )

    def test_computing_twice_replaces_the_lines(self):
        """K10: a day has one snapshot, and another run changes nothing."""
        self._purchase(10, 15.0, "2025-01-10", buyer=self.buyer)
        self._move(5, self.loss, self.stock, "2025-02-01", is_inventory=True)
        first = self._snapshot("2025-03-01")
        names = ["product_id", "move_id", "buyer_id", "quantity", "value", "bucket_id"]
        before = [line.read(names, load=None)[0] for line in first.line_ids]
        second = self._snapshot("2025-03-01")
        self.assertEqual(first, second)
        after = [line.read(names, load=None)[0] for line in second.line_ids]
        for rows in (before, after):
            for row in rows:
                row.pop("id")
        self.assertEqual(before, after)
        self.assertEqual(len(after), 2)

    def test_snapshot_is_not_edited(self):
        """K10: neither its day nor its state is written by hand."""
        snapshot = self._snapshot("2025-03-01")
        for vals in ({"date": "2025-01-01"}, {"state": "frozen"}, {"company_id": 1}):
            with self.assertRaises(UserError):
                snapshot.with_user(self.finance).write(vals)
        created = self.env["stock.age.snapshot"].create(
            {"date": "2024-01-01", "state": "frozen"}
        )
        self.assertEqual(created.state, "draft")
        with self.assertRaises(AccessError):
            snapshot.with_user(self.buyer).action_compute()

    def test_query_count_does_not_grow_with_products(self):
        """K03: one statement, however many products are in stock."""
        self._receive(1, "2025-01-10")
        snapshot = self._snapshot("2025-03-01")

        def compute():
            snapshot.action_compute()  # fills the caches
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            snapshot.action_compute()
            return self.env.cr.sql_log_count - before

        one = compute()
        for index in range(10):
            product = self._new_product(f"More {index}")
            self._receive(1, "2025-01-10", product_id=product.id)
        self.assertEqual(compute(), one)
        self.assertEqual(snapshot.line_count, 11)

    def test_buckets_of_a_company_replace_the_shared_ones(self):
        """K03: buckets are records, per company where it has its own."""
        self._receive(1, "2025-01-10")
        self.assertEqual(self._snapshot("2025-03-01").line_ids.bucket_id.day_from, 0)
        young, old = self.env["stock.age.bucket"].create(
            [
                {"name": name, "day_from": day, "company_id": self.company.id}
                for name, day in (("young", 10), ("old", 50))
            ]
        )
        self.assertEqual((young.day_to, old.day_to), (49, 0))
        self.assertEqual(self._snapshot("2025-03-01").line_ids.bucket_id, old)
        self.assertEqual(
            self._snapshot("2025-01-12").line_ids.bucket_id, young, "lowest takes below"
        )


class UnitSimulation:
    """Single units moved one by one, as a storekeeper would: the oldest leaves first.

    ``stock`` and ``gone`` hold receipts' moves, one entry per unit, in the order in
    which they leave; ``unknown`` counts units that no receipt explains.
    """

    START = date(2025, 1, 1)

    def __init__(self, test, product, seed):
        self.test = test
        self.product = product
        self.random = random.Random(seed)  # noqa: S311 - a reproducible scenario
        self.stock, self.gone, self.receipts, self.deliveries = [], [], [], []
        self.unknown = 0

    def run(self):
        for offset in range(0, 60, 2):
            day = self.START + timedelta(days=offset)
            self.random.choice(
                [self._receive] * 4
                + [self._deliver] * 4
                + [self._customer_return, self._vendor_return, self._count]
            )(fields.Date.to_string(day))
            expected = {}
            for move in self.stock:
                expected[move.id] = expected.get(move.id, 0) + 1
            if self.unknown:
                expected[None] = self.unknown
            for as_of in (day, day + timedelta(days=1)):
                found = {
                    move.id or None: quantity
                    for move, _lot, quantity, _age in self.test._layers(
                        as_of, self.product
                    )
                }
                self.test.assertEqual(found, expected, f"{as_of}")
            self.history = {**getattr(self, "history", {}), day: expected}
        for day, expected in self.history.items():
            found = {
                move.id or None: quantity
                for move, _lot, quantity, _age in self.test._layers(day, self.product)
            }
            self.test.assertEqual(found, expected, f"afterwards, {day}")

    def _do(self, quantity, source, target, day, **values):
        return self.test._move(
            quantity, source, target, day, product_id=self.product.id, **values
        )

    def _receive(self, day):
        quantity = self.random.randint(1, 6)
        move = self._do(quantity, self.test.vendors, self.test.stock, day)
        self.receipts.append(move)
        self.stock += [move] * quantity

    def _take(self, quantity):
        # Units without a receipt are the oldest of all: they leave first.
        unexplained = min(self.unknown, quantity)
        self.unknown -= unexplained
        known = quantity - unexplained
        self.gone += [None] * unexplained + self.stock[:known]
        self.stock = self.stock[known:]

    def _deliver(self, day):
        quantity = min(self.random.randint(1, 6), len(self.stock) + self.unknown)
        if quantity:
            move = self._do(quantity, self.test.stock, self.test.customers, day)
            self.deliveries.append([move, quantity])
            self._take(quantity)

    def _give_back(self, quantity):
        for _unit in range(quantity):
            move = self.gone.pop() if self.gone else None
            if move:
                self.stock.insert(0, move)
            else:
                self.unknown += 1

    def _customer_return(self, day):
        open_deliveries = [row for row in self.deliveries if row[1]]
        if open_deliveries:
            row = self.random.choice(open_deliveries)
            quantity = self.random.randint(1, row[1])
            row[1] -= quantity
            self._do(
                quantity,
                self.test.customers,
                self.test.stock,
                day,
                origin_returned_move_id=row[0].id,
            )
            self._give_back(quantity)

    def _vendor_return(self, day):
        receipts = [move for move in self.receipts if move in self.stock]
        if receipts:
            move = self.random.choice(receipts)
            quantity = self.random.randint(1, self.stock.count(move))
            self._do(
                quantity,
                self.test.stock,
                self.test.vendors,
                day,
                origin_returned_move_id=move.id,
            )
            for _unit in range(quantity):
                self.stock.remove(move)

    def _count(self, day):
        quantity = self.random.randint(1, 3)
        if self.random.random() < 0.5 and len(self.stock) >= quantity:
            self._do(quantity, self.test.stock, self.test.loss, day, is_inventory=True)
            self._take(quantity)
        else:
            self._do(quantity, self.test.loss, self.test.stock, day, is_inventory=True)
            self._give_back(quantity)
