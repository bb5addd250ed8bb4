from datetime import timedelta

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common_goods import GoodsCase


@tagged("post_install", "-at_install")
class TestLoans(GoodsCase):
    """Product loans (A20)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = cls.company._get_business_date()
        for measure in ("loan_value", "loan_write_off"):
            for level, limit in (("salesperson", 500), ("vice_president", 5000)):
                cls.new_limit(measure, level, limit, document="product.loan")
        cls.finance = cls.new_user("finance", groups="sales_receivable.group_finance")

    def loan(self, quantity=1, **values):
        due = self.today + timedelta(days=9)
        return self.new_slip("product.loan", quantity, **{"date_due": due} | values)

    def lent(self, quantity=2, **values):
        loan = self.loan(quantity, **values)
        loan.action_submit()
        if loan.state != "approved":
            loan.sudo().authority_request_ids.with_user(
                self.vice_president
            ).action_approve()
        loan = loan.with_user(self.clerk)
        loan.action_lend()
        return loan

    def test_loan_is_approved_by_value(self):
        """A20: request → approval → lent as a movement → returned; goods stay ours"""
        self.set_mode("A20", "block")
        small = self.loan(1)
        small.action_submit()
        self.assertEqual(small.state, "approved", "within one's own limit")
        loan = self.loan(4)
        with self.assert_refused("is: Draft"):
            loan.with_user(self.clerk).action_lend()
        loan.action_submit()
        request = loan.sudo().authority_request_ids
        self.assertEqual(request.approver_id, self.vice_president)
        self.assertIn("loan worth 2,000.00", request.sentence)
        with self.assert_refused("is: In Approval. It waits for "):
            loan.with_user(self.clerk).action_lend()
        for vals in ({"state": "approved"}, {"state": "lent"}, {"amount": 1}):
            with self.assertRaises(AccessError):
                loan.with_user(self.clerk).write(vals)
        with self.assertRaises(AccessError):
            self.loan().line_ids.write({"unit_value": 1})
        request.with_user(self.vice_president).action_approve()
        with self.assertRaises(AccessError):
            loan.action_lend()  # the warehouse does
        loan.with_user(self.clerk).action_lend()
        place = self.company.loan_location_id
        self.assertEqual((self.count(), self.count(place=place)), (6, 4))
        self.assertEqual(loan.line_ids.move_ids.mapped("state"), ["done"])
        self.assertTrue(place._should_be_valued(), "it stays the company's stock")
        for attempt in (
            lambda: loan.line_ids.write({"quantity": 1}),
            lambda: loan.write({"date_due": self.today}),
            loan.line_ids.unlink,
        ):
            with self.assert_refused("apply for another loan"):
                attempt()
        for attempt in (loan.action_reopen, loan.action_cancel):
            with self.assert_refused("is: Lent"):
                attempt()
        with self.assert_refused("stays on record"):
            loan.sudo().unlink()
        with self.assertRaises(AccessError):
            loan.action_return_all()
        line = loan.with_user(self.clerk).line_ids
        line._end("returned", 1)
        with self.assert_refused("3.0 .* are still out"):
            line._end("returned", 4)
        with self.assert_refused("still out"):
            line._end("returned", -1)
        loan.with_user(self.clerk).action_return_all()
        self.assertEqual((loan.state, self.count()), ("closed", 10))

    def test_value_is_list_price_or_cost(self):
        """A20: by configuration, frozen when it is applied for"""
        self.company.goods_valued_at = "cost"
        loan = self.loan(2)
        self.assertEqual(loan.amount, 600)
        self.pump.standard_price = 400
        loan.action_submit()
        self.assertEqual(loan.amount, 800)
        self.pump.standard_price = 1
        self.assertEqual(loan.amount, 800)

    def test_only_what_is_in_stock_and_which_lot(self):
        """A20: nothing is lent that isn't there; lots are named and come back"""
        self.company.goods_valued_at = "cost"
        with self.assert_refused("Only 10.0 .*Pump.* are in"):
            self.lent(11)
        tracked = self.new_product(
            "Meter", 1.0, type="consu", is_storable=True, tracking="serial"
        )
        lots = self.env["stock.lot"].create(
            [{"name": n, "product_id": tracked.id} for n in ("A", "B")]
        )
        for lot in lots:
            self.fill(tracked, 1, lot)
        with self.assert_refused("Say which lot"):
            self.lent(1, product=tracked)
        line = {"product_id": tracked.id, "quantity": 1, "lot_id": lots[1].id}
        loan = self.lent(line_ids=[Command.create(line)])
        self.assertEqual(loan.line_ids.move_ids.lot_ids, lots[1])
        with self.assert_refused("Only 0"):
            self.lent(line_ids=[Command.create(line)])
        loan.action_return_all()
        self.assertEqual(loan.line_ids.move_ids.lot_ids, lots[1])

    def test_losses_are_charged_at_the_original_price(self):
        """A20: to a customer by a draft invoice, to a colleague until finance settles"""
        loan = self.lent(3)
        self.pump.list_price = 1
        with self.assert_refused("Give a reason"):
            loan.line_ids._end("charged", 1)
        outcome = loan.line_ids._end("charged", 2, "Dropped")
        invoice = outcome.sudo().invoice_id
        self.assertEqual(
            (invoice.state, invoice.partner_id, invoice.amount_untaxed),
            ("draft", self.customer, 1000),
        )
        self.assertEqual(outcome.amount, 1000)
        self.assertEqual(outcome.beneficiary_id, self.salesperson)
        self.assertEqual(self.count(place=self.company.loan_location_id), 1)
        self.assertEqual(loan.state, "lent")
        with self.assert_refused("nothing to settle"):
            outcome.with_user(self.finance).action_settle()
        own = self.lent(1, partner_id=False, borrower_id=self.salesperson.id)
        outcome = own.line_ids._end("charged", 1, "Lost")
        self.assertEqual(own.state, "closed")
        self.assertFalse(outcome.sudo().invoice_id)
        with self.assertRaises(AccessError):
            outcome.with_user(self.clerk).action_settle()
        outcome.with_user(self.finance).action_settle()
        self.assertEqual(outcome.settled_by_id, self.finance)
        for call in (
            lambda: outcome.write({"amount": 0}),
            lambda: outcome.sudo().write({"amount": 0}),
            outcome.unlink,
            outcome.sudo().unlink,
            lambda: outcome.create({"line_id": own.line_ids.id, "kind": "returned"}),
        ):
            with self.assertRaises(UserError):
                call()

    def test_losses_without_fault_are_written_off_by_approval(self):
        """A20: asked by value; refused, they stay out"""
        self.set_mode("A20", "block")
        loan = self.lent(4)
        outcome = loan.line_ids._end("written_off", 2, "Flood")
        self.assertEqual(outcome.state, "waiting")
        request = loan.sudo().authority_request_ids.filtered(
            lambda r: r.state == "waiting"
        )
        self.assertIn("loss to be written off: ", request.sentence)
        request.with_user(self.vice_president).action_refuse("Find them")
        self.assertEqual((outcome.state, loan.line_ids.left_quantity), ("refused", 4))
        outcome = loan.line_ids._end("written_off", 2, "Flood")
        loan.sudo().authority_request_ids.filtered(
            lambda r: r.state == "waiting"
        ).with_user(self.vice_president).action_approve()
        self.assertEqual((outcome.state, outcome.move_id.state), ("done", "done"))
        self.assertEqual(self.count(place=self.company.loan_location_id), 2)
        small = loan.line_ids._end("written_off", 1, "Moth")
        self.assertEqual(small.state, "done", "within one's own limit")

    def test_no_way_round_the_place_for_loans(self):
        """A20: not by a transfer, a count, a scrap or an edit; while it is off, freely"""
        self.lent(1)
        place = self.company.loan_location_id
        self.transfer(self.stock, place).move_ids._action_done()
        self.set_mode("A20", "block")
        back = self.transfer(place, self.stock)
        out = self.transfer(self.stock, place)
        scrap = self.env["stock.scrap"].create(
            {"product_id": self.pump.id, "scrap_qty": 1, "location_id": place.id}
        )
        quant = self.env["stock.quant"].search(
            [("location_id", "=", place.id), ("product_id", "=", self.pump.id)]
        )
        done = self.env["stock.move"].search([("loan_line_id", "!=", False)])
        quant.with_context(inventory_mode=True).inventory_quantity = 9
        for name, attempt in {
            "back": back.button_validate,
            "out": out.button_validate,
            "movement": out.move_ids._action_done,
            "status": lambda: out.move_ids.write({"state": "done"}),
            "scrap": scrap.do_scrap,
            "count": quant.action_apply_inventory,
            "edit": lambda: done.move_line_ids.write({"quantity": 5}),
        }.items():
            with self.subTest(name), self.assert_refused("by a loan only"):
                attempt()
        with self.assertRaises(AccessError):
            back.move_ids.write({"loan_line_id": done.loan_line_id.id})
        self.lent(1).action_return_all()

    def test_longer_is_another_loan(self):
        """A20: what was lent stays as approved; who wants it for longer is told how"""
        loan = self.lent(10)
        later = {"date_due": self.today + timedelta(days=30)}
        with self.assert_refused("apply for another loan"):
            loan.write(later)
        again = self.loan(10, **later)
        again.action_submit()
        again.sudo().authority_request_ids.with_user(
            self.vice_president
        ).action_approve()
        loan.action_return_all()
        again.with_user(self.clerk).action_lend()
        self.assertEqual((loan.state, again.state), ("closed", "lent"))

    def test_overdue_loans_are_noted_once(self):
        """A20: listed, with an activity for who borrowed"""
        loan = self.lent(1, date_due=self.today - timedelta(days=1))
        due = self.lent(1, date_due=self.today)
        overdue = self.env["product.loan"].search([("is_overdue", "=", True)])
        self.assertIn(loan, overdue)
        self.assertNotIn(due, overdue)
        cron = self.env.ref("sales_receivable.ir_cron_loans")
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
            cron.method_direct_trigger()
        self.assertEqual(loan.sudo().activity_ids.user_id, self.salesperson)
        self.assertEqual(len(loan.sudo().activity_ids), 1)
        self.assertFalse(due.sudo().activity_ids)

    def test_who_borrows(self):
        """A20: a customer or a colleague; selection is verified, too (A05)"""
        for values in ({"partner_id": False}, {"borrower_id": self.colleague.id}):
            with self.assertRaises(ValidationError):
                self.loan(**values)
        self.pump.needs_selection = True
        for level, limit in (("salesperson", 0), ("project_manager", 1)):
            self.new_limit("product_selection", level, limit, document="product.loan")
        self.set_mode("A05", "block")
        loan = self.loan()
        loan.action_submit()
        self.assertEqual(
            loan.sudo().authority_request_ids.approver_id, self.project_manager
        )
