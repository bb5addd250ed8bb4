from unittest.mock import patch

from odoo.tests import tagged

from .common import AuthorityCase


@tagged("post_install", "-at_install")
class TestAuthorityOwnReasons(AuthorityCase):
    """Quotations that need a customer's reference, by a rule that nobody can release."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rule = cls.env["business.rule"].create({"code": "Z01", "name": "Reference"})
        Order = type(cls.env["sale.order"])

        def get_own_reasons(orders):
            return {
                order.id: [
                    {
                        "rule": "Z01",
                        "key": "reference",
                        "sentence": "no reference",
                        "release": "who enters it",
                    }
                ]
                for order in orders
                if order.team_id.name != "Reference"
            }

        for name, method in (
            ("_get_reason_rules", lambda self: {"Z01"}),
            ("_get_own_reasons", get_own_reasons),
        ):
            cls.startClassPatcher(patch.object(Order, name, method))
        cls.complete = cls.env["crm.team"].create({"name": "Reference"})

    def test_reason_that_nobody_releases_holds_the_quotation_up(self):
        """X01: what is missing is said in banner, errors and searches, off / warn / block"""
        order = self.new_order(price=10.0)
        self.assertFalse(order.authority_state)
        mode = self.set_mode("Z01", "warn")
        order.invalidate_recordset()
        self.assertEqual(order.authority_state, "held")
        self.assertFalse(order.authority_blocked)
        self.assertIn("no reference", str(order.authority_banner))
        self.assertIn("a warning only", str(order.authority_banner))
        mode.mode = "block"
        order.invalidate_recordset()
        self.assertEqual(mode.touched_count, 1)
        self.assertTrue(order.authority_blocked)
        self.assertFalse(order.authority_can_ask)
        self.assertIn(
            order, self.env["sale.order"].search([("authority_blocked", "=", True)])
        )
        with self.assert_refused("Reference — no reference — .* who enters it"):
            order.action_confirm()
        with self.assert_refused("can't go on yet"):
            order.write({"state": "sale"})
        self.set_mode("A02", "block")
        cheap = self.new_order(price=8.1)
        self.assertTrue(cheap.authority_can_ask, "the price can be approved meanwhile")
        self.approve(cheap)
        with self.assert_refused("no reference"):
            cheap.action_confirm()
        cheap.team_id = self.complete
        cheap.action_confirm()
        self.assertEqual(cheap.state, "sale")

    def test_edit_that_brings_a_reason_about_counts_as_of_today(self):
        """A16: a confirmed order can't be made incomplete, an old one isn't spared then"""
        confirmed, spared, untouched = (
            self.new_order(price=10.0, team_id=self.complete.id) for _ in range(3)
        )
        untouched.team_id = False
        (confirmed + spared + untouched).sudo()._write({"create_date": "2025-06-01"})
        (confirmed + spared + untouched).invalidate_recordset()
        self.set_mode("Z01", "block", date_from="2026-01-01")
        confirmed.action_confirm()
        with self.assert_refused("already confirmed .*no reference"):
            confirmed.team_id = False
        spared.team_id = False
        self.assertTrue(spared.sudo().authority_since)
        with self.assert_refused("no reference"):
            spared.action_confirm()
        untouched.action_confirm()
        self.assertEqual(untouched.state, "sale")
