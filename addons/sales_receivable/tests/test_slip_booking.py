from odoo.tests import tagged

from .common_dispatch import DispatchMixinCase
from .common_receivable import ReceivableCommon
from .test_delivery_slip import COPY


@tagged("post_install", "-at_install")
class TestSlipBooking(DispatchMixinCase, ReceivableCommon):
    """Finance books the sale when the signed copy is there and matches (A13)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(su=True)
        cls.set_up_authority()
        cls.set_up_dispatch()
        cls.goods.invoice_policy = "delivery"
        cls.prefecture.write({"is_prepaid": False, "books_with_copy": True})

    def ship(self, channel, signed=10):
        """Deliver an order with a slip, of which the customer signs for some."""
        picking = self.new_delivery(sales_channel_id=channel.id)
        slip = self.env["delivery.slip"].create({"picking_id": picking.id})
        slip.contact = "Ms. Li"
        slip.action_issue()
        self.sign(slip)
        picking.sudo().button_validate()
        slip.write(COPY)
        slip.line_ids.quantity_signed = signed
        slip.action_copy_back()
        return slip

    def bill(self, slip):
        return slip.picking_id.sale_id.sudo()._create_invoices()

    def test_booked_with_the_copy(self):
        """A13: by channel, by no way round; what is billed is what was signed for"""
        slip = self.ship(self.prefecture)
        self.bill(self.ship(self.prefecture)).action_post()  # the rule is off
        self.set_mode("A13", "block")
        invoice = self.bill(slip)
        self.assertIn("A13", str(invoice.authority_banner))
        for attempt in (
            invoice.action_post,
            invoice._post,
            lambda: invoice.write({"state": "posted"}),
        ):
            with self.assert_refused(
                r"A13 .*10\.00 billed, 0\.00 on signed copies.*accounting"
            ):
                attempt()
        slip.action_receive_copy()
        invoice.invoice_line_ids.price_unit = 99
        with self.assert_refused("isn't that of the signed copies"):
            invoice.action_post()
        invoice.invoice_line_ids.price_unit = 100
        invoice.invoice_line_ids.quantity = 11
        with self.assert_refused(r"11\.00 billed, 10\.00 on signed"):
            invoice.action_post()
        invoice.invoice_line_ids.quantity = 10
        invoice.action_post()
        self.assertEqual(invoice.state, "posted")
        invoice._reverse_moves([{}]).action_post()
        other = self.ship(self.direct)
        self.bill(other).action_post()

    def test_older_orders_and_returns(self):
        """A13: older orders have no slips; what came back isn't billed; an invoice ahead
        of the goods waits; down payments don't"""
        old = self.ship(self.prefecture)
        self.env.cr.execute(
            "UPDATE sale_order SET create_date = '2025-01-01' WHERE id = %s",
            [old.picking_id.sale_id.id],
        )
        self.env.invalidate_all()
        self.set_mode("A13", "block", "2026-01-01")
        self.bill(old).action_post()
        slip = self.ship(self.prefecture, signed=7)
        back = slip.picking_id.browse(slip.action_return_goods()["res_id"])
        back.button_validate()
        slip.action_receive_copy()
        invoice = self.bill(slip)
        self.assertEqual(invoice.invoice_line_ids.quantity, 7)
        invoice.action_post()
        self.goods.invoice_policy = "order"
        order = self.new_delivery(sales_channel_id=self.prefecture.id).sudo().sale_id
        advance = self.env["sale.advance.payment.inv"].create(
            {
                "advance_payment_method": "percentage",
                "amount": 30,
                "sale_order_ids": [(6, 0, order.ids)],
            }
        )
        advance._create_invoices(order).action_post()
        with self.assert_refused("on signed copies"):
            order._create_invoices(final=True).action_post()

    def test_goods_without_an_order(self):
        """A13: goods that no order vouches for aren't invoiced to customers who are
        billed with the signed copy; services and other customers' goods are"""
        slip = self.ship(self.prefecture)
        self.set_mode("A13", "block")
        invoice = self.bill(slip)
        invoice.invoice_line_ids.sale_line_ids = [(5,)]
        self.customer.sales_channel_id = False  # the order's channel suffices
        with self.assert_refused(r"A13 .*“Shelf” isn't of the customer's order"):
            invoice.action_post()
        other = self.customer.copy({"name": "Wholesale"})
        typed = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": other.id,
                "invoice_line_ids": [
                    (0, 0, {"product_id": self.goods.id, "price_unit": 100.0})
                ],
            }
        )
        other.sales_channel_id = self.prefecture
        with self.assert_refused("isn't of the customer's order"):
            typed.action_post()
        service = self.new_product("Advice", 10.0, type="service")
        typed.invoice_line_ids.sale_line_ids = (
            self.new_order(product=service).sudo().order_line
        )
        with self.assert_refused("isn't of the customer's order"):
            typed.action_post()  # a link to something else
        typed.invoice_line_ids.write({"product_id": False, "name": "Shelf"})
        typed.invoice_line_ids.sale_line_ids = False
        with self.assert_refused("“Shelf” isn't of the customer's order"):
            typed.action_post()
        typed.partner_id = other.copy({"name": "Direct", "sales_channel_id": False})
        typed.action_post()
        self.assertEqual(typed.state, "posted")
