from datetime import timedelta

from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command, Date
from odoo.tests import Form
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from .common import AuthorityCase


class TestPriceFloor(AuthorityCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_mode("A02", "block")
        cls.today = Date.today()

    def new_floor(self, price, **values):
        return self.env["product.price.floor"].create(
            {
                "product_tmpl_id": self.bracket.product_tmpl_id.id,
                "price": price,
                "date_from": "2020-01-01",
                **values,
            }
        )

    def gaps(self, order):
        facts = order.sudo()._get_authority_facts().get(order.id, [])
        return [round(fact["value"], 4) for fact in facts]

    def line(self, **values):
        return Command.create({"product_id": self.bracket.id} | values)

    # --- which floor ------------------------------------------------------------------

    def test_variant_goes_before_product(self):
        """A02: the floor of the variant counts, also when it is lower."""
        self.new_floor(
            8.0, product_id=self.bracket.id, product_tmpl_id=False, min_quantity=5
        )
        self.assertEqual(self.gaps(self.new_order(quantity=5)), [])
        self.assertEqual(self.gaps(self.new_order(quantity=4)), [10.0])

    def test_highest_quantity_reached(self):
        """A02: more pieces, another floor."""
        self.new_floor(8.0, min_quantity=100)
        self.new_floor(7.0, min_quantity=1000)
        self.assertEqual(self.gaps(self.new_order(quantity=999)), [])
        self.assertEqual(self.gaps(self.new_order(quantity=99)), [10.0])
        self.assertEqual(self.gaps(self.new_order(price=7.5, quantity=1000)), [])

    def test_latest_version_in_force(self):
        """A02: floors are dated; the newest that has started counts."""
        self.new_floor(8.0, date_from=self.today)
        self.new_floor(20.0, date_from=self.today + timedelta(days=2))
        self.assertEqual(self.gaps(self.new_order()), [])
        self.new_floor(
            20.0,
            date_from=self.today - timedelta(days=9),
            date_to=self.today - timedelta(days=2),
        )
        self.assertEqual(self.gaps(self.new_order()), [])

    def test_floors_belong_to_a_company(self):
        """A02: another company's floor doesn't count here."""
        other = self.env["res.company"].create({"name": "Other"})
        self.floor.company_id = other
        self.assertEqual(self.gaps(self.new_order()), [])

    def test_one_query_for_many_lines(self):
        """A02: the lines of a batch are looked up together."""
        wanted = [(self.bracket.id, self.bracket.product_tmpl_id.id, 1.0)] * 50
        Floor = self.env["product.price.floor"]
        Floor._get_floors(self.company, self.today, wanted)
        with self.assertQueryCount(2):
            floors = Floor._get_floors(self.company, self.today, wanted)
        self.assertEqual(floors, [self.floor] * 50)

    # --- net price --------------------------------------------------------------------

    def test_line_discount(self):
        """A02: after the discount of the line."""
        order = self.new_order(price=10.0)
        order.order_line.discount = 19.0
        self.assertEqual(self.gaps(order), [10.0])

    def test_global_discount(self):
        """A02: a negative line is spread over the others in proportion."""
        dear = self.new_product("Dear", 90.0)
        order = self.new_order(price=10.0, quantity=1)
        order.order_line = [
            Command.create({"product_id": dear.id, "price_unit": 90.0}),
        ]
        wizard = self.env["sale.order.discount"].create(
            {
                "sale_order_id": order.id,
                "discount_type": "so_discount",
                "discount_percentage": 0.19,
            }
        )
        wizard.action_apply_discount()
        self.assertEqual(order.amount_untaxed, 81.0)
        self.assertEqual(self.gaps(order), [10.0])

    def test_voucher_on_a_line_of_its_own(self):
        """A02: a reward or voucher counts like a discount, whatever its product."""
        voucher = self.new_product("Voucher", 0.0, type="service")
        order = self.new_order(price=10.0)
        order.order_line = [
            Command.create({"product_id": voucher.id, "price_unit": -19.0})
        ]
        self.assertEqual(self.gaps(order), [10.0])

    def test_negative_service_with_a_price(self):
        """A02: any product at a negative price is a discount, and no amount is lost."""
        gift = self.new_product("Gift", 25.0, type="service")
        for values in (
            {"price_unit": -19.0},
            {"price_unit": 19, "product_uom_qty": -1},
        ):
            order = self.new_order(price=10.0)
            order.order_line = [Command.create({"product_id": gift.id, **values})]
            self.assertEqual(self.gaps(order), [10.0])
        self.set_mode("A03", "block")
        self.new_limit("order_amount", "salesperson", 80.0)
        (fact,) = [
            fact
            for fact in order.sudo()._get_authority_facts()[order.id]
            if fact["measure"] == "order_amount"
        ]
        self.assertEqual(fact["value"], 81.0)

    def test_unit_of_measure(self):
        """A02: floors are per unit of the product, whatever unit is sold."""
        order = self.new_order(price=97.2, quantity=1)
        order.order_line.product_uom_id = self.env.ref("uom.product_uom_dozen")
        order.order_line.price_unit = 97.2
        self.assertEqual(self.gaps(order), [10.0])

    def test_included_tax(self):
        """A02: the net price is without tax, also when prices include it."""
        group = self.env["account.tax.group"].create(
            {"name": "Tax", "country_id": self.env.ref("base.cn").id}
        )
        tax = self.env["account.tax"].create(
            {
                "name": "13 % included",
                "amount": 13.0,
                "price_include_override": "tax_included",
                "tax_group_id": group.id,
                "country_id": self.env.ref("base.cn").id,
            }
        )
        order = self.new_order(price=9.153)
        self.assertEqual(self.gaps(order), [])
        order.sudo().order_line.tax_ids = tax
        self.assertEqual(self.gaps(order), [10.0])
        self.limit.active = False
        self.set_mode("A03", "block")
        self.new_limit("discount_percent", "salesperson", 0.0)
        order = self.new_order(price=10.0)
        self.assertEqual(self.gaps(order), [])
        order.order_line.tax_ids = tax
        self.assertEqual(self.gaps(order), [11.5044])
        # The list's own price includes the tax: no discount either way.
        self.bracket.taxes_id = tax
        self.assertEqual(self.gaps(order), [])
        order.order_line.write({"tax_ids": False, "price_unit": 8.85})
        self.assertEqual(self.gaps(order), [])

    def test_currency(self):
        """A02: compared in the currency of the floor."""
        currency = self.env["res.currency"].create(
            {
                "name": "TST",
                "symbol": "T",
                "rate_ids": [Command.create({"name": "2020-01-01", "rate": 2.0})],
            }
        )
        self.floor.write({"currency_id": currency.id, "price": 18.0})
        self.assertEqual(self.gaps(self.new_order()), [10.0])
        self.assertEqual(self.gaps(self.new_order(price=9.0)), [])

    def test_exact_price_with_many_digits(self):
        """A02: no rounding of the line's total makes a price look lower."""
        self.floor.price = 0.333
        self.assertEqual(self.gaps(self.new_order(price=0.333, quantity=1)), [])
        order = self.new_order(price=0.3329, quantity=1)
        self.assertEqual(len(self.gaps(order)), 1)
        (fact,) = order.sudo()._get_authority_facts()[order.id]
        self.assertIn(
            "net 0.3329 USD < floor 0.3330 USD", order._describe_authority_fact(fact)
        )

    def test_lines_that_sell_nothing(self):
        """A02: notes, empty lines and down payments aren't measured."""
        order = self.new_order(price=9.0)
        order.order_line = [
            Command.create({"display_type": "line_note", "name": "Note"}),
            self.line(product_uom_qty=0, price_unit=1.0),
        ]
        order.sudo()._create_down_payment_lines_from_base_lines(
            [
                line._prepare_base_line_for_taxes_computation()
                for line in order.order_line[:1]
            ]
        )
        self.assertTrue(order.order_line.filtered("is_downpayment"))
        self.assertEqual(self.gaps(order), [])

    def test_marked_as_down_payment(self):
        """A16: a mark that anybody can write exempts nothing."""
        order = self.new_order()
        order.order_line.is_downpayment = True
        self.assertEqual(self.gaps(order), [10.0])
        order = self.new_order(price=10.0)
        order.order_line = [
            Command.create(
                {
                    "name": "Down payment",
                    "is_downpayment": True,
                    "product_uom_qty": 1,
                    "price_unit": -19.0,
                }
            )
        ]
        self.assertEqual(self.gaps(order), [10.0])

    def test_sentence_names_line_and_figures(self):
        """X01: line, product, net price, floor and gap."""
        order = self.new_order(price=9.0)
        order.order_line = [self.line(price_unit=8.1)]
        (fact,) = order.sudo()._get_authority_facts()[order.id]
        for part in ("line 2", "Bracket 40×40", "8.10", "9.00", "10.00 %"):
            self.assertIn(part, order._describe_authority_fact(fact))

    # --- discount and amount ----------------------------------------------------------

    def test_below_price_list(self):
        """A03: a price typed by hand counts like a discount; rewards count too."""
        self.set_mode("A03", "block")
        self.limit.active = False
        self.new_limit("discount_percent", "salesperson", 5.0)
        self.new_limit("discount_percent", "project_manager", 15.0)
        self.assertEqual(self.gaps(self.new_order(price=9.6)), [4.0])
        order = self.new_order(price=9.6)
        self.assertFalse(order.authority_state)
        order.order_line.price_unit = 9.0
        (need,) = order._get_authority_needs()[order.id]
        self.assertEqual(
            (need["rule"], need["approvers"].name), ("A03", "project manager")
        )
        order.order_line.write({"price_unit": 20.0, "discount": 55.0})
        self.assertEqual(self.gaps(order), [10.0], "a raised price isn't a discount")

    def test_approved_per_piece_is_not_approved_per_pack(self):
        """A03, A16: the same number of pieces at the price of one is another price"""
        self.set_mode("A03", "block")
        self.limit.active = False
        self.new_limit("discount_percent", "salesperson", 5.0)
        self.new_limit("discount_percent", "vice_president", 99.0)
        order = self.new_order(price=7.2, quantity=12)
        self.approve(order)
        self.assertEqual(order.authority_state, "approved")
        dozen = self.env.ref("uom.product_uom_dozen")
        line = order.order_line
        line.write(
            {"product_uom_id": dozen.id, "product_uom_qty": 1, "price_unit": 86.4}
        )
        self.assertEqual(order.authority_state, "approved", "the same in other words")
        line.price_unit = 7.2
        self.assertEqual(order.authority_state, "open")
        with self.assert_refused("A03"):
            order.action_confirm()

    def test_price_list_grants_its_own_discount(self):
        """A03: what the price list itself grants needs nobody."""
        self.set_mode("A03", "block")
        self.limit.active = False
        self.new_limit("discount_percent", "salesperson", 0.0)
        pricelist = self.env["product.pricelist"].create(
            {
                "name": "Half",
                "item_ids": [
                    Command.create(
                        {
                            "compute_price": "percentage",
                            "percent_price": 50.0,
                            "applied_on": "3_global",
                            "min_quantity": 10,
                        }
                    )
                ],
            }
        )
        self.customer.property_product_pricelist = pricelist
        order = self.new_order(price=5.0)
        self.assertEqual(order.pricelist_id, pricelist)
        self.assertEqual(self.gaps(order), [])
        order.order_line.price_unit = 4.5
        self.assertEqual(self.gaps(order), [10.0])

    def test_choosing_a_price_list_is_no_discount(self):
        """A03: the customer's own list counts, too, and isn't the salesperson's."""
        self.set_mode("A03", "block")
        self.limit.active = False
        self.new_limit("discount_percent", "salesperson", 0.0)
        items = [{"compute_price": "percentage", "percent_price": 50.0}]
        own, cheap = self.env["product.pricelist"].create(
            [
                {"name": "Own"},
                {"name": "Half", "item_ids": [Command.create(item) for item in items]},
            ]
        )
        self.customer.property_product_pricelist = own
        order = self.new_order(price=5.0, pricelist_id=cheap.id)
        self.assertEqual(self.gaps(order), [50.0])
        seller = self.new_user(
            "seller",
            groups="sales_team.group_sale_salesman,base.group_partner_manager",
        )
        customer = self.customer.with_user(seller)
        rich = self.env["res.partner"].create({"name": "Rich", "is_company": True})
        rich.property_product_pricelist = cheap
        for attempt in (
            lambda: customer.write({"property_product_pricelist": cheap.id}),
            lambda: customer.write({"specific_property_product_pricelist": cheap.id}),
            lambda: customer.create(
                {"name": "New", "specific_property_product_pricelist": cheap.id}
            ),
            lambda: customer.create(
                {"name": "New", "property_product_pricelist": cheap.id}
            ),
        ):
            with self.assertRaises(AccessError):
                attempt()
        child = customer.create({"name": "Child", "parent_id": rich.id})
        child.write({"is_company": True, "parent_id": False})
        self.assertFalse(child.specific_property_product_pricelist)
        admin = self.new_user(
            "prices", groups="sales_team.group_sale_manager,base.group_partner_manager"
        )
        self.customer.with_user(admin).property_product_pricelist = cheap
        self.assertEqual(self.gaps(order), [])

    def test_parts_of_a_combo_are_measured(self):
        """A03: against their share of the combo's price."""
        self.set_mode("A03", "block")
        self.limit.active = False
        self.new_limit("discount_percent", "salesperson", 0.0)
        parts = [self.new_product(name, 40.0) for name in ("Lamp", "Base")]
        combos = self.env["product.combo"].create(
            [
                {
                    "name": part.name,
                    "combo_item_ids": [Command.create({"product_id": part.id})],
                }
                for part in parts
            ]
        )
        whole = self.new_product(
            "Set", 60.0, type="combo", combo_ids=[Command.set(combos.ids)]
        )
        order = self.new_order(price=0, quantity=1, product=whole)
        order.order_line = [
            Command.create(
                {
                    "product_id": part.id,
                    "product_uom_qty": 1,
                    "price_unit": 30.0,
                    "combo_item_id": combo.combo_item_ids.id,
                    "linked_line_id": order.order_line[0].id,
                }
            )
            for part, combo in zip(parts, combos, strict=True)
        ]
        self.assertEqual(self.gaps(order), [])
        order.order_line[1].price_unit = 3.0
        self.assertEqual(self.gaps(order), [90.0])
        # The combo's price is for the whole, each choice as often as the combo is.
        order.order_line[1].write({"price_unit": 30.0, "product_uom_qty": 500})
        self.assertEqual(self.gaps(order), [25.0, 25.0])
        order.order_line[1].product_uom_qty = 1
        order.order_line[2].unlink()
        self.assertEqual(self.gaps(order), [25.0])

    def test_order_amount(self):
        """A03: the untaxed amount in company currency."""
        self.set_mode("A03", "block")
        self.limit.active = False
        self.new_limit("order_amount", "salesperson", 1000.0)
        self.assertFalse(self.new_order(price=10, quantity=100).authority_state)
        self.assertEqual(self.new_order(price=10, quantity=101).authority_state, "open")
        order = self.new_order(price=10, quantity=100)
        order.order_line = [
            Command.create(
                {
                    "name": "Something",
                    "product_uom_qty": 1,
                    "price_unit": 500.0,
                    "is_downpayment": True,
                }
            )
        ]
        self.assertEqual(order.authority_state, "open", "without a product, too")

    # --- screen and records -----------------------------------------------------------

    def test_banner_follows_the_form(self):
        """X01: the banner is there before saving, and gone with the right price."""
        with Form(self.env["sale.order"].with_user(self.salesperson)) as form:
            form.partner_id = self.customer
            with form.order_line.new() as line:
                line.product_id = self.bracket
                line.price_unit = 8.1
            self.assertEqual(form.authority_state, "open")
            self.assertIn("8.10", form.authority_banner)
            with form.order_line.edit(0) as line:
                line.price_unit = 9.0
            self.assertFalse(form.authority_state)

    def test_one_product_only(self):
        """A02: a floor is for a product or for one variant."""
        with self.assertRaises(ValidationError):
            self.new_floor(1.0, product_id=self.bracket.id)
        with self.assertRaises(ValidationError):
            self.new_floor(1.0, product_tmpl_id=False)

    @mute_logger("odoo.sql_db")
    def test_one_version_a_day(self):
        """A02: a floor can't be filed twice."""
        with self.assertRaises(IntegrityError):
            self.new_floor(5.0)

    def test_import(self):
        """A02: floors are imported by product name."""
        result = self.env["product.price.floor"].load(
            ["product_tmpl_id", "min_quantity", "price", "date_from"],
            [["Bracket 40×40", "50", "8.5", "2026-01-01"]],
        )
        self.assertFalse(result["messages"])
        self.assertEqual(self.gaps(self.new_order(price=8.5, quantity=50)), [])

    def test_salespeople_read_only(self):
        """A02: floors are set by administrators."""
        floor = self.floor.with_user(self.salesperson)
        self.assertEqual(floor.price, 9.0)
        with self.assertRaises(AccessError):
            floor.price = 1.0

    def test_counts_on_the_product(self):
        """A02: smart buttons open the floors of the product."""
        template = self.bracket.product_tmpl_id.with_user(self.salesperson)
        self.assertEqual(template.price_floor_count, 1)
        self.assertEqual(self.bracket.variant_price_floor_count, 1)
        for record in (template, self.bracket):
            action = record.action_open_price_floors()
            self.assertEqual(
                self.env["product.price.floor"].search(action["domain"]), self.floor
            )
