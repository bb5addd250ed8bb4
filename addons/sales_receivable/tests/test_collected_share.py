from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .common_receivable import ReceivableCommon


@tagged("post_install", "-at_install")
class TestCollectedShare(ReceivableCommon):
    """What has been collected of an order, whichever way the money came."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.group_ids += cls.env.ref("sales_team.group_sale_manager")
        cls.product = cls.env["product.product"].create(
            {"name": "Bracket", "type": "service", "taxes_id": False}
        )
        cls.order = cls.new_order(1000.0)

    @classmethod
    def new_order(cls, amount, **values):
        order = cls.env["sale.order"].create(
            {
                "partner_id": cls.customer.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": cls.product.id,
                            "product_uom_qty": 1,
                            "price_unit": amount,
                            "tax_ids": [],
                        }
                    )
                ],
                **values,
            }
        )
        order.action_confirm()
        return order

    def invoice(self, orders):
        orders.order_line.qty_delivered = 1
        move = orders._create_invoices()
        move.invoice_date = "2026-01-05"
        move.action_post()
        return move

    def receive(self, amount, *allocations, **values):
        payment = self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": self.customer.id,
                "amount": amount,
                "date": "2026-01-10",
                "journal_id": self.company_data["default_journal_bank"].id,
                "order_allocation_ids": [
                    Command.create({"order_id": order.id, "amount": part})
                    for order, part in allocations
                ],
                **values,
            }
        )
        payment.action_post()
        return payment

    def share(self, order=None, **options):
        order = order or self.order
        return order._get_collected_share(**options)[order.id]["share"]

    def settle(self, payment, invoice):
        lines = payment.move_id.line_ids | invoice.line_ids
        lines.filtered(
            lambda line: (
                line.account_id.account_type == "asset_receivable"
                and not line.reconciled
            )
        ).reconcile()

    def test_through_invoices(self):
        """A10: money that settled the order's invoices; no credit note, no entry."""
        self.assertEqual(self.share(), 0.0)
        invoice = self.invoice(self.order)
        self._pay(invoice, 300.0, "2026-01-10")
        self._settle_by_entry(invoice, 200.0, "2026-01-11")
        self.assertAlmostEqual(self.share(), 0.3)
        self.assertAlmostEqual(self.order.collected_share, 0.3)
        self.assertAlmostEqual(self.order.collected_amount, 300.0)
        self.assertEqual(self.order.amount_paid, 0.0)

    def test_meant_for_orders(self):
        """A10: money before any invoice counts for the orders it is meant for, and once
        only when it settles their invoice."""
        other = self.new_order(500.0)
        payment = self.receive(600.0, (self.order, 400.0), (other, 100.0))
        self.assertAlmostEqual(self.share(), 0.4)
        self.assertAlmostEqual(self.share(other), 0.2)
        self.settle(payment, self.invoice(self.order))
        self.assertAlmostEqual(self.share(), 0.6)
        self.assertAlmostEqual(self.share(other), 0.0)  # all of it has been used

    def test_what_came_first_has_used_it(self):
        """A10: what another invoice took is not handed out again."""
        other = self.new_order(500.0)
        payment = self.receive(600.0, (self.order, 400.0), (other, 200.0))
        third = self.invoice(self.new_order(300.0))
        self.settle(payment, third)
        self.assertAlmostEqual(self.share(), 0.3)  # 300 are left, the first line's
        self.assertAlmostEqual(self.share(other), 0.0)

    def test_down_payment_and_refund(self):
        """A10: a paid down payment counts; money paid back doesn't."""
        wizard = self.env["sale.advance.payment.inv"].create(
            {
                "advance_payment_method": "percentage",
                "amount": 30,
                "sale_order_ids": self.order.ids,
            }
        )
        down = wizard._create_invoices(self.order)
        down.invoice_date = "2026-01-05"
        down.action_post()
        self._pay(down, 300.0, "2026-01-06")
        self.assertAlmostEqual(self.share(), 0.3)
        refund = down._reverse_moves([{"invoice_date": "2026-01-07"}])
        refund.action_post()
        self._pay(refund, 300.0, "2026-01-08")
        self.assertAlmostEqual(self.share(), 0.0)

    def test_currencies(self):
        """A10: a payment in another currency counts at its own rate."""
        pricelist = self.env["product.pricelist"].create(
            {"name": "Foreign", "currency_id": self.usd.id}
        )
        order = self.new_order(1000.0, pricelist_id=pricelist.id)
        self.assertEqual(order.currency_id, self.usd)
        self.receive(500.0, (order, 500.0), currency_id=self.usd.id)
        self.assertAlmostEqual(self.share(order), 0.5)
        invoice = self.invoice(order)
        self._pay(invoice, 250.0, "2026-01-10", currency_id=self.usd.id)
        self.assertAlmostEqual(self.share(order), 0.75)

    def test_cancelled_money_and_money_in_transit(self):
        """A10: a cancelled payment is none; in transit counts by policy."""
        payment = self.receive(400.0, (self.order, 400.0))
        self.assertAlmostEqual(self.share(), 0.4)
        self.assertAlmostEqual(self.share(in_transit=False), 0.0)
        payment.action_draft()
        self.assertAlmostEqual(self.share(), 0.0)
        payment.action_cancel()
        self.assertAlmostEqual(self.share(), 0.0)

    def test_what_is_no_money(self):
        """A10: a payment that goes to an expense account brings no money."""
        journal = self.company_data["default_journal_bank"]
        journal.inbound_payment_method_line_ids.payment_account_id = self.company_data[
            "default_account_expense"
        ]
        self.receive(400.0, (self.order, 400.0))
        self.assertAlmostEqual(self.share(), 0.0)

    def test_who_hands_out_what(self):
        """A10: no more than was paid, of this customer, by accounting only."""
        stranger = self.env["res.partner"].create({"name": "Stranger"})
        foreign = self.new_order(100.0, partner_id=stranger.id)
        payment = self.receive(100.0, (self.order, 60.0))
        other = self.new_order(500.0)
        for order, amount in ((other, 60.0), (foreign, 10.0)):
            with self.assertRaises(ValidationError):
                payment.order_allocation_ids = [
                    Command.create({"order_id": order.id, "amount": amount})
                ]
        with self.assertRaises(ValidationError):
            payment.action_draft()
            payment.amount = 50.0
        seller = new_test_user(
            self.env, login="seller", groups="sales_team.group_sale_salesman"
        )
        line = payment.order_allocation_ids
        with self.assertRaises(AccessError):
            line.with_user(seller).amount = 1.0
        with self.assertRaises(AccessError):
            line.order_id = other
        self.order.user_id = seller
        self.assertAlmostEqual(self.order.with_user(seller).collected_share, 0.06)

    def test_constant_queries(self):
        """A10: as many queries for many orders as for one."""
        orders = self.order
        for __ in range(5):
            orders |= self.new_order(100.0)
        self.receive(90.0, *((order, 10.0) for order in orders))

        def count(records):
            self.env.flush_all()
            start = self.env.cr.sql_log_count
            records._get_collected_share()
            return self.env.cr.sql_log_count - start

        self.assertEqual(count(orders), 1)
        self.assertEqual(count(self.order), 1)
