from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common import SALESMAN, AuthorityCase


@tagged("post_install", "-at_install")
class TestSelection(AuthorityCase):
    """Product selection, tenure, certification, samples and trials (A05)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = cls.company._get_business_date()
        cls.pump = cls.new_product("Pump", 500.0, needs_selection=True)
        for measure, most in (("product_selection", 1), ("tenure_gap", 99)):
            cls.new_limit(measure, "salesperson", 0)
            cls.new_limit(measure, "project_manager", most)
        cls.examiner = cls.new_user(
            "examiner", groups=f"{SALESMAN},sales_receivable.group_company_manager"
        )
        for user in (
            cls.salesperson,
            cls.colleague,
            cls.project_manager,
            cls.vice_president,
        ):
            cls.certify(user)

    @classmethod
    def certify(cls, user, **values):
        return (
            cls.env["sales.certification"]
            .with_user(cls.examiner)
            .create({"user_id": user.id, "date_from": "2020-01-01", **values})
        )

    @classmethod
    def employ(cls, user, days):
        employee = cls.employees[user].sudo()
        employee.version_id.write(
            {
                "contract_date_start": cls.today - timedelta(days=days),
                "date_version": cls.today - timedelta(days=days),
            }
        )

    def order(self, **values):
        return self.new_order(product=self.pump, price=500.0, quantity=1, **values)

    def trial(self, kind="trial", product=None, **values):
        return (
            self.env["product.trial"]
            .with_user(self.salesperson)
            .create(
                {
                    "kind": kind,
                    "partner_id": self.customer.id,
                    "product_id": (product or self.pump).id,
                    "text": "Ran for a week",
                    **values,
                }
            )
        )

    def document(self):
        return [Command.create({"name": "signed.pdf", "raw": b"signed"})]

    # --- selection and tenure ---------------------------------------------------------

    def test_selection_is_verified_before_the_quotation_leaves(self):
        """A05: asked of the project manager; by no way round; another product anew"""
        self.order().action_confirm()  # the rule is off
        self.set_mode("A05", "block")
        self.employ(self.salesperson, 3 * 365)
        order = self.order()
        for attempt in (
            order.action_quotation_send,
            order.action_quotation_sent,
            order.action_confirm,
            lambda: order.write({"state": "sent"}),
            lambda: order.write({"state": "sale"}),
            lambda: order.with_context(authority_engine=True).action_confirm(),
            lambda: order.copy().action_confirm(),
            lambda: self.order(state="sale"),
        ):
            with self.assert_refused("A05 .*selection of “.*Pump” to be verified"):
                attempt()
        self.assertFalse(order._has_to_be_signed())
        request = self.approve(order, self.project_manager)
        self.assertEqual(request.approver_id, self.project_manager)
        self.assertEqual(
            [fact["measure"] for fact in request.facts], ["product_selection"]
        )
        order.action_confirm()
        other = self.new_product("Other pump", 1.0, needs_selection=True)
        with self.assert_refused("already confirmed"):
            order.order_line = [
                Command.create({"product_id": other.id, "product_uom_qty": 1})
            ]

    def test_who_is_new_is_guided(self):
        """A05: below the tenure of the settings, unknown is new; exact to the day"""
        self.set_mode("A05", "block")
        for days, gap in ((None, 2.0), (365, 1.0), (731, 0.0), (3000, 0.0)):
            if days:
                self.employ(self.salesperson, days)
            found = self.salesperson._get_tenure_gaps(self.company, self.today)
            self.assertAlmostEqual(found[self.salesperson.id], gap, delta=0.01)
        stranger = self.new_user("stranger")
        self.assertEqual(
            stranger._get_tenure_gaps(self.company, self.today)[stranger.id], 2.0
        )
        self.certify(stranger)
        plain = self.new_order(user=stranger, price=10)
        with self.assert_refused("stranger is 2.00 years short of 2.0 years"):
            plain.action_confirm()
        self.company.tenure_years = 0
        plain.action_confirm()

    def test_the_newest_of_the_people_counts(self):
        """A05: naming an older colleague as the salesperson is no way round"""
        self.set_mode("A05", "block")
        for user in (self.salesperson, self.vice_president):
            self.employ(user, 3 * 365)
        order = self.new_order(user=self.salesperson, price=10)
        self.assertFalse(order.authority_blocked)
        order = self.new_order(user=self.colleague, price=10)
        order.sudo().user_id = self.salesperson
        with self.assert_refused("colleague is 2.00 years short"):
            order.with_user(self.salesperson).action_confirm()

    # --- certification ----------------------------------------------------------------

    def test_who_is_not_certified_neither_sends_nor_confirms(self):
        """A05: nobody releases that, and a colleague's order is no way round"""
        novice = self.new_user("novice", groups="sales_team.group_sale_manager")
        self.company.tenure_years = 0
        older = self.new_order(user=novice, price=10)
        self.set_mode("A05", "block", self.today + timedelta(days=1))
        older.action_quotation_sent()  # spared
        self.set_mode("A05", "block")
        order = self.new_order(user=novice, price=10)
        others = self.new_order(price=10)
        for attempt in (
            order.action_quotation_send,
            order.action_confirm,
            lambda: order.write({"state": "sale"}),
            order.with_user(self.salesperson).sudo().action_confirm,
            others.with_user(novice).action_quotation_send,
            others.with_user(novice).action_confirm,
            lambda: others.with_user(novice).write({"state": "sale"}),
        ):
            with self.assert_refused("A05 .*novice isn't certified.*is passed"):
                attempt()
        self.assertEqual(order.authority_state, "held")
        self.assertFalse(others.authority_blocked)
        failed = self.certify(novice, result="failed")
        self.assertTrue(order.authority_blocked)
        self.certify(novice, date_to="2020-02-01")
        order.invalidate_recordset()
        self.assertTrue(order.authority_blocked, "expired")
        self.certify(novice, date_from=failed.date_from)
        order.action_confirm()
        others.with_user(novice).action_confirm()

    def test_examinations_stay_and_nobody_certifies_oneself(self):
        """A05: append-only; by company managers and administrators"""
        mine = {"user_id": self.examiner.id, "date_from": "2020-01-01"}
        Certification = self.env["sales.certification"]
        with self.assertRaises(AccessError):
            Certification.with_user(self.examiner).create(mine)
        with self.assertRaises(AccessError):
            Certification.with_user(self.examiner).with_context(
                default_user_id=self.examiner.id
            ).create({"date_from": "2020-01-01"})
        with self.assertRaises(AccessError):
            Certification.with_user(self.salesperson).create(
                {"user_id": self.colleague.id}
            )
        record = self.certify(self.colleague)
        for vals in (
            {"result": "failed"},
            {"user_id": self.examiner.id},
            {"examiner_id": self.colleague.id},
        ):
            with self.assertRaises(UserError):
                record.write(vals)
        with self.assertRaises(UserError):
            record.sudo().unlink()
        record.date_to = self.today
        seen = Certification.with_user(self.salesperson).search([])
        self.assertEqual(seen.user_id, self.salesperson)

    # --- samples, trials, agreements --------------------------------------------------

    def test_trial_and_agreement_come_before_order_and_contract(self):
        """A05: with a result, in their order, with this customer"""
        self.pump.write(
            {
                "needs_selection": False,
                "needs_trial": True,
                "needs_technical_agreement": True,
            }
        )
        self.company.tenure_years = 0
        self.set_mode("A05", "block")
        order = self.order()
        contract = order.with_user(self.salesperson).action_create_contract()
        contract = self.env["sales.contract"].browse(contract["res_id"])
        contract = contract.with_user(self.salesperson)
        self.assertFalse(order.authority_blocked, "it may be quoted")
        for attempt in (order.action_confirm, contract.action_submit):
            with self.assert_refused(
                "A05.*a sample or trial.*a technical agreement.*who puts it on record"
            ):
                attempt()
        trial = self.trial()
        agreement = self.trial("agreement")
        with self.assert_refused("Attach the signed agreement"):
            agreement.action_pass()
        agreement.attachment_ids = self.document()
        with self.assert_refused("comes before its technical agreement"):
            agreement.action_pass()
        with self.assertRaises(AccessError):
            trial.write({"state": "passed"})
        with self.assertRaises(AccessError):
            trial.create({"partner_id": 1, "product_id": 1, "state": "passed"})
        elsewhere = self.env["res.partner"].create({"name": "Another customer"})
        self.trial(partner_id=elsewhere.id).action_pass()
        self.trial().action_fail()
        with self.assert_refused("needs a sample or trial"):
            order.action_confirm()
        trial.action_pass()
        self.assertEqual(trial.decided_by_id, self.salesperson)
        agreement.action_pass()
        for attempt in (
            lambda: trial.write({"text": "other"}),
            lambda: trial.write({"product_id": self.bracket.id}),
            trial.unlink,
            trial.action_fail,
        ):
            with self.assert_refused("stays as it is"):
                attempt()
        document = agreement.attachment_ids
        for attempt in (
            document.unlink,
            lambda: document.with_user(self.salesperson).unlink(),
            lambda: document.write({"raw": b"another"}),
            lambda: document.write({"res_model": "res.partner", "res_id": 1}),
        ):
            with self.assert_refused("result rests on this document"):
                attempt()
        document.write({"raw": document.raw, "mimetype": document.mimetype})
        self.assertEqual(trial.copy().state, "open")
        contract.action_submit()
        order.action_confirm()

    def test_findings_are_needed(self):
        """A05: a result says what was found"""
        for text in (" ", "\u200b\u3164"):
            with self.assert_refused("findings"):
                self.trial(text=text).action_pass()

    def test_queries_do_not_grow(self):
        """A05: facts and reasons of many orders cost as many queries as of one"""
        self.set_mode("A05", "block")
        self.pump.needs_trial = True
        orders = self.env["sale.order"].union(*(self.order() for __ in range(6)))

        def count(records):
            self.env.invalidate_all()
            self.env.registry.clear_cache()
            records = records.sudo()
            records.mapped("order_line.product_id.name")
            records.mapped("partner_id.name")
            before = self.env.cr.sql_log_count
            records._get_authority_facts()
            records._get_own_reasons()
            return self.env.cr.sql_log_count - before

        count(orders)
        self.assertEqual(count(orders[:1]), count(orders))

    def test_missing_of_unsaved_orders(self):
        """A05: the banner is live in the form"""
        self.set_mode("A05", "block")
        order = self.env["sale.order"].new(
            {
                "partner_id": self.customer.id,
                "user_id": self.salesperson.id,
                "date_order": fields.Datetime.now(),
            }
        )
        self.assertIn("tenure", str(order._get_authority_needs()))
