from odoo.fields import Command
from odoo.tests import Form, new_test_user

from .common import AuthorityCase


class TestDeliveryGates(AuthorityCase):
    """No more leaves than what was approved, or needed no approval (A16)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_mode("A02", "block")
        cls.bracket.is_storable = True
        cls.stock = cls.env.ref("stock.stock_location_stock")
        cls.env["stock.quant"]._update_available_quantity(cls.bracket, cls.stock, 5000)
        cls.warehouse = new_test_user(
            cls.env, "test_stock", groups="base.group_user,stock.group_stock_user"
        )
        cls.order = cls.new_order(price=8.1, quantity=10)
        cls.approve(cls.order)
        cls.order.action_confirm()
        cls.picking = cls.order.sudo().picking_ids.with_user(cls.warehouse)

    def deliver(self, quantity, picking=None):
        picking = picking or self.picking
        picking.move_ids.quantity = quantity
        picking.move_ids.picked = True
        picking._action_done()

    def test_as_approved(self):
        """A16: what was approved leaves, in parts, comes back and leaves again."""
        self.deliver(4)
        rest = self.order.sudo().picking_ids.with_user(self.warehouse) - self.picking
        self.deliver(6, rest)
        self.assertEqual(self.order.order_line.qty_delivered, 10)
        back = self.env["stock.return.picking"].with_user(self.warehouse)
        form = Form(back.with_context(active_id=rest.id, active_model="stock.picking"))
        wizard = form.save()
        wizard.product_return_moves.quantity = 6
        returned = self.env["stock.picking"].browse(
            wizard.action_create_returns()["res_id"]
        )
        self.deliver(6, returned)
        self.deliver(6, rest.copy())

    def test_raised_on_the_delivery(self):
        """A16: the warehouse is told who approves, and no figures."""
        with self.assertRaises(Exception) as refused:
            self.deliver(11)
        self.assertRegex(str(refused.exception), "A02.*Vice President")
        self.assertNotIn("8.10", str(refused.exception))
        self.assertNotEqual(self.picking.state, "done")

    def test_salespeople_cancel_what_waits_for_delivery(self):
        """A16: cancelling is the way to ask again; it takes no right on purchases."""
        order = self.new_order(price=9.5)
        order.action_confirm()
        order.action_cancel()
        self.assertEqual(order.state, "cancel")
        self.assertEqual(set(order.sudo().picking_ids.mapped("state")), {"cancel"})

    def test_out_of_the_books_nothing_leaves(self):
        """A16: a confirmed order goes back by being cancelled, with its deliveries; for
        a quotation, or what was cancelled, nothing is delivered."""
        order = self.new_order(price=9.5)
        order.action_confirm()
        for state in ("cancel", "draft", "sent"):
            with self.assert_refused("is confirmed: cancel it first"):
                order.write({"state": state})
        picking = order.sudo().picking_ids.with_user(self.warehouse)
        order.sudo()._write({"state": "cancel"})
        self.env.invalidate_all()
        with self.assert_refused("isn't confirmed: nothing is delivered"):
            self.deliver(10, picking)
        quotation = self.new_order(price=9.5)
        with self.assert_refused("isn't confirmed: nothing is delivered"):
            move = self.picking.move_ids.copy(
                {"sale_line_id": quotation.order_line.id, "quantity": 1}
            )
            move.picked = True
            move._action_done()

    def test_context_and_forged_fields(self):
        """A16: neither keys of the host nor fields that anybody may write hide it."""
        line = self.order.order_line
        line.sudo().write({"qty_delivered_method": "manual", "is_expense": True})
        self.picking.move_ids.to_refund = False
        keys = {"accrual_entry_date": "1990-01-01", "is_scrap": True}
        with self.assert_refused("A02"):
            self.deliver(5000, self.picking.with_context(**keys))

    def test_second_delivery(self):
        """A16: nor a copy of the delivery."""
        again = self.picking.copy()
        self.deliver(10)
        with self.assert_refused("A02"):
            self.deliver(10, again)

    def test_put_to_the_delivery(self):
        """A16: nor goods put to it by hand, of the order's product or another one."""
        dear = self.new_product("Engine", 1000.0, is_storable=True)
        self.env["product.price.floor"].create(
            {
                "product_tmpl_id": dear.product_tmpl_id.id,
                "price": 900.0,
                "date_from": "2020-01-01",
            }
        )
        self.env["stock.quant"]._update_available_quantity(dear, self.stock, 5)
        self.warehouse.group_ids += self.env.ref(
            "sales_team.group_sale_salesman_all_leads"
        )
        for product in (self.bracket, dear):
            with self.subTest(product.name), self.assert_refused("A02"):
                self.picking.move_ids = [
                    Command.create(
                        {
                            "product_id": product.id,
                            "product_uom_qty": 3,
                            "product_uom": product.uom_id.id,
                            "quantity": 3,
                            "location_id": self.picking.location_id.id,
                            "location_dest_id": self.picking.location_dest_id.id,
                        }
                    )
                ]
                self.picking.move_ids.picked = True
                self.picking._action_done()

    def test_finished_delivery_edited(self):
        """A16: nor the finished delivery, its quantity or its details."""
        self.deliver(10)
        move = self.picking.move_ids
        with self.assert_refused("A02"):
            move.move_line_ids.quantity = 500
        with self.assert_refused("A02"):
            move.quantity = 500
        with self.assert_refused("A02"):
            move.move_line_ids.copy({"quantity": 500})
        again = self.picking.copy().move_ids
        with self.assert_refused("A02"):
            again.write({"quantity": 500, "state": "done"})

    def test_within_limits(self):
        """A16: what needs nobody's approval leaves, however much."""
        order = self.new_order(price=9.5, quantity=10)
        order.action_confirm()
        self.deliver(100, order.sudo().picking_ids.with_user(self.warehouse))
        self.assertEqual(order.order_line.qty_delivered, 100)

    def test_off(self):
        """X01: where the rule is off or warns, deliveries are the host's."""
        rows = self.env["business.rule.mode"].search([])
        rows.mode = "warn"
        self.deliver(20)
        rows.unlink()
        order = self.new_order(price=1.0, quantity=10)
        order.action_confirm()
        self.deliver(100, order.sudo().picking_ids.with_user(self.warehouse))
