from odoo.exceptions import AccessError
from odoo.tests import tagged

from .test_delivery_slip import COPY, SlipCase


@tagged("post_install", "-at_install")
class TestSlipOrdered(SlipCase):
    """A slip is judged again by its orders until the goods leave, and stays what left and
    came back (A13, A14)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cash = cls.env.ref("sales_receivable.settlement_method_cash")
        cls.remittance = cls.env.ref("sales_receivable.settlement_method_remittance")
        cls.set_mode("A13", "block")
        cls.set_mode("A14", "block")

    def bring_back(self, slip, quantity, **places):
        """Return what the customer didn't sign for, to where the values say."""
        slip.line_ids.quantity_signed -= quantity
        returned = slip.picking_id.browse(slip.action_return_goods()["res_id"])
        if places:  # of the details, too, which say where it really went
            returned.write(places)
            returned.move_line_ids.write(places)
        returned.move_ids.write({"quantity": quantity, "picked": True})
        returned.button_validate()
        self.assertEqual(returned.state, "done")
        return returned

    def test_back_is_back_in_stock(self):
        """A14: what is returned to a customer, a vendor or nowhere hasn't come back, and
        accounting doesn't close the slip; to any shelf it has"""
        shelf = self.stock.create({"name": "Shelf 9", "location_id": self.stock.id})
        loss = self.env["stock.location"].search(
            [("usage", "=", "inventory"), ("company_id", "=", self.company.id)],
            limit=1,
        )
        vendors = self.env.ref("stock.stock_location_suppliers")
        with self.assert_refused("A13 .*there is no delivery slip"):
            slip = self.deliver(self.new_slip())
            self.bring_back(slip, 9, location_dest_id=self.to_customer.id)
        for place in (vendors, loss):
            slip = self.deliver(self.new_slip())
            self.bring_back(slip, 9, location_dest_id=place.id)
            self.assertEqual(slip.line_ids.quantity_back, 0)
            slip.write(COPY)
            slip.action_copy_back()
            with self.assert_refused("1.0 signed for, 0.0 back"):
                slip.with_user(self.accountant).action_receive_copy()
        slip = self.deliver(self.new_slip())
        self.bring_back(slip, 9, location_id=self.stock.id, location_dest_id=shelf.id)
        self.assertEqual(slip.line_ids.quantity_back, 0, "it had never left")
        slip = self.deliver(self.new_slip())
        self.bring_back(slip, 9, location_dest_id=shelf.id)
        self.assertEqual(slip.line_ids.quantity_back, 9)

    def test_return_stays(self):
        """A14: a slip that was closed with what came back keeps it; until then a wrong
        count of the warehouse is corrected"""
        slip = self.deliver(self.new_slip())
        returned = self.bring_back(slip, 9)
        with self.env.cr.savepoint() as point:
            returned.move_ids.quantity = 8
            self.assertEqual(slip.line_ids._get_back(), 8)
            point.rollback()
        self.env.invalidate_all()
        slip.write(COPY)
        slip.action_copy_back()
        slip.with_user(self.accountant).action_receive_copy()
        away = {"location_dest_id": self.to_customer.id}
        for attempt in (
            lambda: returned.move_ids.write({"quantity": 8}),
            lambda: returned.move_line_ids.write({"quantity": 8}),
            lambda: returned.move_line_ids.write(away),
            lambda: returned.move_ids.write(away),
            lambda: returned.write(away),
            lambda: returned.move_ids.write({"origin_returned_move_id": False}),
        ):
            with self.assert_refused("accounting voids it first|slip of its own"):
                attempt()
        self.assertEqual(slip.line_ids._get_back(), 9)

    def test_cash_as_agreed(self):
        """A14: settled in cash is what was when it was confirmed, or is now: at issue, as
        the goods leave and with the copy; agreed anew with another confirmation"""
        picking = self.new_delivery(settlement_method_id=self.cash.id)
        order = picking.sudo().sale_id.with_user(self.salesperson)
        with self.assertRaises(AccessError):
            order.agreed_settlement_id = self.remittance
        order.settlement_method_id = self.remittance
        slip = self.new_slip(picking, issue=False)
        self.assertEqual(slip.settlement_kind, "cash")
        slip.settlement_kind = "copy"
        with self.assert_refused("A14 .*settlement in cash, as its order says"):
            slip.action_issue()
        order.sudo().action_cancel()
        order.sudo().action_draft()
        order.sudo().action_confirm()
        picking = order.sudo().picking_ids.filtered(lambda p: p.state != "cancel")
        slip = self.new_slip(picking.with_user(self.warehouse))
        self.assertEqual(slip.settlement_kind, "copy")
        self.sign(slip)
        order.settlement_method_id = self.cash
        with self.assert_refused("A14 .*isn't settled in cash"):
            slip.picking_id.button_validate()
        order.settlement_method_id = self.remittance
        slip.picking_id.button_validate()
        slip.write(COPY)
        order.settlement_method_id = self.cash
        with self.assert_refused("isn't settled in cash"):
            slip.action_copy_back()
        self.set_mode("A14", "warn", "2026-01-01")
        slip.action_copy_back()
        self.assertEqual(slip.state, "returned")

    def test_who_signs_is_judged_again(self):
        """A13: goods of no order take a manager, whatever order they were linked to while
        the slip was made, issued or signed; so do goods put to those of an order"""
        lent = self.new_delivery().sudo().sale_id.order_line
        picking = self.new_manual_delivery(5)
        moves = picking.sudo().move_ids
        moves.sale_line_id = lent
        slip = self.new_slip(picking, issue=False)
        self.assertEqual(slip.kind, "delivery")
        moves.sale_line_id = False
        with self.assert_refused("take the goods over"):
            slip.action_issue()
        moves.sale_line_id = lent
        slip.action_issue()
        moves.sale_line_id = False
        with self.assert_refused("isn't what the order says by now"):
            slip.action_sign_warehouse()
        moves.sale_line_id = lent
        self.sign(slip)
        moves.sale_line_id = False
        with self.assert_refused("isn't what the order says by now"):
            picking.button_validate()
        slip.action_void("No order")
        slip = self.new_slip(picking)
        self.assertEqual(slip.kind, "free")
        boss, handler = (
            self.new_user(name, groups="stock.group_stock_manager")
            for name in ("boss", "handler")
        )
        slip.with_user(self.warehouse).action_sign_warehouse()
        slip.with_user(self.clerk).action_sign_clerk()
        slip.with_user(handler).action_sign_handler()
        with self.assert_refused("isn't signed yet by: Manager"):
            picking.button_validate()
        slip.with_user(boss).action_sign_manager()
        picking.button_validate()
        self.assertEqual(picking.state, "done")
        # Neither another product's line nor a part of the goods is an order of all.
        other = self.new_product("Gift", 10.0, type="consu")
        picking = self.new_manual_delivery(5)
        picking.sudo().move_ids.sale_line_id = self.new_order(product=other).order_line
        self.assertEqual(self.new_slip(picking, issue=False).kind, "free")
        mixed = self.new_delivery()
        extra = mixed.sudo().move_ids.copy({"sale_line_id": False, "quantity": 1})
        extra._action_confirm()
        extra.quantity = 1
        slip = self.new_slip(mixed, issue=False)
        self.assertEqual((slip.kind, len(slip.line_ids)), ("free", 2))

    def test_prices_are_the_orders(self):
        """A13: at issue, signature and leaving; the cash of another price is explained"""
        picking = self.new_delivery(settlement_method_id=self.cash.id)
        line = picking.sudo().sale_id.order_line
        slip = self.new_slip(picking, issue=False)
        line.price_unit = 1
        with self.assert_refused("take the goods over"):
            slip.action_issue()
        slip.action_take_over()
        slip.action_issue()
        line.price_unit = 100
        with self.assert_refused("isn't what the order says by now"):
            slip.action_sign_warehouse()
        line.price_unit = 1
        own = line.order_id.currency_id
        line.order_id.currency_id = self.env["res.currency"].create(
            {"name": "YN8", "symbol": "¥", "rate_ids": [(0, 0, {"rate": 20.0})]}
        )
        with self.assert_refused("isn't what the order says by now"):
            slip.action_sign_warehouse()
        line.order_id.currency_id = own
        self.sign(slip)
        line.price_unit = 100
        with self.assert_refused("A13 .*isn't what the order says by now"):
            picking.button_validate()
        line.price_unit = 1
        picking.button_validate()
        line.price_unit = 100
        book = slip.with_user(self.accountant)
        book.cash_amount = 10.0
        with self.assert_refused("another price by now: explain it"):
            book.action_receive_cash()
        book.cash_note = "The rest was remitted"
        book.action_receive_cash()
        self.assertTrue(book.settled_on)

    def test_only_what_is_picked(self):
        """A13: of a movement in parts the slip says what is picked, which is what leaves;
        the rest has a slip of its own"""
        picking = self.new_delivery()
        move = picking.move_ids
        move.quantity = 5
        rest = move.move_line_ids.copy({"quantity": 5})
        move.move_line_ids.picked = True
        rest.picked = False
        slip = self.new_slip(picking)
        self.assertEqual((move.quantity, slip.line_ids.quantity), (10, 5))
        self.assertEqual(slip.amount_total, 500.0)
        self.sign(slip)
        rest.picked = True
        with self.assert_refused("isn't what the delivery takes along"):
            picking.button_validate()
        rest.picked = False
        picking.with_context(skip_backorder=True).button_validate()
        self.assertEqual((picking.state, move.quantity), ("done", 5))
        self.assertTrue(slip._is_as_taken())

    def test_gone_is_gone(self):
        """A14: what has left is voided by accounting only, whatever its delivery says of
        itself; finished movements stay in their delivery"""
        slip = self.deliver(self.new_slip(settlement_kind="cash"))
        picking = slip.picking_id
        with self.assert_refused("accounting voids it first|slip of its own"):
            picking.move_ids.picking_id = False
        with self.assert_refused("has left"):
            picking.state = "assigned"
        self.set_mode("A13", "off", "2026-01-01")
        self.set_mode("A14", "off", "2026-01-01")
        for change in (
            lambda: picking.write({"state": "assigned"}),
            lambda: picking.move_ids.write({"picking_id": False}),
        ):
            change()
            with self.assert_refused("ask accounting"):
                slip.action_void("x")
        slip.with_user(self.accountant).action_void("Lost on the way")

    def test_finished_stays_what_the_slip_says(self):
        """A13: numbers and quantities of what has left aren't edited under its slip; once
        accounting has voided it they are"""
        self.goods.tracking = "serial"
        numbers = self.env["stock.lot"].create(
            [{"name": f"SN{i}", "product_id": self.goods.id} for i in range(3)]
        )
        for number in numbers:
            self.env["stock.quant"]._update_available_quantity(
                self.goods, self.stock, 1, lot_id=number
            )
        picking = self.new_delivery(2)
        for entry, number in zip(picking.move_line_ids, numbers, strict=False):
            entry.lot_id = number
        slip = self.deliver(self.new_slip(picking))
        entry = picking.move_line_ids[0]
        for attempt in (
            lambda: entry.write({"lot_id": numbers[2].id}),
            lambda: picking.move_ids.write(
                {"move_line_ids": [(1, entry.id, {"lot_id": numbers[2].id})]}
            ),
            lambda: entry.create(
                {
                    "move_id": entry.move_id.id,
                    "picking_id": picking.id,
                    "product_id": self.goods.id,
                    "lot_id": numbers[2].id,
                    "location_id": self.stock.id,
                    "location_dest_id": self.to_customer.id,
                    "quantity": 1,
                }
            ),
        ):
            with self.assert_refused("accounting voids it first|slip of its own"):
                attempt()
        with self.assert_refused("accounting voids it first|slip of its own"):
            picking.partner_id = self.customer.copy({"name": "Somebody Else"})
        slip.with_user(self.accountant).action_void("Wrong number scanned")
        entry.lot_id = numbers[2]
        self.assertEqual(self.new_slip(picking).line_ids.lots, "SN1, SN2")
