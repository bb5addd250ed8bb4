from odoo.fields import Command
from odoo.tests import tagged

from .common import AuthorityCase

BUYER = "purchase.group_purchase_manager,stock.group_stock_user"


@tagged("post_install", "-at_install")
class TestProcurementReceipts(AuthorityCase):
    """What is signed of a purchase is what may come, and for whom it was named (A06)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.buyer = cls.new_user("buyer", groups=BUYER)
        cls.clerk = cls.new_user("clerk", groups="stock.group_stock_user")
        cls.signer = cls.project_manager
        cls.signer.group_ids |= cls.buyer.group_ids
        cls.vendor = cls.env["res.partner"].create({"name": "Vendor"})
        cls.goods = cls.new_product("Steel", 10.0, type="consu", is_storable=True)
        for level, limit in {"salesperson": 1000, "project_manager": 10**5}.items():
            cls.new_limit("procurement_amount", level, limit, document="purchase.order")
        cls.order = cls.new_order()
        cls.company.contract_amount_from = 10**9

    def purchase(self, quantity=100, price=10.0, user=None, product=None, **values):
        line = {
            "product_id": (product or self.goods).id,
            "product_qty": quantity,
            "price_unit": price,
            "tax_ids": False,
        }
        return (
            self.env["purchase.order"]
            .with_user(user or self.buyer)
            .create(
                {
                    "partner_id": self.vendor.id,
                    "order_line": [Command.create(line)],
                    **values,
                }
            )
        )

    def receive(self, purchase, quantity):
        picking = purchase.sudo().picking_ids.filtered(lambda p: p.state != "done")
        picking = picking.with_user(self.clerk)
        picking.move_ids.quantity = quantity
        picking.move_ids.picked = True
        picking._action_done()
        return picking

    def confirmed(self, *args, **values):
        purchase = self.purchase(*args, **values)
        purchase.button_confirm()
        return purchase

    def test_no_more_comes_than_was_signed_for(self):
        """A06: neither received, nor said, nor edited or linked afterwards"""
        self.set_mode("A06", "block")
        with self.assert_refused("already confirmed.*A06 .*1,010.00"):
            self.receive(self.confirmed(), 101)
        purchase = self.confirmed()
        done = self.receive(purchase, 100).move_ids
        self.assertEqual(done.state, "done")
        other = self.receive(self.confirmed(1), 1).move_ids
        line = purchase.order_line
        for name, attempt in {
            "movement": lambda: done.write({"quantity": 101}),
            "detail": lambda: done.move_line_ids.write({"quantity": 101}),
            "linked": lambda: other.write({"purchase_line_id": line.id}),
            "from the line": lambda: line.write({"move_ids": [Command.link(other.id)]}),
            "new detail": lambda: done.move_line_ids.copy({"quantity": 1}),
            "said": lambda: line.write({"qty_received": 101}),
            "by hand": lambda: line.write(
                {"qty_received_method": "manual", "qty_received_manual": 101}
            ),
        }.items():
            with self.subTest(name), self.assert_refused("already confirmed.*A06"):
                attempt()
        line.sudo().write({"qty_received": 0})
        self.assertEqual(purchase._get_procurement_amount(), 1000, "as it came")

    def test_goods_added_to_a_receipt(self):
        """A06: become a line of the purchase, and are signed for"""
        self.set_mode("A06", "block")
        dear = self.new_product(
            "Gold", 10.0, type="consu", is_storable=True, standard_price=10**4
        )
        dear.seller_ids = [
            Command.create({"partner_id": self.vendor.id, "price": 10**4})
        ]
        purchase = self.confirmed()
        picking = purchase.picking_ids  # who both buys and receives
        picking.move_ids.quantity = 100
        picking.write(
            {
                "move_ids": [
                    Command.create(
                        {
                            "product_id": dear.id,
                            "product_uom_qty": 5,
                            "quantity": 5,
                            "location_id": picking.location_id.id,
                            "location_dest_id": picking.location_dest_id.id,
                        }
                    )
                ]
            }
        )
        picking.move_ids.picked = True
        with self.assert_refused("already confirmed.*A06"):
            picking._action_done()

    def test_receipts_as_ever_while_the_rule_is_off(self):
        """A06: more comes, and named orders are taken off"""
        purchase = self.confirmed(origin=self.order.name)
        self.receive(purchase, 1000)
        self.assertEqual(purchase.order_line.qty_received, 1000)
        purchase.origin = False
        self.assertFalse(self.purchase(origin=self.order.name).copy().origin)

    def test_services_said_to_be_received(self):
        """A06: count like goods"""
        self.set_mode("A06", "block")
        service = self.new_product("Work", 10.0, type="service")
        line = self.confirmed(1, -100, product=service).order_line
        with self.assert_refused("already confirmed.*A06"):
            line.qty_received = -1000
        line.qty_received = -10

    def test_rebates_lower_nothing(self):
        """A06: who adds a line below nothing signs for the other lines all the same"""
        self.set_mode("A06", "block")
        purchase = self.purchase(1000)
        line = purchase.order_line
        line.copy({"order_id": purchase.id, "product_qty": 1, "price_unit": -9900})
        line.copy({"order_id": purchase.id, "product_qty": -990})
        self.assertEqual(purchase._get_procurement_amount(), 10000)
        with self.assert_refused("procurement of 10,000.00"):
            purchase.button_confirm()

    def test_another_product_is_signed_for_anew(self):
        """A06: what is signed is what is bought"""
        self.set_mode("A06", "block")
        other = self.new_product("Gravel", 10.0, type="consu")
        purchase = self.purchase(1000)
        self.approve(purchase, self.signer)
        purchase.button_confirm()
        line = purchase.order_line
        for attempt in (
            lambda: line.write({"product_id": other.id, "price_unit": 10.0}),
            lambda: purchase.write(
                {
                    "order_line": [
                        Command.update(line.id, {"product_qty": 900}),
                        Command.create({"product_id": other.id, "price_unit": 1.0}),
                    ]
                }
            ),
        ):
            with self.assert_refused("already confirmed.*A06"):
                attempt()
        line.product_qty = 900

    def test_orders_are_named_in_free_text(self):
        """A06: in whichever letters, beside whatever words"""
        name = self.order.name
        for origin in (
            name.lower(),
            f"{name} / extra",
            f"合同{name}",
            f"({name}); urgent",
            f"PO_{name}",
        ):
            purchase = self.purchase(1, origin=origin)
            found = purchase._find_customer_orders()[purchase]
            self.assertEqual(found, self.order, origin)
        purchase = self.purchase(1, origin=f"{name}9, x{name}")
        self.assertFalse(purchase._find_customer_orders()[purchase])
        self.order.name = "SO/2026/11_7"
        self.assertIn(
            self.order,
            self.purchase(1, origin="for so/2026/11_7.")
            ._find_customer_orders()
            .popitem()[1],
        )

    def test_named_orders_stay(self):
        """A06: until somebody who may sign the purchase takes them off"""
        self.set_mode("A06", "block")
        references = self.env["stock.reference"].create(
            {"name": "S", "sale_ids": self.order.ids}
        )
        for field, value, off in (
            ("origin", self.order.name, False),
            ("origin", self.order.name, "another"),
            ("customer_order_ids", self.order.ids, [Command.clear()]),
            ("reference_ids", references.ids, [Command.clear()]),
        ):
            purchase = self.purchase(1)
            purchase.sudo().write({field: value})
            with (
                self.subTest(field),
                self.assert_refused(f"is for {self.order.name}: only who may sign"),
            ):
                purchase.write({field: off})
            copy = purchase.copy()
            self.assertEqual(copy._find_customer_orders()[copy], self.order)
        purchase.customer_order_ids = self.order
        purchase.reference_ids = [Command.clear()]  # named all the same
        with self.assert_refused("only who may sign"):
            purchase.with_user(self.signer).customer_order_ids = False
        for level, limit in {"salesperson": 0, "project_manager": 1}.items():
            self.new_limit(
                "procurement_for_order", level, limit, document="purchase.order"
            )
        purchase.with_user(self.signer).customer_order_ids = False
        self.assertFalse(purchase._find_customer_orders()[purchase])
