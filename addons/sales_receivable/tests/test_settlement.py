from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger
from psycopg2.errors import CheckViolation

from ..models.account_move_settlement import NOT_YET
from .common_credit import TODAY, CreditCase


@tagged("post_install", "-at_install")
class TestSettlement(CreditCase):
    """Each order says how it is settled; some invoices are due with deliveries (A07)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cash, cls.monthly, cls.next_one, cls.rolling = (
            cls.env.ref(f"sales_receivable.settlement_method_{name}")
            for name in ("cash", "monthly", "release_next", "rolling")
        )
        cls.next_one.latest_days = 90
        cls.rolling.latest_days = 0

    def sell(self, quantity=10, method=None, **values):
        order = self.new_order(
            product=values.pop("product", self.goods),
            price=10.0,
            quantity=quantity,
            settlement_method_id=(method or self.next_one).id,
            **values,
        ).sudo()
        order.action_confirm()
        return order

    def send(self, order, quantity, days):
        """Deliver on a day; finished movements take the time of the server."""
        picking = self.deliver(order, quantity)
        moment = fields.Datetime.now() + timedelta(days=days)
        picking.move_ids.sudo().write({"date": moment})
        picking.env.flush_all()
        invoices = self.env["account.move"].sudo()
        invoices._update_due_of_customers(self.company, self.customer)
        return self.company._get_business_date(moment)

    def assert_due(self, invoice, day):
        items = self._item(invoice)
        self.assertEqual(set(items.mapped("date_maturity")), {day})
        self.assertEqual(invoice.invoice_date_due, day)

    # --- the order --------------------------------------------------------------------

    def test_order_without_settlement_is_refused(self):
        """A07: confirm, send, write, import, copy and later removal; off: nobody asks"""
        order = self.new_order(product=self.service, price=10.0)
        self.assertFalse(order.settlement_method_id)
        self.new_order(product=self.service, price=10.0).action_confirm()
        self.set_mode("A07", "block")
        message = "A07 Settlement method — .*how it is settled"
        for attempt in (
            order.action_confirm,
            order.action_quotation_send,
            lambda: order.write({"state": "sent"}),
            lambda: order.write({"state": "sale"}),
            lambda: order.copy().action_confirm(),
            lambda: order.with_context(default_settlement_method_id=1).action_confirm(),
        ):
            with self.assert_refused(message):
                attempt()
        imported = (
            self.env["sale.order"]
            .with_user(self.salesperson)
            .load(["partner_id/.id", "state"], [[str(self.customer.id), "sale"]])
        )
        self.assertFalse(imported["ids"])
        self.assertIn("A07", imported["messages"][0]["message"])
        self.assertFalse(order._has_to_be_signed())
        order.settlement_method_id = self.cash
        order.action_confirm()
        with self.assert_refused("already confirmed.*A07"):
            order.settlement_method_id = False

    def test_order_takes_over_the_customers_method(self):
        """A07: by default the customer's, of that company, also for its addresses"""
        self.customer.settlement_method_id = self.monthly
        address = self.env["res.partner"].create(
            {"name": "Site", "parent_id": self.customer.id}
        )
        order = self.new_order(product=self.service, price=10.0, partner_id=address.id)
        self.assertEqual(order.settlement_method_id, self.monthly)
        order.partner_id = self.env["res.partner"].create({"name": "Unknown"})
        self.assertFalse(order.settlement_method_id)
        with Form(self.env["sale.order"].with_user(self.salesperson)) as form:
            form.partner_id = self.customer
            self.assertEqual(form.settlement_method_id, self.monthly)
            form.settlement_method_id = self.cash
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        self.assertFalse(self.customer.with_company(elsewhere).settlement_method_id)
        theirs = self.cash.copy({"company_id": elsewhere.id})
        with self.assertRaises(UserError):
            order.sudo().settlement_method_id = theirs

    def test_method_gives_credit_whatever_the_terms(self):
        """A04 A07: monthly settlement without payment terms is a credit sale"""
        self.set_mode("A04", "block")
        order = self.new_order(product=self.service, price=10.0)
        order.settlement_method_id = self.cash
        self.assertFalse(order.authority_blocked)
        order.settlement_method_id = self.monthly
        with self.assert_refused(r"30 days to pay \(Monthly\).*credit sale of 100\.00"):
            order.action_confirm()

    def test_methods_are_the_administrators(self):
        """A07: everybody chooses among them, administrators of the rules edit them"""
        with self.assertRaises(AccessError):
            self.cash.with_user(self.salesperson).credit_days = 9
        administrator = self.new_user(
            "ruler", groups="sales_receivable.group_administrator"
        )
        method = self.cash.with_user(administrator).copy({"name": "Cheque"})
        self.assertEqual(method.with_user(self.salesperson).name, "Cheque")
        with mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation):
            method.deliveries_behind = -1
            self.env.flush_all()

    # --- due with deliveries ----------------------------------------------------------

    def test_invoice_is_due_with_the_next_delivery(self):
        """A07: not by the terms, nor with its own goods, but with those after"""
        order = self.sell(payment_term_id=self.net_30.id)
        self.send(order, 4, 0)
        invoice = self.invoice(order)
        latest = TODAY + timedelta(days=90)
        self.assertEqual(invoice.settlement_method_id, self.next_one)
        self.assert_due(invoice, latest)
        self.assertTrue(invoice.settlement_note)
        # Goods of somebody else, and returned ones, are no next delivery.
        other = self.sell(
            partner_id=self.env["res.partner"].create({"name": "Other"}).id
        )
        self.deliver(other, 10)
        self.assert_due(invoice, latest)
        wizard = (
            self.env["stock.return.picking"]
            .with_context(
                active_id=order.picking_ids.filtered(lambda p: p.state == "done").id,
                active_model="stock.picking",
            )
            .create({})
        )
        wizard.product_return_moves.quantity = 1
        back = self.env["stock.picking"].browse(
            wizard.action_create_returns()["res_id"]
        )
        back.move_ids.write({"quantity": 1, "picked": True})
        back.button_validate()
        self.assert_due(invoice, latest)
        # The rest of the same order is one.
        self._pay(invoice, 5, TODAY)
        day = self.send(order, 6, 3)
        self.assert_due(invoice, day)
        self.assertFalse(invoice.settlement_note)
        self.assertEqual(invoice.payment_state, "partial")
        self.assertEqual(self._open_items(TODAY)[self._item(invoice).id], (35.0, 35.0))
        exposure = self.customer._get_credit_exposure(self.company)
        self.assertFalse(exposure[self.customer.id]["overdue"])
        # Invoiced after the next delivery: due with that one at once.
        second = self.invoice(order)
        third = self.sell()
        day = self.send(third, 10, 5)
        self.assert_due(second, day)
        late = self.invoice(third)
        self.assert_due(late, latest)

    def test_invoice_posted_after_the_next_delivery_is_due_already(self):
        """A07: what counts is when the goods left, not when they were invoiced"""
        first = self.sell()
        self.send(first, 10, -9)
        second = self.sell()
        day = self.send(second, 10, -2)
        invoice = self.invoice(first)
        self.assert_due(invoice, day)
        exposure = self.customer._get_credit_exposure(self.company)[self.customer.id]
        self.assertEqual(exposure["overdue"], 100)

    def test_goods_invoiced_ahead_leave_first(self):
        """A07: their own delivery makes an invoice ahead of it no more due"""
        self.goods.invoice_policy = "order"
        order = self.sell()
        invoice = self.invoice(order)
        latest = invoice.invoice_date_due
        self.send(order, 4, 1)
        self.assert_due(invoice, latest)
        self.send(order, 6, 2)
        self.assert_due(invoice, latest)
        day = self.send(self.sell(), 10, 4)
        self.assert_due(invoice, day)

    def test_rolling_is_one_delivery_behind(self):
        """A07: with the second delivery after; services count from their posting"""
        invoice = self.invoice(self.sell(method=self.rolling, product=self.service))
        self.assert_due(invoice, NOT_YET)
        self.send(self.sell(method=self.rolling), 10, 1)
        self.assert_due(invoice, NOT_YET)
        day = self.send(self.sell(method=self.cash), 10, 2)
        self.assert_due(invoice, day)
        self._pay(invoice, 100, TODAY)
        self.send(self.sell(), 10, 3)
        self.assert_due(invoice, day)

    def test_orders_settled_differently_get_invoices_of_their_own(self):
        """A07: an invoice has one settlement; down payments are due as ever"""
        invoices = (
            self.sell(method=self.cash, product=self.service)
            + self.sell(method=self.monthly, product=self.service)
        )._create_invoices()
        self.assertEqual(len(invoices), 2)
        self.assertEqual(invoices.settlement_method_id, self.cash + self.monthly)
        order = self.sell(product=self.service)
        self.env["sale.advance.payment.inv"].with_context(
            active_model="sale.order", active_ids=order.ids
        ).create(
            {"advance_payment_method": "fixed", "fixed_amount": 33}
        ).create_invoices()
        down = order.invoice_ids
        down.invoice_date = TODAY
        down.action_post()
        self.assert_due(down, TODAY)

    def test_cash_orders_get_no_credit_by_a_common_invoice(self):
        """A04: orders with other payment terms get invoices of their own"""

        def both():
            return (
                self.sell(product=self.service)
                + self.sell(product=self.service, payment_term_id=self.net_30.id)
            )._create_invoices()

        self.assertEqual(len(both()), 1, "as the host does")
        self.set_mode("A04", "warn")
        invoices = both()
        self.assertEqual(len(invoices), 2)
        self.assertIn(self.net_30, invoices.invoice_payment_term_id)

    def test_settlement_of_a_posted_invoice_stays(self):
        """A07: nobody makes it due otherwise behind its posting"""
        invoice = self.invoice(self.sell(product=self.service))
        with self.assert_refused("stays as it was"):
            invoice.with_user(self.clerk).settlement_method_id = self.rolling
        with self.assertRaises(AccessError):
            invoice.with_user(self.clerk).settlement_since = "2020-01-01 00:00:00"
        invoice.button_draft()
        invoice.settlement_method_id = False
        invoice.invoice_payment_term_id = self.net_30
        invoice.action_post()
        self.assert_due(invoice, TODAY + timedelta(days=30))

    def test_due_dates_of_many_take_as_many_queries_as_of_one(self):
        """A07: set-based"""
        invoices = self.env["account.move"].union(
            *(self.invoice(self.sell(product=self.service)) for _ in range(6))
        )

        def count(moves):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            moves._update_due_with_deliveries()
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        count(invoices)
        self.assertEqual(count(invoices[0]), count(invoices))
