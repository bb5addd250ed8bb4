from odoo.tests import tagged

from .common_stock_age import StockHistoryCommon

DAY = "2100-01-01"


@tagged("post_install", "-at_install")
class TestStockHistoryWork(StockHistoryCommon):
    """Where stock age is deducted, warehouse and purchase work as before (K03)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._rate(1)
        cls.quant = cls._quants()

    @classmethod
    def _quants(cls, location=None, owner=None):
        return cls.env["stock.quant"].search(
            [
                ("product_id", "=", cls.product.id),
                ("location_id", "=", (location or cls.stock).id),
                ("owner_id", "=", owner and owner.id),
            ]
        )

    def _transfer(self, user, quantity, source, target, picking_type, **values):
        picking = (
            self.env["stock.picking"]
            .with_user(user)
            .create(
                {
                    "picking_type_id": picking_type.id,
                    "location_id": source.id,
                    "location_dest_id": target.id,
                    "move_ids": [
                        (
                            0,
                            0,
                            {
                                "product_id": self.product.id,
                                "product_uom_qty": quantity,
                                "location_id": source.id,
                                "location_dest_id": target.id,
                            },
                        )
                    ],
                    **values,
                }
            )
        )
        picking.action_confirm()
        return picking

    def _validate(self, picking, quantity):
        picking.move_ids.write({"quantity": quantity, "picked": True})
        picking.with_context(skip_backorder=True).button_validate()
        self.assertEqual(picking.state, "done")
        self._forget_the_transaction()

    def test_inventory_count(self):
        """K03: by the list of the stock, and at once on a row."""
        row = self.quant.with_user(self.warehouse_head)
        row.with_context(inventory_mode=True).inventory_quantity = 8
        row.action_apply_inventory()
        self.assertEqual(self.quant.quantity, 8)
        self._forget_the_transaction()
        self.rpc(
            self.warehouse_head,
            self.quant.with_context(inventory_mode=True),
            "write",
            {"inventory_quantity_auto_apply": 9},
        )
        row.with_context(inventory_mode=True).inventory_quantity_auto_apply = 7
        self.assertEqual(self.quant.quantity, 7)
        self.assertEqual([row[2] for row in self._layers(DAY)], [7])

    def test_count_of_what_was_not_there(self):
        """K03: a new row of a count is created, with its owner if need be."""
        shelf = self.stock.copy({"name": "Shelf", "location_id": self.stock.id})
        rows = (
            self.env["stock.quant"]
            .with_user(self.warehouse_head)
            .with_context(inventory_mode=True)
            .create(
                [
                    {
                        "product_id": self.product.id,
                        "location_id": shelf.id,
                        "owner_id": owner,
                        "inventory_quantity": 4,
                    }
                    for owner in (False, self.vendor.id)
                ]
            )
        )
        rows.action_apply_inventory()
        self.assertEqual(self._quants(shelf).quantity, 4)
        self.assertEqual(self._quants(shelf, self.vendor).quantity, 4)

    def test_consignment_by_receipt(self):
        """K03: goods of another owner come by a receipt, and have no age."""
        picking = self._transfer(
            self.worker,
            6,
            self.vendors,
            self.stock,
            self.warehouse.in_type_id,
            owner_id=self.vendor.id,
        )
        self._validate(picking, 6)
        self.assertEqual(self._quants(owner=self.vendor).quantity, 6)
        self.assertEqual([row[2] for row in self._layers(DAY)], [10])

    def test_transfers_and_packages(self):
        """K03: goods move inside, into packages and out of them, and keep their age."""
        shelf = self.stock.copy({"name": "Shelf", "location_id": self.stock.id})
        picking = self._transfer(
            self.worker, 6, self.stock, shelf, self.warehouse.int_type_id
        )
        picking.move_ids.quantity = 6
        picking.action_put_in_pack()
        self._validate(picking, 6)
        rows = self._quants(shelf)
        self.assertEqual((rows.quantity, bool(rows.package_id)), (6, True))
        package = rows.package_id.with_user(self.worker)
        package.unpack()
        self._forget_the_transaction()
        self.assertFalse(self._quants(shelf).package_id)
        rows = self._quants(shelf).with_user(self.warehouse_head)
        rows.move_quants(location_dest_id=self.stock, message="Back")
        self._forget_the_transaction()
        self.assertEqual(sum(self._quants().mapped("quantity")), 10)
        self.assertEqual([row[2] for row in self._layers(DAY)], [10])

    def test_reserving_and_letting_go(self):
        """K03: a delivery is reserved, let go, reserved and delivered."""
        picking = self._transfer(
            self.worker, 3, self.stock, self.customers, self.warehouse.out_type_id
        )
        picking.action_assign()
        self.assertEqual(self.quant.reserved_quantity, 3)
        self._forget_the_transaction()
        picking.do_unreserve()
        self.assertEqual(self.quant.reserved_quantity, 0)
        picking.action_assign()
        line = picking.move_ids.move_line_ids
        self.rpc(self.worker, line, "write", {"quantity": 2, "picked": True})
        self._validate(picking, 2)
        self.assertEqual(self.quant.quantity, 8)
        self.assertEqual([row[2] for row in self._layers(DAY)], [8])

    def test_orders_before_their_receipt(self):
        """K03: price, order and currency change until goods come."""
        order = self.receipt.purchase_line_id.order_id.copy()
        line = order.order_line
        self.rpc(self.buyer, line, "write", {"price_unit": 20, "discount": 5})
        self.rpc(self.buyer, order, "write", {"currency_id": order.currency_id.id})
        order.with_user(self.buyer).button_confirm()
        self.rpc(self.buyer, line, "write", {"price_unit": 30, "discount": 0})
        self._validate(order.picking_ids.with_user(self.worker), 10)
        self.assertEqual(line.move_ids.value, 300)
        # More of it, and what else an order says, stay the buyer's business.
        again = {"price_unit": 30, "product_qty": 11, "name": "More"}
        self.rpc(self.buyer, line, "write", again)
        new = {"product_id": self.product.id, "product_qty": 1, "price_unit": 25}
        self.rpc(self.buyer, order, "write", {"order_line": [(0, 0, new)]})
        self.assertEqual(order.order_line.mapped("price_unit"), [30, 25])

    def test_goods_that_nobody_ordered(self):
        """K03: what a receipt brings besides becomes a line of the order."""
        order = self.receipt.purchase_line_id.order_id.copy()
        order.button_confirm()
        extra = self._new_product("Extra")
        self.buyer.group_ids += self.env.ref("stock.group_stock_user")
        picking = order.picking_ids.with_user(self.buyer)
        picking.move_ids.write({"quantity": 10, "picked": True})
        picking.move_line_ids.create(
            {
                "picking_id": picking.id,
                "product_id": extra.id,
                "quantity": 2,
                "picked": True,
                "location_id": picking.location_id.id,
                "location_dest_id": picking.location_dest_id.id,
            }
        )
        picking.button_validate()
        self.env.flush_all()
        line = order.order_line.filtered(lambda line: line.product_id == extra)
        self.assertEqual(line.qty_received, 2)

    def test_new_places_and_products(self):
        """K03: what nothing has gone through is set up freely; lots may begin."""
        shelf = self.stock.copy({"name": "Shelf", "location_id": self.stock.id})
        self.rpc(self.warehouse_head, shelf, "write", {"usage": "transit"})
        self.assertEqual(shelf.usage, "transit")
        self.buyer.group_ids += self.env.ref("product.group_product_manager")
        new = self._new_product("New")
        self.rpc(self.buyer, new, "write", {"is_storable": False})
        self.rpc(self.buyer, self.product, "write", {"tracking": "lot"})
        self.assertEqual(self.product.tracking, "lot")
