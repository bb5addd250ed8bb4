import base64
import json
from io import BytesIO

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.service.model import call_kw
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger
from openpyxl import load_workbook
from psycopg2.errors import UniqueViolation

from .common_credit import CreditCase

SCAN = base64.b64encode(b"scan")


class TaxInvoiceCase(CreditCase):
    """A salesperson applies for tax invoices, accounting issues them, the finance vice
    president reviews them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clerk = cls.new_user("tax_clerk", groups="account.group_account_invoice")
        cls.finance_president = cls.new_user(
            "finance_president", groups="sales_receivable.group_finance"
        )
        cls.kind = cls.env.ref("sales_receivable.tax_invoice_kind_special")
        cls.review = cls.env["authority.reviewer"].create(
            {
                "name": "Finance vice president",
                "company_id": cls.company.id,
                "document": "tax.invoice",
                "measure": "tax_invoice_amount",
                "value_from": 0.01,
                "user_id": cls.finance_president.id,
                "date_from": "2020-01-01",
            }
        )

    @classmethod
    def bill(cls, amount=1000.0, **values):
        return cls._invoice(
            amount, "2026-01-05", invoice_user_id=cls.salesperson.id, **values
        )

    @classmethod
    def apply(cls, *moves, user=None, amounts=(), **values):
        lines = [
            {"move_id": move.id, **({"amount": amounts[i]} if amounts else {})}
            for i, move in enumerate(moves)
        ]
        return (
            cls.env["tax.invoice"]
            .with_user(user or cls.salesperson)
            .create(
                {
                    "partner_id": moves[0].partner_id.id,
                    "user_id": cls.salesperson.id,
                    "kind_id": cls.kind.id,
                    "currency_id": moves[0].currency_id.id,
                    "line_ids": [Command.create(line) for line in lines],
                    **values,
                }
            )
        )

    @classmethod
    def allow(cls, record):
        """Apply, and let the finance vice president approve."""
        record.action_submit()
        cls.env.flush_all()
        for request in record.sudo().authority_request_ids:
            if request.state == "waiting":
                request.with_user(cls.finance_president).action_approve()
        return record

    @classmethod
    def issue(cls, record, number="24442000000012345678"):
        own = record.with_user(cls.clerk)
        own.number = number
        own.action_issue()
        return own


@tagged("post_install", "-at_install")
class TestTaxInvoice(TaxInvoiceCase):
    """From the application to the signed receipt, and every way past the gate (A12)."""

    def test_issued_with_enough_collected_and_approved(self):
        """A12: at 60 % collected and with the finance vice president's approval it is
        issued, neither before; posting the receivable stays free."""
        self.set_mode("A12", "block")
        move = self.bill()
        self.assertEqual(move.state, "posted")  # the receivable needs no tax invoice
        record = self.apply(move)
        self.assertEqual(record.amount_total, 1000.0)
        record.action_submit()
        self.assertEqual(record.state, "submitted")
        with self.assert_refused("is: In Approval. It waits for "):
            self.issue(record)
        self.env["authority.request"].search([("res_id", "=", record.id)]).with_user(
            self.finance_president
        ).action_approve()
        self.assertEqual(record.state, "approved")
        with self.assert_refused("A12.*0 % collected, needed are 60 %.*payment"):
            self.issue(record)
        self._pay(move, 599.99, "2026-01-10")
        with self.assert_refused("A12.*59.999 % collected"):
            self.issue(record)
        self._pay(move, 0.01, "2026-01-11")
        self.assertAlmostEqual(record.collected_share, 0.6)
        self.issue(record)
        self.assertEqual(record.state, "issued")
        self.assertEqual(record.issued_by_id, self.clerk)

    def test_money_taken_back_is_noticed(self):
        """A12: approved while it was paid, refused when the payment was undone or a
        credit note has made the invoice less than the tax invoice."""
        self.set_mode("A12", "block")
        move = self.bill()
        payment = self._pay(move, 1000.0, "2026-01-10")
        record = self.allow(self.apply(move))
        payment.action_cancel()
        with self.assert_refused("A12.*0 % collected"):
            self.issue(record)
        other = self.bill()
        self._pay(other, 1000.0, "2026-01-10")
        record = self.allow(self.apply(other))
        refund = other._reverse_moves([{"date": "2026-01-12"}])
        refund.invoice_date = "2026-01-12"
        refund.action_post()
        with self.assert_refused("exceed the invoice, less its credit notes"):
            self.issue(record)

    def test_without_approver_nobody_issues(self):
        """A12: in force without anybody named to approve, the refusal says so."""
        self.set_mode("A12", "block")
        self.review.date_to = "2020-01-02"
        move = self.bill()
        self._pay(move, 1000.0, "2026-01-10")
        record = self.apply(move)
        record.action_submit()
        with self.assert_refused("nobody is named who approves it.*administrator"):
            self.issue(record)

    def test_gap_released_by_a_limit(self):
        """A12: where the matrix has a limit for the gap, that level releases it, for
        that gap and no worse."""
        self.set_mode("A12", "block")
        self.new_limit(
            "tax_invoice_gap", "general_manager", 60.0, document="tax.invoice"
        )
        move = self.bill()
        payment = self._pay(move, 400.0, "2026-01-10")
        record = self.apply(move)
        record.action_submit()
        requests = record.sudo().authority_request_ids
        self.assertEqual(
            requests.approver_id, self.finance_president | self.general_manager
        )
        for request in requests:
            request.with_user(request.approver_id).action_approve()
        self.assertEqual(record.state, "approved")
        payment.action_cancel()
        with self.assert_refused("A12.*0 % collected.*general manager"):
            self.issue(record)
        self._pay(move, 450.0, "2026-01-12")
        self.issue(record)

    def test_off_and_grandfathered(self):
        """A12: off, nothing is asked; an application from before the rule is spared."""
        move, other = self.bill(), self.bill()
        early = self.apply(move)
        early.action_submit()
        self.assertEqual(early.state, "approved")
        self.issue(early)
        earlier = self.apply(other)
        earlier.action_submit()
        tomorrow = fields.Date.add(self.company._get_business_date(), days=1)
        self.set_mode("A12", "block", date_from=tomorrow)
        self.issue(earlier, "24442000000012345679")
        self.assertEqual(earlier.state, "issued")

    def test_scope(self):
        """A12: channel, order type and kind each say another share; the closest fit
        decides, of several orders the strictest."""
        channel = self.env.ref("sales_receivable.sales_channel_prefecture")
        tag = self.env["crm.tag"].create({"name": "Project"})
        orders = [
            self.new_order(product=self.service, price=100.0, **values).sudo()
            for values in (
                {"sales_channel_id": channel.id},
                {"sales_channel_id": channel.id, "tag_ids": tag.ids},
                {"sales_channel_id": False},
            )
        ]
        moves = []
        for order in orders:
            order.action_confirm()
            order.order_line.qty_delivered = 10
            move = order._create_invoices()
            move.action_post()
            moves.append(move)
        Condition = self.env["tax.invoice.condition"]
        for values in (
            {"channel_id": channel.id, "percent": 80},
            {"channel_id": channel.id, "tag_id": tag.id, "percent": 30},
            {"kind_id": self.kind.id, "percent": 70},
            {"team_id": self.env["crm.team"].create({"name": "T"}).id, "percent": 100},
        ):
            Condition.create({"company_id": self.company.id, **values})
        other_kind = self.env.ref("sales_receivable.tax_invoice_kind_electronic").id
        for picked, values, needed in (
            ([0], {}, 0.8),
            ([1], {}, 0.3),
            ([2], {}, 0.7),
            ([2], {"kind_id": other_kind}, 0.6),
            ([0, 1, 2], {}, 0.8),
        ):
            record = self.apply(*(moves[i] for i in picked), **values)
            self.assertAlmostEqual(record.needed_share, needed, msg=(picked, values))
            record.unlink()

    def test_money_meant_for_the_order_counts(self):
        """A12: what was paid for the order, on its down payment or ahead, counts."""
        order = self.new_order(product=self.service, price=100.0).sudo()
        order.action_confirm()
        order.order_line.qty_delivered = 10
        move = order._create_invoices()
        move.action_post()
        record = self.apply(move)
        self.assertEqual(record.collected_share, 0.0)
        payment = self.env["account.payment"].create(
            {
                "partner_id": self.customer.id,
                "amount": 700.0,
                "journal_id": self.company_data["default_journal_bank"].id,
                "order_allocation_ids": [
                    Command.create({"order_id": order.id, "amount": 700.0})
                ],
            }
        )
        payment.action_post()
        record.invalidate_recordset()
        self.assertAlmostEqual(record.collected_share, 0.7)

    # --- never more than the invoice --------------------------------------------------

    def test_never_more_than_the_invoice(self):
        """A12: over all its tax invoices, by create, write, import and in other words;
        what is void gives its part back."""
        move = self.bill()
        first = self.apply(move, amounts=[600.0])
        self.assertEqual(move.tax_uninvoiced_amount, 400.0)
        for attempt in (
            lambda: self.apply(move, amounts=[400.01]),
            lambda: self.apply(move).line_ids.write({"amount": 400.01}),
            lambda: self.apply(move, amounts=[-1.0]),
            lambda: self.apply(move, amounts=[float("nan")]),
        ):
            with self.assertRaises(UserError):
                attempt()
        loaded = (
            self.env["tax.invoice"]
            .with_user(self.clerk)
            .load(
                [
                    "partner_id/.id",
                    "kind_id/.id",
                    "line_ids/move_id/.id",
                    "line_ids/amount",
                ],
                [[str(move.partner_id.id), str(self.kind.id), str(move.id), "500"]],
            )
        )
        self.assertFalse(loaded["ids"])
        second = self.apply(move)
        self.assertEqual(second.amount_total, 400.0)
        self.assertFalse(move.is_to_tax_invoice)
        first.action_submit()
        self.issue(first).action_void("wrong title")
        self.assertEqual(move.tax_uninvoiced_amount, 600.0)
        with self.assertRaises(ValidationError):
            self.apply(self.bill(move_type="out_refund"))
        with self.assertRaises(ValidationError):
            self.apply(move, self.bill(partner_id=self.colleague.partner_id.id))

    def test_an_invoice_stays_as_its_tax_invoice(self):
        """A12: an invoice with an issued tax invoice isn't reset to draft nor cancelled
        until that is void."""
        move = self.bill()
        record = self.apply(move)
        record.action_submit()
        self.issue(record)
        with self.assert_refused("void that first: 24442"):
            move.button_draft()
        record.with_user(self.clerk).action_void("mistake")
        move.button_draft()
        self.assertEqual(move.state, "draft")

    # --- guards -----------------------------------------------------------------------

    def test_no_way_round(self):
        """A12: status, stamps and what was approved are written by no RPC, create,
        import, default, copy or context key; salespeople don't issue."""
        self.set_mode("A12", "block")
        move = self.bill()
        record = self.apply(move)
        Model = self.env["tax.invoice"].with_user(self.clerk)
        for vals in (
            {"state": "issued"},
            {"approved_at": "2026-01-01"},
            {"issued_by_id": self.clerk.id},
            {"void_reason": "x"},
        ):
            for attempt in (
                lambda vals=vals: record.write(vals),
                lambda vals=vals: call_kw(
                    Model, "write", [record.ids, json.loads(json.dumps(vals))], {}
                ),
                lambda vals=vals: self.apply(self.bill(), **vals),
                lambda vals=vals: record.with_context(
                    sales_server=True, authority_engine=True
                ).write(vals),
            ):
                with self.assertRaises(AccessError):
                    attempt()
        forged = Model.with_context(default_state="issued").create(
            {"partner_id": move.partner_id.id}
        )
        self.assertEqual(forged.state, "draft")
        self.assertEqual(record.copy().state, "draft")
        self.assertFalse(record.copy().line_ids)
        with self.assert_refused("is: Application"):
            self.issue(record)
        record.action_submit()
        for attempt in (
            lambda: record.write({"kind_id": self.kind.id}),
            lambda: record.line_ids.write({"amount": 1.0}),
            record.line_ids.unlink,
            lambda: record.write({"line_ids": [Command.clear()]}),
            lambda: record.sudo().unlink(),
        ):
            with self.assertRaises(UserError):
                attempt()
        self._pay(move, 1000.0, "2026-01-10")
        record.sudo().authority_request_ids.with_user(
            self.finance_president
        ).action_approve()
        record.number = "1"
        with self.assert_refused("by accounting"):
            record.action_issue()
        portal = new_test_user(self.env, "tax_portal", groups="base.group_portal")
        with self.assertRaises(AccessError):
            record.with_user(portal).read(["number"])
        with self.assertRaises(AccessError):
            record.with_user(portal).action_issue()

    def test_approval_is_for_these_invoices(self):
        """A12: made an application again with another invoice, it asks again."""
        self.set_mode("A12", "block")
        move, other = self.bill(), self.bill(900.0)
        self._pay(move + other, 1900.0, "2026-01-10", group_payment=True)
        record = self.allow(self.apply(move))
        self.assertEqual(record.state, "approved")
        record.action_reopen()
        record.line_ids = [Command.clear(), Command.create({"move_id": other.id})]
        record.action_submit()
        self.assertEqual(record.state, "submitted")
        record.action_reopen()
        record.line_ids = [Command.clear(), Command.create({"move_id": move.id})]
        record.action_submit()
        self.assertEqual(record.state, "approved")

    def test_number_is_used_once(self):
        """A12: per company and kind, also when void, whatever blanks are around it."""
        record = self.apply(self.bill())
        record.action_submit()
        with self.assert_refused("Enter the number"):
            self.issue(record, "  ")
        self.issue(record).action_void("torn")
        other = self.apply(self.bill())
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation):
            other.number = " 24442000000012345678 "
            other.flush_recordset()
        other_kind = self.env.ref("sales_receivable.tax_invoice_kind_ordinary").id
        self.apply(self.bill(), number=record.number, kind_id=other_kind)
        with self.assert_refused("stays as it is: Number"):
            record.number = "2"

    def test_handed_over_against_a_signed_receipt(self):
        """A12, A13: who received it, when, and the signed receipt; then it is closed."""
        record = self.apply(self.bill())
        record.action_submit()
        self.issue(record)
        with self.assert_refused("Missing: Received By.*Signed Receipt"):
            record.action_hand_over()
        with self.assert_refused("still to come"):
            record.received_on = "2999-01-01"
        record.write(
            {"received_by": "Wang", "received_on": record.date, "receipt": SCAN}
        )
        record.action_hand_over()
        self.assertEqual(record.state, "handed")
        with self.assert_refused("stays as it is"):
            record.received_by = "Li"
        html = self.env["ir.actions.report"]._render_qweb_html(
            "sales_receivable.tax_invoice_receipt_document", record.ids
        )[0]
        self.assertIn("发票验收单", html.decode())
        with self.assert_refused("Give a reason"):
            record.with_user(self.clerk).action_void(" ")
        with self.assert_refused("by accounting"):
            record.action_void("lost")
        record.with_user(self.clerk).action_void("lost")
        self.assertEqual(record.void_reason, "lost")

    # --- currency, lists, cost --------------------------------------------------------

    def test_foreign_currency(self):
        """A12: shares in the invoice's currency; the amount is compared at today's
        rate, and without a rate nobody approves."""
        self.set_mode("A12", "block")
        move = self.bill(currency_id=self.usd.id)
        self._pay(move, 700.0, "2026-01-10", currency_id=self.usd.id)
        record = self.apply(move)
        self.assertEqual(record.currency_id, self.usd)
        self.assertAlmostEqual(record.collected_share, 0.7)
        with self.assertRaises(ValidationError):
            self.apply(move, self.bill())
        self.usd.rate_ids.unlink()
        with self.assert_refused("no exchange rate"):
            record.action_submit()

    def test_list_print_and_workbook(self):
        """A12: the list says number, invoices, collected share and approval, as print
        and as workbook; what is open is found."""
        move, other = self.bill(), self.bill(500.0)
        self._pay(move, 250.0, "2026-01-10")
        record = self.apply(move)
        record.action_submit()
        self.issue(record)
        html = (
            self.env["ir.actions.report"]
            ._render_qweb_html(
                "sales_receivable.tax_invoice_list_document", record.ids
            )[0]
            .decode()
        )
        self.assertIn(record.number, html)
        self.assertIn(move.name, html)
        listed = self.env["tax.invoice.list"].create({"tax_invoice_ids": record.ids})
        sheet = load_workbook(BytesIO(listed._get_xlsx()[1])).active
        values = [cell.value for row in sheet.iter_rows() for cell in row]
        for value in (record.number, move.name, 1000, 25):
            self.assertIn(value, values)
        found = self.env["account.move"].search([("is_to_tax_invoice", "=", True)])
        self.assertIn(other, found)
        self.assertNotIn(move, found)
        action = (move + other).with_user(self.clerk).action_create_tax_invoice()
        self.assertEqual(
            self.env["tax.invoice"].browse(action["res_id"]).invoice_ids, other
        )
        self.assertEqual(
            move.action_view_tax_invoices()["domain"], [("id", "in", record.ids)]
        )

    def test_form(self):
        """A12: the salesperson types an application as the screen offers it."""
        move = self.bill()
        form = Form(self.env["tax.invoice"].with_user(self.salesperson))
        form.partner_id = move.partner_id
        with form.line_ids.new() as line:
            line.move_id = move
            self.assertEqual(line.amount, 1000.0)
        self.assertEqual(form.save().amount_total, 1000.0)

    def test_queries_do_not_grow(self):
        """A12: reading the list costs the same for few and for many."""
        records = self.env["tax.invoice"].union(
            *(self.apply(self.bill()) for _count in range(6))
        )
        names = ["display_name", "collected_share", "needed_share", "authority_blocked"]

        def count(some):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            some.with_user(self.clerk).read(names)
            return self.cr.sql_log_count - before

        self.set_mode("A12", "block")
        count(records)
        self.assertEqual(count(records), count(records[:2]))
