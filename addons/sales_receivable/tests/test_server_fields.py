from odoo import models
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .common import AuthorityCase


@tagged("post_install", "-at_install")
class TestServerFields(AuthorityCase):
    """What the server computes or stamps, no caller sets, by whatever way."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_mode("A03", "warn")

    #: Models that refuse every write of a caller with guards of their own, and the
    #: buckets, whose mark only finance could set and only changes a column's name.
    APART = {
        "authority.request",
        "authority.step",
        "business.rule",
        "delivery.slip.signature",
        "performance.entry",
        "performance.run.line",
        "performance.statement",
        "scorecard.line",
        "stock.age.bucket",
        "stock.age.line",
        "stock.age.snapshot",
    }

    def test_every_model_guards_its_readonly_fields(self):
        """A16: a new model can't forget that ``readonly`` is only a matter of views."""
        ours = {"sales_receivable", "freight_booking"}
        for name, model in self.env.registry.items():
            if (
                model._original_module not in ours
                or model._abstract
                or model._transient
                or not model._auto
                or name in self.APART
            ):
                continue
            kept = [
                field.name
                for field in model._fields.values()
                if field.store
                and field.readonly
                and field.name not in models.MAGIC_COLUMNS
                and model._original_module in field._modules
            ]
            guarded = hasattr(model, "_check_server_fields")
            self.assertTrue(guarded or not kept, f"{name} can't keep {kept}")

    def test_totals_are_not_written(self):
        """A03: the amount that a customer reads is the amount that was judged."""
        order = self.new_order(price=9.5)
        mine = order.with_user(self.salesperson)
        for attempt in (
            lambda: mine.write({"amount_total": 1.0}),
            lambda: mine.order_line.write({"price_subtotal": 1.0}),
            lambda: mine.write(
                {"order_line": [Command.update(mine.order_line.id, {"price_total": 1})]}
            ),
            lambda: mine.create({**mine.copy_data()[0], "amount_untaxed": 1.0}),
            lambda: mine.sudo().write({"amount_tax": 1.0}),
            lambda: mine.with_context(sales_server=True).write({"amount_tax": 1.0}),
            lambda: mine.write({"authority_since": "2000-01-01 00:00:00"}),
        ):
            with self.assertRaises(AccessError):
                attempt()
        result = mine.load([".id", "amount_total"], [[str(order.id), "1.0"]])
        self.assertFalse(result["ids"])
        self.assertTrue(result["messages"])
        self.assertNotEqual(order.amount_total, 1.0)

    def test_totals_are_not_given_by_default(self):
        """A03: a default of a context is no way round, on the order or on its lines."""
        order = self.new_order(price=9.5)
        keys = {"default_amount_total": 1.0, "default_price_subtotal": 1.0}
        copied = order.with_user(self.salesperson).with_context(**keys).copy()
        self.assertEqual(copied.amount_total, order.amount_total)
        self.assertEqual(
            copied.order_line.price_subtotal, order.order_line.price_subtotal
        )

    def test_nothing_is_given_by_a_default_of_the_user(self):
        """A16: what people may set as their own default is no way round, either."""
        self.set_mode("A02", "block")
        Default = self.env["ir.default"].with_user(self.salesperson)
        confirmed = self.new_order(price=9.5)
        confirmed.action_confirm()
        for model, name, value in (
            ("sale.order", "authority_since", "2000-01-01 00:00:00"),
            ("sale.order", "amount_total", 1.0),
            ("sale.order.line", "price_subtotal", 1.0),
            ("sale.order.line", "order_id", confirmed.id),
            ("sales.contract", "state", "valid"),
            ("sales.contract", "number", "X-1"),
        ):
            Default.set(model, name, value, user_id=True)
        order = self.new_order(price=9.5)
        self.assertFalse(order.authority_since)
        self.assertEqual(order.amount_total, 95.0)
        self.assertEqual(order.order_line.price_subtotal, 95.0)
        contract = (
            self.env["sales.contract"]
            .with_user(self.salesperson)
            .create({"partner_id": self.customer.id})
        )
        self.assertEqual(contract.state, "draft")
        self.assertFalse(contract.number)
        with self.assert_refused("A02"):
            self.env["sale.order.line"].with_user(self.salesperson).create(
                {
                    "product_id": self.bracket.id,
                    "product_uom_qty": 1,
                    "price_unit": 1.0,
                }
            )

    def test_totals_are_the_host_s_without_a_rule(self):
        """X01: where no rule is in force nothing of the host's is refused."""
        other = self.env["res.company"].create({"name": "Without Rules"})
        self.salesperson.company_ids += other
        order = self.new_order(price=9.5)
        free = self.new_order(price=9.5, company_id=other.id)
        mine = (order | free).with_context(
            allowed_company_ids=(self.company | other).ids
        )
        free.write({"amount_total": 1.0})
        free.order_line.write({"price_subtotal": 1.0})
        values = free.copy_data()[0] | {"amount_untaxed": 1.0}
        free.create(values)
        for attempt in (
            lambda: mine.write({"amount_total": 1.0}),
            lambda: mine.order_line.write({"price_subtotal": 1.0}),
            lambda: free.write({"amount_total": 1.0, "company_id": self.company.id}),
            lambda: free.order_line.write(
                {"price_subtotal": 1.0, "order_id": order.id}
            ),
            lambda: mine[:1].create({**values, "company_id": self.company.id}),
            lambda: free.write({"authority_since": "2000-01-01 00:00:00"}),
        ):
            with self.assertRaises(AccessError):
                attempt()
        self.env["business.rule.mode"].search([]).unlink()
        order.write({"amount_total": 1.0})
        order.order_line.write({"price_subtotal": 1.0})
        with self.assertRaises(AccessError):
            order.write({"authority_author_id": self.vice_president.id})
