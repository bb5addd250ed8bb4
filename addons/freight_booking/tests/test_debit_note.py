import psycopg2
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tools import mute_logger

from .common import FreightCase


class TestDebitNote(FreightCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.block_all()
        cls.booking = cls.new_booking()
        cls.agreed = cls.new_charge(cls.booking)
        cls.extra = cls.new_charge(
            cls.booking,
            550.0,
            charge_type_id=cls.env.ref("freight_booking.charge_type_ins").id,
            customer_confirmed=False,
        )

    def test_only_confirmed_charges_are_billed(self):
        """F16: what the customer has not confirmed stays off the debit note."""
        note = self.new_debit_note(self.booking)
        self.assertEqual(note.invoice_line_ids.freight_charge_id, self.agreed)
        self.assertEqual(note.amount_total, 1000.0)
        self.assertTrue(note.is_freight_debit_note)
        self.assertEqual(self.agreed.invoice_id, note)
        with self.assertRaisesRegex(UserError, "has not confirmed.*Inspection.*550"):
            self.booking.with_user(self.settlement).action_create_debit_note()

    def test_unconfirmed_charge_is_refused_whichever_way(self):
        """F16: not by a line of an invoice made by hand, and not under sudo."""
        note = self.new_debit_note(self.booking, post=False)
        line = {
            "product_id": self.extra.product_id.id,
            "price_unit": 550.0,
            "freight_charge_id": self.extra.id,
        }
        with self.assertRaisesRegex(UserError, "has not confirmed"):
            note.with_user(self.settlement).invoice_line_ids = [Command.create(line)]
        with self.assertRaisesRegex(UserError, "has not confirmed"):
            self.env["account.move"].sudo().create(
                {
                    "move_type": "out_invoice",
                    "partner_id": self.customer.id,
                    "freight_booking_id": self.booking.id,
                    "invoice_line_ids": [Command.create(line)],
                }
            )

    def test_nothing_else_and_not_more_is_posted(self):
        """F16: a debit note holds its charges at most at their agreed amount."""
        note = self.new_debit_note(self.booking, post=False)
        note.invoice_line_ids.price_unit = 1001.0
        with (
            self.assertRaisesRegex(UserError, "bills.*1,001.*confirmed are.*1,000"),
            self.cr.savepoint(),
        ):
            note.with_user(self.settlement).action_post()
        note.invoice_line_ids.price_unit = 1000.0
        note.invoice_line_ids = [
            Command.create({"name": "smuggled", "price_unit": 550.0, "tax_ids": False})
        ]
        with self.assertRaisesRegex(UserError, "comes from no charge"):
            note.sudo().action_post()

    def test_operator_cannot_confirm_for_the_customer(self):
        """F16: the customer's word is taken by commercial or settlement staff."""
        with self.assertRaises(AccessError):
            self.extra.with_user(self.operator).write({"customer_confirmed": True})
        self.extra.with_user(self.commercial).action_confirm()
        self.assertEqual(self.extra.confirmed_by_id, self.commercial)

    def test_changed_charge_is_asked_again(self):
        """F16: a confirmation covers the price that was confirmed."""
        self.agreed.with_user(self.commercial).price_unit = 1200.0
        self.assertFalse(self.agreed.customer_confirmed)
        self.agreed.with_user(self.commercial).action_confirm()
        self.agreed.with_user(self.commercial).write(
            {"price_unit": 1200.0, "sequence": 3}
        )
        self.assertTrue(self.agreed.customer_confirmed, "the same price is no change")

    def test_billed_charge_is_fixed(self):
        """F16: what is billed is credited first, then changed."""
        self.new_debit_note(self.booking)
        for attempt in (
            lambda: self.agreed.write({"price_unit": 1.0}),
            lambda: self.agreed.write({"customer_confirmed": False}),
            lambda: self.agreed.write({"payer": "us"}),
            self.agreed.unlink,
        ):
            with self.assertRaises(UserError):
                attempt()

    @mute_logger("odoo.sql_db")
    def test_charge_is_billed_once(self):
        """F16: the database refuses a second line of the same charge."""
        note = self.new_debit_note(self.booking)
        with self.assertRaises(psycopg2.IntegrityError), self.cr.savepoint():
            self.env["account.move"].create(
                {
                    "move_type": "out_invoice",
                    "partner_id": self.customer.id,
                    "freight_booking_id": self.booking.id,
                    "invoice_line_ids": [
                        Command.create(
                            {
                                "name": "again",
                                "price_unit": 1000.0,
                                "freight_charge_id": self.agreed.id,
                            }
                        )
                    ],
                }
            )
        self.assertEqual(self.agreed.invoice_line_ids.move_id, note)

    def test_wholly_credited_note_is_billed_anew(self):
        """F16: after a full credit note the charge can be billed again, once."""
        note = self.new_debit_note(self.booking)
        wizard = (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=note.ids)
            .create({"journal_id": note.journal_id.id, "date": "2026-11-22"})
        )
        wizard.refund_moves()
        note.reversal_move_ids.filtered(lambda m: m.state == "draft").action_post()
        self.assertEqual(note.payment_state, "reversed")
        self.assertFalse(self.agreed.is_billed)
        again = self.new_debit_note(self.booking)
        self.assertEqual(self.agreed.invoice_id, again)
        self.assertNotEqual(again, note)

    def test_copy_of_a_debit_note_bills_nothing(self):
        """F16: a duplicated invoice is no debit note and holds no charge."""
        copy = self.new_debit_note(self.booking).copy()
        self.assertFalse(copy.is_freight_debit_note)
        self.assertFalse(copy.invoice_line_ids.freight_charge_id)

    def test_carriers_debit_note_from_buying_charges(self):
        """F16: the carrier's debit note is a vendor bill of the same booking."""
        cost = self.new_charge(self.booking, 800.0, side="buy")
        self.booking.with_user(self.settlement).action_create_vendor_bill()
        bill = self.booking.vendor_bill_ids
        self.assertEqual(bill.move_type, "in_invoice")
        self.assertEqual(bill.partner_id, self.vendor)
        self.assertEqual(bill.invoice_line_ids.freight_charge_id, cost)
        self.assertEqual(
            (self.booking.sell_amount, self.booking.buy_amount, self.booking.margin),
            (1550.0, 800.0, 750.0),
        )

    def test_one_note_per_currency(self):
        """F16: charges in another currency go on a note of their own."""
        euro = self.setup_other_currency("EUR")
        self.new_charge(self.booking, 100.0, currency_id=euro.id)
        self.booking.with_user(self.settlement).action_create_debit_note()
        notes = self.booking.debit_note_ids
        self.assertEqual(
            set(notes.mapped("currency_id")), {euro, self.company.currency_id}
        )

    def test_charge_of_another_company_cannot_be_billed(self):
        """F16: charges stay in their company."""
        other = self.env["res.company"].create({"name": "Other"})
        with self.assertRaises(UserError):
            self.new_charge(
                self.booking,
                bill_id=self.env["freight.bill"]
                .create(
                    {
                        "booking_id": self.new_booking(
                            company_id=other.id, user_id=False
                        ).id
                    }
                )
                .id,
            )
