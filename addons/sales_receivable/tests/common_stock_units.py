"""First in, first out, unit by unit: what the stock queries are measured by.

Every unit is an object. Nothing here is taken from the queries: they count depths below
the newest receipt, here units are put on shelves and taken from them.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date

from odoo.models import BaseModel


@dataclass(eq=False)
class Event:
    """A movement of goods, and how many of its goods are still out (or in)."""

    move: BaseModel
    day: date
    key: tuple  # company, product, lot (an empty record where not tracked)
    kind: str  # receipt, out or found; of returns in or out
    quantity: int
    cost: float = 0.0
    root: "Event | None" = None  # what it returns, at however many removes
    left: int = field(init=False)  # not returned so far

    def __post_init__(self):
        self.left = self.quantity

    @property
    def order(self):
        return self.day, self.move.id


class Shelf:
    """The units of one product (and lot) as a storekeeper handles them, day by day.

    The oldest unit leaves first, and goods without a receipt before all others. What
    comes back by a count or from a customer is what left last. What is sent back to a
    vendor is a unit of its own receipt: if that has left already, it was another unit
    that had left instead. ``owed`` counts units that left before they came.
    """

    def __init__(self):
        self.stock, self.gone, self.unknown, self.owed = [], [], 0, 0

    def apply(self, event):
        root = event.root
        for _unit in range(event.quantity):
            if event.kind == "receipt" or (
                root and root.kind == "receipt" and event.kind == "in"
            ):
                self._bring(root or event)
            elif root and root.kind == "receipt":
                self._send_back(root)
            elif event.kind == "out":
                self._take()
            else:
                self._find()

    def _bring(self, receipt):
        self.stock.append(receipt)
        if self.owed:
            self.owed -= 1
            self._take()
        self._keep_order()

    def _send_back(self, receipt):
        if receipt in self.stock:
            self.stock.remove(receipt)
        else:
            self.gone.remove(receipt)
            self._take()

    def _take(self):
        if self.unknown:
            self.unknown -= 1
        elif self.stock:
            self.stock.sort(key=lambda receipt: receipt.order)
            self.gone.append(self.stock.pop(0))
        else:
            self.owed += 1

    def _find(self):
        if self.owed:
            self.owed -= 1
        elif self.gone:
            self.gone.sort(key=lambda receipt: receipt.order)
            self.stock.append(self.gone.pop())
        else:
            self.unknown += 1

    def _keep_order(self):
        """No unit has left while an older one is there."""
        while self.gone and self.stock:
            newest = max(self.gone, key=lambda receipt: receipt.order)
            oldest = min(self.stock, key=lambda receipt: receipt.order)
            if newest.order <= oldest.order:
                break
            self.gone.remove(newest)
            self.stock.remove(oldest)
            self.gone.append(oldest)
            self.stock.append(newest)

    def count(self):
        """Return how many units there are of each receipt, and of None."""
        counted = Counter(self.stock)
        if self.unknown:
            counted[None] = self.unknown
        return counted


class Slot:
    """A place in the queue of goods; its receipt may come later, or never be known."""

    def __init__(self, receipt=None, is_unknown=False):
        self.receipt, self.is_unknown = receipt, is_unknown


class Queue:
    """Who took which unit, of one product (and lot), after the returns are struck out.

    Goods stand in a queue in the order in which they came. Each movement out takes the
    first, each count or unexplained return puts back in front what was taken last.
    """

    def __init__(self):
        self.waiting, self.taken, self.empty = [], [], []
        self.rows = []  # (event, slot, sign)

    def apply(self, event, quantity):
        for _unit in range(abs(quantity)):
            if event.kind == "receipt":
                self._bring(event)
            elif quantity > 0:
                self._take(event)
            else:
                self._put_back(event)

    def _bring(self, receipt):
        if self.empty:
            self.empty.pop(0).receipt = receipt
        else:
            self.waiting.append(Slot(receipt))

    def _take(self, event):
        if self.waiting:
            slot = self.waiting.pop(0)
        else:
            slot = Slot()
            self.empty.append(slot)
        self.taken.append(slot)
        self.rows.append((event, slot, 1))

    def _put_back(self, event):
        slot = self.taken.pop() if self.taken else Slot(is_unknown=True)
        self.waiting.insert(0, slot)
        self.rows.append((event, slot, -1))

    def count(self):
        """Return how many units of which receipt each movement took."""
        counted = Counter()
        for event, slot, sign in self.rows:
            if slot.receipt:
                counted[event, slot.receipt] += sign
        return counted


def simulate_layers(events, until):
    """Return ``{key: {receipt event: units}}`` at the end of a day."""
    shelves = defaultdict(Shelf)
    for event in sorted(events, key=lambda event: event.order):
        if event.day <= until:
            shelves[event.key].apply(event)
    return {key: shelf.count() for key, shelf in shelves.items()}


def simulate_consumption(events, until):
    """Return ``{(movement out, receipt event): units}`` as known at the end of a day."""
    known = [event for event in events if event.day <= until]
    net = Counter()
    for event in known:
        outward = event.kind in ("out", "receipt") if not event.root else None
        sign = (
            (1 if outward else -1)
            if event.root is None
            else (1 if (event.kind == "out") == (event.root.kind == "out") else -1)
            * (-1 if event.root.kind == "found" else 1)
        )
        net[event.root or event] += sign * event.quantity
    queues = defaultdict(Queue)
    for event in sorted(net, key=lambda event: event.order):
        queues[event.key].apply(event, net[event])
    counted = Counter()
    for queue in queues.values():
        counted.update(queue.count())
    return counted
