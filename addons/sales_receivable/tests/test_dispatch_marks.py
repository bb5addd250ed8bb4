from odoo import Command
from odoo.tests import tagged

from .common_dispatch import DispatchCase


@tagged("post_install", "-at_install")
class TestDispatchMarks(DispatchCase):
    """Goods leave through the gate whatever their movement is called (A11, A13, A21), and
    what goes back to its vendor isn't a delivery."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.dispatch_needs_check = False
        cls.set_mode("A11", "block")
        cls.vendors = cls.env.ref("stock.stock_location_suppliers")
        cls.vendor = cls.env["res.partner"].create({"name": "Vendor"})
        cls.picking = cls.new_delivery(payment_term_id=cls.terms.id)
        cls.moves = cls.picking.move_ids
        cls.in_type = cls.out_type.warehouse_id.in_type_id

    def validate(self):
        self.moves.write({"quantity": 10, "picked": True})
        self.picking.button_validate()

    def receive(self, quantity=5, **values):
        """Receive goods by hand, or for a purchase."""
        picking = self.env["stock.picking"].create(
            {
                "partner_id": self.vendor.id,
                "picking_type_id": self.in_type.id,
                "location_id": self.vendors.id,
                "location_dest_id": self.stock.id,
                "move_ids": [
                    Command.create(
                        {
                            "product_id": self.goods.id,
                            "product_uom_qty": quantity,
                            "location_id": self.vendors.id,
                            "location_dest_id": self.stock.id,
                            **values,
                        }
                    )
                ],
            }
        )
        picking.action_confirm()
        picking.move_ids.write({"quantity": quantity, "picked": True})
        picking.button_validate()
        return picking.with_user(self.warehouse)

    def buy(self, quantity=5):
        order = self.env["purchase.order"].create(
            {
                "partner_id": self.vendor.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": self.goods.id,
                            "product_qty": quantity,
                            "price_unit": 1.0,
                        }
                    )
                ],
            }
        )
        order.button_confirm()
        return order

    def give_back(self, receipt, quantity):
        wizard = (
            self.env["stock.return.picking"]
            .with_user(self.warehouse)
            .with_context(active_id=receipt.id, active_model="stock.picking")
            .create({})
        )
        wizard.product_return_moves.quantity = quantity
        back = receipt.browse(wizard.action_create_returns()["res_id"])
        back.move_ids.write({"quantity": quantity, "picked": True})
        return back

    def test_said_to_come_from_customers(self):
        """A11, A13: neither the delivery, nor its movement, nor its details"""
        source = {"location_id": self.to_customer.id}
        between = self.env["stock.location"].create(
            {"name": "Between", "usage": "customer"}
        )
        for attempt in (
            lambda: self.picking.write(source),
            lambda: self.moves.write(source),
            lambda: self.moves.move_line_ids.write(source),
            lambda: self.picking.write({**source, "location_dest_id": between.id}),
            lambda: self.picking.write({**source, "location_dest_id": self.vendors.id}),
        ):
            with self.assert_refused("A11 .*of the money"):
                attempt()
                self.assertTrue(self.picking.is_dispatch)
                self.validate()

    def test_goods_of_orders_come_out_of_stock(self):
        """A16: also where nothing is asked before dispatch"""
        self.env["business.rule.mode"].search([]).unlink()
        self.set_mode("R02", "block")
        self.picking.location_id = self.to_customer
        with self.assert_refused("come out of stock"):
            self.validate()

    def test_free_goods_said_to_come_from_customers(self):
        """A21: nor do goods leave for nothing without a slip"""
        self.set_mode("A21", "block")
        manual = self.new_manual_delivery()
        manual.location_id = self.to_customer
        with self.assert_refused("A21"):
            manual.move_ids.write({"quantity": 1, "picked": True})
            manual.button_validate()

    def test_called_a_scrap(self):
        """A11: an order's goods are no scrap, nor is what a scrap isn't about"""
        scrap = self.env["stock.scrap"].create(
            {"product_id": self.goods.id, "scrap_qty": 1}
        )
        loss = scrap.scrap_location_id
        for place in (self.vendors, loss):
            with self.assert_refused("A11 .*of the money"):
                self.moves.scrap_id = scrap
                self.picking.location_dest_id = place
                self.validate()
        manual = self.new_manual_delivery(quantity=5)
        for place in (self.vendors, loss):
            with self.assert_refused("A11 .*no order for 5"):
                manual.move_ids.scrap_id = scrap
                manual.location_dest_id = place
                manual.move_ids.write({"quantity": 5, "picked": True})
                manual.button_validate()

    def test_called_a_return_to_a_vendor(self):
        """A11: by another purchase or receipt, to a customer, or of more than came"""
        with self.assert_refused("is for S"):
            self.moves.sale_line_id = False
        purchase = self.buy()
        bought = purchase.order_line
        mine = self.receive()
        for marks in (
            {"purchase_line_id": bought.id},
            {"origin_returned_move_id": mine.move_ids.id},
        ):
            with self.assert_refused("A11 .*of the money"):
                self.moves.write(marks)
                self.picking.location_dest_id = self.vendors
                self.validate()
            manual = self.new_manual_delivery(quantity=5)
            with self.assert_refused("A11 .*no order for 5"):
                manual.move_ids.write(marks)
                manual.location_dest_id = self.vendors
                manual.move_ids.write({"quantity": 5, "picked": True})
                manual.button_validate()
        back = self.give_back(mine, 3)
        with self.assert_refused("A11 .*no order for 9"):
            back.move_ids.write({"quantity": 9, "picked": True})
            back.button_validate()
        back.button_validate()
        with self.assert_refused("A11 .*no order for 3"):
            self.give_back(mine, 3).button_validate()

    def test_called_a_transfer(self):
        """A11: by another kind of operation to a vendor it never came from, or from a
        place between companies"""
        internal = self.out_type.warehouse_id.int_type_id
        manual = self.new_manual_delivery(quantity=5)
        with self.assert_refused("A11 .*no order for 5"):
            manual.picking_type_id = internal
            manual.move_ids.picking_type_id = internal
            manual.location_dest_id = self.vendors
            manual.move_ids.write({"quantity": 5, "picked": True})
            manual.button_validate()
        between = self.env.ref("stock.stock_location_inter_company")
        for picking in (self.picking, self.new_manual_delivery(quantity=5)):
            picking.location_id = between
            self.assertTrue(picking.is_dispatch)

    def test_no_more_leaves_than_was_checked(self):
        """A11: a finished delivery isn't made larger, its goods are checked as they leave"""
        self.company.dispatch_needs_check = True
        order = self.new_order(product=self.goods, price=100.0)
        order.action_confirm()
        picking = order.sudo().picking_ids.with_user(self.warehouse)
        picking.move_ids.write({"quantity": 4, "picked": True})
        self.check(picking)
        picking.with_context(skip_backorder=True).button_validate()
        with self.assert_refused("with a check"):
            picking.move_ids.quantity = 10
        rest = picking.sudo().backorder_ids.with_user(self.warehouse)
        self.check(rest).button_validate()
        self.assertEqual(rest.state, "done")

    def test_goods_go_back_to_their_vendor(self):
        """A11, A13: without slip, check and money, bought by a purchase or without"""
        self.set_mode("A13", "block")
        self.company.dispatch_needs_check = True
        purchase = self.buy()
        receipt = purchase.picking_ids
        receipt.move_ids.write({"quantity": 5, "picked": True})
        receipt.button_validate()
        for picking in (self.receive(), receipt.with_user(self.warehouse)):
            back = self.give_back(picking, 2)
            self.assertFalse(back.is_dispatch)
            back.button_validate()
            self.assertEqual(back.state, "done")
            self.assertFalse(back.is_dispatch)
