from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common_dispatch import DispatchCase


@tagged("post_install", "-at_install")
class TestDispatchAgreed(DispatchCase):
    """What was agreed holds, and what is for an order is a delivery (A11)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.dispatch_needs_check = False

    def test_agreed_with_the_confirmation(self):
        """A11: terms changed afterwards ask for no less, nor does the frozen figure; a
        quotation goes by its terms, and a new confirmation agrees anew"""
        self.set_mode("A11", "block")
        picking = self.new_delivery(payment_term_id=self.terms.id)
        order = picking.sudo().sale_id.with_user(self.salesperson)
        credit = self.terms.copy({"name": "Later"})
        credit.line_ids.write({"event": "delivery", "nb_days": 60})
        at_once = self.env.ref("account.account_payment_term_immediate")
        for terms in (credit, credit.browse()):
            order.payment_term_id = terms
            with self.assert_refused(r"A11 .*100\.00 % of the money"):
                picking.button_validate()
        self.pay(order, 300.0)
        order.payment_term_id = at_once  # more than agreed is asked for, too
        with self.assert_refused(r"A11 .*70\.00 % of the money"):
            picking.button_validate()
        self.pay(order, 0.0)
        order.payment_term_id = self.terms
        self.terms.line_ids.write({"event": "delivery", "nb_days": 60})
        with self.assert_refused(r"A11 .*100\.00 % of the money"):
            picking.button_validate()
        for user in (self.salesperson, self.env.user):
            with self.assertRaises(AccessError):
                order.with_user(user).agreed_instalment = False
        order.sudo().action_cancel()
        order.sudo().action_draft()
        self.assertEqual(order._get_first_instalment(), 0.0)
        order.action_confirm()
        self.assertEqual(order._get_first_instalment(), 0.0)

    def test_amount_as_agreed(self):
        """A11: prices lowered after the confirmation, lines that take off and another
        currency ask for no less; what is cancelled does, and more is asked of more"""
        self.set_mode("A11", "block")
        picking = self.new_delivery(payment_term_id=self.terms.id)
        order = picking.sudo().sale_id
        line = order.order_line
        rebate = {
            "order_id": order.id,
            "product_id": self.new_product("Rebate", 0.0, type="service").id,
            "product_uom_qty": 1,
            "price_unit": -999,
        }
        yen = self.env["res.currency"].create(
            {"name": "YN9", "symbol": "¥", "rate_ids": [(0, 0, {"rate": 20.0})]}
        )
        self.assertEqual(order._get_first_instalment(), 300.0)
        for change, asked in (
            (lambda: line.write({"price_unit": 0}), 300.0),
            (lambda: line.write({"price_unit": 10}), 300.0),
            (lambda: line.write({"discount": 100}), 300.0),
            (lambda: line.copy(rebate), 300.0),
            (lambda: order.write({"currency_id": yen.id}), 6000.0),
            (lambda: line.write({"product_uom_qty": 5}), 150.0),
            (lambda: line.write({"product_uom_qty": 20}), 600.0),
            (lambda: line.write({"price_unit": 200}), 600.0),
        ):
            with self.subTest(asked=asked), self.env.cr.savepoint() as point:
                change()
                self.assertAlmostEqual(order._get_first_instalment(), asked)
                point.rollback()
            self.env.invalidate_all()
        line.price_unit = 0
        with self.assert_refused(r"A11 .*100\.00 % of the money"):
            picking.button_validate()
        line.price_unit = 90
        self.pay(order, 300.0)
        picking.button_validate()
        self.assertEqual(picking.state, "done")
        self.prefecture.is_prepaid = True
        prepaid = self.new_delivery(sales_channel_id=self.prefecture.id)
        own = prepaid.sudo().sale_id
        own.order_line.price_unit = 1
        missing = own._get_missing_before_dispatch(own)[own.id]
        self.assertEqual(missing[1], 1000.0, "all of what was agreed")

    def test_lines_stay_in_their_order(self):
        """A11: a line of a confirmed order isn't moved to an older one, nor to one with
        other terms, nor a quotation's into it; with no rule in force it is of today there"""
        old = self.new_delivery().sudo().sale_id
        picking = self.new_delivery(payment_term_id=self.terms.id)
        order = picking.sudo().sale_id
        quotation = self.new_order(product=self.goods, price=100.0, quantity=1)
        self.env.cr.execute(
            "UPDATE sale_order SET create_date = '2025-01-01' WHERE id = %s", [old.id]
        )
        self.env.invalidate_all()
        free = self.new_delivery().sudo().sale_id.order_line
        free.order_id = old  # no rule is in force
        self.assertTrue(free.raised_at)
        self.set_mode("A11", "block", "2026-01-01")
        for attempt in (
            lambda: order.order_line.write({"order_id": old.id}),
            lambda: old.write({"order_line": [(4, order.order_line.id)]}),
            lambda: order.order_line.sudo().write({"order_id": quotation.id}),
            lambda: quotation.order_line.write({"order_id": old.id}),
        ):
            with self.assert_refused("stays with its order"):
                attempt()
        self.set_mode("A11", "off", "2026-02-01")
        for code in ("A12", "A21", "R02"):
            self.set_mode(code, "block", "2026-01-01")
            with self.assert_refused("stays with its order"):
                order.order_line.order_id = quotation
            self.set_mode(code, "off", "2026-02-01")
        order.order_line.write({"order_id": order.id, "product_uom_qty": 9})

    def test_customer_exchanged(self):
        """A11: neither another customer, nor another channel, nor another recipient of a
        confirmed order lets its goods leave before the money"""
        self.set_mode("A11", "block")
        self.customer.sales_channel_id = self.prefecture
        picking = self.new_delivery()
        order = picking.sudo().sale_id
        other = self.customer.copy({"name": "Direct", "sales_channel_id": False})
        order.write(
            {
                "partner_id": other.id,
                "partner_invoice_id": other.id,
                "partner_shipping_id": other.id,
                "sales_channel_id": self.direct.id,
            }
        )
        picking.partner_id = other
        self.assertFalse(picking._get_channels(order).filtered("is_prepaid"))
        with self.assert_refused(r"A11 .*100\.00 % of the money"):
            picking.button_validate()

    def test_put_to_an_old_order(self):
        """A11: spared is what was ordered before the rule; lines added and quantities
        raised since aren't"""
        self.prefecture.is_prepaid = True
        pickings = [
            self.new_delivery(sales_channel_id=self.prefecture.id) for __ in range(3)
        ]
        orders = [picking.sudo().sale_id for picking in pickings]
        self.env.cr.execute(
            "UPDATE sale_order SET create_date = '2025-01-01' WHERE id = ANY(%s)",
            [[order.id for order in orders]],
        )
        self.env.invalidate_all()
        self.set_mode("A11", "block", "2026-01-01")
        spared, raised, added = pickings
        self.assertFalse(spared.authority_blocked)
        orders[1].order_line.product_uom_qty = 11
        with self.assertRaises(AccessError):
            orders[1].order_line.with_user(self.salesperson).raised_at = False
        orders[2].order_line.copy({"order_id": orders[2].id})
        for picking in (raised, added):
            self.env.invalidate_all()
            with self.assert_refused("A11 .*of the money"):
                picking.button_validate()
        orders[0].order_line.product_uom_qty = 9
        spared.button_validate()
        self.assertEqual(spared.state, "done")

    def test_wherever_it_is_said_to_go(self):
        """A11: goods of an order pass the gate to any place that isn't stock, also when
        the link to the order's line is taken off; scrap and vendors' goods needn't"""
        self.set_mode("A11", "block")
        vendors, loss = (
            self.env.ref("stock.stock_location_suppliers"),
            self.env["stock.location"].search(
                [("usage", "=", "inventory"), ("company_id", "=", self.company.id)],
                limit=1,
            ),
        )
        picking = self.new_delivery(payment_term_id=self.terms.id)
        for place in (vendors, loss):
            for attempt in (
                lambda place=place: picking.write({"location_dest_id": place.id}),
                lambda place=place: picking.move_ids.write(
                    {"location_dest_id": place.id}
                ),
                lambda place=place: picking.move_line_ids.write(
                    {"location_dest_id": place.id}
                ),
            ):
                with self.assert_refused("A11 .*of the money"):
                    attempt()
                    picking.button_validate()
        with self.assert_refused("A11 .*no order for"):
            picking.location_dest_id = vendors
            picking.sudo().move_ids.sale_line_id = False
            picking.button_validate()
        self.assertNotEqual(picking.state, "done")
        draft = self.env["stock.scrap"].create(
            {"product_id": self.goods.id, "scrap_qty": 1, "location_id": self.stock.id}
        )
        for ordered in (True, False):
            with self.subTest(ordered), self.assert_refused("A11 "):
                if not ordered:
                    picking.sudo().move_ids.sale_line_id = False
                picking.move_ids.scrap_id = draft
                picking.location_dest_id = vendors
                picking.button_validate()
        scrap = self.env["stock.scrap"].create(
            {
                "product_id": self.goods.id,
                "scrap_qty": 1,
                "picking_id": picking.id,
                "location_id": self.stock.id,
            }
        )
        scrap.do_scrap()
        self.assertEqual(scrap.state, "done")

    def test_done_is_no_callers_word(self):
        """A11: movements are done by their delivery only, not by a status written, where
        the delivery itself may leave"""
        order = self.new_order(product=self.goods, price=100.0)
        order.order_line.copy({"order_id": order.id})
        order.action_confirm()
        picking = order.sudo().picking_ids.with_user(self.warehouse)
        self.set_mode("A13", "block", "2026-01-01")
        self.set_mode("A11", "block", "2026-01-01")
        self.patch(type(picking), "_check_authority", lambda *args, **kwargs: None)
        with self.assert_refused("leaves with its delivery"):
            picking.move_ids[0].state = "done"
        with self.assert_refused("leaves with its delivery"):
            picking.move_ids[0].copy({"state": "done"})
        with self.assert_refused("leaves with its delivery"):
            picking.state = "done"
        picking.button_validate()
        self.assertEqual(picking.state, "done")
