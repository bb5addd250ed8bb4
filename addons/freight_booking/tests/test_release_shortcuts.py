"""What a settlement clerk might try to release an unpaid bill of lading alone."""

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user

from .common import FreightCase

RELEASED = "a bill nobody paid was released"


class TestReleaseShortcuts(FreightCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.block_all()
        cls.booking = cls.new_booking()
        cls.load(cls.booking)
        # The quote's charges: entered by somebody else than who collects the money.
        cls.charge = cls.new_charge(cls.booking)
        cls.small = cls.new_charge(
            cls.booking,
            10.0,
            charge_type_id=cls.env.ref("freight_booking.charge_type_doc").id,
        )
        cls.bill = cls.new_bill(cls.booking)
        cls.bill.with_user(cls.documents).action_approve()
        cls.other_customer = cls.env["res.partner"].create({"name": "Somebody Else"})

    def mine(self, records):
        return records.with_user(self.settlement)

    def new_note(self, post=True):
        return self.mine(self.new_debit_note(self.booking, post=post))

    def assert_held_back(self, message="F18"):
        with self.assertRaisesRegex(UserError, message):
            self.mine(self.bill).action_release()
        self.assertEqual(self.bill.state, "approved", RELEASED)

    def assert_refused(self, *attempts, error=UserError):
        for position, attempt in enumerate(attempts, 1):
            with (
                self.subTest(attempt=position),
                self.assertRaises(error),
                self.cr.savepoint(),
            ):
                attempt()
                self.env.flush_all()
        self.assert_held_back()

    def get_receivable(self, moves):
        return moves.line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )

    # ------------------------------------------------------------------
    # The debit note
    # ------------------------------------------------------------------
    def test_note_reset_and_lowered_is_not_posted_again(self):
        """F16: a note over less than its charges is refused as one over more is."""
        note = self.new_note()
        note.button_draft()
        line = note.invoice_line_ids.filtered(
            lambda line: line.freight_charge_id == self.charge
        )
        for vals in (
            {"price_unit": 0.0},
            {"price_unit": 999.99},
            {"quantity": 0.5},
            {"discount": 50.0},
            {"quantity": 2.0},
        ):
            with (
                self.subTest(vals),
                self.assertRaisesRegex(UserError, "bills .*confirmed are .*1,000"),
                self.cr.savepoint(),
            ):
                line.write(vals)
                note.action_post()
        self.assert_held_back("is a draft")

    def test_note_is_not_posted_by_writing_its_state(self):
        """F16: the state written by RPC meets the same guard as the button."""
        note = self.new_note(post=False)
        note.invoice_line_ids.price_unit = 0.01
        self.assert_refused(
            lambda: note.write({"state": "posted"}),
            note.action_post,
            lambda: note.sudo().write({"state": "posted"}),
        )

    def test_lowered_note_releases_nothing_where_its_own_rule_is_off(self):
        """F18: what was agreed must come in, even if F16 lets a lower note pass."""
        self.env["business.rule.mode"].search(
            [("rule_id.code", "=", "F16"), ("company_id", "=", self.company.id)]
        ).unlink()
        note = self.new_note(post=False)
        note.invoice_line_ids.price_unit = 0.5
        note.action_post()
        self.pay(note, 1.0)
        self.assertEqual(note.payment_state, "paid")
        self.assert_held_back("bills .*1.00, agreed are .*1,010.00: .*1.00 collected")

    def test_note_over_nothing_is_no_payment(self):
        """F18: a debit note over nothing is none: there is nothing to be paid."""
        self.charge.unlink()
        self.small.price_unit = 0.0
        self.small.with_user(self.commercial).action_confirm()
        note = self.new_note()
        self.assertEqual((note.state, note.amount_total), ("posted", 0.0))
        self.assert_held_back("no debit note to be paid")

    def test_rounding_does_not_lower_what_is_owed(self):
        """F18: whoever invoices may invent a cash rounding; it is no payment."""
        rounding = self.mine(self.env["account.cash.rounding"]).create(
            {
                "name": "down",
                "rounding": 1009.0,
                "rounding_method": "DOWN",
                "strategy": "add_invoice_line",
                "profit_account_id": self.company_data["default_account_revenue"].id,
                "loss_account_id": self.company_data["default_account_expense"].id,
            }
        )
        note = self.new_note(post=False)
        note.invoice_cash_rounding_id = rounding
        with (
            self.assertRaisesRegex(UserError, "less is asked for"),
            self.cr.savepoint(),
        ):
            note.action_post()
        self.env["business.rule.mode"].search(
            [("rule_id.code", "=", "F16")]
        ).mode = "off"
        note.action_post()
        self.pay(note, note.amount_total)
        self.assertEqual(note.payment_state, "paid")
        self.assert_held_back("agreed are .*1,010.00")

    def test_line_taken_off_the_note_is_unbilled(self):
        """F16, F18: a charge missing from its note holds the bill back."""
        note = self.new_note(post=False)
        note.invoice_line_ids.filtered(
            lambda line: line.freight_charge_id == self.charge
        ).unlink()
        note.action_post()
        self.pay(note, 10.0)
        self.assert_held_back("not billed yet .1.: .*1,000.00")

    def test_note_to_somebody_else_is_not_posted(self):
        """F16: the note goes to whom the charge says."""
        note = self.new_note(post=False)
        note.partner_id = self.other_customer
        with self.assertRaisesRegex(UserError, "is owed by Toy Exports Co."):
            note.action_post()

    def test_note_in_another_currency_is_not_posted(self):
        """F16: 1,000 of a lighter currency are not what was agreed."""
        yen = self.setup_other_currency("JPY")
        note = self.new_note(post=False)
        note.currency_id = yen
        with self.assertRaisesRegex(UserError, "confirmed are"):
            note.action_post()

    def test_deleted_or_cancelled_draft_leaves_its_charges_unbilled(self):
        """F18: a draft that goes away bills nothing."""
        note = self.new_note(post=False)
        note.button_cancel()
        self.assertFalse(self.charge.is_billed)
        self.assert_held_back("not billed yet .2.")
        note = self.new_note(post=False)
        note.unlink()
        self.assertFalse(self.charge.is_billed)
        self.assert_held_back("not billed yet .2.")

    # ------------------------------------------------------------------
    # What ties note, charge, booking and bill together
    # ------------------------------------------------------------------
    def test_posted_note_keeps_its_booking_bill_and_charges(self):
        """F16, F18: not by write, command, import or the charge's side of the link."""
        note = self.new_note()
        line = note.invoice_line_ids[0]
        elsewhere = self.new_booking()
        second = self.new_bill(self.booking)
        self.assert_refused(
            lambda: note.write({"freight_booking_id": False}),
            lambda: note.write({"freight_booking_id": elsewhere.id}),
            lambda: note.write({"freight_bill_id": second.id}),
            lambda: note.sudo().write({"freight_booking_id": False}),
            lambda: line.write({"freight_charge_id": False}),
            lambda: line.with_context(freight_step=True).write(
                {"freight_charge_id": False}
            ),
            lambda: line.sudo().write({"freight_charge_id": False}),
            lambda: line.write({"price_unit": 1.0}),
            lambda: line.with_context(check_move_validity=False).write(
                {"quantity": 0.1}
            ),
            lambda: note.with_context(skip_readonly_check=True).write(
                {
                    "invoice_line_ids": [
                        Command.update(line.id, {"freight_charge_id": False})
                    ]
                }
            ),
            lambda: self.mine(self.booking).write(
                {"debit_note_ids": [Command.unlink(note.id)]}
            ),
            lambda: self.mine(self.charge).write(
                {"invoice_line_ids": [Command.clear()]}
            ),
        )
        for fields, row in (
            ([".id", "freight_booking_id/.id"], [str(note.id), str(elsewhere.id)]),
            ([".id", "freight_bill_id/.id"], [str(note.id), str(second.id)]),
        ):
            result = self.mine(self.env["account.move"]).load(fields, [row])
            self.assertIn("is posted", result["messages"][0]["message"])
        result = self.mine(self.env["account.move.line"]).load(
            [".id", "freight_charge_id/.id"], [[str(line.id), ""]]
        )
        self.assertIn("is posted", result["messages"][0]["message"])
        self.assertEqual(note.freight_booking_id, self.booking)
        self.assertEqual(line.freight_charge_id.id, self.charge.id)

    def test_draft_note_does_not_leave_its_booking_with_charges(self):
        """F16: no document outside the rules of debit notes bills a charge."""
        note = self.new_note(post=False)
        elsewhere = self.new_booking()
        values = {
            "name": "x",
            "price_unit": 1.0,
            "freight_charge_id": self.new_charge(elsewhere).id,
        }
        Move = self.mine(self.env["account.move"])
        partner = {"partner_id": self.customer.id}
        self.assert_refused(
            lambda: note.write({"freight_booking_id": False}),
            lambda: note.write({"freight_booking_id": elsewhere.id}),
            note.action_switch_move_type,
            lambda: note.write({"invoice_line_ids": [Command.create(values)]}),
            lambda: Move.create(
                {
                    **partner,
                    "move_type": "out_invoice",
                    "invoice_line_ids": [Command.create(values)],
                }
            ),
            lambda: Move.create(
                {
                    **partner,
                    "move_type": "out_refund",
                    "freight_booking_id": elsewhere.id,
                    "invoice_line_ids": [Command.create(values)],
                }
            ),
            lambda: (
                self.mine(self.env["account.move.line"])
                .with_context(default_freight_charge_id=values["freight_charge_id"])
                .create({"move_id": note.id, "name": "x", "price_unit": 1.0})
            ),
        )

    def test_booking_and_container_stay_where_the_bill_is(self):
        """F18: neither company nor container changes under a bill."""
        other = self.env["res.company"].create({"name": "Other"})
        elsewhere = self.new_booking()
        container = self.booking.container_ids
        with self.assertRaises(UserError), self.cr.savepoint():
            self.booking.company_id = other
        with self.assertRaises(UserError), self.cr.savepoint():
            container.booking_id = elsewhere
        self.assertEqual(self.bill.state, "approved")
        with self.assertRaises(UserError), self.cr.savepoint():
            self.mine(self.bill).booking_id = elsewhere

    # ------------------------------------------------------------------
    # The charges and terms
    # ------------------------------------------------------------------
    def test_who_collects_does_not_change_what_is_owed(self):
        """F18: settlement lowers, moves, gives away or deletes no charge of others."""
        second = self.new_bill(self.booking)
        elsewhere = self.new_booking()
        mine = self.mine(self.charge)
        self.assert_refused(
            lambda: mine.write({"price_unit": 0.01}),
            lambda: mine.write({"quantity": 0.1}),
            lambda: mine.write({"payer": "us"}),
            lambda: mine.write({"side": "buy"}),
            lambda: mine.write({"partner_id": self.other_customer.id}),
            lambda: mine.write({"bill_id": second.id}),
            lambda: mine.write({"booking_id": elsewhere.id}),
            mine.unlink,
            lambda: self.mine(self.booking).write(
                {"charge_ids": [Command.update(mine.id, {"payer": "us"})]}
            ),
            lambda: self.mine(self.booking).write(
                {"charge_ids": [Command.delete(mine.id)]}
            ),
            lambda: self.mine(self.env["freight.charge"]).create(
                {
                    "booking_id": self.booking.id,
                    "charge_type_id": self.ocean.id,
                    "price_unit": -1000.0,
                }
            ),
            error=AccessError,
        )
        result = mine.load([".id", "payer"], [[str(mine.id), "us"]])
        self.assertIn("commercial staff", result["messages"][0]["message"])

    def test_charge_fetched_from_the_quote_is_not_settlements_own(self):
        """F18: pressing “Add missing charges” does not make them one's own to lower."""
        order = self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "order_line": [
                    Command.create(
                        {"product_id": self.ocean._get_product().id, "price_unit": 700}
                    )
                ],
            }
        )
        self.booking.order_id = order
        self.mine(self.booking).action_update_charges()
        fetched = self.booking.charge_ids.filtered("sale_line_id")
        self.assertEqual(fetched.create_uid, self.settlement)
        self.assert_refused(
            lambda: self.mine(fetched).write({"price_unit": 1.0}),
            self.mine(fetched).unlink,
            error=AccessError,
        )

    def test_own_charge_of_settlement_does_not_become_a_credit(self):
        """F18: a late charge entered by settlement is theirs, a discount is not."""
        late = self.mine(self.env["freight.charge"]).create(
            {
                "booking_id": self.booking.id,
                "charge_type_id": self.ocean.id,
                "price_unit": 55.0,
            }
        )
        late.price_unit = 60.0
        self.assert_refused(
            lambda: late.write({"price_unit": -1000.0}), error=AccessError
        )
        late.unlink()

    def test_billed_charge_is_not_moved_by_anybody(self):
        """F16: once on a note, payer, bill, booking and currency stay."""
        euro = self.setup_other_currency("EUR")
        second = self.new_bill(self.booking)
        self.new_note()
        for user in (self.settlement, self.commercial):
            charge = self.charge.with_user(user)
            self.assert_refused(
                lambda c=charge: c.write({"payer": "us"}),
                lambda c=charge: c.write({"bill_id": second.id}),
                lambda c=charge: c.write({"currency_id": euro.id}),
                lambda c=charge: c.write({"partner_id": self.other_customer.id}),
                lambda c=charge: c.write({"booking_id": self.new_booking().id}),
                charge.unlink,
            )

    def test_who_collects_does_not_agree_on_the_terms(self):
        """F18: settlement does not turn a prepaid booking into one on credit."""
        mine = self.mine(self.booking)
        self.assert_refused(
            lambda: mine.write({"settlement": "monthly"}),
            lambda: mine.write(
                {"freight_payment_term_code": "COL", "settlement": "collect"}
            ),
            # One in good standing, for monthly terms.
            lambda: mine.write({"partner_id": self.other_customer.id}),
            lambda: self.mine(self.bill).write({"partner_id": self.other_customer.id}),
            error=AccessError,
        )

    def test_who_releases_does_not_say_where_the_originals_are(self):
        """F18: documents record printed and surrendered originals."""
        self.bill.write({"originals_printed": True})
        self.assert_refused(
            lambda: self.mine(self.bill).write({"originals_surrendered": True}),
            lambda: self.mine(self.bill).write({"originals_printed": False}),
            error=AccessError,
        )
        self.bill.with_user(self.documents).originals_surrendered = True

    # ------------------------------------------------------------------
    # The money
    # ------------------------------------------------------------------
    def test_other_customers_money_is_not_this_customers(self):
        """F18: an advance of another customer, matched with the note, is not ours."""
        note = self.new_note()
        advance = self.mine(self.env["account.payment"]).create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": self.other_customer.id,
                "amount": 1010.0,
                "journal_id": self.company_data["default_journal_bank"].id,
            }
        )
        advance.action_post()
        self.get_receivable(note + advance.move_id).reconcile()
        self.assertIn(note.payment_state, ("paid", "in_payment"))
        self.assert_held_back("0.00 of .*1,010.00 collected in money")

    def test_bounced_and_cancelled_payments_are_none(self):
        """F18: what was unmatched, or whose payment was cancelled, is open again."""
        note = self.new_note()
        payment = self.pay(note, 1010.0)
        self.assertEqual(
            self.mine(self.bill).unpaid_amount, 0.0, "paid, before it bounces"
        )
        self.get_receivable(note).remove_move_reconcile()
        self.assert_held_back("0.00 of .*1,010.00 collected")
        self.get_receivable(note + payment.move_id).reconcile()
        payment.action_draft()
        payment.action_cancel()
        self.assert_held_back("0.00 of .*1,010.00 collected")

    def test_written_payment_fields_are_no_payment(self):
        """F18: the host's own totals, written by RPC, release nothing."""
        for vals in (
            {"payment_state": "paid"},
            {"payment_state": "reversed"},
            {"amount_residual": 0.0},
            {"amount_total": 0.0},
            {"amount_total": 0.0, "amount_untaxed": 0.0, "payment_state": "paid"},
        ):
            with self.subTest(vals):
                note = self.new_note()
                note.write(vals)
                self.env.flush_all()
                self.env.invalidate_all()
                self.assert_held_back()
                note.button_draft()
                note.unlink()

    def test_credit_note_of_the_note_is_no_payment(self):
        """F18: the note reversed in full is no longer billed, so not paid either."""
        note = self.new_note()
        wizard = (
            self.mine(self.env["account.move.reversal"])
            .with_context(active_model="account.move", active_ids=note.ids)
            .create({"journal_id": note.journal_id.id, "date": "2026-11-22"})
        )
        wizard.refund_moves()
        note.reversal_move_ids.filtered(lambda m: m.state == "draft").action_post()
        self.assertEqual(note.payment_state, "reversed")
        self.assert_held_back("not billed yet .2.")

    def test_policy_may_ask_for_the_bank(self):
        """F18: where set so, a registered payment waits for its bank line."""
        outstanding = self.env["account.account"].create(
            {
                "name": "Outstanding Receipts",
                "code": "OUTFREIGHT",
                "account_type": "asset_current",
                "reconcile": True,
            }
        )
        journal = self.company_data["default_journal_bank"]
        journal.inbound_payment_method_line_ids.payment_account_id = outstanding
        self.company.freight_payment_release = "matched"
        note = self.new_note()
        payment = self.pay(note, 1010.0)
        self.assert_held_back("0.00 of .*1,010.00 collected")
        line = self.env["account.bank.statement.line"].create(
            {
                "journal_id": journal.id,
                "payment_ref": "slip",
                "amount": 1010.0,
                "date": "2026-11-22",
                "partner_id": self.customer.id,
            }
        )
        _liquidity, suspense, _other = line._seek_for_lines()
        suspense.account_id = outstanding
        (
            payment.move_id.line_ids.filtered(lambda li: li.account_id == outstanding)
            + suspense
        ).reconcile()
        self.mine(self.bill).action_release()
        self.assertEqual(self.bill.state, "released")

    # ------------------------------------------------------------------
    # Other people
    # ------------------------------------------------------------------
    def test_invoicing_without_a_freight_role_finds_no_way_either(self):
        """F16: an invoicing user outside freight meets the same guards."""
        clerk = new_test_user(
            self.env,
            login="freight_clerk",
            groups="account.group_account_manager",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        note = self.new_note()
        theirs = note.with_user(clerk)
        self.assert_refused(
            lambda: theirs.write({"freight_booking_id": False}),
            lambda: theirs.invoice_line_ids[0].write({"freight_charge_id": False}),
            lambda: theirs.invoice_line_ids[0].write({"price_unit": 0.0}),
        )
        theirs.button_draft()
        theirs.invoice_line_ids[0].price_unit = 0.0
        with self.assertRaisesRegex(UserError, "F16"), self.cr.savepoint():
            theirs.action_post()
        with self.assertRaises(AccessError):
            self.bill.with_user(clerk).action_release()

    def test_company_manager_releases_and_forgives_nothing(self):
        """F18: seeing everything is no right to release or to lower a charge."""
        manager = self.new_user("manager", "sales_receivable.group_company_manager")
        for attempt in (
            lambda: self.bill.with_user(manager).write({"state": "released"}),
            lambda: self.charge.with_user(manager).write({"payer": "us"}),
            lambda: self.booking.with_user(manager).write({"settlement": "monthly"}),
        ):
            with self.assertRaises(AccessError), self.cr.savepoint():
                attempt()
        self.assert_held_back()
