from odoo.exceptions import UserError
from odoo.fields import Command

from .common import FreightCase


class TestQuote(FreightCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
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
                            "charge_type_id": cls.env.ref(
                                "freight_booking.charge_type_doc"
                            ).id,
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
        with self.assertRaisesRegex(UserError, "No approved tariff covers"):
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
