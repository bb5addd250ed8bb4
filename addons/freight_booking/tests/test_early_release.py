"""What an approval to release unpaid is about, and who reads amounts of it."""

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from .common import SALESMAN, FreightCase

AMOUNT = r"[0-9][.,]00"


class TestEarlyRelease(FreightCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.block_all()
        cls.president = cls.new_user("vp", "base.group_user")
        level = cls.env["authority.level"].search([("code", "=", "vice_president")])
        cls.env["authority.assignment"].create(
            {
                "user_id": cls.president.id,
                "level_id": level.id,
                "company_id": cls.company.id,
                "date_from": "2020-01-01",
            }
        )
        cls.env["authority.rule"].create(
            {
                "company_id": cls.company.id,
                "document": "freight.bill",
                "measure": "bill_release_unpaid",
                "level_id": level.id,
                "limit": 1e6,
                "date_from": "2020-01-01",
            }
        )
        cls.company.authority_fallback_user_id = cls.president
        cls.booking = cls.new_booking(quantity=2)
        cls.load(cls.booking)
        cls.charge = cls.new_charge(cls.booking)
        cls.consignee, cls.stranger = cls.env["res.partner"].create(
            [{"name": "Consignee Inc."}, {"name": "Somebody Else"}]
        )
        cls.bill = (
            cls.env["freight.bill"]
            .with_user(cls.documents)
            .create(
                {
                    "booking_id": cls.booking.id,
                    "consignee_id": cls.consignee.id,
                    "container_ids": [Command.set(cls.booking.container_ids.ids)],
                }
            )
            .with_env(cls.env)
        )
        cls.note = cls.new_debit_note(cls.booking)
        cls.approve_content()

    @classmethod
    def approve_content(cls):
        cls.bill.with_user(cls.documents).action_approve()

    def mine(self):
        return self.bill.with_user(self.settlement)

    def ask(self, reason="The bank's slip is here"):
        self.mine().release_reason = reason
        self.mine().action_authority_request()
        return self.bill.authority_request_ids.filtered(
            lambda request: request.state == "waiting"
        )

    def approve_release(self):
        self.ask().with_user(self.president).action_approve()

    def assert_held_back(self):
        with (
            self.assertRaisesRegex(UserError, "collected in money"),
            self.cr.savepoint(),
        ):
            self.mine().action_release()

    # ------------------------------------------------------------------
    # What was approved
    # ------------------------------------------------------------------
    def test_approval_holds_for_what_was_asked(self):
        """F18, A16: as asked it is released; a higher rate alone asks nothing anew."""
        self.approve_release()
        self.bill.with_user(self.documents).cargo_description = "toys, 200 cartons"
        self.approve_content()
        self.mine().action_release()
        self.assertEqual(self.bill.state, "released")

    def test_approval_is_not_outlived_by_what_it_was_about(self):
        """F18, A16: another customer, booking, box, consignee or reason asks anew."""
        self.approve_release()
        bill = self.bill.with_user(self.documents)
        boxes = self.booking.container_ids
        other = self.new_booking(partner_id=self.stranger.id)
        self.load(other)
        self.pay(self.new_debit_note_of(other), 10.0)

        def change_customer():
            self.booking.with_user(self.commercial).partner_id = self.stranger

        for attempt in (
            change_customer,
            lambda: bill.write({"consignee_id": self.stranger.id}),
            lambda: bill.write({"container_ids": [Command.unlink(boxes[0].id)]}),
            lambda: bill.write(
                {
                    "booking_id": other.id,
                    "container_ids": [Command.set(other.container_ids.ids)],
                }
            ),
            lambda: self.mine().write({"release_reason": "Another one"}),
            lambda: self.mine().write({"release_reason": False}),
        ):
            savepoint = self.cr.savepoint()
            attempt()
            self.env.flush_all()
            self.approve_content()
            self.assert_held_back()
            savepoint.rollback()
            savepoint.close()
            self.env.invalidate_all()
        self.mine().action_release()
        self.assertEqual(self.bill.state, "released")

    def new_debit_note_of(self, booking):
        self.new_charge(booking, 900.0)
        return self.new_debit_note(booking)

    def test_reason_is_frozen_with_the_request(self):
        """F18, A16: a question whose reason was rewritten is no longer asked."""
        request = self.ask("Old customer")
        self.mine().release_reason = "The minister called"
        self.assertEqual(request.state, "superseded")
        self.assertIn("Old customer", request.sentence)
        with self.assertRaises(UserError):
            request.with_user(self.president).action_approve()
        self.assertIn("minister", self.ask("The minister called").sentence)

    def test_released_bill_keeps_why_and_how(self):
        """F18: reason, originals and content are history, for every role."""
        self.approve_release()
        self.mine().action_release()
        for user, vals in (
            (self.settlement, {"release_reason": "x"}),
            (self.documents, {"release_reason": "x"}),
            (self.documents, {"originals_printed": True}),
            (self.documents, {"originals_surrendered": True}),
            (self.documents, {"consignee_id": self.stranger.id}),
        ):
            with (
                self.subTest(vals),
                self.assertRaisesRegex(UserError, "out of our hands"),
            ):
                self.bill.with_user(user).write(vals)
        with self.assertRaisesRegex(UserError, "out of our hands"):
            self.bill.sudo().write({"release_reason": "x"})
        self.mine().message_post(body="sent by courier")

    def test_only_who_releases_asks(self):
        """F18: documents draw the bill up, and read no amounts by asking."""
        self.mine().release_reason = "x"
        with self.assertRaisesRegex(AccessError, "Settlement"):
            self.bill.with_user(self.documents).action_authority_request()

    # ------------------------------------------------------------------
    # Who reads amounts
    # ------------------------------------------------------------------
    def test_banner_of_approval_names_amounts_to_who_deals_with_money(self):
        """F18: others see that it is unpaid and who may approve, not how much."""
        self.assertRegex(self.mine().authority_banner, AMOUNT)
        self.ask()
        manager = self.new_user("manager", "sales_receivable.group_company_manager")
        for user in (self.settlement, self.commercial, manager):
            with self.subTest(user.name):
                bill = self.bill.with_user(user)
                self.assertRegex(bill.authority_banner, "1,000.00")
        self.booking.user_id = self.salesperson
        for user in (self.operator, self.documents, self.customs, self.salesperson):
            with self.subTest(user.name):
                banner = self.bill.with_user(user).authority_banner
                self.assertIn("not paid yet", banner)
                self.assertIn(self.president.name, banner)
                self.assertNotRegex(banner, AMOUNT)

    def test_approver_reads_the_amounts_on_the_request(self):
        """F18, A17: the request and its log keep them, for who asks and who decides."""
        request = self.ask()
        for user in (self.president, self.settlement):
            self.assertIn("1,000.00", request.with_user(user).sentence)
        request.with_user(self.president).action_approve()
        self.assertIn("1,000.00", request.step_ids[0].sentence)
        for user in (self.operator, self.documents, self.customs):
            with self.subTest(user.name):
                own = request.with_user(user)
                self.assertFalse(own.search([("id", "=", request.id)]))
                self.assertFalse(
                    own.env["authority.step"].search([("res_id", "=", self.bill.id)])
                )

    def test_chatter_of_a_bill_names_no_amount(self):
        """F18: neither while it is asked, nor when it is approved or refused."""
        self.ask()
        self.assertFalse(self.get_amounts(self.bill))
        self.bill.authority_request_ids[0].with_user(self.president).action_refuse(
            "let them pay"
        )
        self.mine().release_reason = "They have paid, really"
        self.ask().with_user(self.president).action_approve()
        self.assertFalse(self.get_amounts(self.bill))
        bodies = "".join(self.bill.message_ids.mapped("body"))
        self.assertIn("Approved: release before payment", bodies)
        self.assertIn("let them pay", bodies)

    def get_amounts(self, record):
        """Return the texts with an amount that readers of a record read below it."""
        self.env.flush_all()
        texts = [
            *record.message_ids.mapped("body"),
            *record.activity_ids.mapped("note"),
        ]
        return [text for text in texts if text and self.has_amount(text)]

    def has_amount(self, text):
        return any(figure in text for figure in ("1,000.00", "700.00", "1000", "777"))

    def test_chatter_of_a_booking_names_no_amount(self):
        """F16, F18: deleted charges and warnings are logged without what they cost."""
        late = self.new_charge(self.booking, 700.0)
        late.with_user(self.commercial).unlink()
        self.assertIn(
            "Charges deleted", "".join(self.booking.message_ids.mapped("body"))
        )
        self.env["business.rule.mode"].search(
            [("company_id", "=", self.company.id)]
        ).mode = "warn"
        self.new_charge(self.booking, 777.0, customer_confirmed=False)
        self.booking.with_user(self.settlement).action_create_debit_note()
        draft = self.booking.debit_note_ids.filtered(lambda note: note.state == "draft")
        draft.invoice_line_ids.price_unit = 778.0
        draft.with_user(self.settlement).action_post()
        self.mine().action_release()
        self.assertEqual(self.bill.state, "released")
        bodies = "".join(self.booking.message_ids.mapped("body"))
        self.assertIn("has not confirmed", bodies)
        self.assertIn("differs from what", bodies)
        self.assertIn("not paid yet", bodies)
        self.assertFalse(self.get_amounts(self.booking))
        salesman = self.new_user("salesman", SALESMAN)
        self.booking.user_id = salesman
        self.assertTrue(self.booking.with_user(salesman).message_ids)
