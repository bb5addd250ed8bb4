from odoo.fields import Command
from odoo.tests import tagged

from .common_receivable import ReceivableCommon


@tagged("post_install", "-at_install")
class TestContractLedger(ReceivableCommon):
    """What the ledger says of orders, deliveries, invoices, money and credit notes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for group in (
            "sales_team.group_sale_manager",
            "stock.group_stock_manager",
            "sales_receivable.group_legal",
            "sales_receivable.group_administrator",
        ):
            cls.env.user.group_ids += cls.env.ref(group)
        cls.product = cls.env["product.product"].create(
            {
                "name": "Bracket",
                "list_price": 100.0,
                "taxes_id": False,
                "is_storable": True,
                "invoice_policy": "order",
            }
        )

    def new_order(self, quantity=10, discount=0.0, currency=None):
        lines = [
            Command.create(
                {
                    "product_id": self.product.id,
                    "product_uom_qty": quantity,
                    "tax_ids": [],
                }
            )
        ]
        if discount:
            lines.append(
                Command.create(
                    {"name": "Discount", "price_unit": -discount, "tax_ids": []}
                    | {"product_id": self.service.id, "product_uom_qty": 1}
                )
            )
        return self.env["sale.order"].create(
            {"partner_id": self.customer.id, "order_line": lines}
        )

    def new_contract(self, orders):
        contract = self.env["sales.contract"].create(
            {"partner_id": self.customer.id, "order_ids": orders.ids}
        )
        return contract

    def figures(self, contract):
        contract.invalidate_recordset()
        return tuple(
            contract[name]
            for name in ("ordered", "delivered", "invoiced", "collected", "open_amount")
        )

    def deliver(self, order, quantity):
        picking = order.picking_ids.filtered(
            lambda p: p.state not in ("done", "cancel")
        )
        picking.move_ids.quantity = quantity
        picking.move_ids.picked = True
        picking._action_done()

    def test_ledger(self):
        """A09: ordered, delivered, invoiced, collected and open, step by step; quotations
        and what a journal entry settles don't count."""
        self.service = self.env["product.product"].create(
            {"name": "Discount", "type": "service", "taxes_id": False}
        )
        order = self.new_order(discount=200.0)
        other = self.new_order()  # stays a quotation
        contract = self.new_contract(order | other)
        self.assertEqual(self.figures(contract), (0, 0, 0, 0, 0))
        order.action_confirm()
        self.deliver(order, 4)
        self.assertEqual(self.figures(contract), (800, 320, 0, 0, 0))
        invoice = order._create_invoices()
        invoice.invoice_date = "2026-01-05"
        self.assertEqual(self.figures(contract), (800, 320, 0, 0, 0))
        invoice.action_post()
        self._pay(invoice, 300.0, "2026-01-10")
        self.assertEqual(self.figures(contract), (800, 320, 800, 300, 500))
        self._settle_by_entry(invoice, 100.0, "2026-01-11")
        self.assertEqual(self.figures(contract), (800, 320, 800, 300, 500))

    def test_share_of_a_common_invoice(self):
        """A09: of an invoice over orders of two contracts each gets its part."""
        first, second = self.new_order(3), self.new_order(7)
        one, two = self.new_contract(first), self.new_contract(second)
        (first | second).action_confirm()
        invoice = (first | second)._create_invoices()
        self.assertEqual(len(invoice), 1)
        invoice.invoice_date = "2026-01-05"
        invoice.action_post()
        self._pay(invoice, 500.0, "2026-01-10")
        self.assertEqual(self.figures(one)[2:], (300, 150, 150))
        self.assertEqual(self.figures(two)[2:], (700, 350, 350))
        refund = invoice._reverse_moves([{"invoice_date": "2026-01-12"}])
        refund.action_post()
        self.assertEqual(self.figures(one)[2], 0)

    def test_first_delivery_or_invoice_starts_performance(self):
        """A09: a valid contract is performing with its first delivery or invoice."""
        for step in ("deliver", "invoice"):
            order = self.new_order()
            contract = self.new_contract(order)
            order.action_confirm()
            contract.action_submit()
            for party in ("ours", "customer"):
                for kind in ("signature", "stamp"):
                    self.env["sales.contract.signature"].create(
                        {
                            "contract_id": contract.id,
                            "party": party,
                            "kind": kind,
                            "person": "Somebody",
                            "date": "2026-01-05",
                            "seal_text": "Seal",
                            "seal_id": self.env["sales.contract.seal"]
                            .create({"name": "Seal"})
                            .id,
                        }
                    )
            self.env["customer.licence.kind"].search([]).is_required = False
            contract.action_validate()
            self.assertEqual(contract.state, "valid")
            if step == "deliver":
                self.deliver(order, 1)
            else:
                invoice = order._create_invoices()
                invoice.invoice_date = "2026-01-05"
                invoice.action_post()
            self.assertEqual(contract.state, "performing")

    def test_constant_queries(self):
        """A09: a list of contracts takes as many queries as one."""
        contracts = self.env["sales.contract"].union(
            *(self.new_contract(self.new_order()) for __ in range(6))
        )
        contracts.order_ids.action_confirm()
        self.env.flush_all()

        def count(records):
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            records.mapped("open_amount")
            return self.env.cr.sql_log_count - start

        count(contracts)
        self.assertEqual(count(contracts), count(contracts[:1]))
        rows = self.env["sales.contract.ledger"].formatted_read_group(
            [("id", "in", contracts.ids)], ["partner_id"], ["ordered:sum"]
        )
        self.assertEqual(rows[0]["ordered:sum"], 6000.0)
