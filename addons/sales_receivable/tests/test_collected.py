from datetime import date

from odoo.tests import tagged

from .common_receivable import ReceivableCommon


@tagged("post_install", "-at_install")
class TestCollected(ReceivableCommon):
    """What has been settled by money, the base of commission, gates and release."""

    def _collected(self, invoice, **kwargs):
        invoice.env.flush_all()
        return invoice._get_collected_amounts(**kwargs)[invoice.id]

    def test_partial_payments_add_up_from_their_dates_on(self):
        """R10: each partial payment is collected on its own day."""
        invoice = self._invoice(1000, "2026-10-01")
        self._pay(invoice, 300, "2026-10-05")
        self._pay(invoice, 200, "2026-10-09")
        self.assertEqual(self._collected(invoice, as_of=date(2026, 10, 4)), (0, 0))
        self.assertEqual(self._collected(invoice, as_of=date(2026, 10, 5)), (300, 300))
        self.assertEqual(self._collected(invoice), (500, 500))

    def test_write_off_is_not_collected(self):
        """R11: of a payment with a write-off only the money counts, though the host
        says the invoice is paid."""
        invoice = self._invoice(1000, "2026-10-01")
        self._pay_with_write_off(invoice, 900, "2026-10-05")
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEqual(self._collected(invoice), (900, 900))

    def test_write_off_over_several_invoices_adds_up_to_the_money(self):
        """R11: shares are rounded so that nothing is lost or found."""
        invoices = self._invoice(33.33, "2026-10-01") + self._invoice(
            33.33, "2026-10-01"
        )
        invoices += self._invoice(33.34, "2026-10-01")
        payment = self._pay_with_write_off(invoices, 77.77, "2026-10-05")
        self.assertEqual(len(payment), 1)
        self.env.flush_all()
        amounts = [amount for amount, _ in invoices._get_collected_amounts().values()]
        self.assertAlmostEqual(sum(amounts), 77.77, places=6)
        for amount in amounts:
            self.assertAlmostEqual(amount, 25.92, delta=0.02)

    def test_overpayment_counts_no_more_than_the_invoice(self):
        """R10: what the customer paid too much is not collected on the invoice."""
        invoice = self._invoice(100, "2026-10-01")
        self._pay(invoice, 130, "2026-10-05")
        self.assertEqual(self._collected(invoice), (100, 100))

    def test_credit_note_is_not_collected(self):
        """R10: a 99 % credit note makes the invoice paid, not collected."""
        invoice = self._invoice(1000, "2026-10-01")
        self._credit(invoice, 990, "2026-10-02")
        self._pay(invoice, 10, "2026-10-05")
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEqual(self._collected(invoice), (10, 10))

    def test_journal_entry_is_not_collected(self):
        """R10: an entry settles the item without any money."""
        invoice = self._invoice(1000, "2026-10-01")
        self._settle_by_entry(invoice, 1000, "2026-10-05")
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEqual(self._collected(invoice), (0, 0))

    def test_exchange_difference_is_not_collected(self):
        """R10: a foreign invoice is collected at what its money was worth."""
        invoice = self._invoice(100, "2026-10-01", currency_id=self.usd.id)
        self.assertEqual(self._item(invoice).balance, 200)
        self._pay(invoice, 50, "2026-10-20")  # 80 of 100
        self.assertEqual(self._collected(invoice), (80, 50))
        self._pay(invoice, 50, "2026-10-21")
        self.assertEqual(invoice.amount_residual, 0)
        self.assertEqual(self._collected(invoice), (160, 100))

    def test_exchange_gain_is_not_collected(self):
        """R10: money worth more than the item settles no more than the item."""
        invoice = self._invoice(100, "2026-10-01", currency_id=self.usd.id)
        self._pay(invoice, 100, "2026-10-10")  # worth 250
        self.assertEqual(self._collected(invoice), (200, 100))

    def test_reversed_reconciliation_is_not_collected(self):
        """R12: unreconciled money is no longer collected on the invoice."""
        invoice = self._invoice(100, "2026-10-01")
        self._pay(invoice, 60, "2026-10-10")
        self._item(invoice).remove_move_reconcile()
        self.assertEqual(self._collected(invoice), (0, 0))

    def test_back_dated_payment_is_collected_on_its_date(self):
        """R10: the collection date is the later of payment and invoice date."""
        invoice = self._invoice(100, "2026-10-10")
        self._pay(invoice, 60, "2026-10-05")
        self.assertEqual(self._collected(invoice, as_of=date(2026, 10, 9)), (0, 0))
        self.assertEqual(self._collected(invoice, as_of=date(2026, 10, 10)), (60, 60))

    def test_bank_line_is_money_without_a_payment(self):
        """R10: a bank statement line settles by money."""
        invoice = self._invoice(100, "2026-10-01")
        self._bank_line(40, "2026-10-05", self._item(invoice))
        self.assertEqual(self._collected(invoice), (40, 40))
        self.assertEqual(self._collected(invoice, in_transit=False), (40, 40))

    def test_payment_in_transit_counts_by_choice(self):
        """F18: an unconfirmed payment is money in transit until the bank shows it."""
        invoice = self._invoice(100, "2026-10-01")
        payment = self._pay(invoice, 100, "2026-10-05")
        self.assertEqual(self._collected(invoice), (100, 100))
        self.assertEqual(self._collected(invoice, in_transit=False), (0, 0))
        outstanding = payment.move_id.line_ids.filtered(
            lambda line: line.account_id == payment.outstanding_account_id
        )
        self._bank_line(100, "2026-10-08", outstanding)
        day = date(2026, 10, 7)
        self.assertEqual(self._collected(invoice, in_transit=False, as_of=day), (0, 0))
        self.assertEqual(self._collected(invoice, in_transit=False), (100, 100))

    def test_money_paid_out_on_a_credit_note_is_negative(self):
        """R10: refunding the customer takes money back."""
        refund = self._invoice(70, "2026-10-01", move_type="out_refund")
        self._pay(refund, 70, "2026-10-05")
        self.assertEqual(self._collected(refund), (-70, -70))

    def test_many_documents_take_one_query(self):
        """R10: the batch is one query, and every document has its entry."""
        invoices = self.env["account.move"]
        for _index in range(5):
            invoices += self._invoice(10, "2026-10-01")
        self._pay(invoices[:3], 30, "2026-10-05")
        self.env.flush_all()
        with self.assertQueryCount(1):
            amounts = invoices._get_collected_amounts()
        self.assertEqual(
            [amounts[invoice.id][0] for invoice in invoices], [10, 10, 10, 0, 0]
        )
        self.assertEqual(self.env["account.move"]._get_collected_amounts(), {})
