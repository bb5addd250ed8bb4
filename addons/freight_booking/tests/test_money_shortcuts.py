"""What the second look at debit notes and their money found, each way round closed."""

from odoo.exceptions import UserError
from odoo.fields import Command

from .common import FreightCase


class TestMoneyShortcuts(FreightCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.block_all()
        cls.booking = cls.new_booking()
        cls.load(cls.booking)
        cls.charge = cls.new_charge(cls.booking)
        cls.bill = cls.new_bill(cls.booking)
        cls.bill.with_user(cls.documents).action_approve()
        cls.stranger = cls.env["res.partner"].create({"name": "Somebody Else"})
        cls.bank = cls.company_data["default_journal_bank"]

    def mine(self, records):
        return records.with_user(self.settlement)

    def get_receivable(self, moves):
        return moves.line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )

    def assert_held_back(self, message="0.00 of .*1,000.00 collected"):
        with self.assertRaisesRegex(UserError, message), self.cr.savepoint():
            self.mine(self.bill).action_release()

    def assert_refused(self, *attempts, message="F16"):
        for position, attempt in enumerate(attempts, 1):
            with (
                self.subTest(attempt=position),
                self.assertRaisesRegex(UserError, message),
                self.cr.savepoint(),
            ):
                attempt()
                self.env.flush_all()

    # ------------------------------------------------------------------
    # Whose money it is
    # ------------------------------------------------------------------
    def test_payment_stays_its_payers_whatever_its_item_says(self):
        """F18: another customer's payment is theirs, even with its item re-labelled."""
        note = self.new_debit_note(self.booking)
        payment = self.mine(self.env["account.payment"]).create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": self.stranger.id,
                "amount": 1000.0,
                "journal_id": self.bank.id,
            }
        )
        payment.action_post()
        money = self.get_receivable(payment.move_id)
        (self.get_receivable(note).with_env(money.env) + money).reconcile()
        self.assert_held_back()
        relabelled = money.with_context(skip_account_move_synchronization=True)
        for partner in (self.stranger.browse(), self.customer):
            with self.subTest(partner.name):
                relabelled.write({"partner_id": partner.id})
                self.env.flush_all()
                self.assert_held_back()

    def test_payment_does_not_follow_a_forged_second_payment(self):
        """F18: of two payments that claim an entry, the stranger's decides."""
        note = self.new_debit_note(self.booking)
        values = {
            "payment_type": "inbound",
            "partner_type": "customer",
            "amount": 1000.0,
            "journal_id": self.bank.id,
        }
        Payment = self.env["account.payment"]
        payment = Payment.create({**values, "partner_id": self.stranger.id})
        payment.action_post()
        self.get_receivable(note + payment.move_id).reconcile()
        forged = Payment.create({**values, "partner_id": self.customer.id})
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE account_payment SET move_id = %s, state = 'paid' WHERE id = %s",
            (payment.move_id.id, forged.id),
        )
        self.env.invalidate_all()
        self.assert_held_back()

    def test_bank_line_counts_for_its_own_partner_only(self):
        """F18: a bank line without a partner, or of another one, pays nobody's note."""
        note = self.new_debit_note(self.booking)
        item = self.get_receivable(note)
        for partner, counts in (
            (self.stranger.browse(), False),
            (self.stranger, False),
            (self.customer, True),
        ):
            with self.subTest(partner.name):
                line = self.env["account.bank.statement.line"].create(
                    {
                        "journal_id": self.bank.id,
                        "payment_ref": "slip",
                        "amount": 1000.0,
                        "date": "2026-11-22",
                        "partner_id": partner.id,
                    }
                )
                _liquidity, suspense, _other = line._seek_for_lines()
                suspense.account_id = item.account_id
                (item + suspense).reconcile()
                suspense.with_context(skip_account_move_synchronization=True).write(
                    {"partner_id": self.customer.id}
                )
                self.env.flush_all()
                if not counts:
                    self.assert_held_back()
                    item.remove_move_reconcile()
        self.mine(self.bill).action_release()
        self.assertEqual(self.bill.state, "released")

    def test_posted_note_keeps_its_customer(self):
        """F18: whose money counts is not changed on a posted note."""
        note = self.mine(self.new_debit_note(self.booking))
        self.assert_refused(
            lambda: note.with_context(skip_readonly_check=True).write(
                {"partner_id": self.stranger.id}
            ),
            message="is posted",
        )

    # ------------------------------------------------------------------
    # Posting
    # ------------------------------------------------------------------
    def get_values(self, **values):
        return {
            "move_type": "out_invoice",
            "partner_id": self.customer.id,
            "invoice_date": "2026-11-21",
            "invoice_line_ids": [
                Command.create(
                    {"name": "smuggled", "price_unit": 5.0, "tax_ids": False}
                )
            ],
            **values,
        }

    def test_note_made_and_posted_in_one_write_is_checked(self):
        """F16: what the same write turns into a debit note is judged as one."""
        Move = self.mine(self.env["account.move"])
        booking = {"freight_booking_id": self.booking.id}
        plain, other = Move.create([self.get_values(), self.get_values()])
        refund = Move.create(self.get_values(move_type="out_refund", **booking))
        refund.invoice_line_ids.quantity = -1
        self.assert_refused(
            lambda: plain.write({**booking, "state": "posted"}),
            lambda: plain.sudo().write({**booking, "state": "posted"}),
            lambda: (plain + other).write({**booking, "state": "posted"}),
            lambda: refund.write({"move_type": "out_invoice", "state": "posted"}),
            lambda: self.booking.write(
                {
                    "debit_note_ids": [
                        Command.link(plain.id),
                        Command.update(plain.id, {"state": "posted"}),
                    ]
                }
            ),
            message="F16|is posted",
        )
        self.assertEqual((plain + other + refund).mapped("state"), ["draft"] * 3)

    def test_note_created_as_posted_is_checked(self):
        """F16: a default state of the context or of a user posts no unchecked note."""
        booking = {"freight_booking_id": self.booking.id}
        Move = self.mine(self.env["account.move"])
        posting = Move.with_context(default_state="posted")
        self.assertEqual(posting.create(self.get_values(**booking)).state, "draft")
        self.env["ir.default"].set("account.move", "state", "posted")
        for model in (
            Move,
            Move.sudo(),
            Move.with_context(default_freight_booking_id=self.booking.id),
        ):
            note = model.create(self.get_values(**booking))
            self.assertEqual(note.state, "draft")
        self.assert_refused(
            lambda: Move.create(self.get_values(**booking, state="posted")),
            message="F16|is posted|already in the posted state",
        )

    def test_posted_note_takes_no_further_line(self):
        """F16: a posted debit note bills what was checked, and gets no line added."""
        note = self.mine(self.new_debit_note(self.booking))
        line = {
            "name": "discount",
            "product_id": self.charge.product_id.id,
            "price_unit": -100.0,
            "tax_ids": False,
        }
        Line = self.mine(self.env["account.move.line"]).with_context(
            skip_readonly_check=True
        )
        self.assert_refused(
            lambda: Line.create({"move_id": note.id, **line}),
            lambda: Line.sudo().create({"move_id": note.id, **line}),
            lambda: note.with_context(skip_readonly_check=True).write(
                {"invoice_line_ids": [Command.create(line)]}
            ),
            message="is posted",
        )
        self.assertEqual(note.amount_total, 1000.0)

    # ------------------------------------------------------------------
    # Taxes
    # ------------------------------------------------------------------
    def new_taxed_note(self):
        self.tax = self.company_data["default_tax_sale"]
        self.charge.product_id.taxes_id = self.tax
        self.booking.with_user(self.settlement).action_create_debit_note()
        note = self.mine(self.booking.debit_note_ids)
        note.invoice_date = "2026-11-21"
        self.assertEqual(note.amount_total, 1150.0)
        return note

    def test_note_bills_the_taxes_that_were_agreed(self):
        """F16: neither without them, nor with others, nor by another fiscal position."""
        note = self.new_taxed_note()
        exempt = self.env["account.fiscal.position"].create({"name": "Exempt"})
        other = self.tax.copy({"name": "1%", "amount": 1.0})
        exempt.tax_ids = [Command.link(other.id)]
        other.original_tax_ids = self.tax
        lines = note.invoice_line_ids

        def reposition():
            note.fiscal_position_id = exempt
            note.action_update_fpos_values()
            self.assertEqual(lines.tax_ids, other)
            note.action_post()

        self.assert_refused(
            lambda: (lines.write({"tax_ids": False}), note.action_post()),
            lambda: (lines.write({"tax_ids": other.ids}), note.action_post()),
            reposition,
            message="F16.* is taxed with",
        )
        note.action_post()
        self.assertEqual(note.state, "posted")
        self.assert_refused(
            lambda: lines.write({"tax_ids": False}),
            message="is posted",
        )

    def test_untaxed_note_releases_nothing_where_its_own_rule_is_off(self):
        """F18: the agreed tax must come in, even if F16 lets a note without it pass."""
        self.env["business.rule.mode"].search(
            [("rule_id.code", "=", "F16"), ("company_id", "=", self.company.id)]
        ).unlink()
        note = self.new_taxed_note()
        note.invoice_line_ids.tax_ids = False
        note.action_post()
        self.pay(note, 1000.0)
        self.assert_held_back("bills .*1,000.00, agreed are .*1,150.00")

    def test_taxed_note_is_due_with_its_tax_and_no_more(self):
        """F18: a note as agreed is due as it stands, its tax rounded as it was."""
        self.charge.price_unit = 33.33
        self.charge.with_user(self.commercial).action_confirm()
        for price in (11.11, 22.23):
            self.new_charge(self.booking, price)
        self.charge.product_id.taxes_id = self.company_data["default_tax_sale"]
        self.booking.with_user(self.settlement).action_create_debit_note()
        note = self.booking.debit_note_ids
        note.invoice_date = "2026-11-21"
        note.action_post()
        self.pay(note, note.amount_total)
        self.mine(self.bill).action_release()
        self.assertEqual(self.bill.state, "released")

    # ------------------------------------------------------------------
    # In which currency, and until when
    # ------------------------------------------------------------------
    def test_money_in_another_currency_than_the_notes_is_not_compared(self):
        """F18: 1,000 collected on an item in one currency are no 1,000 of another."""
        note = self.new_debit_note(self.booking)
        self.pay(note, 1000.0)
        self.assertEqual(note._get_freight_collected()[note.id], 1000.0)
        other = self.setup_other_currency("JPY")
        self.env.flush_all()
        for table, row in (
            ("account_move", note),
            ("account_move_line", self.get_receivable(note)),
        ):
            with self.subTest(table):
                savepoint = self.cr.savepoint()
                # Whichever way somebody found to do it.
                self.cr.execute(
                    f"UPDATE {table} SET currency_id = %s WHERE id = %s",  # noqa: S608
                    (other.id, row.id),
                )
                self.env.invalidate_all()
                self.assertEqual(note._get_freight_collected()[note.id], 0.0)
                self.assert_held_back("collected")
                savepoint.rollback()
                savepoint.close()
                self.env.invalidate_all()
        self.mine(self.bill).action_release()

    def test_note_stays_posted_once_its_bill_is_out(self):
        """F18: what a bill was released against is neither reset nor cancelled."""
        note = self.new_debit_note(self.booking)
        note.with_user(self.settlement).button_draft()
        note.with_user(self.settlement).action_post()
        self.pay(note, 1000.0)
        self.mine(self.bill).action_release()
        mine = self.mine(note)
        self.assert_refused(
            mine.button_draft,
            mine.button_cancel,
            lambda: mine.write({"state": "draft"}),
            lambda: mine.write({"state": "cancel"}),
            note.sudo().button_draft,
            lambda: (
                self.get_receivable(note).remove_move_reconcile(),
                mine.button_draft(),
            ),
            message="was released against it",
        )
        self.assertEqual(note.state, "posted")
        refund = mine._reverse_moves([{"invoice_date": "2026-11-22"}])
        refund.action_post()
        self.assertEqual(refund.state, "posted", "a credit note corrects it")

    def test_other_notes_are_corrected_as_before(self):
        """F18: a late note, or one on monthly terms, or with the rule off, is reset."""
        note = self.new_debit_note(self.booking)
        self.pay(note, 1000.0)
        self.mine(self.bill).action_release()
        # All of one test is one transaction, whose moment every record has.
        self.env.flush_all()
        self.cr.execute(
            "UPDATE freight_bill SET released_at = released_at - INTERVAL '1 hour'"
        )
        self.cr.execute(
            "UPDATE account_move SET create_date = create_date - INTERVAL '2 hours'"
            " WHERE id = %s",
            (note.id,),
        )
        self.env.invalidate_all()
        self.new_charge(self.booking, 50.0)
        late = self.new_debit_note(self.booking)
        self.mine(late).button_draft()
        self.assertEqual(late.state, "draft")
        savepoint = self.cr.savepoint()
        self.booking.with_user(self.commercial).settlement = "monthly"
        self.mine(note).button_draft()
        self.assertEqual(note.state, "draft")
        savepoint.rollback()
        savepoint.close()
        self.env.invalidate_all()
        self.env["business.rule.mode"].search(
            [("rule_id.code", "=", "F18"), ("company_id", "=", self.company.id)]
        ).unlink()
        self.mine(note).button_draft()
        self.assertEqual(note.state, "draft")
