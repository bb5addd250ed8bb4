import base64
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common_contract import ContractCase


@tagged("post_install", "-at_install")
class TestOrderChain(ContractCase):
    """The document chain of orders (A22)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kinds = {kind.code: kind for kind in cls.env["sales.chain.kind"].search([])}
        cls.direct = cls.env.ref("sales_receivable.sales_channel_direct")
        cls.sold = cls.new_order(price=10.0)
        cls.sold.action_confirm()

    @classmethod
    def need(cls, code, **values):
        return cls.env["sales.chain.need"].create(
            {"kind_id": cls.kinds[code].id, "date_from": "2020-01-01", **values}
        )

    @classmethod
    def attach(cls, order, code, **values):
        return (
            cls.env["sales.chain.paper"]
            .with_user(cls.salesperson)
            .create(
                {
                    "order_id": order.id,
                    "kind_id": cls.kinds[code].id,
                    "document": base64.b64encode(b"paper"),
                    **values,
                }
            )
        )

    def states(self, order):
        return {
            paper["kind"].code: paper["state"]
            for paper in order._get_chain_papers()[order.id]
        }

    def test_papers_of_an_order_at_a_glance(self):
        """A22: there, missing or not needed, by channel; nothing is needed by itself"""
        self.assertEqual(set(self.states(self.sold).values()), {"not needed"})
        self.need("contract")
        self.need("receipt_check", sales_channel_id=self.direct.id)
        self.assertEqual(self.states(self.sold)["contract"], "missing")
        self.assertEqual(self.states(self.sold)["receipt_check"], "not needed")
        self.sold.sales_channel_id = self.direct
        self.assertEqual(self.states(self.sold)["receipt_check"], "missing")
        self.need("contract", sales_channel_id=self.direct.id, is_needed=False)
        self.assertEqual(self.states(self.sold)["contract"], "not needed")
        paper = self.attach(self.sold, "receipt_check")
        self.assertEqual(self.states(self.sold)["receipt_check"], "there")
        with self.assertRaises(AccessError):
            paper.active = False
        with self.assertRaises(UserError):
            paper.sudo().date = "2020-01-01"
        contract = self.new_contract(self.order)
        self.assertEqual(self.states(self.order)["contract"], "not needed")
        self.make_valid(contract)
        chain = self.order._get_chain_papers()[self.order.id]
        self.assertEqual((chain[0]["state"], chain[0]["record"]), ("there", contract))

    def test_what_is_missing_is_found(self):
        """A22: by kind, by all, and what is complete; the queries don't grow"""
        Order = self.env["sale.order"].with_user(self.salesperson)
        mine = [("user_id", "=", self.salesperson.id), ("state", "=", "sale")]
        self.assertFalse(Order.search([*mine, ("chain_missing_ids", "!=", False)]))
        self.need("receipt_check")
        self.need("statement", sales_channel_id=self.direct.id)
        other = self.new_order(price=10.0, sales_channel_id=self.direct.id)
        other.action_confirm()
        self.attach(other, "receipt_check")
        both = self.sold + other

        def find(operator, value):
            return Order.search([*mine, ("chain_missing_ids", operator, value)])

        self.assertEqual(find("!=", False), both.sorted("id", reverse=True))
        self.assertFalse(find("=", False))
        self.assertEqual(find("in", self.kinds["statement"].ids), other)
        self.assertEqual(find("ilike", "Receipt"), self.sold)
        self.attach(other, "statement")
        self.assertEqual(find("=", False), other)
        self.assertEqual(self.sold.chain_missing_ids, self.kinds["receipt_check"])
        self.assertEqual(
            (self.sold.chain_progress, other.chain_progress), ("0/1", "2/2")
        )
        self.assertIn("fa-times", str(self.sold.chain_overview))
        counts = []
        twin = self.new_order(price=10.0, sales_channel_id=self.direct.id)
        twin.action_confirm()
        self.attach(twin, "statement")
        for orders in (both, both + twin):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            orders.mapped("chain_progress")
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])

    def test_what_is_missing_is_chased_once(self):
        """A22: after the days, of who is named, once; it ends when the paper is there"""

        def chase():
            with self.enter_registry_test_mode():
                self.env.ref("sales_receivable.ir_cron_chain").method_direct_trigger()

        def activities(order):
            return order.sudo().activity_ids.filtered(
                lambda a: (
                    a.activity_type_id
                    == self.env.ref("sales_receivable.mail_activity_type_chain")
                )
            )

        self.need("receipt_check", days=3)
        self.need("statement", days=30, user_id=self.general_manager.id)
        self.need("signed_slip", date_from="2999-01-01", days=0)
        chase()
        self.assertFalse(activities(self.sold))
        self.sold.sudo().date_order = fields.Datetime.now() - timedelta(days=4)
        chase()
        self.assertEqual(activities(self.sold).user_id, self.salesperson)
        self.assertIn("Receipt check", activities(self.sold).summary)
        chase()
        self.assertEqual(len(activities(self.sold)), 1)
        activities(self.sold).action_feedback()  # done, but there is no paper yet
        chase()
        self.assertFalse(activities(self.sold))
        self.sold.sudo().date_order = fields.Datetime.now() - timedelta(days=40)
        chase()
        self.assertEqual(activities(self.sold).user_id, self.general_manager)
        self.attach(self.sold, "statement")
        self.assertFalse(activities(self.sold))
        later = self.new_order(price=10.0)
        later.action_confirm()
        later.sudo().date_order = fields.Datetime.now() - timedelta(days=4)
        chase()
        self.assertTrue(activities(later))
        later.sudo()._action_cancel()
        chase()
        self.assertFalse(activities(later))
