from lxml import etree
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from .common import FreightCase


class TestQuote(FreightCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.document = cls.env.ref("freight_booking.charge_type_doc")
        cls.tariff = cls.env["freight.tariff"].create(
            {
                "name": "South China to US West",
                "company_id": cls.company.id,
                "carrier_id": cls.carrier.id,
                "currency_id": cls.company.currency_id.id,
                "date_from": "2020-01-01",
                "line_ids": [
                    Command.create(
                        {
                            "charge_type_id": cls.ocean.id,
                            "pol_id": cls.pol.id,
                            "pod_id": cls.pod.id,
                            "equipment_type_id": cls.high_cube.id,
                            "buy_price": 1500,
                            "sell_price": 1800,
                        }
                    ),
                    Command.create(
                        {
                            "charge_type_id": cls.document.id,
                            "sell_price": 50,
                        }
                    ),
                ],
            }
        )
        manager = cls.new_user("manager", "sales_receivable.group_company_manager")
        cls.tariff.with_user(manager).action_approve()

    def new_quote(self, **values):
        return (
            self.env["sale.order"]
            .with_user(self.salesperson)
            .create(
                {
                    "partner_id": self.customer.id,
                    "is_freight": True,
                    "freight_carrier_id": self.carrier.id,
                    "freight_pol_id": self.pol.id,
                    "freight_pod_id": self.pod.id,
                    "freight_commodity": "toys",
                    "freight_equipment_ids": [
                        Command.create(
                            {"equipment_type_id": self.high_cube.id, "quantity": 2}
                        )
                    ],
                    **values,
                }
            )
        )

    def test_lines_are_drawn_from_the_valid_tariff_again_without_doubling(self):
        """F03: quote lines come from the approved tariff of route, size and date."""
        quote = self.new_quote()
        quote.action_draw_from_tariff()
        quote.action_draw_from_tariff()
        self.assertEqual(
            quote.order_line.mapped(
                lambda line: (line.product_uom_qty, line.price_unit)
            ),
            [(2.0, 1800.0), (1.0, 50.0)],
        )

    def test_salesperson_never_sees_the_buying_side(self):
        """F03: drawing prices shows no tariff line to a salesperson."""
        quote = self.new_quote()
        quote.action_draw_from_tariff()
        self.assertNotIn("freight_tariff_line_id", quote.order_line.fields_get())

    def test_manual_lines_survive_a_new_draw(self):
        """F03: drawing again replaces drawn lines only."""
        quote = self.new_quote()
        quote.action_draw_from_tariff()
        product = self.env["product.product"].create({"name": "Fumigation"})
        quote.order_line = [
            Command.create({"product_id": product.id, "price_unit": 7.0})
        ]
        quote.action_draw_from_tariff()
        self.assertIn(product, quote.order_line.product_id)
        self.assertEqual(len(quote.order_line), 3)

    def test_no_valid_tariff_is_said(self):
        """F03: without a valid tariff nothing is drawn."""
        quote = self.new_quote(
            freight_pod_id=self.env.ref("freight_booking.location_deham").id,
            freight_carrier_id=self.env.ref("freight_booking.carrier_mscu").id,
        )
        with self.assertRaisesRegex(UserError, "No approved tariff of MSC"):
            quote.action_draw_from_tariff()

    def test_carrier_is_asked_for_where_only_carriers_have_prices(self):
        """F02: a quote without a carrier is told whose prices there are."""
        quote = self.new_quote(freight_carrier_id=False)
        with self.assertRaisesRegex(UserError, "Choose a carrier first.*COSCO"):
            quote.action_draw_from_tariff()

    def test_confirmed_quote_opens_one_booking_with_confirmed_charges(self):
        """F06: a confirmed freight quote becomes one booking, charges included."""
        quote = self.new_quote()
        quote.action_draw_from_tariff()
        quote.action_confirm()
        booking = quote.sudo().freight_booking_ids
        self.assertEqual(len(booking), 1)
        self.assertEqual(booking.headline, "draft")
        self.assertEqual(booking.equipment_ids.quantity, 2)
        sell = booking.charge_ids.filtered(lambda c: c.side == "sell")
        self.assertEqual(sum(sell.mapped("amount")), 3650.0)
        self.assertTrue(all(sell.mapped("customer_confirmed")))
        buy = booking.charge_ids - sell
        self.assertEqual(buy.amount, 3000.0)
        self.assertEqual(buy.partner_id, self.vendor)
        quote.action_create_freight_booking()
        booking.action_update_charges()
        self.assertEqual(quote.sudo().freight_booking_ids, booking)
        self.assertEqual(len(booking.charge_ids), 3)

    def test_confirmation_never_fails_for_an_incomplete_freight_page(self):
        """F06: what is missing is asked when the booking is made, not at payment."""
        quote = self.new_quote(
            freight_pol_id=False, freight_equipment_ids=False, freight_carrier_id=False
        )
        quote.action_confirm()
        booking = quote.sudo().freight_booking_ids
        with self.assertRaisesRegex(UserError, "Port of Loading"):
            booking.with_user(self.operator).action_confirm_booking()

    def test_ordinary_orders_open_no_booking(self):
        """F06: only freight quotes become bookings."""
        quote = self.new_quote(is_freight=False)
        quote.action_confirm()
        self.assertFalse(quote.sudo().freight_booking_ids)

    def test_cancelled_quote_cancels_its_draft_booking_and_can_be_booked_again(self):
        """F06: one live booking per quote."""
        quote = self.new_quote()
        quote.action_confirm()
        first = quote.sudo().freight_booking_ids
        quote.action_cancel()
        self.assertEqual(first.commercial_state, "cancelled")
        quote.action_draft()
        quote.action_confirm()
        self.assertEqual(len(quote.sudo().freight_booking_ids), 2)

    def test_freight_is_not_invoiced_from_the_order(self):
        """F16: the order's own invoice button bills no freight."""
        quote = self.new_quote()
        quote.action_draw_from_tariff()
        quote.action_confirm()
        with self.assertRaisesRegex(UserError, "debit note of its booking"):
            quote.sudo()._create_invoices()

    def test_debit_note_invoices_the_quote(self):
        """F16: billing the booking also counts on the order."""
        quote = self.new_quote()
        quote.action_draw_from_tariff()
        quote.action_confirm()
        booking = quote.sudo().freight_booking_ids
        note = self.new_debit_note(booking)
        self.assertEqual(note.amount_untaxed, 3650.0)
        self.assertEqual(quote.sudo().invoice_status, "invoiced")

    # ------------------------------------------------------------------
    # What changes on the quote once it is booked
    # ------------------------------------------------------------------
    def new_booked_quote(self):
        """Return a confirmed quote with its booking on board and its bill approved."""
        for code in ("F16", "F18"):
            self.set_mode(code)
        quote = self.new_quote(freight_cargo_ready_date="2026-11-20")
        quote.action_draw_from_tariff()
        quote.action_confirm()
        booking = quote.sudo().freight_booking_ids.with_env(self.env)
        self.load(booking)
        bill = self.new_bill(booking)
        bill.with_user(self.documents).action_approve()
        return quote, booking, bill.with_user(self.settlement)

    def add_line(self, quote, price=5000.0):
        product = self.env["product.product"].create(
            {"name": "Extra", "type": "service", "taxes_id": False}
        )
        return self.env["sale.order.line"].create(
            {"order_id": quote.id, "product_id": product.id, "price_unit": price}
        )

    def test_line_added_after_booking_is_open_until_billed(self):
        """F16, F18: what the quote asks and no charge bills holds the bill back."""
        quote, booking, bill = self.new_booked_quote()
        self.pay(note := self.new_debit_note(booking), note.amount_total)
        self.assertEqual(bill.unpaid_amount, 0.0)
        self.add_line(quote)
        self.env.invalidate_all()
        self.assertEqual(bill.unpaid_amount, 5000.0)
        with self.assertRaisesRegex(UserError, "quoted but not charged .1., .*5,000"):
            bill.action_release()
        booking.with_user(self.settlement).action_update_charges()
        with self.assertRaisesRegex(UserError, "not billed yet .1.: .*5,000"):
            bill.action_release()
        self.pay(note := self.new_debit_note(booking), note.amount_total)
        bill.action_release()
        self.assertEqual(bill.state, "released")

    def test_line_made_dearer_after_booking_is_open_until_billed(self):
        """F16, F18: an unbilled charge follows its line, and is confirmed anew."""
        quote, booking, bill = self.new_booked_quote()
        line = quote.order_line[0]
        charge = booking.charge_ids.filtered(
            lambda c: c.sale_line_id == line.with_env(c.env) and c.side == "sell"
        )
        for vals in (
            {"price_unit": 2000.0},
            {"product_uom_qty": 3.0},
        ):
            with self.subTest(vals):
                savepoint = self.cr.savepoint()
                line.sudo().write(vals)
                with self.assertRaisesRegex(UserError, "quoted but not charged"):
                    bill.action_release()
                booking.with_user(self.settlement).action_update_charges()
                self.assertEqual(charge.amount, line.price_subtotal)
                self.assertFalse(charge.customer_confirmed)
                charge.with_user(self.commercial).action_confirm()
                self.pay(note := self.new_debit_note(booking), note.amount_total)
                bill.action_release()
                self.assertEqual(bill.state, "released")
                savepoint.rollback()
                savepoint.close()
                self.env.invalidate_all()

    def test_line_made_dearer_after_billing_is_open(self):
        """F18: a billed charge is credited first; the bill waits for the new note."""
        quote, booking, bill = self.new_booked_quote()
        self.pay(note := self.new_debit_note(booking), note.amount_total)
        quote.order_line[0].sudo().price_unit = 2000.0
        booking.with_user(self.settlement).action_update_charges()
        with self.assertRaisesRegex(UserError, "quoted but not charged .1., .*400"):
            bill.action_release()

    def test_who_collects_does_not_charge_a_line_at_a_price_of_their_own(self):
        """F18: a charge of settlement's own that claims the line covers its amount."""
        quote, booking, bill = self.new_booked_quote()
        line = self.add_line(quote)
        Charge = self.env["freight.charge"].with_user(self.settlement)
        vals = {
            "booking_id": booking.id,
            "charge_type_id": self.ocean.id,
            "sale_line_id": line.id,
            "price_unit": 1.0,
            "customer_confirmed": True,
        }
        with self.assertRaises(AccessError):
            Charge.create({**vals, "quoted_amount": 5000.0})
        Charge.create(vals)
        self.pay(note := self.new_debit_note(booking), note.amount_total)
        with self.assertRaisesRegex(UserError, "quoted but not charged .1., .*4,999"):
            bill.action_release()

    def test_what_commercial_staff_agreed_on_is_not_asked_again(self):
        """F18: lowered, given away, free or cancelled on the quote: released."""
        quote, booking, bill = self.new_booked_quote()
        dear, cheap = booking.charge_ids.filtered(lambda c: c.side == "sell").sorted(
            "amount", reverse=True
        )
        dear.with_user(self.commercial).price_unit = 1500.0
        dear.with_user(self.commercial).customer_confirmed = True
        cheap.with_user(self.commercial).payer = "us"
        self.add_line(quote, price=0.0)
        self.env["sale.order.line"].create(
            {"order_id": quote.id, "display_type": "line_note", "name": "a note"}
        )
        self.pay(note := self.new_debit_note(booking), note.amount_total)
        bill.action_release()
        self.assertEqual(bill.state, "released")

    def test_charges_are_updated_by_who_may_make_them(self):
        """F16: not by operators, salespeople or documents, also by RPC."""
        quote, booking, _bill = self.new_booked_quote()
        self.add_line(quote)
        count = len(booking.charge_ids)
        for user in (
            self.operator,
            self.customs,
            self.documents,
            self.salesperson,
            self.new_user("lookers", "sales_receivable.group_company_manager"),
        ):
            with self.subTest(user.name), self.assertRaises(AccessError):
                booking.with_user(user).action_update_charges()
        self.assertEqual(len(booking.charge_ids), count)
        booking.with_user(self.commercial).action_update_charges()
        self.assertEqual(len(booking.charge_ids), count + 1)

    def test_lines_speak_the_customers_language(self):
        """X06: the customer reads the quote, whoever draws its prices."""
        self.env["res.lang"]._activate_lang("zh_CN")
        for charge_type, name in ((self.ocean, "海运费"), (self.document, "文件费")):
            charge_type.with_context(lang="zh_CN").name = name
        self.customer.lang = "zh_CN"
        quote = self.new_quote()
        quote.with_context(lang="en_US").action_draw_from_tariff()
        self.assertRegex(quote.order_line[0].name, "^海运费 CNYTN")
        self.assertRegex(quote.order_line[1].name, "^文件费 ")
        late = self.new_charge(self.new_booking(), charge_type_id=self.document.id)
        self.assertEqual(late.description, "文件费")

    def test_people_without_freight_open_the_orders_form(self):
        """F01: finance and warehouse read an order without any right to freight."""
        quote = self.new_quote()
        for role, groups in (
            ("warehouse", "stock.group_stock_user"),
            ("finance", "account.group_account_manager"),
            ("invoicing", "account.group_account_invoice"),
            ("reading", "account.group_account_readonly"),
        ):
            with self.subTest(role):
                self.env.invalidate_all()
                theirs = quote.with_user(self.new_user(role, groups))
                view = theirs.get_view(
                    self.env.ref("sale.view_order_form").id, view_type="form"
                )
                arch = etree.fromstring(view["arch"])
                names = set(arch.xpath("//field[not(ancestor::field)]/@name"))
                self.assertIn("freight_pol_id", names)
                self.assertNotIn(
                    "freight_equipment_ids", names | set(theirs.fields_get())
                )
                if role == "warehouse":
                    # The host's own form counts invoices, which it keeps from them.
                    names.remove("invoice_count")
                spec = {name: {} for name in names}
                self.assertEqual(theirs.web_read(spec)[0]["id"], quote.id)

    def test_freight_is_offered_by_forwarders_only(self):
        """F01: a trading company's quotation says nothing of freight."""
        trading = self.env["res.company"].create({"name": "Trading"})
        orders = self.env["sale.order"].create(
            [
                {"partner_id": self.customer.id, "company_id": company.id}
                for company in (self.company, trading)
            ]
        )
        self.assertEqual(
            orders.with_user(self.salesperson)
            .with_context(allowed_company_ids=self.company.ids)[0]
            .freight_is_offered,
            True,
        )
        self.assertEqual(orders.mapped("freight_is_offered"), [True, False])
