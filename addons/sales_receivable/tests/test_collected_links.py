from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .common_receivable import ReceivableCommon


@tagged("post_install", "-at_install")
class TestCollectedLinks(ReceivableCommon):
    """Other people's money, and other orders', pays for no order (A11, A12)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.group_ids += cls.env.ref("sales_team.group_sale_manager")
        cls.product, cls.other_product = cls.env["product.product"].create(
            [
                {"name": name, "type": "service", "taxes_id": False}
                for name in ("Bracket", "Lamp")
            ]
        )
        cls.seller = new_test_user(
            cls.env,
            login="linking_seller",
            groups="sales_team.group_sale_salesman",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.stranger = cls.env["res.partner"].create({"name": "Stranger"})
        cls.order = cls.new_order(1000.0)
        cls.rich = cls.new_order(10000.0, partner_id=cls.stranger.id)
        cls.paid = cls.invoice(cls.rich)
        cls._pay(cls.paid, 10000.0, "2026-01-10")

    @classmethod
    def new_order(cls, amount, **values):
        line = {
            "product_id": cls.product.id,
            "product_uom_qty": 1,
            "price_unit": amount,
            "tax_ids": [],
        }
        order = cls.env["sale.order"].create(
            {
                "partner_id": cls.customer.id,
                "user_id": cls.seller.id,
                "order_line": [Command.create(line)],
                **values,
            }
        )
        order.action_confirm()
        return order

    @classmethod
    def invoice(cls, order):
        order.order_line.qty_delivered = 1
        move = order._create_invoices()
        move.invoice_date = "2026-01-05"
        move.action_post()
        return move

    @classmethod
    def block(cls, code):
        rule = cls.env["business.rule"].search([("code", "=", code)])
        cls.env["business.rule.mode"].sudo().create(
            {
                "rule_id": rule.id,
                "company_id": cls.company.id,
                "mode": "block",
                "date_from": "2020-01-01",
            }
        )

    def share(self, order=None):
        self.env.flush_all()
        order = order or self.order
        return order._get_collected_share()[order.id]["share"]

    def test_who_sells_links_no_invoices(self):
        """A11, A12: neither at a line nor at a note, by create, write, default or in the
        order, nor is what was invoiced taken along to another order"""
        item = self.paid.invoice_line_ids
        note = {"order_id": self.order.id, "display_type": "line_note", "name": "n"}
        link = {"invoice_lines": [Command.link(item.id)]}
        mine = self.new_order(500.0)
        self._pay(self.invoice(mine), 500.0, "2026-01-12")
        order, mine_line = (
            record.with_user(self.seller) for record in (self.order, mine.order_line)
        )
        Line = self.env["sale.order.line"].with_user(self.seller)
        attempts = (
            lambda: Line.create({**note, **link}),
            lambda: Line.with_context(default_invoice_lines=[item.id]).create(note),
            lambda: order.order_line.write(link),
            lambda: order.write({"order_line": [Command.create({**note, **link})]}),
            lambda: mine_line.write({"invoice_lines": [Command.clear()]}),
            lambda: mine_line.write({"order_id": order.id}),
        )
        self.block("A12")
        for number, attempt in enumerate(attempts):
            with self.subTest(number), self.assertRaises(UserError):
                attempt()
            self.env.invalidate_all()
        self.assertEqual(self.share(), 0.0)
        self.assertEqual(self.share(mine), 1.0)
        # Ordinary lines come and go, and forms send what they show.
        line = Line.create({**note, "invoice_lines": []})
        line.write({"invoice_lines": [Command.set([])], "order_id": order.id})
        line.unlink()

    def test_without_rules_links_are_the_host_s(self):
        """A12: nothing is refused, and still nobody else's money pays for the order"""
        link = {"invoice_lines": [Command.link(self.paid.invoice_line_ids.id)]}
        self.order.order_line.with_user(self.seller).sudo().write(link)
        self.assertEqual(self.share(), 0.0)

    def test_a_link_proves_nothing(self):
        """A12: customer and product are the order's, and it is of one line: the order
        is no more collected, nor is the invoice of an order"""
        own = self._invoice(700.0, "2026-01-06")
        own.invoice_line_ids.with_context(
            skip_readonly_check=True
        ).product_id = self.other_product
        self._pay(own, 700.0, "2026-01-10")
        second = self.new_order(800.0)
        self._pay(self.invoice(second), 800.0, "2026-01-10")
        for item in (
            self.paid.invoice_line_ids,
            own.invoice_line_ids,
            second.order_line.invoice_lines,
        ):
            with self.subTest(item=item.move_id.name):
                item.sale_line_ids = [Command.link(self.order.order_line.id)]
                self.assertEqual(self.share(), 0.0)
                self.assertFalse(item._get_ordered_line())
                ordered, part = item.move_id._get_ordered_part()
                self.assertFalse(ordered)
                self.assertEqual(part, 0.0)
        note = self.env["sale.order.line"].create(
            {"order_id": self.order.id, "display_type": "line_note", "name": "n"}
        )
        typed = self._invoice(900.0, "2026-01-06")
        typed.invoice_line_ids.with_context(skip_readonly_check=True).product_id = False
        self._pay(typed, 900.0, "2026-01-10")
        typed.invoice_line_ids.sale_line_ids = [Command.link(note.id)]
        self.assertEqual(self.share(), 0.0)
        self.assertFalse(typed.invoice_line_ids._get_ordered_line())
        revenue = self.env.execute_query(
            self.env["sale.order"]._get_actual_revenue_sql(tuple(self.order.ids))
        )
        self.assertFalse(revenue)
