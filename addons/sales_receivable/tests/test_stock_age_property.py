import random
from collections import Counter
from datetime import date, timedelta

from odoo import Command, fields
from odoo.tests import tagged

from .common_stock_age import StockAgeCommon
from .common_stock_units import Event, simulate_consumption, simulate_layers

START = date(2025, 1, 1)
DAYS = 36
EVENTS_A_DAY = 2
COSTS = (3.0, 7.0, 12.5)
# What must have come about in the histories of a test: kinds, and returns by how many
# removes they are from what they return.
HAPPENING = {
    "receipt",
    "out",
    "found",
    "more than there was",
    "a vendor's unit that had left",
    *((kind, removes) for kind in ("receipt", "out") for removes in (1, 2, 3)),
}


class StockHistories(StockAgeCommon):
    """Two companies in different time zones, for random histories."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_company = cls.env["res.company"].create({"name": "Second Ltd"})
        cls.env.user.company_ids += cls.other_company
        companies = cls.company + cls.other_company
        cls.env = cls.env(
            context=dict(cls.env.context, allowed_company_ids=companies.ids)
        )
        cls.other_company.resource_calendar_id.tz = "America/New_York"

    def _assert_same(self, found, expected):
        """Compare two dicts, and show the first differences only."""
        keys = found.keys() | expected.keys()
        differing = [key for key in keys if found.get(key) != expected.get(key)]
        self.assertEqual(
            [(key, found.get(key)) for key in sorted(differing, key=str)[:5]],
            [(key, expected.get(key)) for key in sorted(differing, key=str)[:5]],
        )


@tagged("post_install", "-at_install")
class TestStockAgeProperty(StockHistories):
    """Random histories, told by the queries and by moving units one by one.

    What each event is, by definition:

    * from the vendor, or from another company through its transit: a receipt, new goods;
    * to the customer, to scrap, lost at a count, to another company, to the vendor
      without a receipt to return: the oldest goods leave;
    * found at a count, loaded at the opening, brought by a customer without a delivery
      to return: what left last is there again, and when nothing had left it is of
      unknown origin, older than everything;
    * a return of a receipt: one of its own units goes; sent again, it is there again;
    * a return of a delivery: for the stock what left last is there again; for who
      consumed what the delivery never took it;
    * between places and warehouses of a company, or of goods of other owners: nothing.
    """

    def test_layers_equal_a_simulation_of_single_units(self):
        """K03: quantities, ages and values of every day, of two companies' tracked and
        untracked goods."""
        happened = set()
        for seed in range(3):
            with self.subTest(seed=seed):
                history = History(self, seed)
                history.make()
                self._check_layers(history)
                happened |= history.happened
        self.assertEqual(happened, HAPPENING)

    def test_consumption_equals_a_simulation_of_single_units(self):
        """K04: which receipts everything that left came from; what is left and what was
        consumed make up what was received."""
        happened = set()
        for seed in range(3, 6):
            with self.subTest(seed=seed):
                history = History(self, seed)
                history.make()
                self._check_consumption(history)
                happened |= history.happened
        self.assertEqual(happened, HAPPENING)

    # ------------------------------------------------------------------
    # Layers
    # ------------------------------------------------------------------

    def _check_layers(self, history):
        days = [START + timedelta(days=day) for day in range(-1, DAYS + 1)]
        companies = self.company + self.other_company
        sql = self.env["stock.move"]._get_age_layers_sql(
            [(company, day) for company in companies for day in days]
        )
        found = {}
        for row in self.env.execute_query_dict(sql):
            if row["product_id"] in history.products.ids:
                key = (row["company_id"], row["as_of"], row["product_id"])
                key += (row["lot_id"] or 0, row["move_id"])
                self.assertNotIn(key, found)
                found[key] = (
                    float(row["quantity"]),
                    row["age_days"],
                    float(row["value"]),
                )
        expected = {}
        for day in days:
            expected.update(self._get_expected_layers(history, day))
        self._assert_same(found, expected)
        self.assertGreater(len(found), 5 * DAYS, "a history worth the name")

    def _get_expected_layers(self, history, day):
        expected = {}
        for key, counted in simulate_layers(history.events, day).items():
            company, product, lot = key
            for receipt, units in counted.items():
                cost = (
                    receipt.cost
                    if receipt
                    else product.with_company(company).standard_price
                )
                expected[
                    company.id,
                    day,
                    product.id,
                    lot.id or 0,
                    receipt.move.id if receipt else None,
                ] = (
                    units,
                    (day - receipt.day).days if receipt else None,
                    company.currency_id.round(units * cost),
                )
        return expected

    # ------------------------------------------------------------------
    # Consumption
    # ------------------------------------------------------------------

    def _check_consumption(self, history):
        for offset in range(3, DAYS + 1, 6):
            day = START + timedelta(days=offset)
            expected = simulate_consumption(history.events, day)
            found = {}
            for company in self.company + self.other_company:
                rows = self._get_consumption(history, company, START, day)
                found.update(rows)
                self._check_window(history, company, day, rows)
            self._assert_same(
                found,
                {
                    (event.move.id, event.key[2].id or 0, receipt.move.id): (
                        units,
                        (event.day - receipt.day).days,
                    )
                    for (event, receipt), units in expected.items()
                    if units
                },
            )
            self._check_nothing_is_lost(history, day, found)

    def _get_consumption(self, history, company, first, last):
        sql = self.env["stock.move"]._get_consumption_sql(company, first, last)
        rows = {}
        for row in self.env.execute_query_dict(sql):
            if row["product_id"] in history.products.ids:
                key = (row["move_id"], row["lot_id"] or 0, row["receipt_id"])
                self.assertNotIn(key, rows)
                self.assertEqual(row["company_id"], company.id)
                rows[key] = (float(row["quantity"]), row["age_days"])
        return rows

    def _check_window(self, history, company, last, rows):
        """What is asked from a later day on is the same, as far as it goes."""
        first = START + timedelta(days=DAYS // 3)
        late = {event.move.id for event in history.events if event.day >= first}
        later = self._get_consumption(history, company, first, last)
        self.assertEqual(
            {key: row for key, row in later.items() if row[0] > 0},
            {key: row for key, row in rows.items() if key[0] in late and row[0] > 0},
        )

    def _check_nothing_is_lost(self, history, day, found):
        received, gone = Counter(), Counter()
        for event in history.events:
            root = event.root or event
            if event.day <= day and root.kind == "receipt":
                sign = -1 if event.kind == "out" else 1
                received[root.move.id, root.key[2].id or 0] += sign * event.quantity
        for (_move, lot, receipt), (units, _age) in found.items():
            gone[receipt, lot] += units
        left = Counter()
        for key, counted in simulate_layers(history.events, day).items():
            for receipt, units in counted.items():
                if receipt:
                    left[receipt.move.id, key[2].id or 0] += units
        self.assertEqual(
            {key: left[key] + gone[key] for key in received}, dict(received)
        )


class History:
    """A random history of two companies, made in the host and noted event by event."""

    def __init__(self, test, seed):
        self.test, self.env = test, test.env
        self.random = random.Random(seed)  # noqa: S311 - a reproducible scenario
        self.events, self.happened = [], set()
        self.removes, self.where = {}, {}
        self.products = self.env["product.product"].create(
            [
                {
                    "name": f"Random {tracking} {seed}",
                    "type": "consu",
                    "is_storable": True,
                    "tracking": tracking,
                }
                for tracking in ("none", "lot", "serial")
            ]
        )
        for company, cost in zip(
            test.company + test.other_company, (7.0, 5.5), strict=True
        ):
            self.products.with_company(company).standard_price = cost
        self.pool = self.env["stock.lot"].create(
            [{"name": name, "product_id": self.products[1].id} for name in "AB"]
        )
        self.places = {
            company: self._new_places(company)
            for company in test.company + test.other_company
        }
        self.dozen = self.env.ref("uom.product_uom_dozen")
        self.between = self.env.ref("stock.stock_location_inter_company")

    def _new_places(self, company):
        warehouse = self.env["stock.warehouse"].search(
            [("company_id", "=", company.id)], limit=1
        )
        further = self.env["stock.location"].create(
            [
                {"name": name, "usage": usage, "company_id": company.id}
                for name, usage in (("Far", "internal"), ("On the way", "transit"))
            ]
        )
        return [warehouse.lot_stock_id, *further]

    def make(self):
        acts = (
            [self._receive] * 5
            + [self._deliver] * 5
            + [self._return, self._return, self._return, self._return]
            + [self._lose, self._find, self._transfer, self._consign, self._sell_on]
        )
        for offset in range(DAYS):
            self.day = START + timedelta(days=offset)
            for _event in range(EVENTS_A_DAY):
                self.company = self.random.choice(list(self.places))
                self.product = self.random.choice(self.products)
                self.random.choice(acts)()

    # ------------------------------------------------------------------
    # Events
    # ------------------------------------------------------------------

    def _receive(self):
        if self.product.tracking == "serial":
            lot = self._new_lot()
            quantity, unit = 1, self.product.uom_id
        else:
            lot = self._any_lot()
            quantity = self.random.randint(1, 6)
            unit = self.random.choice([self.product.uom_id] * 3 + [self.dozen])
        source = self.random.choice([self.test.vendors] * 4 + [self.between])
        event = self._note(
            "receipt", quantity, source, self._place(lot), lot, unit=unit
        )
        event.cost = self.random.choice(COSTS)
        event.move.value = event.quantity * event.cost  # as a vendor bill has it

    def _deliver(self):
        self._leave(self.test.customers)

    def _lose(self):
        self._leave(self._loss())

    def _sell_on(self):
        """To another company, or to a vendor without a receipt to return."""
        self._leave(self.random.choice([self.between, self.test.vendors]))

    def _leave(self, target):
        lot = self._any_lot()
        quantity = self._onhand(lot)
        if self.product.tracking == "none" and self.random.random() < 0.05:
            self.happened.add("more than there was")
            self._note("out", max(quantity, 0) + 2, self._place(lot), target, lot)
        elif quantity > 0:
            quantity = self.random.randint(1, min(quantity, 9))
            self._note("out", quantity, self._place(lot), target, lot)

    def _find(self):
        """At a count, or brought by somebody without a delivery."""
        if self.product.tracking == "serial":
            lot, quantity = self._new_lot(), 1
        else:
            lot, quantity = self._any_lot(), self.random.randint(1, 3)
        source = self.random.choice([self._loss(), self._loss(), self.test.customers])
        self._note("found", quantity, source, self._place(lot), lot)

    def _return(self):
        """Send back, wholly or partly, whatever can be: receipts, deliveries, and what
        was returned before."""
        back = [
            event
            for event in self.events
            if event.left and event.kind != "found" and self._can_go(event)
        ]
        if not back:
            return
        again = [event for event in back if event.root]
        gone = [
            event
            for event in back
            if event.kind == "receipt" and not self._shelf(event)
        ]
        event = self.random.choice(
            self.random.choice([back, again or back, gone or back])
        )
        self.company, self.product, lot = event.key
        most = event.left
        is_inward = event.kind in ("receipt", "in")
        if is_inward:
            most = min(most, self._onhand(lot))
        quantity = self.random.choice([most, self.random.randint(1, most)])
        event.left -= quantity
        root = event.root or event
        if is_inward and root.kind == "receipt" and quantity > self._shelf(root):
            self.happened.add("a vendor's unit that had left")
        source, target = event.move.location_dest_id, event.move.location_id
        if is_inward:
            source = self._place(lot)
        self._note(
            "out" if is_inward else "in",
            quantity,
            source,
            target,
            lot,
            root=root,
            origin_returned_move_id=event.move.id,
        )
        self.removes[self.events[-1]] = removes = self.removes.get(event, 0) + 1
        self.happened.add((root.kind, min(removes, 3)))

    def _can_go(self, event):
        _company, product, lot = event.key
        onhand = self._onhand(lot, event.key)
        if event.kind in ("receipt", "in"):
            return onhand > 0
        return product.tracking != "serial" or not onhand

    def _transfer(self):
        lot = self._any_lot()
        if self._onhand(lot) > 0:
            source = self._place(lot)
            target = self.random.choice(self.places[self.company])
            self._move(1, source, target, lot)

    def _consign(self):
        """Goods of somebody else come and go."""
        if self.product.tracking == "none":
            lot = self.env["stock.lot"]
            owner = self.test.vendor
            place = self._place(lot)
            self._move(3, self.test.vendors, place, lot, owner=owner)
            if self.random.random() < 0.5:
                self._move(2, place, self.test.customers, lot, owner=owner)

    # ------------------------------------------------------------------
    # Bookkeeping
    # ------------------------------------------------------------------

    def _any_lot(self):
        if self.product.tracking == "serial":
            keys = (self.company, self.product)
            lots = [event.key[2] for event in self.events if event.key[:2] == keys]
            return self.random.choice(lots) if lots else self._new_lot()
        if self.product.tracking == "lot":
            return self.random.choice(self.pool)
        return self.env["stock.lot"]

    def _new_lot(self):
        return self.env["stock.lot"].create({"product_id": self.product.id})

    def _onhand(self, lot, key=None):
        key = key or (self.company, self.product, lot)
        return sum(
            event.quantity
            if event.kind in ("receipt", "found", "in")
            else -event.quantity
            for event in self.events
            if event.key == key
        )

    def _shelf(self, receipt):
        """Return how many units of a receipt are there, first in, first out."""
        counted = simulate_layers(self.events, self.day)[receipt.key]
        return counted[receipt]

    def _place(self, lot):
        """Return where to take goods from or to: a serial number is in one place."""
        places = self.places[self.company]
        if self.product.tracking == "serial":
            return self.where.get((self.company, lot), places[0])
        return self.random.choice(places)

    def _loss(self):
        return self.env["stock.location"].search(
            [("usage", "=", "inventory"), ("company_id", "=", self.company.id)], limit=1
        )

    def _note(self, kind, quantity, source, target, lot, **values):
        unit, root = values.get("unit"), values.pop("root", None)
        move = self._move(quantity, source, target, lot, **values)
        if unit == self.dozen:
            quantity *= 12
        key = (self.company, self.product, lot)
        event = Event(move, self.day, key, kind, quantity, root=root)
        if not root:
            self.happened.add(kind)
        self.events.append(event)
        return event

    def _move(self, quantity, source, target, lot, **values):
        unit = values.pop("unit", None) or self.product.uom_id
        owner = values.pop("owner", None)
        move = self.env["stock.move"].create(
            {
                "product_id": self.product.id,
                "product_uom": unit.id,
                "product_uom_qty": quantity,
                "location_id": source.id,
                "location_dest_id": target.id,
                "company_id": self.company.id,
                "is_inventory": "inventory" in (source.usage, target.usage),
                "move_line_ids": [
                    Command.create(
                        {
                            "product_id": self.product.id,
                            "product_uom_id": unit.id,
                            "quantity": quantity,
                            "location_id": source.id,
                            "location_dest_id": target.id,
                            "lot_id": lot.id,
                            "owner_id": owner and owner.id,
                            "company_id": self.company.id,
                        }
                    )
                ],
                **values,
            }
        )
        if target in self.places[self.company]:
            self.where[self.company, lot] = target
        move.picked = True
        move.with_company(self.company)._action_done()
        self.test._date_moves(move, fields.Date.to_string(self.day))
        return move
