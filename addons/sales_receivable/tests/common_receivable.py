from odoo import Command, fields
from odoo.addons.account.tests.common import AccountTestInvoicingCommon


class ReceivableCommon(AccountTestInvoicingCommon):
    """A company with a ledger, customers, salespeople and shortcuts for documents."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.usd = cls.setup_other_currency(
            "EUR",
            rates=[("2020-01-01", 0.5), ("2026-10-10", 0.4), ("2026-10-20", 0.625)],
        )
        cls.Report = cls.env["receivable.ageing.report"]
        cls.receivable = cls.company_data["default_account_receivable"]
        cls.customer = cls.env["res.partner"].create({"name": "Bright Trading"})

    @classmethod
    def _invoice(cls, amount, day, due=None, **values):
        """Post an invoice without tax over an amount."""
        return cls._create_invoice_one_line(
            name="goods",
            price_unit=amount,
            tax_ids=[],
            account_id=cls.company_data["default_account_revenue"],
            partner_id=values.pop("partner_id", cls.customer.id),
            invoice_date=day,
            invoice_date_due=due or day,
            invoice_payment_term_id=None,
            post=True,
            **values,
        )

    @classmethod
    def _pay(cls, invoices, amount, day, **values):
        """Register a payment on invoices."""
        return cls._register_payment(
            invoices, amount=amount, payment_date=day, **values
        )

    @classmethod
    def _pay_with_write_off(cls, invoices, amount, day):
        return cls._pay(
            invoices,
            amount,
            day,
            payment_difference_handling="reconcile",
            writeoff_account_id=cls.company_data["default_account_expense"].id,
        )

    @classmethod
    def _settle_by_entry(cls, invoice, amount, day):
        """Settle an invoice by a journal entry: nobody has paid."""
        entry = cls.env["account.move"].create(
            {
                "move_type": "entry",
                "date": day,
                "journal_id": cls.company_data["default_journal_misc"].id,
                "line_ids": [
                    Command.create(
                        {
                            "account_id": account.id,
                            "partner_id": invoice.partner_id.id,
                            "balance": balance,
                        }
                    )
                    for account, balance in (
                        (cls._item(invoice).account_id, -amount),
                        (cls.company_data["default_account_expense"], amount),
                    )
                ],
            }
        )
        entry.action_post()
        (cls._item(entry) + cls._item(invoice)).reconcile()
        return entry

    @classmethod
    def _credit(cls, invoice, amount, day):
        """Credit a part of an invoice and settle it with that."""
        refund = cls._invoice(
            amount,
            day,
            move_type="out_refund",
            partner_id=invoice.partner_id.id,
            currency_id=invoice.currency_id.id,
        )
        (cls._item(refund) + cls._item(invoice)).reconcile()
        return refund

    @classmethod
    def _item(cls, move):
        """Return the receivable item of an entry."""
        return move.line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )

    def _bank_line(self, amount, day, counterpart):
        """Book a bank statement line straight against receivable items."""
        statement_line = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.company_data["default_journal_bank"].id,
                "date": day,
                "payment_ref": "transfer",
                "amount": amount,
                "partner_id": counterpart.partner_id.id,
            }
        )
        _liquidity, suspense, _other = statement_line._seek_for_lines()
        suspense.account_id = counterpart.account_id
        (suspense + counterpart).reconcile()
        return statement_line

    def _open_items(self, day):
        """Return ``{journal item id: (residual, residual in currency)}`` as of a day."""
        sql = self.env["account.move.line"]._get_open_items_sql(
            fields.Date.to_date(day), self.company.ids
        )
        return {
            row["id"]: (float(row["residual"]), float(row["residual_currency"]))
            for row in self.env.execute_query_dict(sql)
        }
