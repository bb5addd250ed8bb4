from ast import literal_eval
from datetime import timedelta

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged

from .common import VISIT_DAY, VisitCase


@tagged("post_install", "-at_install")
class TestVisitOrder(VisitCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ordered = cls.env["sales.visit.outcome"].create(
            {"name": "Test order", "is_order": True}
        )
        cls.product = cls.env["product.product"].create({"name": "Part"})

    def _order(self, visit, user=None, price=10.0, minutes=10):
        """A quotation as the button of the visit starts it, minutes after its begin."""
        context = visit.action_new_quotation()["context"]
        orders = self.env["sale.order"].with_user(user or self.salesperson)
        order = Form(orders.with_context(**context)).save()
        if price is not None:
            order.order_line = [
                Command.create({"product_id": self.product.id, "price_unit": price})
            ]
        return self._backdate(order, visit.actual_start + timedelta(minutes=minutes))

    def test_quotation_is_made_from_the_visit(self):
        """V14: customer, salesperson and company come from the visit; both are linked."""
        visit = self._go(self._new_visit())
        order = self._order(visit)
        self.assertEqual(order.visit_id, visit)
        self.assertEqual(order.partner_id, visit.partner_id)
        self.assertEqual(order.user_id, self.salesperson)
        self.assertEqual(order.company_id, self.company)
        self.assertEqual(visit.order_ids, order)
        self.assertEqual(visit.order_count, 1)
        self.assertEqual(
            self.env["sale.order"].search(
                literal_eval(visit.action_view_orders()["domain"])
            ),
            order,
        )
        self.assertFalse(
            order.with_env(self.env).copy().visit_id, "a copy wasn't asked for there"
        )

    def test_order_is_the_visited_customers(self):
        """V14: no order of another customer or company passes as the visit's."""
        visit = self._go(self._new_visit())
        order = self._order(visit)
        with self.assertRaises(ValidationError):
            order.partner_id = self._new_partner("Customer B")
        elsewhere = self._new_visit(self.foreigner)
        with self.assertRaises(UserError):
            order.sudo().visit_id = elsewhere
        contact = self.env["res.partner"].create(
            {"name": "Contact", "parent_id": self.partner.id}
        )
        order.partner_id = contact
        self.assertEqual(order.visit_id, visit)

    def test_order_placed_without_quotation_is_refused(self):
        """V14: the outcome says “order”, so there is a quotation of the visit."""
        self._set_mode("V14", "block")
        visit = self._go(self._new_visit())
        visit.write({"outcome_id": self.ordered.id, "summary": "Ordered"})
        self.assertIn("V14", visit.step_reasons)
        with self.assertRefused("V14"):
            visit.action_submit_report()
        order = self._order(visit)
        order.sudo().write({"state": "cancel"})
        with self.assertRefused("V14"):
            visit.action_submit_report()
        order.sudo().write({"state": "draft"})
        visit.invalidate_recordset()
        self.assertFalse(visit.step_reasons)
        visit.action_submit_report()

    def test_not_any_order_will_do(self):
        """V14: tried with an order older than the visit, linked to it afterwards, with a
        quotation without lines and with one that costs nothing."""
        self._set_mode("V14", "block")
        visit = self._go(self._new_visit())
        visit.write({"outcome_id": self.ordered.id, "summary": "Ordered"})
        old = self._order(visit, minutes=-60)
        empty = self._order(visit, price=None)
        free = self._order(visit, price=0.0)
        self.assertEqual(visit.order_ids, old | empty | free)
        row = self.env["sales.visit.rule.mode"].search(
            [("rule", "=", "V14"), ("company_id", "=", self.company.id)]
        )
        self.assertEqual(row.touched_count, 1)
        with self.assertRefused("V14"):
            visit.action_submit_report()
        free.order_line.price_unit = 5.0
        row.invalidate_recordset()
        self.assertEqual(row.touched_count, 0)
        visit.action_submit_report()

    def test_order_stays_with_the_locked_report(self):
        """V14: tried with False, another visit, from the other visit, by a manager of
        sales, and by deleting the quotation; a reopened report lets go."""
        self._set_mode("V14", "block")
        visit = self._go(self._new_visit())
        visit.write({"outcome_id": self.ordered.id, "summary": "Ordered"})
        order = self._order(visit)
        visit.action_submit_report()
        other = self._go(self._new_visit())
        for target in (False, other.id):
            for record in (order, order.with_user(self.company_manager)):
                with self.subTest(target), self.assertRefused("V10"):
                    record.write({"visit_id": target})
        with self.assertRefused("V10"):
            other.write({"order_ids": [Command.link(order.id)]})
        with self.assertRefused("V14"):
            order.sudo().unlink()
        self.assertEqual(order.visit_id, visit)
        order.write({"visit_id": visit.id, "note": "As before"})
        visit.with_user(self.leader).reopen_report("Wrong order")
        order.visit_id = other
        self.assertFalse(visit.order_ids)

    def test_quotation_is_deleted_where_the_rule_is_off(self):
        """V14: a quotation of a submitted report is the host's, as long as it isn't
        asked for."""
        visit = self._go(self._new_visit())
        visit.write({"outcome_id": self.ordered.id, "summary": "Ordered"})
        order = self._order(visit)
        visit.action_submit_report()
        order.sudo().unlink()
        self.assertFalse(order.exists())

    def test_other_outcomes_and_off(self):
        """V14: nothing is asked for without an order, or where the rule is off."""
        visit = self._go(self._new_visit())
        visit.write({"outcome_id": self.ordered.id, "summary": "Ordered"})
        visit.action_submit_report()
        self._set_mode("V14", "block")
        self._submit(self._go(self._new_visit()), VISIT_DAY)

    def test_users_without_visits_still_sell(self):
        """V14: a seller without our groups makes quotations as before."""
        seller = self.env["res.users"].create(
            {
                "name": "Seller",
                "login": "v_plain_seller",
                "company_id": self.company.id,
                "company_ids": [Command.set(self.company.ids)],
                "group_ids": [
                    Command.set(self.env.ref("sales_team.group_sale_salesman").ids)
                ],
            }
        )
        order = (
            self.env["sale.order"]
            .with_user(seller)
            .create({"partner_id": self.partner.id, "company_id": self.company.id})
        )
        self.assertNotIn("visit_id", order.read()[0])
        order.partner_id = self._new_partner("Customer C")
