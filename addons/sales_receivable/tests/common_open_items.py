import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property

from odoo import Command
from odoo.tests import freeze_time

START, DAYS = date(2026, 9, 1), 50
SETTLEMENTS = ("payment", "foreign_payment", "write_off", "credit", "entry", "bank")


@dataclass(eq=False)
class Document:
    """What is entered into the books, and what becomes of it later."""

    kind: str
    date: date  # accounting date
    entered: date  # day of entry
    amount: float  # in its currency
    foreign: bool
    invoice: "Document" = None  # that it settles
    settlements: list = field(default_factory=list)
    unmatched: date = None  # its reconciliation is undone on this day …
    rematched: date = None  # … and done again on this one
    withdrawn: date = None  # reset to draft on this day

    def __repr__(self):
        currency = "foreign" if self.foreign else "own"
        return (
            f"{self.kind} of {self.amount} {currency}, dated {self.date:%m-%d}, entered"
            f" {self.entered:%m-%d} (for {self.invoice}; {self.unmatched},"
            f" {self.rematched}, {self.withdrawn})"
        )

    @property
    def is_matched_in_the_end(self):
        return bool(
            self.invoice
            and not self.invoice.withdrawn
            and (not self.unmatched or self.rematched)
        )


class Plan:
    """Random invoices and what settles them, over 50 days.

    No invoice is settled by more than it is: then every order of entering the same
    documents is possible.
    """

    def __init__(self, seed, step, *, in_order):
        self.random = random.Random(seed)  # noqa: S311 - a reproducible scenario
        self.step = step  # every amount is a multiple of it
        self.in_order = in_order
        self.documents = []
        for _index in range(18):
            self._add_invoice()
        if not in_order:
            self._change_later()

    def _add_invoice(self):
        invoice = self._add("invoice", self.random.randrange(DAYS - 15))
        invoice.amount = self.step * self.random.randint(20, 60)
        invoice.foreign = self.random.random() < 0.6
        left = 100
        for _index in range(self.random.randint(0, 4)):
            kind = self.random.choice(SETTLEMENTS)
            if kind == "bank" and invoice.foreign:
                kind = "payment"
            # What is paid in another currency may be worth up to twice as much.
            other = kind == "payment" and self.random.random() < 0.3
            share = self.random.choice((15, 20) if other else (10, 25, 40, 100))
            piece = min(share, left)
            left -= min(piece * (3 if other else 1), left)
            if not piece:
                break
            offset = (invoice.entered - START).days + self.random.randint(-3, 14)
            document = self._add(kind, min(max(offset, 0), DAYS - 1))
            document.invoice = invoice
            invoice.settlements.append(document)
            document.foreign = invoice.foreign != other
            document.amount = invoice.amount * piece / 100
            if other:
                # At about the value of the invoice's share, in the other currency.
                document.amount *= 2 if invoice.foreign else 0.5
            document.amount = round(
                max(round(document.amount / self.step), 1) * self.step, 2
            )
            self._fit(document)

    def _fit(self, document):
        """Leave out what would settle more than is there, by rounding to steps."""
        invoice = document.invoice
        worth = sum(
            other.amount
            if other.foreign == invoice.foreign
            else other.amount * (0.9 if invoice.foreign else 3)
            for other in invoice.settlements
        )
        if worth > invoice.amount:
            invoice.settlements.remove(document)
            self.documents.remove(document)

    def _add(self, kind, offset):
        entered = START + timedelta(days=offset)
        dated = entered
        if not self.in_order and self.random.random() < 0.35:
            dated -= timedelta(days=self.random.randint(1, 20))
        document = Document(kind, max(dated, START), entered, 0.0, foreign=False)
        self.documents.append(document)
        return document

    def _change_later(self):
        for document in self.documents:
            later = document.entered + timedelta(days=self.random.randint(0, 12))
            if document.kind == "invoice":
                if self.random.random() < 0.2:
                    document.withdrawn = later
            elif self.random.random() < 0.4 and not document.invoice.withdrawn:
                document.unmatched = max(later, document.invoice.entered)
                if self.random.random() < 0.5:
                    document.rematched = document.unmatched + timedelta(
                        days=self.random.randint(0, 6)
                    )


class Books:
    """The plan's documents of one customer in the ledger, and the live residuals of
    every evening."""

    def __init__(self, test, plan, name, *, hindsight=False):
        self.test, self.plan, self.hindsight = test, plan, hindsight
        self.customer = test.env["res.partner"].create({"name": name})
        self.items = {}  # document → its receivable item
        self.live = {}  # day → {item: (residual, residual in its currency)}
        self.collected = {}  # day → {invoice: (collected, in its currency)}

    def play(self, agenda):
        """Do what the agenda says, day by day.

        :param dict agenda: ``{day: [(method, document), …]}``
        """
        with freeze_time(START) as clock:
            for offset in range(DAYS + 25):
                day = START + timedelta(days=offset)
                clock.move_to(f"{day} 10:00:00")
                # It is cached per transaction, and depends on today.
                self.test.env["account.journal"].invalidate_model(["accounting_date"])
                for method, document in agenda.get(day, ()):
                    method(document)
                if day in agenda or not offset:
                    lines = self.get_lines()
                    live = {
                        line: (line.amount_residual, line.amount_residual_currency)
                        for line in lines
                    }
                    collected = self.get_collected()
                self.live[day], self.collected[day] = live, collected

    def get_agenda_as_entered(self):
        """Return what happens on which day: documents as they were entered."""
        agenda = defaultdict(list)
        for document in self.plan.documents:
            agenda[document.entered].append((self.enter, document))
        for document in self.plan.documents:
            for day, method in (
                (document.unmatched, self.unmatch),
                (document.rematched, self.match),
                (document.withdrawn, self.withdraw),
            ):
                if day:
                    agenda[day].append((method, document))
        return agenda

    def get_agenda_as_dated(self):
        """Return what happens if everything is entered on its accounting date."""
        agenda = defaultdict(list)
        for document in self.plan.documents:
            if not document.withdrawn:
                agenda[document.date].append((self.enter, document))
        return agenda

    def get_lines(self):
        return self.test.env["account.move.line"].search(
            [
                ("account_type", "=", "asset_receivable"),
                ("parent_state", "=", "posted"),
                ("partner_id", "=", self.customer.id),
            ]
        )

    def get_collected(self, **options):
        moves = self.test.env["account.move"]
        for document, item in self.items.items():
            if document.kind == "invoice":
                moves += item.move_id
        self.test.env.flush_all()
        return moves._get_collected_amounts(**options)

    # -- what happens ------------------------------------------------------------

    def enter(self, document):
        self.items[document] = getattr(self, f"_enter_{document.kind}")(document)
        for settlement in document.settlements or [document]:
            if settlement.invoice:
                self.match(settlement)

    def match(self, document):
        if self.hindsight and not document.is_matched_in_the_end:
            return
        if document in self.items and document.invoice in self.items:
            item, invoice = self.items[document], self.items[document.invoice]
            if invoice.parent_state == "posted" and not self._get_partials(document):
                (item + invoice).reconcile()

    def unmatch(self, document):
        self._get_partials(document).unlink()

    def withdraw(self, document):
        self.items[document].move_id.button_draft()

    def _get_partials(self, document):
        sides = [self.items[key].id for key in (document, document.invoice)]
        return self.test.env["account.partial.reconcile"].search(
            [("debit_move_id", "in", sides), ("credit_move_id", "in", sides)]
        )

    def _get_currency(self, document):
        return self.test.foreign if document.foreign else self.test.company.currency_id

    def _enter_invoice(self, document, move_type="out_invoice"):
        return self.test._item(
            self.test._invoice(
                document.amount,
                str(document.date),
                partner_id=self.customer.id,
                currency_id=self._get_currency(document).id,
                move_type=move_type,
            )
        )

    def _enter_credit(self, document):
        return self._enter_invoice(document, move_type="out_refund")

    def _enter_payment(self, document, share=1.0):
        money = round(document.amount * share, 2)
        payment = self.test.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": self.customer.id,
                "amount": money,
                "date": document.date,
                "currency_id": self._get_currency(document).id,
                "journal_id": self.test.company_data["default_journal_bank"].id,
                "write_off_line_vals": self._get_write_off(document, money),
            }
        )
        payment.action_post()
        return self.test._item(payment.move_id)

    def _get_write_off(self, document, money):
        currency = self._get_currency(document)
        rest = currency.round(document.amount - money)
        if not rest:
            return []
        account = self.test.company_data["default_account_expense"]
        balance = currency._convert(
            rest, self.test.company.currency_id, self.test.company, document.date
        )
        values = {"account_id": account.id, "currency_id": currency.id}
        return [values | {"name": "-", "amount_currency": rest, "balance": balance}]

    def _enter_foreign_payment(self, document):
        return self._enter_payment(document)

    def _enter_write_off(self, document):
        return self._enter_payment(document, share=0.75)

    def _enter_entry(self, document):
        currency = self._get_currency(document)
        balance = currency._convert(
            document.amount,
            self.test.company.currency_id,
            self.test.company,
            document.date,
        )
        lines = [
            Command.create(
                {
                    "account_id": account.id,
                    "partner_id": self.customer.id,
                    "currency_id": currency.id,
                    "balance": sign * balance,
                    "amount_currency": sign * document.amount,
                }
            )
            for account, sign in (
                (self.test.receivable, -1),
                (self.test.company_data["default_account_expense"], 1),
            )
        ]
        entry = self.test.env["account.move"].create(
            {
                "move_type": "entry",
                "date": document.date,
                "journal_id": self.test.company_data["default_journal_misc"].id,
                "line_ids": lines,
            }
        )
        entry.action_post()
        return self.test._item(entry)

    def _enter_bank(self, document):
        line = self.test.env["account.bank.statement.line"].create(
            {
                "journal_id": self.test.company_data["default_journal_bank"].id,
                "date": document.date,
                "payment_ref": "transfer",
                "amount": document.amount,
                "partner_id": self.customer.id,
            }
        )
        _liquidity, suspense, _other = line._seek_for_lines()
        suspense.account_id = self.test.receivable
        return suspense

    # -- what is found -----------------------------------------------------------

    @cached_property
    def exchange_lines(self):
        """The receivable items of exchange differences in the end: those that correct
        an item, and those that correct nothing any more (undone, or of a draft)."""
        lines = self.get_lines() - self.test.env["account.move.line"].union(
            *self.items.values()
        )
        idle = lines.filtered(
            lambda line: (
                line.move_id.reversal_move_ids
                or line.move_id.reversed_entry_id
                or "draft" in self._get_corrected(line).mapped("parent_state")
            )
        )
        return lines - idle, idle

    @staticmethod
    def _get_corrected(line):
        return line.matched_debit_ids.debit_move_id + (
            line.matched_credit_ids.credit_move_id
        )

    @cached_property
    def corrections(self):
        """``[(day, item, amount, amount in currency)]`` of the exchange differences."""
        return [
            (line.date, part.debit_move_id, part.amount, part.debit_amount_currency)
            for line in self.exchange_lines[0]
            for part in line.matched_debit_ids
        ] + [
            (line.date, part.credit_move_id, -part.amount, -part.credit_amount_currency)
            for line in self.exchange_lines[0]
            for part in line.matched_credit_ids
        ]

    def get_exchange_differences(self, day):
        """Return ``{item: [amount, amount in currency]}``: what exchange differences
        had corrected by a day, by the date of their own entry."""
        differences = defaultdict(lambda: [0.0, 0.0])
        for since, item, amount, currency in self.corrections:
            if since <= day:
                differences[item][0] += amount
                differences[item][1] += currency
        return differences

    def get_open(self, day):
        """Return ``{item: (residual, residual in currency)}`` as the builder says."""
        sql = self.test.env["account.move.line"]._get_open_items_sql(
            day, self.test.company.ids, self.customer.ids
        )
        Line = self.test.env["account.move.line"]
        return {
            Line.browse(row["id"]): (
                float(row["residual"]),
                float(row["residual_currency"]),
            )
            for row in self.test.env.execute_query_dict(sql)
        }
