from datetime import timedelta

from odoo import fields
from odoo.addons.account.tests.common import AccountTestInvoicingCommon
from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from .common import FreightMixinCase


@tagged("post_install", "-at_install")
class TestTour(FreightMixinCase, AccountTestInvoicingCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_freight()
        cls.block_all()
        for user in cls.users.values():
            user.password = user.login

    def start(self, action, tour, user):
        self.start_tour(
            f"/odoo/action-freight_booking.{action}",
            tour,
            login=user.login,
            timeout=120,
        )

    def test_from_quote_to_released_bill(self):
        """F07, F10, F16, F18: the thread, clicked through by the roles."""
        quote = (
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
                    "freight_cargo_ready_date": "2026-11-20",
                    "freight_equipment_ids": [
                        Command.create(
                            {"equipment_type_id": self.high_cube.id, "quantity": 1}
                        )
                    ],
                    "order_line": [
                        Command.create(
                            {
                                "product_id": self.ocean._get_product().id,
                                "price_unit": 1800.0,
                                "tax_ids": False,
                            }
                        )
                    ],
                }
            )
        )
        quote.action_confirm()
        booking = quote.sudo().freight_booking_ids
        now = fields.Datetime.now()
        booking.cutoff_ids = [
            Command.create({"code": "DCO", "deadline": now + timedelta(hours=20)}),
            Command.create({"code": "FCO", "deadline": now + timedelta(days=3)}),
        ]
        self.start("freight_booking_action", "freight_booking_operator", self.operator)
        self.assertEqual(booking.headline, "on_board")
        self.assertEqual(booking.container_ids.number, "CSQU3054383")
        self.start(
            "freight_booking_action", "freight_booking_documents", self.documents
        )
        self.assertEqual(booking.bill_ids.state, "approved")
        self.start(
            "freight_bill_action",
            "freight_booking_settlement_refused",
            self.settlement,
        )
        self.assertEqual(booking.bill_ids.state, "approved")
        note = booking.debit_note_ids
        self.assertEqual((note.state, note.amount_total), ("posted", 1800.0))
        self._register_payment(note, payment_date=fields.Date.today())
        self.start(
            "freight_bill_action",
            "freight_booking_settlement_release",
            self.settlement,
        )
        self.assertEqual(booking.bill_ids.state, "released")
        self.assertEqual(booking.headline, "released")
