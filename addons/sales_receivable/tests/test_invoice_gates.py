import json
from itertools import product

import psycopg2
from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw
from odoo.tests import tagged

from ..authority import ENGINE
from ..models.sale_order import POST_PROCESSING
from .common import AuthorityMixinCase
from .common_receivable import ReceivableCommon

BILLING = "account.group_account_invoice"
ITEMS = (
    "non_deductible_product",
    "non_deductible_product_total",
    "non_deductible_tax",
)
REFUSED = r"A02 Price floor.*8\.10.*9\.00.*Vice President: vice president"


@tagged("post_install", "-at_install")
class TestInvoiceGates(AuthorityMixinCase, ReceivableCommon):
    """An invoice without an order meets the floor, too (A01, A02, A16)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(su=True)
        cls.set_up_authority()
        cls.set_mode("A02", "block")
        cls.bracket.invoice_policy = "order"
        cls.clerk = cls.new_user("clerk", groups=BILLING)
        cls.reviewer = cls.new_user("reviewer", "vice_president", groups=BILLING)
        cls.assign(cls.reviewer, "general_manager")

    def new_invoice(self, price=8.1, quantity=10, user=None, **values):
        return (
            self.env["account.move"]
            .with_user(user or self.clerk)
            .create(
                {
                    "move_type": "out_invoice",
                    "partner_id": self.customer.id,
                    "invoice_date": fields.Date.today(),
                    "invoice_line_ids": [self.line(price, quantity)],
                    **values,
                }
            )
        )

    def line(self, price=8.1, quantity=10, **values):
        return Command.create(
            {
                "product_id": self.bracket.id,
                "quantity": quantity,
                "price_unit": price,
                "tax_ids": [Command.clear()],
                **values,
            }
        )

    def item(self, invoice, kind):
        """Values of a journal item that takes off 60 of an invoice."""
        return {
            "move_id": invoice.id,
            "display_type": kind,
            "name": "because",
            "account_id": self.company_data["default_account_revenue"].id,
            "currency_id": invoice.currency_id.id,
            "balance": 60.0,
            "amount_currency": 60.0,
        }

    def invoice_of(self, order):
        return order.sudo()._create_invoices().with_user(self.clerk)

    def confirmed(self, **values):
        order = self.new_order(**values)
        if order.authority_blocked:
            self.approve(order)
        order.action_confirm()
        return order

    def assert_refused(self, message=REFUSED):
        return super().assert_refused(message)

    def rpc(self, record, method, *args, **kwargs):
        model = self.env[record._name].with_user(self.clerk)
        return call_kw(
            model, method, [record.ids, *json.loads(json.dumps(args))], kwargs
        )

    # --- typed by hand ----------------------------------------------------------------

    def test_posting_is_refused(self):
        """A02: below the floor: rule, line, figures and who can approve are named."""
        invoice = self.new_invoice()
        with self.assert_refused():
            invoice.action_post()
        with self.assert_refused():
            self.rpc(invoice, "action_post")
        with self.assert_refused():
            self.rpc(invoice, "write", {"state": "posted"})
        with self.assert_refused():
            self.rpc(
                invoice,
                "write",
                {"state": "posted", "ref": "x"},
                context={"authority_engine": True, "skip_readonly_check": True},
            )
        with self.assert_refused():
            invoice._post(soft=True)
        self.assertEqual(invoice.state, "draft")
        self.new_invoice(price=9.0).action_post()

    def test_lines_that_come_with_the_posting(self):
        """A16: the same call can't bring the price along."""
        invoice = self.new_invoice(price=9.5)
        line = Command.update(invoice.invoice_line_ids.id, {"price_unit": 8.1})
        with self.assert_refused("A02"):
            self.rpc(
                invoice,
                "write",
                {"state": "posted", "invoice_line_ids": [line]},
                context={"skip_readonly_check": True},
            )

    def test_posted_by_the_night_job(self):
        """A16: neither does the job post it that posts what is dated."""
        invoice = self.new_invoice()
        invoice.auto_post = "at_date"
        with self.enter_registry_test_mode():
            self.env.ref(
                "account.ir_cron_auto_post_draft_entry"
            ).method_direct_trigger()
        invoice.invalidate_recordset()
        self.assertEqual(invoice.state, "draft")

    def test_money_that_is_being_booked(self):
        """A16: while a payment is booked nothing is raised: the draft stays a draft."""
        fine, cheap = self.new_invoice(price=9.5), self.new_invoice()
        moves = (fine | cheap).with_context(**{POST_PROCESSING: ENGINE})
        moves.action_post()
        self.assertEqual((fine.state, cheap.state), ("posted", "draft"))
        forged = cheap.with_context(**{POST_PROCESSING: True})
        with self.assert_refused():
            forged.action_post()

    def test_discounts_and_import(self):
        """A02: after every discount; and imported ones alike."""
        invoice = self.new_invoice(price=10.0)
        invoice.invoice_line_ids.discount = 19
        with self.assert_refused():
            invoice.action_post()
        invoice = self.new_invoice(price=10.0)
        invoice.invoice_line_ids = [
            Command.create({"name": "because", "price_unit": -19.0, "quantity": 1})
        ]
        with self.assert_refused():
            invoice.action_post()

    def test_ask_approve_post(self):
        """A01, A17: asked from the invoice, approved by its frozen figures, posted."""
        invoice = self.new_invoice()
        self.assertEqual(invoice.authority_state, "open")
        self.assertIn("8.10", invoice.authority_banner)
        request = self.ask(invoice)
        self.assertEqual(request.approver_id, self.vice_president)
        self.assertEqual(invoice.authority_state, "waiting")
        with self.assertRaises(UserError):
            request.with_user(self.clerk).action_approve()
        request.with_user(self.vice_president).action_approve()
        invoice.action_post()
        self.assertEqual(invoice.state, "posted")
        self.assertIn("vice president", invoice.authority_approval)

    def test_substitutes_and_fallback_persons_decide_about_invoices(self):
        """A17: who only decides doesn't stand behind an invoice; who typed it does."""
        stand_in = self.new_user("stand_in", groups=BILLING)
        invoice, own = self.new_invoice(), self.new_invoice(user=stand_in)
        requests = self.ask(invoice) | self.ask(own)
        self.env["authority.substitute"].create(
            {
                "user_id": self.vice_president.id,
                "substitute_id": stand_in.id,
                "company_id": self.company.id,
            }
        )
        with self.assert_refused("own document|Who asks never"):
            requests[1].with_user(stand_in).action_approve()
        requests[0].with_user(stand_in).action_approve()
        # Posted by whoever it is: the poster has typed nothing.
        invoice.with_user(stand_in).action_post()
        self.assertEqual(invoice.state, "posted")
        with self.assert_refused("in somebody's place"):
            invoice.invoice_user_id = stand_in
        # Somebody else's last word doesn't hide who typed a price.
        hidden = self.new_invoice(price=9.5)
        hidden.invoice_line_ids.with_user(stand_in).price_unit = 8.1
        hidden.invoice_line_ids.with_user(self.clerk).name = "Brackets"
        with self.assertRaises(AccessError):
            self.ask(hidden).with_user(stand_in).action_approve()
        holders = self.vice_president | self.general_manager | self.reviewer
        self.env["authority.assignment"].search(
            [("user_id", "in", holders.ids)]
        ).date_to = "2020-01-02"
        fallback = self.new_user("fallback", groups=BILLING)
        self.company.authority_fallback_user_id = fallback
        other = self.new_invoice()
        self.approve(other, fallback)
        other.action_post()
        self.assertEqual(other.state, "posted")

    def test_worse_than_approved(self):
        """A16: a lower price or more pieces ask again."""
        invoice = self.new_invoice()
        self.approve(invoice)
        invoice.invoice_line_ids.price_unit = 8.0
        with self.assert_refused("8\\.00"):
            invoice.action_post()
        invoice.invoice_line_ids.write({"price_unit": 8.1, "quantity": 11})
        with self.assert_refused():
            invoice.action_post()
        invoice.invoice_line_ids.quantity = 10
        invoice.action_post()

    def test_approved_for_another_customer(self):
        """A16: the approval of an invoice is for its customer, a child or not."""
        invoice = self.new_invoice()
        self.approve(invoice)
        child = self.customer.create({"name": "Branch", "parent_id": self.customer.id})
        other = self.customer.create({"name": "Somebody"})
        invoice.partner_id = other
        self.assertEqual(invoice.authority_state, "open")
        with self.assert_refused():
            invoice.action_post()
        invoice.partner_id = child
        invoice.action_post()

    def test_authority_of_the_lowest_person_behind_it(self):
        """A01: who has the level posts their own; not what a clerk typed."""
        self.new_invoice(
            user=self.reviewer, invoice_user_id=self.reviewer.id
        ).action_post()
        invoice = self.new_invoice()
        with self.assert_refused(".*"):
            invoice.with_user(self.reviewer).action_post()
        own = self.new_invoice(
            price=9.5, user=self.reviewer, invoice_user_id=self.reviewer.id
        )
        own.invoice_line_ids.with_user(self.clerk).price_unit = 8.1
        with self.assert_refused(".*"):
            own.action_post()

    def test_off_and_what_isn_t_gated(self):
        """X01: off refuses nothing; refunds, bills and entries sell nothing."""
        self.new_invoice(move_type="out_refund").action_post()
        self.new_invoice(move_type="in_invoice").action_post()
        with self.assert_refused():
            self.new_invoice(move_type="out_receipt").action_post()
        self.env["business.rule.mode"].search([]).mode = "warn"
        warned = self.new_invoice()
        self.assertIn("a warning only", warned.authority_banner)
        warned.action_post()
        self.env["business.rule.mode"].search([]).unlink()
        free = self.new_invoice()
        self.assertFalse(free.authority_state)
        free.action_post()

    def test_print_of_a_draft(self):
        """A16: a draft is a quotation that calls itself an invoice."""
        invoice = self.new_invoice()
        report = self.env["ir.actions.report"].with_user(self.clerk)
        with self.assert_refused():
            report._render_qweb_html("account.report_invoice", invoice.ids)

    def test_forged_engine_fields_and_totals(self):
        """A16: neither what the engine keeps nor stored totals help."""
        invoice = self.new_invoice()
        with self.assertRaises(UserError):
            self.rpc(invoice, "write", {"authority_author_id": self.reviewer.id})
        self.rpc(invoice.invoice_line_ids, "write", {"price_subtotal": 1000.0})
        with self.assert_refused():
            invoice.action_post()

    def test_constant_queries(self):
        """A02: posting many asks the database no more often than posting few."""
        moves = self.env["account.move"]
        for _index in range(8):
            moves |= self.new_invoice().sudo()
        counts = []
        for batch in (moves[:2], moves[2:]):
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            batch._get_authority_needs()
            counts.append(self.env.cr.sql_log_count - start)
        self.assertLessEqual(counts[1], counts[0] + 1, counts)

    def test_any_product_at_a_negative_price_is_a_discount(self):
        """A02: a service with a price of its own hides no line below its floor."""
        gift = self.new_product("Gift", 25.0, type="service")
        ordered = self.confirmed(price=36.0)
        for values in (
            {"price_unit": -300.0, "quantity": 1},
            {"price_unit": 300.0, "quantity": -1},
            {"price_unit": 1.0, "quantity": 1, "discount": 30100.0},
        ):
            line = self.line(**values, product_id=gift.id)
            typed = self.new_invoice(price=36.0)
            typed.invoice_line_ids = [line]
            linked = self.invoice_of(ordered)
            linked.invoice_line_ids = [line]
            for invoice in (typed, linked):
                with self.assert_refused("A02 Price floor.*Bracket"):
                    invoice.action_post()
            linked.sudo().unlink()
        enough = self.new_invoice(price=40.0)
        enough.invoice_line_ids = [
            self.line(price=-300.0, quantity=1, product_id=gift.id)
        ]
        enough.action_post()
        self.assertEqual(enough.state, "posted")

    def test_a_refund_becomes_an_invoice(self):
        """A02: the type that comes along with the posting counts, and later ones."""
        for name in ("draft", "cancel"):
            refund = self.new_invoice(move_type="out_refund")
            refund.state = name
            with self.assert_refused("A02 Price floor"), self.env.cr.savepoint():
                refund.write({"move_type": "out_invoice", "state": "posted"})
            self.assertEqual((refund.move_type, refund.state), ("out_refund", name))
        refund.state = "draft"
        refund.action_post()
        with self.assert_refused("A02 Price floor"):
            refund.move_type = "out_invoice"

    def test_cancelled_and_posted(self):
        """A16: what was cancelled isn't posted by a write either."""
        invoice = self.new_invoice()
        invoice.button_cancel()
        with self.assert_refused():
            self.rpc(invoice, "write", {"state": "posted"})

    def test_created_as_posted(self):
        """A16: no invoice comes into being posted, by value or by a context."""
        with self.assertRaises(UserError):
            self.new_invoice(state="posted")
        model = self.env["account.move"].with_user(self.clerk)
        values = {
            "move_type": "out_invoice",
            "partner_id": self.customer.id,
            "invoice_line_ids": [self.line()],
        }
        invoice = model.browse(
            call_kw(
                model, "create", [[values]], {"context": {"default_state": "posted"}}
            )
        )
        self.assertEqual(invoice.state, "draft")
        with self.assert_refused():
            invoice.action_post()
        copied = invoice.with_context(default_state="posted").copy()
        self.assertEqual(copied.state, "draft")

    def test_posted_invoices_stay(self):
        """A02: what was judged isn't rewritten, added to, moved or deleted."""
        order = self.confirmed(price=9.5)
        invoice = self.invoice_of(order)
        invoice.action_post()
        draft = self.new_invoice(price=1.0)
        line = invoice.invoice_line_ids
        owed = invoice.line_ids.filtered(
            lambda item: item.display_type == "payment_term"
        )
        items = [self.item(invoice, kind) for kind in ITEMS]
        context = {"context": {"skip_readonly_check": True, "force_delete": True}}
        new = {"move_id": invoice.id, **self.line(price=-300.0, quantity=1)[2]}
        for record, method, *args in (
            (line, "write", {"price_unit": 1.0}),
            (line, "write", {"discount": 90.0}),
            (line, "write", {"quantity": 20.0}),
            (line, "write", {"product_id": self.new_product("Gem", 900.0).id}),
            (line, "write", {"move_id": draft.id}),
            (line, "write", {"display_type": "line_note"}),
            (line, "write", {"sale_line_ids": [Command.clear()]}),
            (draft.invoice_line_ids, "write", {"move_id": invoice.id}),
            (line.browse(), "create", [new]),
            (line, "unlink"),
            (invoice, "write", {"invoice_line_ids": [self.line(price=-300.0)]}),
            (
                invoice,
                "write",
                {"invoice_line_ids": [Command.update(line.id, {"price_unit": 1.0})]},
            ),
            (line, "write", {"balance": -1.0, "amount_currency": -1.0}),
            (line, "write", {"price_subtotal": 1.0}),
            (owed, "write", {"balance": 1.0, "amount_currency": 1.0}),
            (owed, "write", {"debit": 1.0}),
            (owed, "write", {"currency_id": self.env.ref("base.EUR").id}),
            (owed, "write", {"account_id": line.account_id.id}),
            (owed, "write", {"display_type": "tax"}),
            *((line.browse(), "create", [item]) for item in items),
            (invoice, "write", {"line_ids": [Command.create(items[0])]}),
            *(
                (invoice, "write", {"move_type": kind})
                for kind in ("out_refund", "out_receipt", "entry", "in_invoice")
            ),
            (invoice, "write", {"currency_id": self.env.ref("base.EUR").id}),
            (invoice, "write", {"partner_id": self.vice_president.partner_id.id}),
        ):
            ids = [] if method == "create" else [record.ids]
            with self.subTest(method=method, args=args):
                model = self.env[record._name].with_user(self.clerk)
                with self.assert_refused("is posted.*A02"):
                    call_kw(model, method, [*ids, *args], context)
                self.env.invalidate_all()
        with self.assert_refused("comes of ordering, invoicing"):
            order.order_line.sudo().write({"invoice_lines": [Command.clear()]})
        self.assertEqual(line.sale_line_ids, order.order_line)
        self.assertEqual(invoice.amount_total, 95)

    def test_posted_invoices_stay_without_the_host_s_checks(self):
        """A02: nor with the keys that switch off the host's balance and its items."""
        invoice = self.new_invoice(price=9.5)
        invoice.action_post()
        owed = invoice.line_ids.filtered(
            lambda item: item.display_type == "payment_term"
        )
        context = {
            "skip_readonly_check": True,
            "check_move_validity": False,
            "skip_invoice_sync": True,
        }
        item = self.item(invoice, "payment_term") | {
            "account_id": owed.account_id.id,
            "date_maturity": "2030-01-01",
            "balance": -60.0,
            "amount_currency": -60.0,
        }
        for method, *args in (
            ("write", owed.ids, {"balance": 40.0, "amount_currency": 40.0}),
            ("create", [item]),
        ):
            with self.subTest(method), self.assert_refused("is posted.*A02"):
                model = owed.browse().with_user(self.clerk)
                call_kw(model, method, args, {"context": context})
        with self.assertRaises(UserError):  # the host's own refusal
            call_kw(owed.browse(), "unlink", [owed.ids], {"context": context})
        self.assertEqual(invoice.amount_residual, 95)

    def test_items_of_other_kinds(self):
        """A02: what journal items of other kinds take off is a discount, too."""
        model = self.env["account.move.line"].with_user(self.clerk)
        contexts = ({}, {"check_move_validity": False, "skip_invoice_sync": True})
        for kind, context in product((*ITEMS, "tax", "rounding"), contexts):
            with self.subTest(kind, **context):
                invoice = self.new_invoice(price=9.5)
                item = self.item(invoice, kind)
                try:
                    with self.env.cr.savepoint():
                        call_kw(model, "create", [[item]], {"context": context})
                except (UserError, psycopg2.IntegrityError):
                    continue  # the host itself takes no such item
                self.env.invalidate_all()
                owed = invoice.line_ids.filtered(
                    lambda line: line.display_type == "payment_term"
                )
                if sum(owed.mapped("balance")) >= 95:
                    if context:  # unbalanced: whoever goes on takes it off here
                        owed.with_context(**context).write(
                            {"balance": 35.0, "amount_currency": 35.0}
                        )
                    else:  # the host has put it right
                        continue
                with self.assert_refused("A02 Price floor.*General Manager"):
                    invoice.action_post()

    def test_cash_rounding(self):
        """A02: a rounding that makes it cheaper is measured; a usual one isn't felt."""
        account = self.company_data["default_account_revenue"]
        rounding = self.env["account.cash.rounding"].create(
            {
                "name": "Down to 60",
                "rounding": 60.0,
                "rounding_method": "DOWN",
                "strategy": "add_invoice_line",
                "profit_account_id": account.id,
                "loss_account_id": account.id,
            }
        )
        invoice = self.new_invoice(price=9.5, invoice_cash_rounding_id=rounding.id)
        self.assertEqual(invoice.amount_total, 60)
        with self.assert_refused(r"A02 Price floor.*6\.00.*9\.00"):
            invoice.action_post()
        rounding.rounding = 0.05
        invoice = self.new_invoice(price=9.502, invoice_cash_rounding_id=rounding.id)
        self.assertEqual(invoice.amount_total, 95)
        invoice.action_post()
        tax = self.company_data["default_tax_sale"]
        self.floor_with_tax = self.new_invoice(
            price=9.0, quantity=3, invoice_line_ids=[]
        )
        self.floor_with_tax.invoice_line_ids = [
            self.line(9.0, quantity, tax_ids=[Command.set(tax.ids)])
            for quantity in (1.37, 2.11, 0.33)
        ]
        self.floor_with_tax.action_post()

    def test_work_on_posted_invoices_goes_on(self):
        """A02: the host's own flows: texts, payment, draft, refund; other rules off."""
        invoice = self.new_invoice(price=9.5)
        invoice.action_post()
        line = invoice.invoice_line_ids
        line.write({"name": "Bracket, painted", "price_unit": 9.5})
        invoice.sudo().write({"ref": "R", "invoice_date_due": "2030-01-01"})
        invoice.button_draft()
        line.quantity = 5
        invoice.action_post()
        self.assertEqual(invoice.amount_total, 47.5)
        payment = (
            self.env["account.payment.register"]
            .with_user(self.clerk)
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({})
        )
        payment.action_create_payments()
        self.assertIn(invoice.payment_state, ("paid", "in_payment"))
        reverse = invoice._reverse_moves(cancel=False)
        reverse.action_post()
        self.assertEqual(reverse.state, "posted")
        self.env["business.rule.mode"].search([]).mode = "warn"
        line.sudo().write({"name": "x", "price_unit": 9.6})
        self.assertEqual(line.price_unit, 9.6)

    # --- made from an order -----------------------------------------------------------

    def test_as_ordered_is_not_asked_again(self):
        """A16: what the order was approved for, whole or in parts."""
        order = self.confirmed()
        invoice = self.invoice_of(order)
        invoice.invoice_line_ids.quantity = 4
        invoice.action_post()
        rest = self.invoice_of(order)
        self.assertEqual(rest.invoice_line_ids.quantity, 6)
        rest.action_post()

    def test_cheaper_or_more_than_ordered(self):
        """A16: a lower price or a larger quantity on the invoice is asked for."""
        order = self.confirmed()
        for change in ({"price_unit": 8.0}, {"quantity": 11}, {"discount": 1}):
            with self.assert_refused("A02 Price floor"), self.env.cr.savepoint():
                invoice = self.invoice_of(order)
                invoice.invoice_line_ids.write(change)
                invoice.action_post()
        invoice = self.invoice_of(order)
        invoice.action_post()
        twice = invoice.copy()
        twice.invoice_line_ids.sudo().sale_line_ids = order.order_line
        with self.assert_refused():
            twice.action_post()

    def test_credit_notes_give_back_what_they_return(self):
        """A16: only the ordered goods, at their price, can be invoiced again."""
        order = self.confirmed()
        self.invoice_of(order).action_post()
        line = order.order_line

        def new_linked(price=8.1, quantity=10, goods=None, **values):
            move = self.new_invoice(price, quantity, **values)
            move.invoice_line_ids.sudo().write(
                {
                    "sale_line_ids": [Command.set(line.ids)],
                    "product_id": (goods or self.bracket).id,
                    "price_unit": price,
                    "tax_ids": [Command.clear()],
                }
            )
            return move

        again = new_linked()
        for refund in (
            new_linked(0.01, 100, move_type="out_refund"),
            new_linked(0.0, 100, move_type="out_refund"),
            new_linked(9.0, 100, self.new_product("Gem", 9.0), move_type="out_refund"),
        ):
            refund.action_post()
            self.env.invalidate_all()
            with self.assert_refused():
                again.action_post()
        somebody = self.env["res.partner"].create({"name": "Somebody"})
        new_linked(
            9.0, 99, partner_id=somebody.id, move_type="out_refund"
        ).action_post()
        with self.assert_refused():
            again.action_post()
        new_linked(move_type="out_refund").action_post()
        self.env.invalidate_all()
        again.action_post()
        self.assertEqual(again.state, "posted")

    def test_posted_together(self):
        """A16: several drafts of one call take no more than was ordered."""
        order = self.confirmed(quantity=4)
        drafts = self.invoice_of(order)
        for _index in range(2):
            draft = self.new_invoice(quantity=4)
            draft.invoice_line_ids.sudo().sale_line_ids = order.order_line
            drafts |= draft
        with self.assert_refused(), self.env.cr.savepoint():
            drafts[:2].action_post()
        with self.assert_refused(), self.env.cr.savepoint():
            self.rpc(drafts, "write", {"state": "posted"})
        self.assertEqual(set(drafts.mapped("state")), {"draft"})
        drafts.with_context(**{POST_PROCESSING: ENGINE}).action_post()
        self.assertEqual(drafts.mapped("state"), ["posted", "draft", "draft"])
        # Nor does a mark on the lines, which is only a copy, hide what is invoiced.
        self.rpc(drafts[0].invoice_line_ids, "write", {"parent_state": "draft"})
        with self.assert_refused():
            drafts[1].action_post()

    def test_a_second_line_makes_it_cheaper(self):
        """A16: an order's price holds without a discount typed on the invoice."""
        order = self.confirmed(price=9.5)
        invoice = self.invoice_of(order)
        invoice.invoice_line_ids = [
            Command.create({"name": "because", "price_unit": -19.0, "quantity": 1})
        ]
        with self.assert_refused("A02 Price floor"):
            invoice.action_post()

    def test_link_to_somebody_else_s_order(self):
        """A16: a link proves nothing: customer, product and state do."""
        somebody = self.env["res.partner"].create({"name": "Somebody"})
        order = self.confirmed(partner_id=somebody.id)
        draft = self.new_order()
        for line in (order.order_line, draft.order_line):
            invoice = self.new_invoice()
            invoice.invoice_line_ids.sudo().sale_line_ids = line
            with self.assert_refused():
                invoice.action_post()

    def test_down_payment(self):
        """A16: down payments and their deduction are as ordered."""
        order = self.confirmed()
        wizard = self.env["sale.advance.payment.inv"].create(
            {
                "sale_order_ids": order.ids,
                "advance_payment_method": "percentage",
                "amount": 50,
            }
        )
        wizard.create_invoices()
        order.invoice_ids.with_user(self.clerk).action_post()
        final = order.sudo()._create_invoices(final=True).with_user(self.clerk)
        self.assertEqual(final.amount_total, 40.5)
        final.action_post()
        self.assertEqual(final.state, "posted")

    def test_order_with_a_global_discount(self):
        """A16: the order's own discount line comes along unasked."""
        order = self.new_order(price=10.0)
        voucher = self.new_product(
            "Voucher", 0.0, type="service", invoice_policy="order"
        )
        order.order_line = [
            Command.create({"product_id": voucher.id, "price_unit": -19.0})
        ]
        self.approve(order)
        order.action_confirm()
        invoice = self.invoice_of(order)
        invoice.action_post()
        self.assertEqual(invoice.amount_total, 81)

    # --- reading ----------------------------------------------------------------------

    def test_approver_reads_it_while_it_waits(self):
        """A01: through the waiting request, and no longer."""
        invoice = self.new_invoice(invoice_user_id=self.clerk.id)
        seen = invoice.with_user(self.vice_president)
        self.assertFalse(seen.has_access("read"))
        request = self.ask(invoice)
        self.env.invalidate_all()
        self.assertTrue(seen.has_access("read"))
        self.assertTrue(seen.invoice_line_ids.has_access("read"))
        self.assertFalse(seen.has_access("write"))
        request.with_user(self.vice_president).action_approve()
        self.env.invalidate_all()
        self.assertFalse(seen.has_access("read"))

    def test_cancelled_and_deleted_invoices_leave_the_inbox(self):
        """A17: nobody is asked about what is gone."""
        requests = self.env["authority.request"]
        for gone in ("button_cancel", "unlink"):
            invoice = self.new_invoice()
            requests |= self.ask(invoice)
            getattr(invoice.sudo(), gone)()
        self.assertEqual(set(requests.mapped("state")), {"withdrawn"})
