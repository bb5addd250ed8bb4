from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common_dispatch import DispatchCase


@tagged("post_install", "-at_install")
class TestDispatch(DispatchCase):
    """Goods leave when the money is there, the note approved, the goods checked (A11)."""

    def test_rule_off(self):
        """A11: off, nothing is held up, and nothing is asked of the database"""
        picking = self.new_delivery(
            sales_channel_id=self.prefecture.id, payment_term_id=self.terms.id
        )
        self.new_limit("dispatch_note", "project_manager", 1, document="stock.picking")
        self.assertFalse(picking.authority_state)
        self.env.flush_all()
        picking.move_ids._check_dispatch()
        with self.assertQueryCount(0):
            picking.move_ids._check_dispatch()
        picking.button_validate()
        self.assertEqual(picking.state, "done")

    def test_first_instalment(self):
        """A11: what the terms ask for with the signing, or at once; of terms that are all
        at once everything, unless the settlement gives days; without terms those of the
        customer"""
        order = self.new_order(
            product=self.goods, price=100.0, payment_term_id=self.terms.id
        )
        self.assertEqual(order._get_missing_first_instalment(), {order.id: 300.0})
        self.pay(order, 120.0)
        self.assertEqual(order._get_missing_first_instalment(), {order.id: 180.0})
        self.pay(order, 1000.0)
        self.assertEqual(order._get_missing_first_instalment(), {order.id: 0.0})
        self.pay(order, 0.0)
        first = self.terms.line_ids[:1]
        first.write({"event": False, "nb_days": 0})
        self.assertEqual(order._get_missing_first_instalment(), {order.id: 300.0})
        first.nb_days = 10
        self.assertEqual(order._get_missing_first_instalment(), {order.id: 0.0})
        at_once = self.env.ref("account.account_payment_term_immediate")
        order.payment_term_id = at_once
        self.assertEqual(order._get_missing_first_instalment(), {order.id: 1000.0})
        order.settlement_method_id = self.env.ref(
            "sales_receivable.settlement_method_monthly"
        )
        self.assertEqual(order._get_missing_first_instalment(), {order.id: 0.0})
        order.settlement_method_id = order.payment_term_id = False
        self.assertEqual(order._get_missing_first_instalment(), {order.id: 0.0})
        self.customer.property_payment_term_id = at_once
        self.assertEqual(order._get_missing_first_instalment(), {order.id: 1000.0})

    def test_money_first(self):
        """A11: by the stricter channel; no way round; free when the money is there"""
        self.set_mode("A11", "block")
        self.company.dispatch_needs_check = False
        picking = self.new_delivery(sales_channel_id=self.direct.id)
        order = picking.sudo().sale_id
        self.assertFalse(picking.authority_blocked)
        self.customer.sales_channel_id = self.prefecture
        self.env.invalidate_all()
        self.assertTrue(picking.authority_blocked)
        self.assertIn(
            picking, picking.search([("authority_blocked", "=", True)]), "the filter"
        )
        keys = {"skip_backorder": True, "picking_ids_not_to_backorder": picking.ids}
        moves = picking.move_ids

        def partly():
            moves.quantity = 4
            moves.picked = True
            picking.with_context(skip_backorder=True).button_validate()

        def elsewhere():
            shop = self.to_customer.create(
                {
                    "name": "Shop",
                    "usage": "customer",
                    "location_id": self.to_customer.id,
                }
            )
            picking.sudo().move_line_ids.location_dest_id = shop
            picking.button_validate()

        def in_stages():
            back = self.stock.create(
                {"name": "Ramp", "usage": "internal", "location_id": self.stock.id}
            )
            moves.sudo().location_dest_id = back
            picking.sudo().move_line_ids.location_dest_id = self.to_customer
            picking.button_validate()

        for attempt in (
            picking.button_validate,
            picking._action_done,
            moves._action_done,
            partly,
            elsewhere,
            in_stages,
            lambda: picking.with_context(**keys).button_validate(),
            lambda: picking.sudo().button_validate(),
            lambda: moves.write({"state": "done"}),
            lambda: picking.write({"state": "done"}),
            lambda: moves.copy({"state": "done"}),
            lambda: picking.with_context(authority_engine=True).button_validate(),
        ):
            with self.assert_refused(r"A11 .*100\.00 % of the money"):
                attempt()
        self.assertEqual(picking.state, "assigned")
        self.pay(order, 999.0)
        with self.assert_refused(r"0\.10 % of the money.*accounting"):
            picking.button_validate()
        self.pay(order, 1000.0)
        picking.button_validate()
        self.assertEqual(picking.state, "done")
        with self.assert_refused("no order for 2.00 Units of “Shelf”"):
            moves.quantity = 12

    def test_without_an_order(self):
        """A11: by hand, beyond the order, or under a line of something else"""
        self.set_mode("A11", "block")
        self.company.dispatch_needs_check = False
        manual = self.new_manual_delivery()
        ordered = self.new_delivery()
        line = ordered.sudo().sale_id.order_line
        with self.assert_refused("no order for 1.00 Units of “Shelf”.*sales"):
            manual.button_validate()
        with self.assert_refused("no order for 3.00 Units"):
            ordered.move_ids.quantity = 13
            ordered.move_ids.picked = True
            ordered.button_validate()
        with self.assert_refused("no order for 1.00 Units"):
            manual.move_ids.sale_line_id = line
            ordered.button_validate()
            manual.button_validate()
        other = self.new_product("Engine", 9.0, type="consu")
        with self.assert_refused("no order for 1.00 Units of “Engine”"):
            manual.move_ids.product_id = other
            manual.sudo().move_ids.sale_line_id = line
            manual.button_validate()
        move = self.env["stock.move"].create(
            {
                "product_id": self.goods.id,
                "product_uom_qty": 1,
                "location_id": self.stock.id,
                "location_dest_id": self.to_customer.id,
            }
        )
        move._action_confirm()
        move.write({"quantity": 1, "picked": True})
        with self.assert_refused("by a delivery only"):
            move._action_done()
        ordered.button_validate()

    def test_steps_and_returns(self):
        """A11: only what leaves is gated: no picking, no return, no receipt"""
        self.set_mode("A11", "block")
        warehouse = self.out_type.warehouse_id
        warehouse.delivery_steps = "pick_ship"
        order = self.new_order(product=self.goods, price=100.0)
        order.action_confirm()
        pick = order.sudo().picking_ids.with_user(self.warehouse)
        pick.button_validate()
        self.assertEqual(pick.state, "done")
        ship = (order.sudo().picking_ids - pick).with_user(self.warehouse)
        with self.assert_refused("checked"):
            ship.button_validate()
        self.check(ship).button_validate()
        back = self.env["stock.return.picking"].with_user(self.warehouse)
        form = Form(back.with_context(active_id=ship.id, active_model="stock.picking"))
        wizard = form.save()
        wizard.product_return_moves.quantity = 1
        returned = ship.browse(wizard.action_create_returns()["res_id"])
        returned.button_validate()
        self.assertEqual(returned.state, "done")

    def test_goods_are_checked(self):
        """A11: by somebody, as they stand; a change asks again; a stamp isn't written"""
        self.set_mode("A11", "block")
        picking = self.new_delivery()
        self.new_delivery()  # another one of the same goods
        with self.assert_refused("A11 .*haven't been checked as they stand"):
            picking.button_validate()
        for name, value in (
            ("dispatch_check_digest", picking.sudo()._get_dispatch_digest()),
            ("dispatch_checked_by_id", self.warehouse.id),
            ("dispatch_checked_at", "2026-01-01 00:00:00"),
        ):
            with self.assertRaises(AccessError):
                picking.write({name: value})
        self.check(picking)
        self.assertEqual(picking.dispatch_checked_by_id, self.warehouse)
        self.assertFalse(picking.sudo().copy().is_dispatch_checked)
        picking.move_ids.quantity = 9
        with self.assert_refused("checked"):
            picking.with_context(skip_backorder=True).button_validate()
        picking.move_ids.picked = True
        self.check(picking)
        picking.with_context(skip_backorder=True).button_validate()
        self.assertEqual(picking.state, "done")
        rest = picking.sudo().backorder_ids.with_user(self.warehouse)
        with self.assert_refused("checked"):
            rest.button_validate()
        self.company.dispatch_needs_check = False
        rest.button_validate()
        self.assertEqual(rest.state, "done")

    def test_note_is_approved(self):
        """A11: by the sales manager, for these goods, this customer and address"""
        self.set_mode("A11", "block")
        self.company.dispatch_needs_check = False
        self.customer.street = "1 Short Road"
        self.new_limit("dispatch_note", "project_manager", 1, document="stock.picking")
        self.new_limit(
            "dispatch_money", "project_manager", 20, document="stock.picking"
        )
        self.new_limit(
            "dispatch_money", "general_manager", 100, document="stock.picking"
        )
        picking = self.new_delivery(sales_channel_id=self.prefecture.id)
        order = picking.sudo().sale_id
        with self.assert_refused(
            r"100\.00 % of the money.*General Manager: general manager"
        ):
            picking.button_validate()
        self.pay(order, 900.0)
        self.env.invalidate_all()
        with self.assert_refused(
            "10.00 Units of “Shelf”.*Project Manager: project manager"
        ):
            picking.button_validate()
        self.assertTrue(picking.authority_can_ask)
        request = self.ask(picking)
        self.assertEqual(request.approver_id, self.project_manager)
        self.assertIn(
            "S0", request.with_user(self.project_manager).sentence, "names the order"
        )
        with self.assert_refused("Who asks never approves"):
            request.with_user(self.warehouse).action_approve()
        manager = picking.with_user(self.project_manager)
        self.assertTrue(manager.authority_can_decide)
        self.assertEqual(manager.partner_id, self.customer, "the approver reads it")
        request.with_user(self.project_manager).action_approve()
        self.assertFalse(picking.authority_blocked)
        home = self.env["res.partner"].create(
            {"name": "Home", "parent_id": self.customer.id, "street": "2 Long Road"}
        )
        for worse in (
            lambda: picking.move_ids.write({"product_uom_qty": 11}),
            lambda: picking.write({"partner_id": home.id}),
            lambda: self.customer.write({"street": "3 Short Road"}),
        ):
            with self.assertRaises(UserError) as refused, self.env.cr.savepoint():
                worse()
                picking._action_done()
            self.assertIn("dispatch note", str(refused.exception))
        picking.move_ids.quantity = 4
        picking.move_ids.picked = True
        picking.with_context(skip_backorder=True).button_validate()
        self.assertEqual(picking.state, "done", "less of it is covered")
        rest = picking.sudo().backorder_ids.with_user(self.warehouse)
        with self.assert_refused("6.00 Units"):
            rest.button_validate()

    def test_approved_in_another_language(self):
        """A11, A16: an address is the same whoever reads the name of its country"""
        self.env["res.lang"]._activate_lang("zh_CN")
        country = self.env.ref("base.cn")
        country.with_context(lang="zh_CN").name = "中国"
        self.customer.country_id = country
        self.set_mode("A11", "block")
        self.company.dispatch_needs_check = False
        self.new_limit("dispatch_note", "project_manager", 1, document="stock.picking")
        picking = self.new_delivery(payment_term_id=self.terms.id)
        self.pay(picking.sudo().sale_id, 900.0)
        self.project_manager.lang = "zh_CN"  # figures are frozen in this language
        self.ask(picking).with_user(self.project_manager).action_approve()
        picking.button_validate()
        self.assertEqual(picking.state, "done")

    def test_older_deliveries(self):
        """A11: deliveries of older orders are spared, also what is still to come; more
        of it counts as of today"""
        picking = self.new_delivery(sales_channel_id=self.prefecture.id)
        order = picking.sudo().sale_id
        self.env.cr.execute(
            "UPDATE sale_order SET create_date = '2025-01-01' WHERE id = %s", [order.id]
        )
        self.env.invalidate_all()
        mode = self.set_mode("A11", "block", "2026-01-01")
        self.assertEqual(mode.touched_count, 0)
        picking.move_ids.quantity = 4
        picking.move_ids.picked = True
        picking.with_context(skip_backorder=True).button_validate()
        rest = picking.sudo().backorder_ids.with_user(self.warehouse)
        self.env.cr.execute(
            "UPDATE stock_picking SET create_date = '2026-01-02' WHERE id = %s",
            [rest.id],
        )
        self.env.invalidate_all()
        manual = self.new_manual_delivery()
        manual.move_ids.sale_line_id = order.order_line
        manual.sudo().move_ids.product_uom_qty = 7
        with self.assert_refused("no order for 1.00 Units"):
            manual._action_done()
        rest.move_ids.product_uom_qty = 60
        rest.action_assign()
        with self.assert_refused("no order for 54.00 Units"):
            rest.button_validate()

    def test_contract_by_channel(self):
        """A09: the channel lets goods leave only for orders with a valid contract"""
        self.set_mode("A09", "block", "2026-01-02")
        self.prefecture.write({"contract_need": "never", "is_prepaid": False})
        picking = self.new_delivery(sales_channel_id=self.prefecture.id)
        self.assertFalse(picking.authority_blocked)
        self.prefecture.dispatch_needs_contract = True
        self.env.invalidate_all()
        with self.assert_refused("A09 .*no contract"):
            picking.button_validate()
        contract = self.env["sales.contract"].create({"partner_id": self.customer.id})
        picking.sudo().sale_id.contract_id = contract
        with self.assert_refused("isn't valid: Application"):
            picking.button_validate()

    def test_other_company_and_figures(self):
        """A11: rules of the delivery's company; what is measured costs the same for
        one as for many, and shows no amount to the warehouse"""
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.set_mode("A11", "block", company=other)
        picking = self.new_delivery(sales_channel_id=self.prefecture.id)
        self.assertFalse(picking.authority_blocked)
        self.set_mode("A11", "block")
        self.new_limit(
            "dispatch_money", "general_manager", 100, document="stock.picking"
        )
        many = picking + self.new_delivery(sales_channel_id=self.prefecture.id)
        for __ in range(3):
            many += self.new_delivery(sales_channel_id=self.prefecture.id)
        self.env.invalidate_all()
        self.assertNotIn("1,000", str(picking.authority_banner))
        counts = []
        for pickings in (many[:2], many):
            self.env.invalidate_all()
            pickings._get_blocking_reasons()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            pickings._get_blocking_reasons()
            counts.append(self.env.cr.sql_log_count - start)
        self.assertEqual(*counts)

    def test_mode_warn_and_till(self):
        """A11: warned, goods leave; a forged key of an unsaved command doesn't matter"""
        self.set_mode("A11", "warn")
        picking = self.new_delivery(sales_channel_id=self.prefecture.id)
        self.assertEqual(picking.authority_state, "held")
        self.assertFalse(picking.authority_blocked)
        picking.move_ids = [
            Command.create(
                {
                    "product_id": self.goods.id,
                    "product_uom_qty": 1,
                    "location_id": self.stock.id,
                    "location_dest_id": self.to_customer.id,
                }
            )
        ]
        picking.button_validate()
        self.assertEqual(picking.state, "done")
