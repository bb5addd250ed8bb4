from odoo.exceptions import UserError
from odoo.service.model import call_kw
from odoo.tests import tagged

from .common_stock_age import StockHistoryCommon


@tagged("post_install", "-at_install")
class TestStockHistory(StockHistoryCommon):
    """Who brought goods in, and when, is nobody's to rewrite (K03)."""

    def test_buyer_is_frozen_at_the_receipt(self):
        """K03: neither order, vendor nor product move the age to somebody else."""
        self.assertEqual(self.receipt.receipt_buyer_id, self.buyer)
        order = self.receipt.purchase_line_id.order_id
        self.rpc(self.buyer, order, "write", {"user_id": self.other_buyer.id})
        self.assertEqual(order.user_id, self.other_buyer, "the order itself is free")
        self.vendor.buyer_id = self.other_buyer
        self.product.responsible_id = self.other_buyer
        self.assertEqual(self._buyers(), [self.buyer.id])
        order.load([".id", "user_id/.id"], [[str(order.id), str(self.other_buyer.id)]])
        self.assertEqual(self._buyers(), [self.buyer.id])

    def test_buyer_is_written_by_nobody(self):
        """K03: not by RPC, import, default or copy, superuser included."""
        values = {"receipt_buyer_id": self.other_buyer.id}
        for user in (self.worker, self.buyer, self.env.user):
            with self.assertRaisesRegex(UserError, "Brought In By"):
                self.rpc(user, self.receipt, "write", values)
        result = self.receipt.load(
            [".id", "receipt_buyer_id/.id"],
            [[str(self.receipt.id), str(self.other_buyer.id)]],
        )
        self.assertFalse(result["ids"])
        new = {
            "product_id": self.product.id,
            "location_id": self.vendors.id,
            "location_dest_id": self.stock.id,
        }
        with self.assertRaisesRegex(UserError, "Brought In By"):
            self.env["stock.move"].create({**new, **values})
        move = (
            self.env["stock.move"]
            .with_context(default_receipt_buyer_id=self.other_buyer.id)
            .create(new)
        )
        self.assertFalse(move.receipt_buyer_id)
        self.assertFalse(self.receipt.copy().receipt_buyer_id)

    def test_receipts_of_before_are_frozen_when_deducting_begins(self):
        """K03: the first rate freezes who answers for what is in stock already."""
        order = self.receipt.purchase_line_id.order_id
        self.env.cr.execute("UPDATE stock_move SET receipt_buyer_id = NULL")
        self.receipt.invalidate_recordset()
        order.user_id = self.other_buyer
        self.assertEqual(self._buyers(), [self.other_buyer.id], "not frozen yet")
        self._rate(1)
        self.assertEqual(self.receipt.receipt_buyer_id, self.other_buyer)
        order.user_id = self.buyer
        self.assertEqual(self._buyers(), [self.other_buyer.id])

    def test_date_of_a_finished_movement(self):
        """K03: by write, on the transfer, by import or RPC: it stays."""
        self._rate(1)
        picking = self.receipt.picking_id
        kept = self.receipt.date
        for user in (self.worker, self.warehouse_head):
            for record, name in ((self.receipt, "date"), (picking, "date_done")):
                with self.assertRaisesRegex(UserError, "K03"), self.env.cr.savepoint():
                    self.rpc(user, record, "write", {name: "2026-10-01 12:00:00"})
            result = self.receipt.with_user(user).load(
                [".id", "date"], [[str(self.receipt.id), "2026-10-01 12:00:00"]]
            )
            self.assertFalse(result["ids"])
            self.assertIn("K03", result["messages"][0]["message"])
        self.assertEqual(self.receipt.date, kept)
        # The same value again is no change: the screen may send it along.
        date = self.receipt._fields["date"].to_string(kept)
        self.rpc(self.worker, self.receipt, "write", {"date": date})

    def test_value_and_state_of_a_finished_movement(self):
        """K03: nor is old stock made worthless or undone."""
        self._rate(1)
        for values in (
            {"value": 0.01},
            {"is_in": False},
            {"state": "draft"},
            {"state": "cancel"},
            {"origin_returned_move_id": self.receipt.id},
        ):
            with self.assertRaisesRegex(UserError, "K03"):
                self.rpc(self.worker, self.receipt, "write", values)
        self.assertEqual(self.receipt.value, 150)

    def test_what_came_and_how_much(self):
        """K03: quantity, product, order and price of what has come stay, too."""
        self._rate(1)
        other = self._new_product("Other")
        line = self.receipt.move_line_ids
        lot = {"product_id": self.product.id, "company_id": self.company.id}
        values = {
            "move_id": self.receipt.id,
            "product_id": self.product.id,
            "quantity": 5,
            "location_id": self.vendors.id,
            "location_dest_id": self.stock.id,
        }
        loose = {k: v for k, v in values.items() if k != "move_id"}
        for user in (self.worker, self.warehouse_head):
            for record, method, args in (
                (self.receipt, "write", {"quantity": 1}),
                (self.receipt, "write", {"product_id": other.id}),
                (self.receipt, "write", {"purchase_line_id": False}),
                (self.receipt, "write", {"price_unit": 0.01}),
                (self.receipt, "write", {"location_dest_id": self.loss.id}),
                (line, "write", {"quantity": 1}),
                (line, "write", {"owner_id": self.vendor.id}),
                (line, "write", {"location_dest_id": self.loss.id}),
                (line, "write", {"lot_id": self.env["stock.lot"].create(lot).id}),
                (line, "create", [values]),
                (line, "create", [loose | {"picking_id": self.receipt.picking_id.id}]),
                (
                    self.receipt.picking_id,
                    "write",
                    {"move_ids": [(1, self.receipt.id, {"quantity": 1})]},
                ),
            ):
                model = self.env[record._name].with_user(user)
                arguments = [args] if method == "create" else [record.ids, args]
                with (
                    self.subTest(method=method, args=args),
                    self.assertRaisesRegex(UserError, "K03.*inventory count"),
                    self.env.cr.savepoint(),
                ):
                    call_kw(model, method, arguments, {})
                self.env.invalidate_all()
        with self.assertRaisesRegex(UserError, "K03"):
            self.rpc(self.buyer, self.receipt, "write", {"purchase_line_id": False})
        self.assertEqual((self.receipt.quantity, line.quantity), (10, 10))
        # The same values again are no change, and the rest is the host's business.
        self.rpc(self.worker, line, "write", {"quantity": 10, "picked": True})
        self.rpc(self.worker, self.receipt, "write", {"quantity": 10})

    def test_wrong_quantity_is_put_right(self):
        """K03: by a return or by a count, as the refusal says."""
        self._rate(1)
        picking = self.receipt.picking_id.with_user(self.worker)
        wizard = (
            self.env["stock.return.picking"]
            .with_user(self.worker)
            .with_context(active_id=picking.id, active_model="stock.picking")
            .create({"picking_id": picking.id})
        )
        wizard.product_return_moves.quantity = 2
        back = picking.browse(wizard.action_create_returns()["res_id"])
        back.move_ids.quantity = 2
        back.move_ids.picked = True
        back.button_validate()
        self.assertEqual(back.state, "done")
        self._forget_the_transaction()
        quant = self.env["stock.quant"].search(
            [("product_id", "=", self.product.id), ("location_id", "=", self.stock.id)]
        )
        self.assertEqual(quant.quantity, 8)
        quant.with_user(self.warehouse_head).with_context(
            inventory_mode=True
        ).inventory_quantity = 7
        quant.with_user(self.warehouse_head).action_apply_inventory()
        self.assertEqual(quant.quantity, 7)

    def test_context_keys_open_nothing(self):
        """K03: a key that a caller can send is not the server's."""
        self._rate(1)
        receipt = self.receipt.with_user(self.worker).with_context(
            sales_server=True, install_mode=True, force_period_date="2026-01-01"
        )
        with self.assertRaisesRegex(UserError, "K03"):
            receipt.write({"date": "2026-10-01"})

    def test_finishing_and_dating_at_once(self):
        """K03: the host's counts and productions date what they have just finished."""
        self._rate(1)
        receipt = self._purchase(1, 5.0, "2025-01-11", buyer=self.buyer)
        receipt.with_user(self.worker).date = "2025-03-01 12:00:00"
        self._forget_the_transaction()
        with self.assertRaisesRegex(UserError, "K03"):
            receipt.with_user(self.worker).date = "2025-04-01 12:00:00"

    def test_no_finished_movement_is_created(self):
        """K03: a receipt that never came is no layer."""
        self._rate(1)
        values = {
            "product_id": self.product.id,
            "location_id": self.vendors.id,
            "location_dest_id": self.stock.id,
            "company_id": self.company.id,
            "product_uom_qty": 5,
            "state": "done",
            "date": "2026-11-01 12:00:00",
        }
        with self.assertRaisesRegex(UserError, "K03"):
            self.env["stock.move"].with_user(self.worker).create(values)

    def test_work_of_the_warehouse_goes_on(self):
        """K03: receiving, correcting and counting are the host's business."""
        self._rate(1)
        order = self.receipt.purchase_line_id.order_id.copy()
        order.button_confirm()
        picking = order.picking_ids.with_user(self.worker)
        picking.move_ids.quantity = 8
        picking.move_ids.picked = True
        picking.with_context(skip_backorder=True).button_validate()
        self.assertEqual(picking.move_ids.state, "done")
        picking.move_ids.move_line_ids.quantity = 7
        self.assertEqual(picking.move_ids.sudo().value, 7 * 15)
        self.env["stock.quant"].with_user(self.warehouse_head).with_context(
            inventory_mode=True
        ).create(
            {
                "product_id": self.product.id,
                "location_id": self.stock.id,
                "inventory_quantity": 30,
            }
        ).action_apply_inventory()

    def test_nothing_is_refused_before_deducting(self):
        """K03: without a rate installing changes no behaviour."""
        self.rpc(self.worker, self.receipt, "write", {"date": "2025-02-01 12:00:00"})
        self.assertEqual(str(self.receipt.date), "2025-02-01 12:00:00")
        line = self.receipt.move_line_ids
        self.rpc(self.worker, line, "write", {"quantity": 8})
        self.assertEqual(self.receipt.quantity, 8)
        self.rpc(self.worker, self.receipt, "write", {"quantity": 7})
        self.assertEqual(line.quantity, 7)

    def test_unpicked_lines_still_count(self):
        """K03: a mark on a line that anybody may write hides no layer."""
        self.receipt.move_line_ids.with_user(self.worker).picked = False
        self.assertEqual(self._buyers(), [self.buyer.id])
