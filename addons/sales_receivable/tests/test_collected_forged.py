from odoo import Command
from odoo.tests import new_test_user, tagged

from .common_receivable import ReceivableCommon


@tagged("post_install", "-at_install")
class TestCollectedForged(ReceivableCommon):
    """What an accounting user writes on an entry doesn't make it money (K02, F18)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.accountant = new_test_user(
            cls.env,
            login="forging_accountant",
            groups="account.group_account_user",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.invoice = cls._invoice(1000, "2026-10-01")

    def _collected(self, **kwargs):
        self.env.flush_all()
        return self.invoice._get_collected_amounts(**kwargs)[self.invoice.id][0]

    def _small_payment(self, **values):
        """Receive 1 for a second invoice: a payment that exists."""
        payment = self._pay(self._invoice(1, "2026-10-01"), 1, "2026-10-02")
        if values:
            payment.with_user(self.accountant).write(values)
        return payment

    def _claim(self, entry, **values):
        """Let a payment and an entry name each other."""
        payment = self._small_payment(move_id=entry.id, **values)
        entry.with_user(self.accountant).origin_payment_id = payment
        return payment

    def _settle_in(self, journal, account):
        """Settle the invoice by an entry of a journal against an account."""
        item = self._item(self.invoice)
        entry = self.env["account.move"].create(
            {
                "date": "2026-10-05",
                "journal_id": journal.id,
                "line_ids": [
                    Command.create(
                        {
                            "account_id": used.id,
                            "partner_id": self.customer.id,
                            "balance": balance,
                        }
                    )
                    for used, balance in ((item.account_id, -1000), (account, 1000))
                ],
            }
        )
        entry.action_post()
        (self._item(entry) + item).reconcile()
        return entry

    def test_pointers_on_a_journal_entry(self):
        """K02: an entry that points at a payment or a bank line is no money, whatever
        accounts it is booked on."""
        expense = self.company_data["default_account_expense"]
        payment = self._small_payment(outstanding_account_id=expense.id)
        bank_line = self._bank_line(
            5, "2026-10-03", self._item(self._invoice(5, "2026-10-01"))
        )
        bank = self.company_data["default_journal_bank"].default_account_id
        for account in (expense, bank):
            for pointer in (
                {"origin_payment_id": payment.id},
                {"statement_line_id": bank_line.id},
            ):
                with self.subTest(account=account.name, pointer=list(pointer)):
                    self.invoice = self._invoice(1000, "2026-10-01")
                    misc = self.company_data["default_journal_misc"]
                    entry = self._settle_in(misc, account)
                    entry.with_user(self.accountant).write(pointer)
                    self.assertEqual(self._collected(), 0)
                    self.assertEqual(self._collected(in_transit=False), 0)

    def test_pointers_make_no_payment_of_an_open_item(self):
        """R03: nor is it called a payment in the ageing."""
        entry = self._settle_in(
            self.company_data["default_journal_misc"],
            self.company_data["default_account_expense"],
        )
        self._item(entry).remove_move_reconcile()
        payment = self._small_payment()
        entry.with_user(self.accountant).origin_payment_id = payment
        self.env.flush_all()
        row = self.Report.search([("move_id", "=", entry.id)])
        self.assertEqual(row.item_type, "entry")

    def test_pointers_of_a_payment_s_entry(self):
        """K02: neither does money vanish because its entry points at another payment."""
        payment = self._pay(self.invoice, 400, "2026-10-05")
        other = self._small_payment()
        payment.move_id.with_user(self.accountant).origin_payment_id = other
        self.assertEqual(self._collected(), 400)

    def test_payment_that_claims_a_journal_entry(self):
        """K02: a payment that names an entry of the general journal as its own."""
        expense = self.company_data["default_account_expense"]
        entry = self._settle_in(self.company_data["default_journal_misc"], expense)
        self._claim(entry, outstanding_account_id=expense.id)
        self.assertEqual(self._collected(), 0)

    def test_entry_of_the_sales_journal(self):
        """K02: a sales journal's default account is income, not a bank."""
        journal = self.company_data["default_journal_sale"]
        entry = self._settle_in(journal, journal.default_account_id)
        self._claim(entry)
        self.assertEqual(self._collected(), 0)

    def test_expense_as_outstanding_account(self):
        """K02: what is outstanding is an asset, whatever the payment says."""
        expense = self.company_data["default_account_expense"]
        entry = self._settle_in(self.company_data["default_journal_bank"], expense)
        self._claim(entry, outstanding_account_id=expense.id)
        self.assertEqual(self._collected(), 0)

    def test_payment_to_the_bank_account_without_the_bank(self):
        """F18: booked straight on the bank account is no bank statement, unless the
        payment method is configured so."""
        journal = self.company_data["default_journal_bank"]
        entry = self._settle_in(journal, journal.default_account_id)
        payment = self._claim(
            entry, outstanding_account_id=journal.default_account_id.id
        )
        self.assertEqual(self._collected(), 1000, "as if it were in transit")
        self.assertEqual(self._collected(in_transit=False), 0)
        payment.payment_method_line_id.payment_account_id = journal.default_account_id
        self.assertEqual(self._collected(in_transit=False), 1000)

    def test_cancelled_and_rejected_payments(self):
        """K02: a payment that is cancelled or came back is no money, also while its
        entry is still reconciled."""
        payment = self._pay(self.invoice, 400, "2026-10-05")
        for state in ("rejected", "canceled"):
            payment.with_user(self.accountant).write({"state": state})
            self.assertEqual(self._collected(), 0, state)
        payment.with_user(self.accountant).write({"state": "paid"})
        self.assertEqual(self._collected(), 400)
        self.assertEqual(self._collected(in_transit=False), 0, "no state is a bank")

    def test_bank_line_that_writes_most_of_it_off(self):
        """F18: one cent on the bank doesn't clear a thousand."""
        payment = self._pay(self.invoice, 1000, "2026-10-05")
        outstanding = payment.move_id.line_ids.filtered(
            lambda line: line.account_id == payment.outstanding_account_id
        )
        bank_line = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.company_data["default_journal_bank"].id,
                "date": "2026-10-08",
                "payment_ref": "transfer",
                "amount": 1,
                "partner_id": self.customer.id,
            }
        )
        _liquidity, suspense, _other = bank_line._seek_for_lines()
        bank_line.move_id.with_context(skip_readonly_check=True).write(
            {
                "line_ids": [
                    Command.update(
                        suspense.id,
                        {
                            "account_id": outstanding.account_id.id,
                            "balance": -1000,
                            "amount_currency": -1000,
                        },
                    ),
                    Command.create(
                        {
                            "account_id": self.company_data[
                                "default_account_expense"
                            ].id,
                            "balance": 999,
                        }
                    ),
                ]
            }
        )
        (outstanding + suspense).reconcile()
        self.assertEqual(self._collected(), 1000)
        self.assertEqual(self._collected(in_transit=False), 1)
