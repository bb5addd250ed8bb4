from datetime import date, timedelta

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

    def test_late_entered_payment_leaves_the_difference_open_until_its_entry(self):
        """R03: paid up in its currency from the payment's date on; the exchange
        difference, in company currency only, is open until the date of its own entry:
        the day of entry in the payment's month, later the end of that month."""
        for entered, booked in (
            ("2026-10-25", "2026-10-25"),
            ("2026-11-12", "2026-10-31"),
        ):
            invoice = self._invoice(100, "2026-10-12", currency_id=self.usd.id)
            item = self._item(invoice)
            self.assertEqual(self._open_items("2026-10-19")[item.id], (250, 100))
            with freeze_time(f"{entered} 10:00:00"):
                # The host caches it for the whole transaction.
                self.env["account.journal"].invalidate_model(["accounting_date"])
                self._pay(invoice, 100, "2026-10-20")  # worth 160
            difference = item.matched_credit_ids.exchange_move_id
            self.assertEqual(str(difference.date), booked)
            day_before = difference.date - timedelta(days=1)
            self.assertEqual(self._open_items("2026-10-19")[item.id], (250, 100))
            self.assertEqual(self._open_items("2026-10-20")[item.id], (90, 0))
            self.assertEqual(self._open_items(day_before)[item.id], (90, 0))
            self.assertNotIn(item.id, self._open_items(booked))

    def test_undone_difference_is_an_item_until_its_reversal(self):
        """R03: the exchange difference of an undone reconciliation stays in the books
        until the host's reversal; the invoice is as if never paid."""
        invoice = self._invoice(100, "2026-10-12", currency_id=self.usd.id)
        item = self._item(invoice)
        with freeze_time("2026-10-20 10:00:00"):
            payment = self._pay(invoice, 100, "2026-10-20")  # worth 160
        difference = item.matched_credit_ids.exchange_move_id
        with freeze_time("2026-10-25 10:00:00"):
            item.remove_move_reconcile()
        paid = {
            item.id: (250, 100),
            self._item(payment.move_id).id: (-160, -100),
        }
        stands = {self._item(difference).id: (-90, 0)}
        self.assertEqual(self._open_items("2026-10-20"), paid | stands)
        self.assertEqual(self._open_items("2026-10-24"), paid | stands)
        self.assertEqual(self._open_items("2026-10-25"), paid)

    def test_what_is_matched_with_a_draft_is_open(self):
        """R03: the host keeps the reconciliation of what is reset to draft and calls
        the other side settled; the ledger has only what is posted."""
        invoice = self._invoice(100, "2026-10-01")
        payment = self._pay(invoice, 60, "2026-10-05")
        item, money = self._item(invoice), self._item(payment.move_id)
        payment.action_draft()
        self.assertEqual(item.amount_residual, 40, "the host says so")
        for day in ("2026-10-04", "2026-10-05", "2026-10-31"):
            self.assertEqual(self._open_items(day), {item.id: (100, 100)}, day)
        payment.action_post()
        self.assertEqual(self._open_items("2026-10-05"), {item.id: (40, 40)})
        invoice.button_draft()
        self.assertEqual(self._open_items("2026-10-05"), {money.id: (-60, -60)})
        self.assertEqual(self._open_items("2026-10-04"), {})
