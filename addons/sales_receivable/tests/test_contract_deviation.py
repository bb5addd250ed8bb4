from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form

from .common_contract import ContractCase


class TestContractDeviation(ContractCase):
    """A side contract, or a later edit, shows and needs approval."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.finance = cls.new_user("finance", groups="sales_receivable.group_finance")
        cls.env["authority.reviewer"].create(
            [
                {
                    "name": "Finance",
                    "document": "sale.order",
                    "measure": measure,
                    "value_from": 1,
                    "user_id": cls.finance.id,
                    "date_from": "2020-01-01",
                }
                for measure in ("contract_deviation", "term_extension")
            ]
        )
        cls.contract = cls.make_valid(cls.new_contract(cls.order))
        cls.line = cls.order.order_line

    def differences(self, order=None):
        order = order or self.order
        found = order._get_contract_differences().get(order.id, [])
        return {difference[0]: difference[2:] for difference in found}

    def test_nothing_differs_at_first(self):
        """A08: an order as agreed shows nothing and needs nobody, with the rule on."""
        self.set_mode("A08", "block")
        self.assertFalse(self.order.differs_from_contract)
        self.assertFalse(self.order.contract_differences)
        self.order.action_confirm()

    def test_what_differs_is_said(self):
        """A08: term by term, the contract's and the order's side."""
        month = self.env["account.payment.term"].create(
            {
                "name": "Sixty days",
                "line_ids": [Command.create({"value_amount": 100, "nb_days": 60})],
            }
        )
        tax = self.env["account.tax"].create({"name": "Extra", "amount": 5})
        for values, expected in (
            ({"price_unit": 9.0}, {"price": [10.0, 9.0]}),
            ({"discount": 5.0}, {"discount": [0.0, 5.0]}),
            ({"product_uom_qty": 90}, {"quantity": [100.0, 90.0]}),
            ({"name": "with a car"}, {"name": [self.line.name, "with a car"]}),
            (
                {"tax_ids": [Command.set(tax.ids)]},
                {"taxes": [[], [[tax.id, tax.name]]]},
            ),
        ):
            with self.subTest(values=values):
                before = {name: self.line[name] for name in values}
                self.line.write(values)
                self.assertEqual(self.differences(), expected)
                if "tax_ids" in values:
                    before = {"tax_ids": [Command.clear()]}
                self.line.write(before)
                self.assertEqual(self.differences(), {})
        with Form(self.order) as form, form.order_line.edit(0) as line:
            line.price_unit = 9.0
        with Form(self.order) as form:
            self.assertIn("9.00", form.contract_differences)
            with form.order_line.edit(0) as line:
                line.price_unit = 10.0
            self.assertFalse(form.contract_differences)
        self.order.payment_term_id = month
        self.assertEqual(set(self.differences()), {"payment_term", "payment_days"})
        self.assertIn("Sixty days", self.order.contract_differences)
        self.order.payment_term_id = False
        self.order.commitment_date = "2026-12-24 10:00:00"
        self.assertIn("2026-12-24", self.order.contract_differences)
        self.order.commitment_date = False
        self.order.order_line = [
            Command.create({"product_id": self.bracket.id, "product_uom_qty": 1})
        ]
        self.assertEqual(set(self.differences()), {"added"})

    def test_words_and_addresses_are_terms(self):
        """A08: what is promised on the quotation, and to whom it goes, is agreed, too"""
        other = self.env["res.partner"].create({"name": "Other Site"})
        for vals, what in (
            (
                {
                    "order_line": [
                        Command.create(
                            {
                                "display_type": "line_note",
                                "name": "Five years' warranty",
                            }
                        )
                    ]
                },
                "remarks",
            ),
            ({"note": "<p>Fitted for nothing</p>"}, "remarks"),
            ({"partner_shipping_id": other.id}, "address"),
            ({"partner_invoice_id": other.id}, "invoiced"),
        ):
            with self.subTest(what), self.cr.savepoint() as savepoint:
                self.order.write(vals)
                self.assertEqual(set(self.differences()), {what})
                self.assertTrue(self.order.differs_from_contract)
                savepoint.rollback()
                self.env.invalidate_all()
        self.set_mode("A08", "block")
        self.order.action_confirm()
        with self.assert_refused("already confirmed.*A08.*Other Site"):
            self.order.partner_shipping_id = other
        with self.assert_refused("already confirmed.*A08.*warranty"):
            self.order.order_line = [
                Command.create({"display_type": "line_note", "name": "A warranty"})
            ]

    def test_promises_beside_the_figures_are_terms(self):
        """A08: a text beside no quantity, the place under the same contact and what the
        customer asks for are compared, too; whatever a line is marked as"""
        self.set_mode("A08", "block")
        self.order.action_confirm()
        promise = {"name": "Five years' warranty, free", "product_uom_qty": 0}
        product = {"product_id": self.bracket.id}
        for vals in (
            product,
            product | {"is_downpayment": True},
            {"is_downpayment": True},
            {"is_downpayment": True, "display_type": "line_section"},
        ):
            with (
                self.subTest(vals),
                self.assert_refused("already confirmed.*A08.*warranty"),
            ):
                self.order.order_line = [Command.create(promise | vals)]
        with self.assert_refused("A08.*Special requirements: – → a warranty.*its own"):
            self.order.special_requirements = "a warranty"
        self.assertFalse(self.order.differs_from_contract)
        self.customer.sudo().street = "Other Street 7"
        self.assertEqual(set(self.differences()), {"address"})
        self.assertTrue(self.order.differs_from_contract)
        self.assertIn("Other Street 7", self.order.contract_differences)

    def test_contracts_of_earlier_versions_say_less(self):
        """A08: what a contract couldn't freeze yet is nothing to differ from"""
        order = self.order.sudo()
        agreed = order._get_compared_terms()
        agreed.pop("requirements")
        agreed["address"].pop()
        order.special_requirements = "none"
        order.partner_shipping_id.street = "Other Street 7"
        self.assertFalse(order._compare_terms(agreed, order._get_compared_terms()))

    def test_down_payments_are_asked_for_under_the_contract(self):
        """A08: the lines that a down payment adds differ from nothing, in any language,
        until somebody types a promise over them"""
        self.set_mode("A08", "block")
        self.order.action_confirm()
        self.env["res.lang"]._activate_lang("zh_CN")
        order = self.order.sudo().with_context(lang="zh_CN")
        self.env["sale.advance.payment.inv"].with_context(lang="zh_CN").create(
            {
                "advance_payment_method": "percentage",
                "amount": 30,
                "sale_order_ids": order.ids,
            }
        ).create_invoices()
        self.assertEqual(self.differences(), {})
        order.invoice_ids.action_post()
        self.env.invalidate_all()
        self.assertEqual(self.differences(), {})
        added = order.order_line.filtered("is_downpayment")
        self.assertEqual(len(added), 2)
        for line in added:
            with self.subTest(line), self.assert_refused("A08.*A warranty"):
                line.name = "A warranty"

    def test_more_than_agreed_doesn_t_leave(self):
        """A08: what is delivered beyond the contract is another quantity"""
        goods = self.new_product("Rack", 10.0, type="consu")
        order = self.new_order(price=10.0, quantity=10, product=goods)
        self.make_valid(self.new_contract(order))
        self.set_mode("A08", "block")
        order.action_confirm()
        move = order.sudo().picking_ids.move_ids
        move.write({"quantity": 30, "picked": True})
        with self.assert_refused("A08.*Quantity.*10.00 → 30.00"):
            move.picking_id.button_validate()
        move.quantity = 10
        move.picking_id.button_validate()
        self.assertFalse(order.differs_from_contract)

    def test_deviation_needs_approval(self):
        """A08: finance approves exactly this deviation; another one is asked again."""
        self.set_mode("A08", "block")
        self.line.price_unit = 9.9
        with self.assert_refused("A08.*differs from contract HT.*Price.*10.00 → 9.90"):
            self.order.action_confirm()
        self.approve(self.order, self.finance)
        self.env["res.lang"]._activate_lang("zh_CN")
        self.bracket.with_context(lang="zh_CN").name = "支架"
        chinese = self.order.with_context(lang="zh_CN")
        self.assertFalse(chinese._get_authority_errors(action="confirm"))
        self.line.price_unit = 9.8
        with self.assert_refused("A08"):
            self.order.action_confirm()
        self.line.price_unit = 9.9
        self.order.action_confirm()
        with self.assert_refused("already confirmed.*A08"):
            self.line.product_uom_qty = 99
        with self.assert_refused("already confirmed.*A08"):
            self.line.name = "with a car"

    def test_longer_to_pay_than_agreed(self):
        """A08: days beyond the contract are a measure; also where the payment term
        itself is changed."""
        self.set_mode("A08", "block")
        term = self.env["account.payment.term"].create(
            {
                "name": "Thirty",
                "line_ids": [Command.create({"value_amount": 100, "nb_days": 30})],
            }
        )
        order = self.new_order(price=10.0, payment_term_id=term.id)
        self.make_valid(self.new_contract(order))
        term.line_ids.nb_days = 45
        with self.assert_refused("45 days to pay, in the contract 30"):
            order.action_confirm()
        facts = order.sudo()._get_authority_facts()[order.id]
        values = {fact["measure"]: fact["value"] for fact in facts}
        self.assertEqual(values["term_extension"], 15.0)

    def test_an_order_can_t_leave_its_contract(self):
        """A08: the deviation isn't got rid of by unlinking, or by another contract."""
        other = self.new_contract()
        for contract in (False, other.id):
            with self.assert_refused("no longer"):
                self.order.write({"contract_id": contract})
        with self.assertRaises(AccessError):
            self.contract.write({"terms": False})
        with self.assertRaises(AccessError):
            self.contract.sudo().write({"terms": {"orders": []}})

    def test_off_and_warn(self):
        """X01: off and warn let everything pass, warn says it."""
        self.line.price_unit = 9.9
        self.assertFalse(self.order.authority_state)
        self.set_mode("A08", "warn")
        self.env.invalidate_all()
        self.assertIn("differs from contract", self.order.authority_banner)
        self.order.action_confirm()
        with Form(self.order) as form:
            self.assertTrue(form.contract_differences)

    def test_constant_queries(self):
        """A08: a list of orders takes as many queries as one."""
        orders = self.order
        for __ in range(5):
            orders |= self.new_order(price=10.0)
        for order in orders[1:]:
            order.order_line = [
                Command.create({"is_downpayment": True, "product_uom_qty": 0}),
                Command.create({"product_id": self.bracket.id, "product_uom_qty": 0}),
            ]
        contract = self.new_contract(orders[1])
        contract.order_ids = orders[1:].ids
        contract.action_submit()

        def count(records):
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            records._get_contract_differences()
            return self.env.cr.sql_log_count - start

        count(orders)
        self.assertEqual(count(orders[1:]), count(orders[1]))
