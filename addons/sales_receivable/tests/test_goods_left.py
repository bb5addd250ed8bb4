from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .common_credit import CreditCase

KEPT = "its line stays as it is"


@tagged("post_install", "-at_install")
class TestGoodsLeft(CreditCase):
    """What has left stays owed by its customer until it is back or invoiced."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.credit_limit = 600
        cls.goods.list_price = 50.0
        cls.set_mode("R02", "block")
        cls.other = cls.env["res.partner"].create({"name": "Somebody"})
        cls.order = cls.new_order(product=cls.goods, price=50.0)
        cls.order.action_confirm()

    def exposure(self, partner=None):
        partner = partner or self.customer
        return partner._get_credit_exposure(self.company)[partner.id]["total"]

    def take_back(self, picking, quantity):
        wizard = (
            self.env["stock.return.picking"]
            .with_context(active_id=picking.id, active_model="stock.picking")
            .create({})
        )
        wizard.product_return_moves.quantity = quantity
        back = self.env["stock.picking"].browse(
            wizard.action_create_returns()["res_id"]
        )
        back.move_ids.write({"quantity": quantity, "picked": True})
        back.button_validate()

    def test_no_order_is_cancelled_under_its_goods(self):
        """R02: what is with the customer is taken back or invoiced first; the rest of a
        partial delivery is given up by ordering less"""
        picking = self.deliver(self.order.sudo(), 4)
        with self.assert_refused("is with the customer and not invoiced"):
            self.order.action_cancel()
        self.order.order_line.product_uom_qty = 4
        self.assertEqual(self.exposure(), 200)
        self.take_back(picking, 4)
        self.order.action_cancel()
        self.assertEqual(self.order.state, "cancel")
        self.assertEqual(self.exposure(), 0)

    def test_out_of_the_books_nothing_changes_what_is_owed(self):
        """R02: lines and orders of which goods are with the customer stay, whatever
        becomes of the invoice for which they could be cancelled"""
        self.deliver(self.order.sudo(), 10)
        invoice = self.invoice(self.order.sudo())
        self.order.action_cancel()
        invoice.button_draft()
        line = self.order.order_line
        tax = self.env["account.tax"].create({"name": "Tax", "amount": 0.0})
        for values in (
            {"price_unit": 0.01},
            {"discount": 100.0},
            {"product_uom_qty": -1},
            {"product_uom_id": self.env.ref("uom.product_uom_dozen").id},
            {"tax_ids": [Command.set(tax.ids)]},
            {"is_downpayment": True},
        ):
            with self.subTest(values), self.assert_refused(KEPT):
                line.write(values)
        currency = self.env.ref("base.EUR") + self.env.ref("base.USD")
        pricelist = self.env["product.pricelist"].create(
            {
                "name": "Elsewhere",
                "currency_id": (currency - self.company.currency_id)[0].id,
            }
        )
        pricelist.currency_id.active = True
        for values in (
            {"partner_id": self.other.id},
            {"partner_invoice_id": self.other.id},
            {"pricelist_id": pricelist.id},
        ):
            with self.subTest(values), self.assert_refused("customer, company and"):
                self.order.write(values)
        for records in (line, self.order.sudo()):
            with self.subTest(records), self.assert_refused(KEPT):
                records.unlink()
        self.assertEqual(self.exposure(), 500)
        line.name = "With a note"
        self.order.action_draft()
        self.order.action_confirm()
        line.price_unit = 49.0

    def test_lines_stay_with_their_confirmed_order(self):
        """R02, A16: neither another order nor a forged copy of the order's state or
        company takes what is owed away"""
        self.deliver(self.order.sudo(), 10)
        line = self.order.order_line
        elsewhere = self.new_order(product=self.goods, partner_id=self.other.id)
        with self.assert_refused("stays with its order"):
            line.order_id = elsewhere
        with self.assert_refused("stays with its order"):
            elsewhere.order_line = [Command.link(line.id)]
        forged = {
            "state": "draft",
            "company_id": self.env["res.company"].create({"name": "Other"}).id,
            "currency_id": self.env.ref("base.EUR").id,
            "order_partner_id": self.other.id,
            "salesman_id": self.colleague.id,
        }
        for name, value in forged.items():
            with self.subTest(name), self.assertRaises(AccessError):
                line.write({name: value})
        with self.assertRaises(AccessError):
            elsewhere.order_line = [
                Command.create({"product_id": self.goods.id, "state": "sale"})
            ]
        self.env.cr.execute("UPDATE sale_order_line SET state = 'draft'")
        self.env.invalidate_all()
        with self.assert_refused(KEPT):
            line.unlink()
        self.assertEqual(self.exposure(), 500)

    def test_exposure_goes_by_the_goods(self):
        """R02: a line turned round, or into a down payment, still asks for its goods"""
        self.deliver(self.order.sudo(), 10)
        line = self.order.order_line.sudo()
        # As if the host's own check of what is delivered had been got round.
        self.patch(type(line), "_update_line_quantity", lambda *_args: None)
        for values in (
            {"product_uom_qty": -1},
            {"product_uom_qty": 0, "is_downpayment": True},
        ):
            with self.subTest(values):
                line.write(values)
                self.assertEqual(self.exposure(), 500)

    def test_movements_stay_with_their_confirmed_order(self):
        """A16: else it would be cancelled without them, and they would leave"""
        move = self.order.sudo().order_line.move_ids
        user = self.new_user(
            "warehouse", groups="stock.group_stock_user,sales_team.group_sale_manager"
        )
        with self.assert_refused("moves for"):
            move.with_user(user).sale_line_id = False
        with self.assert_refused("moves for"):
            self.order.with_user(user).picking_ids = [Command.clear()]
        self.order.action_cancel()
        self.assertEqual(move.state, "cancel")

    def test_off_refuses_nothing(self):
        """X01: where no rule is in force all of it is the host's"""
        self.env["business.rule.mode"].search([]).unlink()
        self.deliver(self.order.sudo(), 10)
        self.order.action_cancel()
        line = self.order.order_line
        line.state = "draft"
        line.price_unit = 1.0
        self.order.partner_invoice_id = self.other
        line.unlink()
        self.assertFalse(self.order.order_line)
