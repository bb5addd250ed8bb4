from .common import FreightCase


class TestModes(FreightCase):
    def test_every_rule_arrives_off(self):
        """F07, F10, F16, F18: switched off, nothing is refused."""
        booking = self.new_booking()
        operator = booking.with_user(self.operator)
        operator.action_confirm_booking()
        container = self.env["freight.container"].create(
            {
                "booking_id": booking.id,
                "equipment_type_id": self.high_cube.id,
                "number": "CSQU3054384",
            }
        )
        self.assertTrue(container.number_issue, "the form still warns")
        container.with_user(self.operator).action_on_board()
        self.assertEqual(booking.headline, "on_board")
        self.new_charge(booking, customer_confirmed=False)
        note = self.new_debit_note(booking)
        self.assertEqual(note.state, "posted")
        bill = self.new_bill(booking)
        bill.with_user(self.documents).action_approve()
        bill.with_user(self.settlement).action_release()
        self.assertEqual(bill.state, "released")

    def test_warning_lets_pass_and_says_so(self):
        """F07: warn shows a banner and logs what was passed over."""
        self.set_mode("F07", "warn")
        booking = self.new_booking()
        operator = booking.with_user(self.operator)
        operator.action_confirm_booking()
        self.assertIn("alert-info", booking.guard_banner)
        operator.action_receive_shipping_order()
        self.assertTrue(booking.shipping_order_at)
        self.assertIn("F07", booking.message_ids[0].body)

    def test_older_bookings_are_grandfathered(self):
        """F07: a rule from tomorrow on spares the booking of today."""
        self.set_mode("F07", date_from="2999-01-01")
        booking = self.new_booking()
        booking.with_user(self.operator).action_confirm_booking()
        booking.with_user(self.operator).action_receive_shipping_order()
        self.assertTrue(booking.shipping_order_at)

    def test_mode_is_the_companys(self):
        """F07: another company's mode does not count."""
        other = self.env["res.company"].create({"name": "Other"})
        self.set_mode("F07", company=other)
        booking = self.new_booking()
        booking.with_user(self.operator).action_confirm_booking()
        booking.with_user(self.operator).action_receive_shipping_order()
        self.assertTrue(booking.shipping_order_at)
