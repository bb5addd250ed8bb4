from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2.errors import CheckViolation

from .common import AuthorityCase


@tagged("post_install", "-at_install")
class TestOrderDiscipline(AuthorityCase):
    """Channels and completeness of orders (A15, A26)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.supermarket, cls.direct = (
            cls.env.ref(f"sales_receivable.sales_channel_{name}")
            for name in ("supermarket", "direct")
        )
        cls.customer.email = "customer@example.com"
        cls.goods = cls.new_product("Shelf", 100.0, type="consu")
        cls.cash = cls.env.ref("sales_receivable.settlement_method_cash")

    def order(self, **values):
        return self.new_order(product=self.goods, price=100.0, **values)

    def complete(self, **values):
        return self.order(
            **{
                "packaging": "Cartons of 24",
                "special_requirements": "none",
                "commitment_date": fields.Datetime.now() + timedelta(days=9),
                "settlement_method_id": self.cash.id,
                "sales_channel_id": self.direct.id,
            }
            | values
        )

    # --- A15 --------------------------------------------------------------------------

    def test_channel_comes_from_the_customer(self):
        """A15: by default the customer's, company by company, also for its addresses"""
        self.customer.sales_channel_id = self.supermarket
        address = self.env["res.partner"].create(
            {"name": "Shop", "parent_id": self.customer.id}
        )
        self.assertEqual(
            self.order(partner_id=address.id).sales_channel_id, self.supermarket
        )
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        self.assertFalse(self.customer.with_company(elsewhere).sales_channel_id)

    def test_supermarket_order_is_checked_by_its_salesperson(self):
        """A15: with barcodes, as it stands, by nobody else, by no way round"""
        order = self.order(sales_channel_id=self.supermarket.id)
        self.order(sales_channel_id=self.supermarket.id).action_confirm()  # rule is off
        self.set_mode("A15", "block")
        self.assertFalse(order.authority_blocked, "it may be quoted")
        for attempt in (
            order.action_confirm,
            lambda: order.write({"state": "sale"}),
            lambda: order.copy().action_confirm(),
        ):
            with self.assert_refused("A15 .*not checked as it stands.*salesperson"):
                attempt()
        with self.assert_refused("“Shelf” has no barcode"):
            order.action_confirm()
        self.goods.barcode = "4006381333931"
        with self.assert_refused("is checked by its salesperson: salesperson"):
            order.sudo().with_user(self.general_manager).sudo().action_channel_check()
        for vals in (
            {"channel_check_digest": order.sudo()._get_digest()},
            {"channel_checked_at": "2026-01-01 00:00:00"},
        ):
            with self.assertRaises(AccessError):
                order.write(vals)
        order.action_channel_check()
        self.assertTrue(order.is_channel_checked)
        self.assertFalse(order.copy().is_channel_checked)
        order.order_line.product_uom_qty = 11
        with self.assert_refused("not checked"):
            order.action_confirm()
        order.action_channel_check()
        order.action_confirm()
        self.assertTrue(order.sudo().channel_checked_at)
        order.order_line.product_uom_qty = 9  # seen by who checks
        self.assertTrue(order.is_channel_checked)
        other = order.with_user(self.general_manager).sudo()
        with self.assert_refused("already confirmed.*not checked"):
            other.order_line.product_uom_qty = 8
        with self.assert_refused("already confirmed.*no barcode"):
            order.order_line = [(0, 0, {"product_id": self.bracket.id})]

    def test_confirmed_orders_are_checked_by_who_changes_them(self):
        """A15: the salesperson's own change is checked, as nothing can be beforehand;
        not somebody else's; what an invoice adds isn't asked about"""
        self.goods.barcode = "4006381333931"
        self.set_mode("A15", "block")
        order = self.order(sales_channel_id=self.supermarket.id)
        order.action_channel_check()
        order.action_confirm()
        order.order_line.product_uom_qty = 8
        self.assertTrue(order.is_channel_checked)
        other = order.with_user(self.general_manager).sudo()
        with self.assert_refused("A15 .*not checked as it stands"):
            other.order_line.product_uom_qty = 9
        self.down_payment(self.env["sale.order"].browse(order.id))
        self.assertTrue(order.is_channel_checked)

    def down_payment(self, order):
        self.env["sale.advance.payment.inv"].with_user(order.env.user).sudo().create(
            {
                "advance_payment_method": "percentage",
                "amount": 20,
                "sale_order_ids": order.ids,
            }
        ).create_invoices()
        self.assertTrue(order.invoice_ids)

    def test_the_customer_s_channel_holds_whatever_the_order_says(self):
        """A15: no other channel on the order, or on the customer, helps"""
        self.set_mode("A15", "block")
        self.customer.sales_channel_id = self.supermarket
        order = self.order()
        order.sales_channel_id = self.direct
        with self.assert_refused("A15 .*not checked.*“Shelf” has no barcode"):
            order.action_confirm()
        self.assertTrue(order.channel_needs_check)
        seller = self.new_user(
            "seller",
            groups="sales_team.group_sale_salesman,base.group_partner_manager",
        )
        customer = self.customer.with_user(seller)
        market = self.env["res.partner"].create(
            {"name": "M", "is_company": True, "sales_channel_id": self.direct.id}
        )
        for vals in (
            {"sales_channel_id": self.direct.id},
            {"sales_channel_id": False},
            {"parent_id": market.id},
        ):
            with self.assertRaises(AccessError):
                customer.write(vals)
        new = customer.create({"name": "New", "sales_channel_id": self.direct.id})
        with self.assertRaises(AccessError):
            new.sales_channel_id = self.supermarket
        control = self.new_user(
            "control",
            groups="sales_receivable.group_credit_control,base.group_partner_manager",
        )
        self.customer.with_user(control).sales_channel_id = self.direct
        order.action_confirm()

    def test_channel_decides_the_selling_company(self):
        """A15: an order of the channel isn't confirmed in another company"""
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        self.direct.selling_company_id = elsewhere
        order = self.order(sales_channel_id=self.direct.id)
        self.set_mode("A15", "block")
        with self.assert_refused("Direct is sold to by Elsewhere"):
            order.action_confirm()
        self.direct.selling_company_id = self.company
        order.action_confirm()

    def test_tax_inclusive_channel_pays_the_markup(self):
        """A15: prices of the price list plus 17 %; less is below the price list (A03)"""
        self.direct.is_tax_inclusive = True
        values = {"sales_channel_id": self.direct.id, "order_line": []}

        def new_price():
            order = self.new_order(**values)
            order.order_line = [(0, 0, {"product_id": self.goods.id})]
            return order.order_line.price_unit

        self.assertEqual(new_price(), 100.0)  # the rule is off
        self.set_mode("A15", "warn")
        self.assertAlmostEqual(new_price(), 117.0)
        self.direct.markup_percent = 13
        self.assertAlmostEqual(new_price(), 113.0)
        self.set_mode("A03", "block")
        self.new_limit("discount_percent", "salesperson", 5.0)
        self.new_limit("discount_percent", "vice_president", 50.0)
        order = self.order(sales_channel_id=self.direct.id)
        with self.assert_refused(r"A03 .*11\.50 % below the price list"):
            order.action_confirm()
        shown = order.new(origin=order)
        shown.sales_channel_id = self.supermarket
        shown._onchange_sales_channel_id()
        self.assertTrue(shown.show_update_pricelist)
        order.sales_channel_id = False
        order.action_confirm()
        with mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation):
            self.direct.markup_percent = -1
            self.env.flush_all()

    def test_channels_are_the_administrators(self):
        """A15: everybody reads them, administrators of the rules edit them"""
        with self.assertRaises(AccessError):
            self.direct.with_user(self.salesperson).needs_check = True
        ruler = self.new_user("ruler", groups="sales_receivable.group_administrator")
        channel = self.direct.with_user(ruler).create({"name": "Online"})
        self.assertEqual(channel.with_user(self.salesperson).name, "Online")

    # --- A26 --------------------------------------------------------------------------

    def test_incomplete_order_says_what_is_missing(self):
        """A26: quoted, but not confirmed, by no way; each item is a setting"""
        order = self.order()
        self.order().action_confirm()  # the rule is off
        self.set_mode("A26", "block")
        self.assertFalse(order.authority_blocked)
        self.assertIn("missing: Packaging", str(order.authority_banner))
        self.assertEqual(str(order.authority_banner).count("A26 Complete order"), 1)
        for attempt in (
            order.action_confirm,
            lambda: order.write({"state": "sale"}),
            lambda: order.copy().action_confirm(),
        ):
            with self.assert_refused(
                "A26 .*Packaging.*Delivery Date.*Special Requirements.*Settlement"
                ".*Sales Channel"
            ):
                attempt()
        self.company.order_needs_packaging = False
        with self.assertRaises(AssertionError), self.assert_refused("Packaging"):
            order.action_confirm()
        self.company.order_needs_packaging = True
        with self.assert_refused("Packaging.*Special Requirements"):
            blank = self.complete(packaging="  ", special_requirements=" \n\u3000")
            blank.action_confirm()
        whole = self.complete()
        whole.order_line.product_uom_qty = 0
        with self.assert_refused("quantity of “Shelf”"):
            whole.action_confirm()
        with self.assert_refused("missing: items"):
            self.complete(order_line=[]).action_confirm()
        whole.order_line.product_uom_qty = 1
        whole.action_confirm()
        with self.assert_refused("already confirmed.*Packaging"):
            whole.packaging = False

    def test_order_is_released_and_reviewed(self):
        """A26: the manager releases, finance reviews; another content asks again"""
        finance = self.new_user("finance", groups="sales_receivable.group_finance")
        self.new_limit("order_release", "project_manager", 1)
        self.env["authority.reviewer"].create(
            {
                "name": "Finance",
                "company_id": self.company.id,
                "document": "sale.order",
                "measure": "order_release",
                "user_id": finance.id,
                "date_from": "2020-01-01",
            }
        )
        self.set_mode("A26", "block")
        order = self.complete()
        self.assertFalse(order.authority_blocked, "it may be quoted")
        self.assertFalse(order._has_to_be_signed())
        with self.assert_refused("Project Manager.*project manager.*Finance: finance"):
            order.action_confirm()
        order.action_authority_request()
        requests = order.sudo().authority_request_ids
        self.assertEqual(requests.approver_id, self.project_manager + finance)
        for request in requests:
            with self.assert_refused("to be released"):
                order.action_confirm()
            request.with_user(request.approver_id).action_approve()
        order.packaging = "Pallets"
        with self.assert_refused("to be released"):
            order.action_confirm()
        order.packaging = "Cartons of 24"
        elsewhere = self.env["res.partner"].create({"name": "Elsewhere"})
        term = self.env["account.payment.term"].create({"name": "Other"})
        tax = self.env["account.tax"].create({"name": "Other", "amount": 5})
        incoterm = self.env["account.incoterms"].search([], limit=1)
        for record, vals in (
            (order, {"partner_shipping_id": elsewhere.id}),
            (order.partner_shipping_id.sudo(), {"street": "Other Street 7"}),
            (order, {"note": "<p>Fitted for nothing</p>"}),
            (order, {"payment_term_id": term.id}),
            (order, {"incoterm": incoterm.id}),
            (order, {"incoterm_location": "Ghent"}),
            (order.order_line, {"tax_ids": tax.ids}),
            (order.order_line, {"name": "Shelf, with fittings"}),
            (order.order_line, {"product_uom_qty": 11, "price_unit": 1.0}),
            (
                order,
                {"order_line": [(0, 0, {"display_type": "line_note", "name": "!"})]},
            ),
            (order, {"order_line": [(0, 0, {"is_downpayment": True, "name": "!"})]}),
        ):
            before = {name: record[name] for name in vals if name != "order_line"}
            record.write(vals)
            with self.assert_refused("to be released"):
                order.action_confirm()
            if before:
                record.write(record._convert_to_write(before))
            else:
                order.order_line[-1].unlink()
        order.order_line.product_uom_qty = 9
        order.action_confirm()
        with self.assert_refused("to be released"):
            order.order_line.product_uom_qty = 12
        self.down_payment(order.sudo())

    def test_confirmation_goes_to_the_customer(self):
        """A26: mailed where the rule is in force and the company wants it, once"""

        def mails(order):
            return order.sudo().message_ids.filtered(
                lambda message: self.customer in message.partner_ids
            )

        silent = self.complete()
        silent.action_confirm()
        self.assertFalse(mails(silent))
        self.set_mode("A26", "warn")
        told = self.complete()
        told.action_confirm()
        self.assertEqual(len(mails(told)), 1)
        once = self.complete()
        once.with_context(send_email=True).action_confirm()
        self.assertEqual(len(mails(once)), 1)
        self.company.order_confirmation_mail = False
        silent = self.complete()
        silent.action_confirm()
        self.assertFalse(mails(silent))
