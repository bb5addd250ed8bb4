from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common_goods import GoodsCase


@tagged("post_install", "-at_install")
class TestFreeGoods(GoodsCase):
    """Free goods leave with an approved slip (A21)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for level, limit in (("salesperson", 0), ("vice_president", 5000)):
            cls.new_limit("free_goods_value", level, limit, document="free.goods.slip")

    def slip(self, quantity=1, approved=True, **values):
        slip = self.new_slip("free.goods.slip", quantity, **values)
        slip.action_submit()
        if approved:
            slip.sudo().authority_request_ids.with_user(
                self.vice_president
            ).action_approve()
        return slip

    def give(self, quantity=1, partner=None, **values):
        return self.transfer(
            self.stock, self.customers, quantity, partner or self.customer, **values
        )

    def delivered(self, order):
        order.action_confirm()
        picking = order.picking_ids.with_user(self.clerk)
        picking.move_ids.picked = True
        return picking

    def test_free_while_the_rule_is_off(self):
        """A21: and with a warning"""
        self.give().button_validate()
        self.set_mode("A21", "warn")
        picking = self.give()
        self.assertEqual(picking.authority_state, "held")
        picking.button_validate()
        self.assertEqual(picking.state, "done")

    def test_what_has_left_isn_t_given_away_afterwards(self):
        """A21: neither its price taken off, nor a discount put beside it; nor more than
        is invoiced"""
        self.set_mode("A21", "block")
        order = self.new_order(product=self.pump, price=500.0, quantity=2)
        self.delivered(order).button_validate()
        line = order.order_line
        reward = {
            "product_id": self.bracket.id,
            "product_uom_qty": 1,
            "price_unit": -1000.0,
        }
        for attempt in (
            lambda: line.write({"price_unit": 0.0}),
            lambda: line.write({"discount": 100.0}),
            lambda: order.write({"order_line": [Command.create(reward)]}),
        ):
            with self.assert_refused("leave for nothing.*A21"):
                attempt()
        line.discount = 10.0
        self.pump.invoice_policy = "order"
        order = self.new_order(product=self.pump, price=500.0, quantity=1)
        picking = self.delivered(order)
        picking.move_ids.quantity = 5
        with self.assert_refused("4.00 Units of “Pump” leave for nothing"):
            picking.button_validate()
        self.slip(4)
        picking.button_validate()
        self.assertEqual(picking.state, "done")

    def test_no_free_goods_without_a_slip(self):
        """A21: neither without an order, nor at no price, nor by any way round"""
        self.set_mode("A21", "block")
        gift = self.give()
        orders = {
            "price": self.new_order(product=self.pump, price=0.0, quantity=1),
            "discount": self.new_order(product=self.pump, price=500.0, quantity=1),
            "reward": self.new_order(product=self.pump, price=500.0, quantity=1),
        }
        orders["discount"].order_line.discount = 100
        orders["reward"].order_line = [
            Command.create(
                {
                    "product_id": self.bracket.id,
                    "product_uom_qty": 1,
                    "price_unit": -500.0,
                }
            )
        ]
        pickings = [gift, *(self.delivered(order) for order in orders.values())]
        for picking in pickings:
            moves = picking.move_ids.filtered(lambda m: m.product_id == self.pump)
            for attempt in (
                picking.button_validate,
                lambda p=picking: p.with_context(
                    skip_backorder=True, cancel_backorder=True
                ).button_validate(),
                moves._action_done,
                lambda m=moves: m.write({"state": "done"}),
                lambda p=picking: p._action_done(),
            ):
                with self.assert_refused("A21.*Pump.* leave for nothing.*slip"):
                    attempt()
        loose = self.env["stock.move"].create(
            {
                "product_id": self.pump.id,
                "product_uom_qty": 1,
                "location_id": self.stock.id,
                "location_dest_id": self.customers.id,
            }
        )
        loose._action_confirm()
        loose.write({"quantity": 1, "picked": True})
        with self.assert_refused("leave for nothing"):
            loose._action_done()
        paid = self.delivered(self.new_order(product=self.pump, price=1.0, quantity=1))
        paid.button_validate()
        self.assertEqual(paid.state, "done")

    def test_a_slip_is_used_once(self):
        """A21: product, recipient and quantity; what has left is counted"""
        self.set_mode("A21", "block")
        stranger = self.env["res.partner"].create({"name": "Stranger"})
        slip = self.slip(3)
        contact = self.env["res.partner"].create(
            {"name": "Branch", "parent_id": self.customer.id}
        )
        with self.assert_refused("slip of free goods for Stranger"):
            self.give(1, stranger).button_validate()
        with self.assert_refused("1.00 .*Pump.* leave for nothing"):
            self.give(4).button_validate()
        done = self.give(2, contact)
        done.button_validate()
        self.assertEqual(slip.line_ids.used_quantity, 2)
        self.assertEqual(slip.line_ids.use_ids.move_id, done.move_ids)
        with self.assert_refused("leave for nothing"):
            done.move_ids.move_line_ids.write({"quantity": 4})
        with self.assert_refused("leave for nothing"):
            self.give(2).button_validate()
        for attempt in (slip.action_reopen, slip.action_cancel):
            with self.assert_refused("it stays"):
                attempt()
        done.move_ids.move_line_ids.copy({"quantity": 1})
        self.assertEqual(slip.line_ids.used_quantity, 3, "raised later, counted, too")
        with self.assert_refused("leave for nothing"):
            self.give(1).button_validate()
        self.assertTrue(slip.is_used_up)
        use = slip.line_ids.use_ids[:1]
        for call in (
            lambda: use.write({"quantity": 0}),
            lambda: use.sudo().write({"quantity": 0}),
            use.sudo().unlink,
            lambda: slip.line_ids.write({"used_quantity": 0}),
            lambda: slip.line_ids.sudo().write({"used_quantity": 0}),
        ):
            with self.assertRaises(UserError):
                call()

    def test_queries_do_not_grow(self):
        """A21: a delivery of many free lines asks as often as one of few"""
        self.set_mode("A21", "block")

        def count(lines):
            products = [
                self.new_product(f"{lines} {n}", 1.0, type="consu")
                for n in range(lines)
            ]
            order = self.new_order(
                order_line=[
                    Command.create({"product_id": p.id, "price_unit": 0.0})
                    for p in products
                ]
            )
            order.action_confirm()
            pickings = order.picking_ids.sudo()
            pickings._get_own_reasons()
            before = self.env.cr.sql_log_count
            reasons = pickings._get_own_reasons()[pickings.id]
            spent = self.env.cr.sql_log_count - before
            free = [reason for reason in reasons if reason["rule"] == "A21"]
            self.assertEqual(len(free), lines)
            return spent

        self.assertEqual(count(2), count(7))

    def test_slip_is_approved_by_value(self):
        """A21: it names the recipient, and nothing leaves before the approval"""
        self.set_mode("A21", "block")
        slip = self.slip(2, approved=False)
        request = slip.sudo().authority_request_ids
        self.assertEqual(request.approver_id, self.vice_president)
        self.assertIn("free goods worth 1,000.00", request.sentence)
        with self.assert_refused("leave for nothing"):
            self.give().button_validate()
        with self.assertRaises(AccessError):
            slip.write({"state": "approved"})
        with self.assert_refused("no longer a draft"):
            slip.partner_id = self.vice_president.partner_id
        request.with_user(self.vice_president).action_refuse("No")
        self.assertEqual(slip.state, "draft")
        slip.reason = " "
        with self.assert_refused("Give a reason"):
            slip.action_submit()
        slip.write({"reason": "Sample", "partner_id": self.colleague.partner_id.id})
        slip.action_submit()
        self.assertEqual(slip.state, "submitted")

    def test_samples_leave_with_a_verified_selection(self):
        """A05: the project manager verifies on the slip; without one nothing leaves"""
        self.pump.needs_selection = True
        for level, limit in (("salesperson", 0), ("project_manager", 1)):
            self.new_limit(
                "product_selection", level, limit, document="free.goods.slip"
            )
        self.set_mode("A05", "block")
        with self.assert_refused("A05 .*leave for nothing"):
            self.give().button_validate()
        slip = self.slip(approved=False)
        request = slip.sudo().authority_request_ids
        self.assertEqual(request.approver_id, self.project_manager)
        with self.assert_refused("A05 .*leave for nothing"):
            self.give().button_validate()
        request.with_user(self.project_manager).action_approve()
        self.give().button_validate()
        self.assertEqual(slip.line_ids.left_quantity, 0)

    def test_a_slip_is_the_paper_of_the_dispatch_gate(self):
        """A11: what leaves on a slip needs no order"""
        self.set_mode("A11", "block")
        self.company.dispatch_needs_check = False
        with self.assert_refused("A11"):
            self.give().button_validate()
        self.slip()
        self.give().button_validate()
        with self.assert_refused("A11"):
            self.give().button_validate()
