from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from ..models.account_payment_term_line import NOT_YET
from .common_receivable import ReceivableCommon


@tagged("post_install", "-at_install")
class TestInstalments(ReceivableCommon):
    """30 % within 3 days of signing, 65 % within 30 days of delivery, 5 % retention."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for group in (
            "sales_team.group_sale_manager",
            "stock.group_stock_manager",
            "sales_receivable.group_legal",
            "sales_receivable.group_administrator",
        ):
            cls.env.user.group_ids += cls.env.ref(group)
        cls.env["customer.licence.kind"].search([]).is_required = False
        cls.product = cls.env["product.product"].create(
            {
                "name": "Machine",
                "is_storable": True,
                "taxes_id": False,
                "invoice_policy": "order",
            }
        )
        cls.term = cls.env["account.payment.term"].create(
            {
                "name": "30/65/5",
                "line_ids": [
                    Command.create(
                        {"value_amount": 30, "nb_days": 3, "event": "signing"}
                    ),
                    Command.create(
                        {"value_amount": 65, "nb_days": 30, "event": "delivery"}
                    ),
                    Command.create(
                        {
                            "value_amount": 5,
                            "nb_days": 0,
                            "event": "delivery",
                            "event_months": 12,
                        }
                    ),
                ],
            }
        )
        cls.order = cls.env["sale.order"].create(
            {
                "partner_id": cls.customer.id,
                "payment_term_id": cls.term.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": cls.product.id,
                            "product_uom_qty": 10,
                            "price_unit": 100.01,
                            "tax_ids": [],
                        }
                    )
                ],
            }
        )
        cls.contract = cls.env["sales.contract"].create(
            {"partner_id": cls.customer.id, "order_ids": cls.order.ids}
        )
        cls.order.action_confirm()

    def bill(self, order=None):
        invoice = (order or self.order)._create_invoices()
        invoice.invoice_date = "2026-01-05"
        invoice.action_post()
        return invoice

    def sign(self, day):
        self.contract.action_submit()
        seal = self.env["sales.contract.seal"].create({"name": "Seal"})
        for party in ("ours", "customer"):
            for kind in ("signature", "stamp"):
                self.env["sales.contract.signature"].create(
                    {
                        "contract_id": self.contract.id,
                        "party": party,
                        "kind": kind,
                        "person": "Somebody",
                        "date": day,
                        "seal_text": "Seal",
                        "seal_id": seal.id,
                    }
                )
        self.contract.action_validate()

    def deliver(self, quantity):
        picking = self.order.picking_ids.filtered(
            lambda p: p.state not in ("done", "cancel")
        )
        picking.move_ids.quantity = quantity
        picking.move_ids.picked = True
        picking.with_context(skip_backorder=True)._action_done()

    def dues(self, invoice):
        items = self._item(invoice).sorted("date_maturity")
        return [(item.balance, str(item.date_maturity)) for item in items]

    def test_order_date_moves_no_instalment(self):
        """A10: without a contract, signed is what is confirmed, whatever is typed."""
        order = self.order.copy()
        order.action_confirm()
        confirmed = order.company_id._get_business_date(order.confirmed_at)
        order.date_order = "2031-01-01"
        self.assertEqual(order._get_signing_date(), confirmed)
        with self.assertRaises(UserError):
            order.confirmed_at = "2031-01-01"
        self.assertFalse(order.copy().confirmed_at)

    def test_due_with_their_events(self):
        """A10: unknown is not due; each part is due with its own event, to the cent; the
        ageing follows."""
        invoice = self.bill()
        parts = sorted(item.balance for item in self._item(invoice))
        self.assertEqual(parts, [50.0, 300.03, 650.07])
        self.assertTrue(
            all(item.date_maturity.year == NOT_YET.year for item in self._item(invoice))
        )
        self.assertIn("3 days after signing", invoice.instalment_note)
        self.assertIn("12 months after delivery", invoice.instalment_note)
        details = [detail["date"] for detail in invoice.payment_term_details]
        self.assertEqual(len(details), 3)
        self.assertFalse([date for date in details if "2999" in date])
        self.sign("2026-01-10")
        self.assertEqual(self.dues(invoice)[0], (300.03, "2026-01-13"))
        self.assertEqual(invoice.invoice_date_due.year, NOT_YET.year)
        self.deliver(4)
        self.assertEqual(len([d for d in self.dues(invoice) if d[1] > "2990"]), 2)
        self.deliver(6)
        today = self.company._get_business_date()
        dues = self.dues(invoice)
        self.assertEqual(
            dues[1][1], str(fields.Date.add(today, days=30)), "the rest of the goods"
        )
        self.assertEqual(dues[2], (50.0, str(fields.Date.add(today, months=12))))
        self.assertEqual(
            invoice.invoice_date_due,
            self._item(invoice).sorted("date_maturity")[-1].date_maturity,
        )
        self.assertFalse(invoice.instalment_note)
        row = self.Report.with_context(as_of="2026-03-01").search(
            [("move_id", "=", invoice.id), ("days_overdue", ">", 0)]
        )
        self.assertEqual(row.mapped("residual"), [300.03])

    def test_terms_stay_while_instalments_wait(self):
        """A10: no edit of the payment term makes what waits due at another time."""
        self.bill()
        first = self.term.line_ids[0]
        for attempt in (
            lambda: first.write({"nb_days": 90}),
            lambda: self.term.write({"line_ids": [Command.delete(first.id)]}),
            lambda: self.term.write(
                {"line_ids": [Command.create({"value_amount": 0, "nb_days": 1})]}
            ),
        ):
            with self.assertRaisesRegex(UserError, "make a copy"), self.cr.savepoint():
                attempt()
        self.term.note = "Another word"
        self.term.copy().line_ids[0].nb_days = 90

    def test_events_before_the_invoice(self):
        """A10: what has happened already counts from its day, also on the draft."""
        self.sign("2026-01-02")
        self.deliver(10)
        draft = self.order._create_invoices()
        draft.invoice_date = "2026-01-05"
        self.assertEqual(self.dues(draft)[0][1], "2026-01-05")
        draft.action_post()
        self.assertEqual(self.dues(draft)[0][1], "2026-01-05")
        self.assertFalse([due for due in self.dues(draft) if due[1] > "2990"])

    def test_reconciled_items_stay(self):
        """A10: a part that is paid before its event keeps its payment."""
        invoice = self.bill()
        self._pay(invoice, 300.03, "2026-01-06")
        residual = invoice.amount_residual
        self.sign("2026-01-10")
        self.assertEqual(invoice.amount_residual, residual)
        self.assertEqual(len(self._item(invoice)), 3)

    def test_no_context_makes_or_hides_events(self):
        """A10: the key in a context of somebody's own changes nothing."""
        forged = {"signing": "2020-01-01", "delivery": "2020-01-01"}
        order = self.order.with_context(payment_term_events=forged)
        invoice = self.bill(order)
        self.assertTrue(all(due[1] > "2990" for due in self.dues(invoice)))

    def test_host_terms_stay_the_host_s(self):
        """X01: terms without events, the preview and an invoice by hand are as ever."""
        plain = self.env["account.payment.term"].create(
            {
                "name": "Net 30",
                "line_ids": [Command.create({"value_amount": 100, "nb_days": 30})],
            }
        )
        invoice = self._create_invoice_one_line(
            price_unit=100.0,
            tax_ids=[],
            partner_id=self.customer.id,
            invoice_date="2026-01-05",
            invoice_payment_term_id=plain.id,
            post=True,
        )
        self.assertEqual(self.dues(invoice), [(100.0, "2026-02-04")])
        by_hand = self._create_invoice_one_line(
            price_unit=100.0,
            tax_ids=[],
            partner_id=self.customer.id,
            invoice_date="2026-01-05",
            invoice_payment_term_id=self.term.id,
            post=True,
        )
        self.assertEqual(
            [due for __, due in self.dues(by_hand)],
            ["2026-01-08", "2026-02-04", "2027-01-05"],
        )
        previewed = self.term._compute_terms(
            date_ref=fields.Date.to_date("2026-01-05"),
            currency=self.term.currency_id,
            company=self.company,
            tax_amount=0,
            tax_amount_currency=0,
            untaxed_amount=100,
            untaxed_amount_currency=100,
            sign=1,
        )
        self.assertEqual(
            [str(line["date"]) for line in previewed["line_ids"]],
            ["2026-01-08", "2026-02-04", "2027-01-05"],
        )

    def test_job_finds_what_was_missed(self):
        """A10: an event that met the posting in one moment is found the next day; again
        changes nothing."""
        invoice = self.bill()
        item = self._item(invoice).sorted("date_maturity")
        self.sign("2026-01-10")
        waiting = self.term.line_ids[0]._get_waiting_date()
        self._item(invoice).filtered(
            lambda i: i.balance == 300.03
        ).date_maturity = waiting
        for __ in range(2):
            with self.enter_registry_test_mode():
                self.env.ref(
                    "sales_receivable.ir_cron_instalments"
                ).method_direct_trigger()
            self.env.invalidate_all()
            self.assertIn((300.03, "2026-01-13"), self.dues(invoice))
        self.assertEqual(len(item), 3)
