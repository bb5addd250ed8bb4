import json
from contextlib import contextmanager, suppress

from odoo.exceptions import UserError, ValidationError
from odoo.service.model import call_kw

from .common import AuthorityCase


class TestOrderCurrency(AuthorityCase):
    """A currency of one's own choice makes no order tiny (A16)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_mode("A03", "block")
        cls.new_limit("order_amount", "salesperson", 1000.0)
        cls.new_limit("order_amount", "vice_president", 1000000.0)
        cls.dong = (
            cls.env["res.currency"]
            .with_context(active_test=False)
            .search([("name", "=", "VND")])
        )
        cls.dong.active = True
        cls.dong.rate_ids.unlink()
        cls.pricelist = cls.env["product.pricelist"].create(
            {"name": "Hanoi", "currency_id": cls.dong.id}
        )
        cls.dollars = cls.pricelist.create({"name": "Home"})

    def new_rate(self, rate=25000.0, **values):
        return self.env["res.currency.rate"].create(
            {
                "currency_id": self.dong.id,
                "name": "2020-01-01",
                "rate": rate,
                "company_id": self.company.id,
                **values,
            }
        )

    def rpc_write(self, order, values):
        model = self.env["sale.order"].with_user(self.salesperson)
        call_kw(model, "write", [order.ids, json.loads(json.dumps(values))], {})

    def test_another_currency_is_refused(self):
        """A16: neither by write, create, RPC nor import."""
        self.new_rate()
        order = self.new_order(price=900, quantity=10)
        for pricelist in (order.pricelist_id.id, False):
            order.pricelist_id = pricelist
            refused = self.assertRaisesRegex(ValidationError, "is in VND, but")
            with refused, self.env.cr.savepoint():
                self.rpc_write(order, {"currency_id": self.dong.id})
        mine = self.env["sale.order"].with_user(self.salesperson)
        for values in ({}, {"pricelist_id": False}, {"pricelist_id": self.dollars.id}):
            with self.subTest(values), self.refused_or_ignored():
                self.new_order(currency_id=self.dong.id, **values)
            with self.subTest(values), self.refused_or_ignored():
                mine.with_context(default_currency_id=self.dong.id).create(
                    {"partner_id": self.customer.id, **values}
                )
        with self.refused_or_ignored():
            mine.load(
                ["partner_id/.id", "currency_id", "pricelist_id/.id"],
                [[str(self.customer.id), "VND", str(self.dollars.id)]],
            )

    @contextmanager
    def refused_or_ignored(self):
        """Expect that no order in dong comes of it; the host may overrule the value."""
        with suppress(ValidationError), self.env.cr.savepoint():
            yield
        self.env.invalidate_all()
        self.assertFalse(
            self.env["sale.order"].search([("currency_id", "=", self.dong.id)])
        )

    def test_another_currency_than_the_price_list_s(self):
        """A16: with a price list it is the price list's."""
        self.new_rate()
        order = self.new_order(price=900000, pricelist_id=self.pricelist.id)
        self.assertEqual(order.currency_id, self.dong)
        with self.assertRaisesRegex(ValidationError, "price list is in VND"):
            self.rpc_write(order, {"currency_id": self.company.currency_id.id})
        copy = order.copy()
        self.assertEqual(copy.currency_id, self.dong)

    def test_another_currency_is_no_matter_while_rules_are_off(self):
        """A16: installing refuses nothing."""
        self.env["business.rule.mode"].search([]).unlink()
        order = self.new_order()
        order.currency_id = self.dong
        self.assertEqual(order.currency_id, self.dong)

    def test_currency_without_a_rate_blocks(self):
        """A16: one dong is not one dollar because nobody entered a rate."""
        order = self.new_order(price=1, quantity=10, pricelist_id=self.pricelist.id)
        with self.assertRaisesRegex(UserError, "no exchange rate between VND and"):
            order.action_confirm()
        with self.assertRaisesRegex(UserError, "no exchange rate between VND and"):
            order.action_authority_request()
        self.assertFalse(order.sudo().authority_request_ids)
        self.assertFalse(order.authority_can_ask)
        with self.assertRaisesRegex(UserError, "no exchange rate"):
            order.with_user(self.general_manager).sudo().action_confirm()
        self.new_rate()
        order.invalidate_recordset()
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_rate_of_another_company_is_none(self):
        """A16: rates are the company's."""
        other = self.env["res.company"].create({"name": "Other"})
        self.new_rate(company_id=other.id)
        order = self.new_order(price=1, quantity=10, pricelist_id=self.pricelist.id)
        with self.assertRaisesRegex(UserError, "no exchange rate"):
            order.action_confirm()

    def test_amount_is_said_in_both_currencies(self):
        """X01: a figure without its currency says nothing."""
        self.new_rate(rate=2.0)
        order = self.new_order(price=900, quantity=10, pricelist_id=self.pricelist.id)
        own = self.company.currency_id.name
        self.assertIn(
            f"order amount 9,000.00 VND = 4,500.00 {own}", order.authority_banner
        )

    def test_floor_in_a_currency_without_a_rate_blocks(self):
        """A02: a floor that can't be compared holds nothing up silently, nor lets it
        pass."""
        self.env["business.rule.mode"].search([]).unlink()
        self.set_mode("A02", "block")
        self.floor.currency_id = self.dong
        order = self.new_order(price=1000)
        with self.assertRaisesRegex(UserError, "no exchange rate"):
            order.action_confirm()

    def test_settled_order_in_a_currency_without_a_rate(self):
        """A16: nor is a confirmed order enlarged in such a currency."""
        rate = self.new_rate()
        order = self.new_order(price=1, quantity=10, pricelist_id=self.pricelist.id)
        order.action_confirm()
        rate.unlink()
        with self.assertRaisesRegex(UserError, "no exchange rate"):
            order.order_line.product_uom_qty = 1000000
