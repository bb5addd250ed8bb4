import base64

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
