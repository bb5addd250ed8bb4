import random
from datetime import date, timedelta

from odoo import fields
from odoo.tests import freeze_time, tagged

from .common_receivable import ReceivableCommon


@tagged("post_install", "-at_install")
class TestOpenItems(ReceivableCommon):
    """The one query of what was open as of a day."""

    def test_partly_paid_invoice_is_open_with_what_was_left_then(self):
        """R03: a payment lowers what is open from its day on, not before."""
        invoice = self._invoice(1000, "2026-10-01")
        self._pay(invoice, 300, "2026-10-05")
        self._pay(invoice, 700, "2026-10-09")
        item = self._item(invoice)
        self.assertNotIn(item.id, self._open_items("2026-09-30"))
        self.assertEqual(self._open_items("2026-10-04")[item.id], (1000, 1000))
        self.assertEqual(self._open_items("2026-10-05")[item.id], (700, 700))
        self.assertNotIn(item.id, self._open_items("2026-10-09"))

    def test_unposted_and_other_companies_are_not_open(self):
        """R03: only posted items of the asked companies count."""
        draft = self._invoice(10, "2026-10-01")
        draft.button_draft()
        other = self.setup_other_company(name="Other Co")["company"]
        posted = self._invoice(20, "2026-10-01")
        self.assertEqual(
            set(self._open_items("2026-10-31")), set(self._item(posted).ids)
        )
        sql = self.env["account.move.line"]._get_open_items_sql(
            date(2026, 10, 31), other.ids
        )
        self.assertEqual(self.env.execute_query(sql), [])

    def test_unallocated_payment_and_credit_note_are_negative(self):
        """R03: what the customer has to his credit is shown with its sign."""
        refund = self._invoice(40, "2026-10-01", move_type="out_refund")
        payment = self.init_payment(
            25, post=True, date=date(2026, 10, 2), partner=self.customer
        )
        items = self._open_items("2026-10-31")
        self.assertEqual(items[self._item(refund).id], (-40, -40))
        self.assertEqual(items[self._item(payment.move_id).id], (-25, -25))

    def test_back_dated_payment_changes_the_past_from_its_date_on(self):
        """R03: as-of figures follow accounting dates, like the ledger itself."""
        invoice = self._invoice(100, "2026-10-01")
        item = self._item(invoice)
        self.assertEqual(self._open_items("2026-10-15")[item.id], (100, 100))
        with freeze_time("2026-10-20"):
            self._pay(invoice, 60, "2026-10-10")
        self.assertEqual(self._open_items("2026-10-09")[item.id], (100, 100))
        self.assertEqual(self._open_items("2026-10-15")[item.id], (40, 40))

    def test_undone_reconciliation_leaves_no_trace_in_the_past(self):
        """R03: unreconciled is as if it had never been matched."""
        invoice = self._invoice(100, "2026-10-01")
        self._pay(invoice, 60, "2026-10-10")
        item = self._item(invoice)
        item.remove_move_reconcile()
        self.assertEqual(self._open_items("2026-10-15")[item.id], (100, 100))

    def test_query_count_does_not_grow_with_items(self):
        """R03: the report takes the same number of queries for 1 as for 30 items."""
        self._invoice(1, "2026-10-01")
        report = self.Report.with_context(as_of="2026-10-31")

        def read():
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            report.search([]).mapped("residual")
            return self.env.cr.sql_log_count - before

        read()  # fills the caches of rules and fields
        one = read()
        for _index in range(29):
            self._invoice(1, "2026-10-01")
        read()  # invoicing empties caches
        self.assertEqual(read(), one)
        self.assertEqual(len(report.search([])), 30)

    def test_every_line_of_every_day_equals_what_was_live_that_day(self):
        """R03: line by line and day by day, in both currencies, through payments,
        write-offs, credit notes, journal entries, exchange differences, back-dated
        payments and undone reconciliations."""
        History(self, seed=1).run()

    def test_every_line_of_every_day_in_another_history(self):
        """R03: the same for other random events."""
        History(self, seed=7).run()


class History:
    """Random events day by day, recording each item's live residual every evening.

    An event that reaches into the past (back-dated or undone) corrects the record from
    the day on which it takes effect: the later of the two items' dates.
    """

    START = date(2026, 10, 1)

    def __init__(self, test, seed):
        self.test = test
        self.random = random.Random(seed)  # noqa: S311 - a reproducible scenario
        self.invoices = test.env["account.move"]
        self.record, self.done = {}, []

    def run(self):
        for offset in range(16):
            day = self.START + timedelta(days=offset)
            with freeze_time(f"{day} 10:00:00"):
                for _event in range(self.random.randint(1, 2)):
                    self._do(day)
            self.record[day] = {
                line: (line.amount_residual, line.amount_residual_currency)
                for line in self._get_lines()
            }
        kinds = {name for name, _day in self.done}
        self.test.assertLessEqual({"_pay", "_undo", "_back_date"}, kinds)
        for day, lines in self.record.items():
            expected = {
                line.id: (round(amount, 2), round(currency, 2))
                for line, (amount, currency) in lines.items()
                if round(amount, 2) or round(currency, 2)
            }
            found = {
                line_id: (round(amount, 2), round(currency, 2))
                for line_id, (amount, currency) in self.test._open_items(day).items()
            }
            self.test.assertEqual(found, expected, f"{day}")

    def _get_lines(self):
        return self.test.env["account.move.line"].search(
            [
                ("account_type", "=", "asset_receivable"),
                ("parent_state", "=", "posted"),
                ("company_id", "=", self.test.company.id),
            ]
        )

    def _do(self, day):
        before_lines = self._get_lines()
        before = self._get_partials()
        unpaid = self.invoices.filtered("amount_residual")
        events = [self._invoice]
        if unpaid:
            events += [self._pay] * 3 + [self._write_off, self._credit, self._entry]
            events += [self._back_date] * 2
        if self.invoices.filtered(lambda inv: inv.amount_residual < inv.amount_total):
            events += [self._undo]
        event = self.random.choice(events)
        event(day, unpaid)
        self.done.append((event.__name__, day))
        self._correct_past(day, before_lines, before)

    def _correct_past(self, day, before_lines, before):
        after = self._get_partials()
        for line in self._get_lines() - before_lines:
            for past in self.record:
                if line.date <= past < day:
                    self.record[past][line] = (line.balance, line.amount_currency)
        changes = [(after[key], -1) for key in after.keys() - before.keys()]
        changes += [(before[key], 1) for key in before.keys() - after.keys()]
        for (debit, credit, amount, debit_currency, credit_currency), sign in changes:
            effect = max(debit.date, credit.date)
            for past, lines in self.record.items():
                if effect <= past:
                    self._add(lines, debit, sign * amount, sign * debit_currency)
                    self._add(lines, credit, -sign * amount, -sign * credit_currency)

    def _add(self, lines, line, amount, currency):
        old = lines.get(line, (0.0, 0.0))
        lines[line] = (old[0] + amount, old[1] + currency)

    def _get_partials(self):
        return {
            part.id: (
                part.debit_move_id,
                part.credit_move_id,
                part.amount,
                part.debit_amount_currency,
                part.credit_amount_currency,
            )
            for part in self.test.env["account.partial.reconcile"].search([])
        }

    def _part(self, invoice):
        return round(invoice.amount_residual * self.random.choice((0.3, 0.5, 1.0)), 2)

    def _invoice(self, day, _unpaid):
        currency = self.random.choice((self.test.usd, self.test.company.currency_id))
        self.invoices += self.test._invoice(
            self.random.randint(10000, 99999) / 100,
            fields.Date.to_string(day),
            currency_id=currency.id,
        )

    def _pay(self, day, unpaid):
        invoice = self.random.choice(unpaid)
        self.test._pay(invoice, self._part(invoice), day)

    def _write_off(self, day, unpaid):
        invoice = self.random.choice(unpaid)
        self.test._pay_with_write_off(
            invoice, round(invoice.amount_residual * 0.9, 2), day
        )

    def _credit(self, day, unpaid):
        invoice = self.random.choice(unpaid)
        self.test._credit(invoice, self._part(invoice), fields.Date.to_string(day))

    def _entry(self, day, unpaid):
        invoice = self.random.choice(unpaid)
        self.test._settle_by_entry(invoice, self._part(invoice), day)

    def _back_date(self, day, unpaid):
        invoice = self.random.choice(unpaid)
        back = max(self.START, day - timedelta(days=self.random.randint(1, 6)))
        self.test._pay(invoice, self._part(invoice), back)

    def _undo(self, day, _unpaid):
        settled = self.invoices.filtered(lambda i: i.amount_residual < i.amount_total)
        self.test._item(self.random.choice(settled)).remove_move_reconcile()
