from odoo.exceptions import UserError

from .common import AuthorityCase


class TestAuthorityEngine(AuthorityCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_mode("A02", "block")

    def need(self, order):
        (need,) = order._get_authority_needs()[order.id]
        return need

    def test_below_floor_names_the_vice_president(self):
        """A01 A02: the chain is walked to the first person of the level needed."""
        need = self.need(self.new_order())
        self.assertEqual(need["rule"], "A02")
        self.assertEqual(need["level"], self.levels["vice_president"])
        self.assertEqual(need["approvers"], self.vice_president)
        self.assertEqual(need["state"], "open")

    def test_at_the_floor_needs_nothing(self):
        """A02: the floor itself is allowed."""
        order = self.new_order(price=9.0)
        self.assertFalse(order._get_authority_needs()[order.id])
        self.assertFalse(order.authority_state)

    def test_approved_order_is_confirmed(self):
        """A01: after the approval the order goes its way."""
        order = self.new_order()
        with self.assertRaises(UserError) as refused:
            order.action_confirm()
        message = str(refused.exception)
        for part in ("A02", "8.10", "9.00", "10", "vice president"):
            self.assertIn(part, message)
        self.approve(order)
        self.assertEqual(order.authority_state, "approved")
        order.action_confirm()
        self.assertEqual(order.state, "sale")
