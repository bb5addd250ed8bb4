from datetime import timedelta

from odoo.tests import tagged

from .common_open_items import SETTLEMENTS, START, Books, Plan
from .common_receivable import ReceivableCommon


@tagged("post_install", "-at_install")
class TestOpenItemsDays(ReceivableCommon):
    """What was open on a day, against what the ledger itself showed that day."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.foreign = cls.env.ref("base.GBP")

    def _set_rates(self, *rates):
        """Let a pound be worth so much of the company's currency, week by week."""
        self.foreign.active = True
        self.foreign.rate_ids.unlink()
        self.env["res.currency.rate"].create(
            [
                {
                    "currency_id": self.foreign.id,
                    "company_id": self.company.id,
                    "name": START + timedelta(days=days),
                    "rate": 1 / rate,
                }
                for days, rate in zip((-60, 10, 20, 30, 40), rates, strict=True)
            ]
        )

    @staticmethod
    def _round(amounts):
        return {
            key: (round(amount, 2), round(currency, 2))
            for key, (amount, currency) in amounts.items()
            if round(amount, 2) or round(currency, 2)
        }

    def _assert_same(self, found, expected, day):
        """Compare two dicts; what a failure prints is the difference."""
        wrong = [
            (key, found.get(key), expected.get(key))
            for key in {**found, **expected}
            if found.get(key) != expected.get(key)
        ]
        self.assertEqual(wrong, [], f"(item, found, expected) on {day}")

    # ------------------------------------------------------------------
    # Everything entered on its day: the record of that evening is the truth
    # ------------------------------------------------------------------

    def _check_in_order(self, seed):
        self._set_rates(2.0113, 1.2571, 2.4999, 1.6003, 1.9187)
        plan = Plan(seed, 17.37, in_order=True)
        self.assertLessEqual(set(SETTLEMENTS), {doc.kind for doc in plan.documents})
        books = Books(self, plan, "In Order Ltd")
        books.play(books.get_agenda_as_entered())
        self.assertTrue(books.exchange_lines[0], "no exchange difference")
        for day, live in books.live.items():
            found = self._round(books.get_open(day))
            self._assert_same(found, self._round(live), day)
            collected = self._round(books.get_collected(as_of=day))
            self.assertEqual(collected, self._round(books.collected[day]), f"{day}")

    def test_every_item_of_every_day_is_what_it_was_that_evening(self):
        """R03: 50 days of invoices in two currencies, partial payments in either,
        discounts, credit notes, journal entries, bank lines, exchange differences:
        each item as recorded in the evening, in both currencies; and what was
        collected of each invoice by then."""
        self._check_in_order(7)

    def test_every_item_of_every_day_in_a_second_history(self):
        """R03: the same with other documents."""
        self._check_in_order(8)

    # ------------------------------------------------------------------
    # Entered later, undone, done again: the replay by accounting dates is the truth
    # ------------------------------------------------------------------

    def _check_replayed(self, seed):
        self._set_rates(2, 1.25, 2.5, 1.6, 2)  # no amount of the plan is rounded
        plan = Plan(seed, 40, in_order=False)
        entered = Books(self, plan, "As Entered Ltd")
        entered.play(entered.get_agenda_as_entered())
        dated = Books(self, plan, "As Dated Ltd", hindsight=True)
        dated.play(dated.get_agenda_as_dated())
        idle = entered.exchange_lines[1]
        self.assertFalse(dated.exchange_lines[1])
        for kind in ("unmatched", "rematched", "withdrawn"):
            self.assertTrue([doc for doc in plan.documents if getattr(doc, kind)], kind)
        for day, live in dated.live.items():
            expected = self._get_without_differences(dated, live, day)
            found = entered.get_open(day)
            for line in idle & self.env["account.move.line"].union(*found):
                # A difference that was taken back stood in the books for a while.
                until = line.move_id.reversal_move_ids.date
                self.assertTrue(line.date <= day and (not until or day < until), line)
                self.assertEqual(found.pop(line), (line.balance, line.amount_currency))
            self._assert_same(
                self._get_without_differences(entered, found, day), expected, day
            )
            self._check_collected(entered, dated, day)

    def _get_without_differences(self, books, amounts, day):
        """Return ``{document: amounts}`` before exchange differences: these count from
        the date of their own entry, which the host puts on the day of entry."""
        differences = books.get_exchange_differences(day)
        amounts, before = dict(amounts), {}
        for document, item in books.items.items():
            amount, currency = amounts.pop(item, (0.0, 0.0))
            before[document] = (
                amount + differences[item][0],
                currency + differences[item][1],
            )
        self.assertFalse(self._round(amounts), f"other items on {day}")
        return self._round(before)

    def _check_collected(self, entered, dated, day):
        """What was collected by a day is what it is with everything entered in time."""
        found, live = entered.get_collected(as_of=day), dated.collected[day]
        for document, item in dated.items.items():
            if document.kind == "invoice":
                move = entered.items[document].move_id.id
                self.assertEqual(
                    self._round({"": found[move]}),
                    self._round({"": live.get(item.move_id.id, (0, 0))}),
                    f"collected on {day}",
                )

    def test_back_dated_undone_and_redone_is_as_if_entered_in_time(self):
        """R03: every item of every day is as if each document had been entered on its
        accounting date, undone reconciliations never made, redone ones never undone
        and invoices reset to draft never been."""
        self._check_replayed(1)

    def test_back_dated_undone_and_redone_in_a_second_history(self):
        """R03: the same with other documents."""
        self._check_replayed(23)
