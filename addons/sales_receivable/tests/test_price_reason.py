from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger
from psycopg2.errors import CheckViolation, UniqueViolation

from ..guard import as_server
from .common import AuthorityCase


@tagged("post_install", "-at_install")
class TestPriceReason(AuthorityCase):
    """Special prices: repeat purchase, late-delivery compensation (A18)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.repeat, cls.late = (
            cls.env.ref(f"sales_receivable.sale_price_reason_{name}")
            for name in ("repeat", "late")
        )
        cls.goods = cls.new_product("Lamp", 100.0, type="consu")
        cls.stranger = cls.env["res.partner"].create({"name": "Somebody Else"})
        cls.new_limit("discount_percent", "salesperson", 0.0)
        cls.new_limit("discount_percent", "vice_president", 50.0)
        cls.set_mode("A03", "block")

    def order(self, price, reason=None, late=None, **values):
        return self.new_order(
            product=self.goods,
            price=price,
            price_reason_id=reason and reason.id,
            price_reason_order_id=late and late.id,
            **values,
        )

    def bought(self, days_late=None, deliver=True, **values):
        """Return a confirmed order, delivered, where told so, too late."""
        now = fields.Datetime.now()
        with freeze_time(now - timedelta(days=30)):
            promise = now - timedelta(days=20)
            order = self.order(100.0, commitment_date=promise, **values)
            order.action_confirm()
        if deliver:
            with freeze_time(now - timedelta(days=20 - (days_late or 0))):
                picking = order.sudo().picking_ids
                picking.move_ids.write({"quantity": 10, "picked": True})
                picking._action_done()
        return order

    def age_moves(self, order):
        """Let the movements be as old as the order, which a test can't wait for."""
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE stock_move SET create_date = %s WHERE id = ANY(%s)",
            [order.confirmed_at, order.sudo().order_line.move_ids.ids],
        )
        self.env.invalidate_all()

    def measured(self, order):
        return [
            round(fact["value"], 2)
            for fact in order.sudo()._get_authority_facts().get(order.id, ())
            if fact["measure"] == "discount_percent"
        ]

    def test_repeat_purchase_justifies_its_share_of_a_discount(self):
        """A18: 10 % for who has bought before; what goes beyond counts in full"""
        order = self.order(92.0, self.repeat)
        self.assertEqual(self.measured(order), [8.0])  # the rule is off
        self.assertFalse(order._get_blocking_reasons()[order.id][0]["rule"] == "A18")
        self.set_mode("A18", "block")
        for attempt in (
            order.action_confirm,
            order.action_quotation_send,
            lambda: order.write({"state": "sent"}),
        ):
            with self.assert_refused("A18 .*has bought nothing yet"):
                attempt()
        self.bought(partner_id=self.stranger.id)
        self.bought(deliver=False)  # not delivered yet
        cancelled = self.bought().sudo()
        cancelled._create_invoices().action_post()
        cancelled._action_cancel()
        with self.assert_refused("has bought nothing yet"):
            order.action_confirm()
        earlier = self.bought()
        self.assertEqual(self.measured(order), [])
        self.assertEqual(self.measured(self.order(85.0, self.repeat)), [5.0])
        # By any contact of the customer, but in this company.
        contact = self.env["res.partner"].create(
            {"name": "Buyer", "parent_id": self.customer.id}
        )
        self.assertFalse(
            self.order(92.0, self.repeat, partner_id=contact.id).authority_blocked
        )
        copy = order.copy()
        self.assertFalse(copy.price_reason_id)
        self.assertEqual(self.measured(copy), [8.0])
        earlier.sudo()._create_invoices().action_post()
        earlier.sudo()._action_cancel()
        with self.assert_refused("has bought nothing yet"):
            order.action_confirm()
        earlier.sudo().action_draft()
        earlier.action_confirm()
        order.action_confirm()
        with self.assert_refused("already confirmed"):
            order.price_reason_id = False

    def test_reason_is_dated_limited_and_leaves_the_floor_alone(self):
        """A18: with its own limit and days; never below the price floor (A02)"""
        self.set_mode("A18", "warn")
        self.set_mode("A02", "block")
        self.bought()
        order = self.order(92.0, self.repeat)
        self.repeat.limit_percent = 6.0
        self.assertEqual(self.measured(order), [2.0])
        self.repeat.date_to = "2020-12-31"
        self.assertEqual(self.measured(order), [8.0])
        self.assertIn("not in force today", str(order.authority_banner))
        self.repeat.write({"date_to": False, "limit_percent": 50.0})
        floor = self.new_order(price=8.1, price_reason_id=self.repeat.id)
        with self.assert_refused("A02 Price floor"):
            floor.action_confirm()
        for vals in (
            {"limit_percent": -1},
            {"limit_percent": 101},
            {"date_from": "2020-01-02", "date_to": "2020-01-01"},
        ):
            with (
                mute_logger("odoo.sql_db"),
                self.assertRaises(CheckViolation),
                self.cr.savepoint(),
            ):
                self.repeat.write(vals)
                self.env.flush_all()
        with self.assertRaises(AccessError):
            self.repeat.with_user(self.salesperson).limit_percent = 90

    def test_approval_relied_on_its_reason(self):
        """A18, A16: taking the reason away after the approval asks again"""
        self.set_mode("A18", "block")
        self.bought()
        order = self.order(85.0, self.repeat)
        self.approve(order)
        self.assertFalse(order.authority_blocked)
        order.price_reason_id = False
        with self.assert_refused("15.00 % below"):
            order.action_confirm()
        order.price_reason_id = self.repeat
        order.action_confirm()

    def test_late_delivery_is_made_up_for_once(self):
        """A18: 5 % for a customer who waited, by an order of theirs, delivered late,
        once; whatever date is written into it afterwards"""
        self.set_mode("A18", "block")
        late = self.bought(days_late=3)
        in_time = self.bought()
        in_time.commitment_date = fields.Datetime.now() - timedelta(days=25)
        self.age_moves(in_time)
        in_time.order_line.product_uom_qty = 12  # was promised to nobody
        as_server(in_time.order_line).raised_at = fields.Datetime.now()
        others = self.bought(days_late=3, partner_id=self.stranger.id)
        waiting = self.bought(deliver=False)
        for named, why in (
            (None, "say which order"),
            (in_time, "was not delivered late"),
            (others, "isn't a confirmed order of the customer"),
            (self.order(100.0), "isn't a confirmed order of the customer"),
        ):
            with self.assert_refused(f"A18 .*{why}"):
                self.order(95.0, self.late, named).action_confirm()
        with self.assertRaises(AccessError):
            in_time.write({"promised_at": "2020-01-01"})
        order = self.order(95.0, self.late, late)
        self.assertEqual(self.measured(self.order(95.0, self.late, waiting)), [])
        with self.assertRaises(ValidationError):
            order.price_reason_order_id = order
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(UniqueViolation),
            self.cr.savepoint(),
        ):
            self.order(95.0, self.late, late)
            self.env.flush_all()
        # Cancelled before anything has left, it is free again; afterwards it stays used.
        order.action_confirm()
        order.sudo()._action_cancel()
        self.assertFalse(order.price_reason_order_id)
        self.env.flush_all()
        again = self.order(95.0, self.late, late)
        again.action_confirm()
        picking = again.sudo().picking_ids
        picking.move_ids.write({"quantity": 10, "picked": True})
        picking._action_done()
        again.sudo()._create_invoices().action_post()
        again.sudo()._action_cancel()
        self.assertEqual(again.price_reason_order_id, late)

    def test_what_was_added_later_makes_no_order_late(self):
        """A18: a piece more, put to an order that was in time, was promised for no day"""
        self.set_mode("A18", "block")
        early = self.bought(days_late=-5)
        self.assertFalse(early._is_delivered_late())
        # Older than this transaction, as orders are.
        self.env.cr.execute(
            "UPDATE sale_order SET create_date = create_date - '1 day'::interval"
        )
        self.env.invalidate_all()
        early.order_line.product_uom_qty += 1
        self.assertTrue(
            early.sudo().picking_ids.filtered(lambda p: p.state != "done"),
            "the piece waits",
        )
        self.assertFalse(early._is_delivered_late())
        self.assertTrue(self.bought(days_late=5)._is_delivered_late())

    def test_conditions_are_checked_for_all_orders_at_once(self):
        """A18: the queries don't grow with the orders"""
        self.set_mode("A18", "block")
        orders = self.env["sale.order"]
        for __ in range(3):
            orders |= self.order(95.0, self.late, self.bought(days_late=3))
            orders |= self.order(95.0, self.repeat)
        counts = []
        for some in (orders[:2], orders):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertFalse(any(some.sudo()._get_price_reasons().values()))
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])
