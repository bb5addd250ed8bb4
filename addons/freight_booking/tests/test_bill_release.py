from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from .common import FreightCase


class TestBillRelease(FreightCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.block_all()
        cls.booking = cls.new_booking()
        cls.load(cls.booking)
        cls.charge = cls.new_charge(cls.booking)
        cls.bill = cls.new_bill(cls.booking)

    def approve(self):
        self.bill.with_user(self.documents).action_approve()

    def release(self, bill=None):
        (bill or self.bill).with_user(self.settlement).action_release()

    def assert_refused(self, message):
        with self.assertRaisesRegex(UserError, message):
            self.release()
        self.assertEqual(self.bill.state, "approved")

    def test_released_when_paid_in_money(self):
        """F18: on board, approved, debit note collected: released, with an event."""
        self.approve()
        self.assert_refused("not billed yet .1.: ")
        note = self.new_debit_note(self.booking)
        self.assert_refused("0.00 of .*1,000.00 collected in money")
        self.pay(note, 400.0)
        self.assert_refused("400.00 of .*1,000.00 collected in money")
        self.pay(note, 600.0)
        self.release()
        self.assertEqual(self.bill.state, "released")
        self.assertEqual(self.bill.released_by_id, self.settlement)
        self.assertEqual(self.booking.headline, "released")
        self.assertIn("ISSU", self.booking.event_ids.mapped("code"))

    def test_amounts_are_for_who_deals_with_money(self):
        """F18: others see that a bill is not paid, not how much of what."""
        self.approve()
        self.new_debit_note(self.booking)
        self.new_charge(self.booking, 777.0)
        manager = self.new_user("manager", "sales_receivable.group_company_manager")
        accountant = self.new_user(
            "accountant", "freight_booking.group_reader,account.group_account_readonly"
        )
        for user in (self.commercial, self.settlement, manager, accountant):
            with self.subTest(user.name):
                bill = self.bill.with_user(user)
                self.assertEqual(bill.unpaid_amount, 1777.0)
                self.assertRegex(bill.guard_banner, "777.00.*1,000.00")
        for user in (self.operator, self.documents, self.customs):
            with self.subTest(user.name):
                bill = self.bill.with_user(user)
                for name in ("unpaid_amount", "debit_note_ids"):
                    with self.assertRaises(AccessError):
                        bill.read([name])
                    self.assertNotIn(name, bill.read()[0])
                self.assertIn("not paid yet", bill.guard_banner)
                self.assertNotRegex(bill.guard_banner, r"[0-9]\.00")
        self.booking.settlement = "monthly"
        self.company.account_use_credit_limit = True
        self.customer.with_company(self.company).credit_limit = 5.0
        self.env.invalidate_all()
        self.assertIn("1,000.00", self.bill.with_user(self.settlement).guard_banner)
        banner = self.bill.with_user(self.documents).guard_banner
        self.assertIn("not paid yet", banner)
        self.assertNotIn(".00", banner)

    def test_unpaid_bill_is_refused_whichever_way(self):
        """F18: write, create, import, copy, context key, sudo: all meet the guard."""
        self.approve()
        self.new_debit_note(self.booking)
        mine = self.bill.with_user(self.settlement)
        for attempt in (
            mine.action_release,
            lambda: mine.write({"state": "released"}),
            lambda: mine.sudo().write({"state": "released"}),
            lambda: mine.with_context(authority_engine=True).write(
                {"state": "released"}
            ),
            lambda: (
                self.bill.with_user(self.settlement)
                .sudo()
                .create({"booking_id": self.booking.id, "state": "released"})
            ),
            lambda: self.bill.copy({"state": "released"}),
            lambda: self.booking.write(
                {"bill_ids": [Command.update(self.bill.id, {"state": "released"})]}
            ),
        ):
            with self.assertRaises(UserError):
                attempt()
        result = mine.load([".id", "state"], [[str(self.bill.id), "released"]])
        self.assertIn("collected in money", result["messages"][0]["message"])
        self.assertEqual(self.bill.state, "approved")

    def test_journal_entry_is_no_money(self):
        """F18: an invoice “paid” by a journal entry was not paid by anybody."""
        self.approve()
        note = self.new_debit_note(self.booking)
        item = note.line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )
        entry = self.env["account.move"].create(
            {
                "move_type": "entry",
                "date": "2026-11-22",
                "line_ids": [
                    Command.create(
                        {
                            "account_id": item.account_id.id,
                            "partner_id": note.commercial_partner_id.id,
                            "credit": 1000.0,
                        }
                    ),
                    Command.create(
                        {
                            "account_id": self.company_data[
                                "default_account_expense"
                            ].id,
                            "debit": 1000.0,
                        }
                    ),
                ],
            }
        )
        entry.action_post()
        (item + entry.line_ids[0]).reconcile()
        self.assertIn(note.payment_state, ("paid", "in_payment"))
        self.assert_refused("0.00 of .*1,000.00 collected in money")

    def test_credit_note_is_no_money(self):
        """F18: a 99 % credit note and 1 % of money do not release a bill."""
        self.approve()
        note = self.new_debit_note(self.booking)
        refund = note._reverse_moves([{"invoice_date": "2026-11-22"}])
        refund.invoice_line_ids.price_unit = 990.0
        refund.action_post()
        (note + refund).line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        ).reconcile()
        self.pay(note, 10.0)
        self.assertEqual(note.payment_state, "paid")
        self.assert_refused("10.00 of .*1,000.00 collected in money")

    def test_write_off_is_no_money(self):
        """F18: a payment that writes the rest off collected its own amount only."""
        self.approve()
        note = self.new_debit_note(self.booking)
        self._register_payment(
            note,
            amount=10.0,
            payment_date="2026-11-22",
            payment_difference_handling="reconcile",
            writeoff_account_id=self.company_data["default_account_expense"].id,
        )
        self.assert_refused("10.00 of .*1,000.00 collected in money")

    def test_bill_without_any_debit_note_is_refused(self):
        """F18: deleting the charges is no payment."""
        self.approve()
        self.charge.unlink()
        self.assert_refused("no debit note to be paid")

    def test_late_charge_holds_the_bill_back(self):
        """F18: nothing is left unbilled among the bill's selling charges."""
        self.approve()
        self.pay(self.new_debit_note(self.booking), 1000.0)
        late = self.new_charge(self.booking, 550.0, customer_confirmed=False)
        self.assert_refused("not billed yet .1.: ")
        late.payer = "us"
        self.release()

    def test_charges_of_another_bill_do_not_count(self):
        """F18: each bill answers for its own charges and the shared ones."""
        self.approve()
        other = self.new_bill(self.booking)
        self.new_charge(self.booking, 77.0, bill_id=other.id)
        self.untax(self.booking)
        self.booking.with_user(self.settlement).action_create_debit_note()
        for note in self.booking.debit_note_ids:
            note.invoice_date = "2026-11-21"
            note.action_post()
        shared = self.booking.debit_note_ids.filtered(lambda m: not m.freight_bill_id)
        self.pay(shared, 1000.0)
        self.release()
        other.with_user(self.documents).action_approve()
        with self.assertRaisesRegex(UserError, "77.00 collected"):
            self.release(other)

    def test_not_approved_or_not_on_board(self):
        """F18: paid alone releases nothing."""
        self.pay(self.new_debit_note(self.booking), 1000.0)
        with self.assertRaisesRegex(UserError, "is not approved"):
            self.release()
        other = self.new_booking()
        self.receive_shipping_order(other)
        self.new_charge(other)
        bill = self.new_bill(other)
        bill.with_user(self.documents).action_approve()
        with self.assertRaisesRegex(UserError, "1 of 1 containers are not on board"):
            self.release(bill)

    def test_telex_needs_the_originals_back(self):
        """F18: telex release only with originals surrendered or never printed."""
        self.pay(self.new_debit_note(self.booking), 1000.0)
        self.bill.write({"release_method": "telex", "originals_printed": True})
        self.approve()
        self.assert_refused("originals were not surrendered")
        self.bill.originals_surrendered = True
        self.release()

    def test_roles(self):
        """F18: documents approve, settlement releases, nobody else does."""
        with self.assertRaises(AccessError):
            self.bill.with_user(self.settlement).write({"state": "approved"})
        self.approve()
        self.pay(self.new_debit_note(self.booking), 1000.0)
        with self.assertRaises(AccessError):
            self.bill.with_user(self.documents).write({"state": "released"})

    def test_edit_resets_the_approval(self):
        """F15: an approved bill that is edited is a draft again."""
        self.approve()
        self.bill.with_user(self.documents).cargo_description = "other toys"
        self.assertEqual(self.bill.state, "draft")
        self.assertFalse(self.bill.approved_at)
        self.approve()
        self.booking.container_ids.with_user(self.operator).seal_number = "CORRECTED"
        self.assertEqual(self.bill.state, "draft", "the bill names the seal")

    def test_containers_are_put_on_a_bill_from_the_bill(self):
        """F15: the other side of the relation is no way round the approval."""
        self.approve()
        with self.assertRaisesRegex(UserError, "from that bill"):
            self.booking.container_ids.with_user(self.operator).write(
                {"bill_ids": [Command.clear()]}
            )

    def test_released_bill_never_changes(self):
        """F18: what is out of our hands stays as it is."""
        self.approve()
        self.pay(self.new_debit_note(self.booking), 1000.0)
        self.release()
        for attempt in (
            lambda: self.bill.write({"state": "draft"}),
            lambda: self.bill.write({"container_ids": [Command.clear()]}),
            lambda: self.booking.container_ids.write({"number": self.new_number()}),
            lambda: self.booking.container_ids.write({"seal_number": "OTHER"}),
            self.bill.unlink,
            lambda: self.booking.event_ids.filtered(
                lambda e: e.milestone == "on_board"
            ).action_retract("not loaded"),
        ):
            with self.assertRaises(UserError):
                attempt()

    def test_freight_collect_follows_policy(self):
        """F18: collect is released at once, or by authority only where set so."""
        self.booking.write(
            {"freight_payment_term_code": "COL", "settlement": "collect"}
        )
        self.approve()
        self.company.freight_collect_release = "authority"
        self.assert_refused("released by authority only")
        self.company.freight_collect_release = "auto"
        self.release()

    def test_monthly_terms_need_good_standing(self):
        """F18: monthly terms within limit and not overdue."""
        self.booking.settlement = "monthly"
        self.approve()
        note = self.new_debit_note(self.booking, post=False)
        note.invoice_date = "2026-01-01"
        note.invoice_date_due = "2026-01-31"
        note.action_post()
        self.assert_refused("1,000.00 of Toy Exports Co. are overdue")
        note.button_draft()
        note.invoice_date_due = fields.Date.add(fields.Date.today(), days=30)
        note.action_post()
        self.company.account_use_credit_limit = True
        self.customer.with_company(self.company).credit_limit = 500.0
        self.assert_refused("with a limit of .*500")
        self.customer.with_company(self.company).credit_limit = 5000.0
        self.release()

    def test_override_by_authority_and_reason(self):
        """F18: an authority above the settlement clerk may release unpaid, with a reason."""
        levels = {level.code: level for level in self.env["authority.level"].search([])}
        president = self.new_user("vp", "base.group_user")
        self.env["authority.assignment"].create(
            {
                "user_id": president.id,
                "level_id": levels["vice_president"].id,
                "company_id": self.company.id,
                "date_from": "2020-01-01",
            }
        )
        self.env["authority.rule"].create(
            {
                "company_id": self.company.id,
                "document": "freight.bill",
                "measure": "bill_release_unpaid",
                "level_id": levels["vice_president"].id,
                "limit": 1e6,
                "date_from": "2020-01-01",
            }
        )
        self.company.authority_fallback_user_id = president
        self.approve()
        note = self.new_debit_note(self.booking)
        mine = self.bill.with_user(self.settlement)
        with self.assertRaisesRegex(UserError, "Reason for Early Release"):
            mine.action_authority_request()
        mine.release_reason = "The bank's slip is here"
        mine.action_authority_request()
        self.assert_refused("collected in money")
        request = self.bill.authority_request_ids
        self.assertEqual(request.approver_id, president)
        self.assertIn("The bank's slip is here", request.sentence)
        self.assertIn("1,000.00", request.sentence)
        self.bill.with_user(president).read(["name", "guard_banner", "container_ids"])
        with self.assertRaises(UserError):
            request.with_user(self.settlement).action_approve()
        request.with_user(president).action_approve()
        self.new_charge(self.booking, 300.0)
        self.assert_refused("not billed yet")
        self.booking.charge_ids.filtered(lambda c: not c.is_billed).unlink()
        self.assertEqual(note.payment_state, "not_paid")
        self.release()
        self.assertEqual(self.bill.state, "released")

    def test_authority_lifts_the_money_only(self):
        """F18: no authority releases a bill whose container is not on board."""
        other = self.new_booking()
        self.receive_shipping_order(other)
        bill = self.new_bill(other)
        bill.with_user(self.documents).action_approve()
        with self.assertRaisesRegex(UserError, "not on board"):
            self.release(bill)

    def test_engine_fields_are_not_written_by_hand(self):
        """F18: nobody grandfathers a bill by its hidden date."""
        with self.assertRaises(AccessError):
            self.bill.with_user(self.settlement).write(
                {"authority_since": "2019-01-01 00:00:00"}
            )
