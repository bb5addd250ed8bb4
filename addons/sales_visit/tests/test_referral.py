from odoo import Command
from odoo.addons.account.tests.common import AccountTestInvoicingCommon
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from .common import VisitCase


@tagged("post_install", "-at_install")
class TestReferral(VisitCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.won = cls.env["crm.stage"].search([("is_won", "=", True)], limit=1)
        cls.referrer = cls._new_partner("Friend")
        cls.product = cls.env["product.product"].create(
            {"name": "Lamp", "invoice_policy": "order", "taxes_id": False}
        )
        cls.company.referral_policy = "signing"

    def _lead(self, user=None):
        user = user or self.salesperson
        return self.env["crm.lead"].create(
            {
                "name": "Deal",
                "type": "opportunity",
                "partner_id": self.partner.id,
                "user_id": user.id,
                "company_id": user.company_id.id,
            }
        )

    def _refer(self, lead=None, user=None, **values):
        lead = lead or self._lead(user)
        return (
            self.env["sales.referral"]
            .with_user(user or self.salesperson)
            .create(
                {
                    "lead_id": lead.id,
                    "referrer_id": self.referrer.id,
                    "company_id": lead.company_id.id,
                    **values,
                }
            )
        )

    def _order(self, lead, price=1000.0, **values):
        order = self.env["sale.order"].create(
            {
                "partner_id": lead.partner_id.id,
                "company_id": lead.company_id.id,
                "opportunity_id": lead.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": self.product.id,
                            "price_unit": price,
                            "tax_ids": False,
                        }
                    )
                ],
                **values,
            }
        )
        order.action_confirm()
        return order

    def _win(self, lead, **values):
        order = self._order(lead, **values)
        lead.stage_id = self.won
        return order

    def _earn(self):
        self.env.flush_all()
        with self.enter_registry_test_mode():
            self.env.ref("sales_visit.ir_cron_earn_referrals").method_direct_trigger()
        self.env.invalidate_all()

    def test_earned_when_won_and_signed(self):
        """V24: 5 % of the untaxed orders, once; an order alone or a win alone earn none."""
        ordered, won, both = self._refer(), self._refer(), self._refer()
        self._order(ordered.lead_id)
        won.lead_id.stage_id = self.won
        self._win(both.lead_id, price=2000)
        self._order(both.lead_id, price=500)
        self._earn()
        self.assertEqual(
            (ordered | won | both).mapped("state"), ["open"] * 2 + ["earned"]
        )
        self.assertEqual((both.base_amount, both.amount), (2500, 125))
        earned_at = both.earned_at
        self._order(both.lead_id)
        self._earn()
        self.assertEqual((both.amount, both.earned_at), (125, earned_at))
        self.assertEqual(len(both.activity_ids), 1)

    def test_foreign_currency_counts_in_the_companys(self):
        """V24: at the rate of the order."""
        currency = self.env["res.currency"].create(
            {
                "name": "TST",
                "symbol": "T",
                "rate_ids": [
                    Command.create({"rate": 4, "company_id": self.company.id})
                ],
            }
        )
        pricelist = self.env["product.pricelist"].create(
            {"name": "T", "currency_id": currency.id, "company_id": self.company.id}
        )
        referral = self._refer()
        self._win(referral.lead_id, pricelist_id=pricelist.id)
        self._earn()
        self.assertEqual(referral.base_amount, 250)

    def test_rate_and_policy_are_those_of_the_day(self):
        """V24: what the company changes later applies to later referrals."""
        referral = self._refer()
        self.company.write({"referral_rate": 8, "referral_policy": "collection"})
        later = self._refer(self._lead())
        self.assertEqual((referral.rate, referral.policy), (5, "signing"))
        self.assertEqual((later.rate, later.policy), (8, "collection"))

    def test_reward_is_nobodys_to_fill_in(self):
        """V24: RPC, import, defaults and copies give no reward."""
        referral = self._refer()
        for vals in (
            {"rate": 50},
            {"amount": 99},
            {"base_amount": 99},
            {"state": "earned"},
            {"policy": "signing"},
            {"thanked_at": "2026-01-01 00:00:00"},
        ):
            with self.subTest(vals), self.assertRaises(AccessError):
                referral.write(vals)
            with self.subTest(vals), self.assertRaises(AccessError):
                self._refer(**vals)
        model = self.env["sales.referral"].with_context(
            default_rate=50, default_state="earned", default_amount=99
        )
        forged = model.create(
            {
                "lead_id": self._lead().id,
                "referrer_id": self.referrer.id,
                "company_id": self.company.id,
            }
        )
        self.assertEqual((forged.rate, forged.state, forged.amount), (5, "open", 0))

    def test_import_gives_no_reward(self):
        """V24: a file with amounts, states or payments brings none in."""
        self._refer()
        model = self.env["sales.referral"].with_user(self.company_manager)
        row = [str(self._lead().id), str(self.referrer.id), str(self.company.id)]
        columns = ["lead_id/.id", "referrer_id/.id", "company_id/.id"]
        for column, value in (
            ("state", "Earned"),
            ("amount", "99"),
            ("rate", "50"),
            ("paid_at", "2026-01-01 00:00:00"),
        ):
            with self.subTest(column):
                result = model.load([*columns, column], [[*row, value]])
                self.assertFalse(result["ids"])
        self.assertTrue(model.load(columns, [row])["ids"])

    def test_earned_referral_stays(self):
        """V24: neither another referrer, nor another lead, nor deleted."""
        referral = self._refer()
        self._win(referral.lead_id)
        self._earn()
        other = self._new_partner("Other friend")
        for vals in ({"referrer_id": other.id}, {"lead_id": self._lead().id}):
            with self.subTest(vals), self.assertRefused("V24"):
                referral.write(vals)
        with self.assertRefused("V24"):
            referral.unlink()

    def test_paid_once_by_somebody_else(self):
        """V24: a company manager who neither recorded nor receives it, once, if earned."""
        referral = self._refer()
        as_manager = referral.with_user(self.company_manager)
        with self.assertRefused("V24"):
            as_manager.action_pay()
        self._win(referral.lead_id)
        self._earn()
        for user in (self.salesperson, self.leader):
            with self.subTest(user.login), self.assertRaises(AccessError):
                referral.with_user(user).action_pay()
        as_manager.action_pay()
        self.assertEqual(referral.paid_by_id, self.company_manager)
        with self.assertRefused("V24"):
            as_manager.action_pay()

    def test_nobody_pays_what_he_recorded_or_receives(self):
        """V24: not even a company manager."""
        recorded = self._refer(self._lead(), user=self.company_manager)
        received = self._refer(referrer_id=self.company_manager.partner_id.id)
        for referral in (recorded, received):
            self._win(referral.lead_id)
        self._earn()
        for referral in (recorded, received):
            with self.assertRaises(AccessError):
                referral.with_user(self.company_manager).action_pay()

    def test_thanked_once(self):
        """V24: the reminder goes with the thanks."""
        referral = self._refer()
        self._win(referral.lead_id)
        self._earn()
        self.assertEqual(referral.activity_ids.user_id, self.salesperson)
        referral.with_user(self.salesperson).action_thank()
        self.assertTrue(referral.thanked_at)
        self.assertFalse(referral.activity_ids)
        with self.assertRefused("V24"):
            referral.action_thank()

    def test_who_refers_nothing(self):
        """V24: neither the customer itself nor the salesperson of the lead."""
        contact = self.env["res.partner"].create(
            {"name": "Buyer", "parent_id": self.partner.id}
        )
        for referrer in (self.partner, contact, self.salesperson.partner_id):
            with self.subTest(referrer.name), self.assertRaises(ValidationError):
                self._refer(referrer_id=referrer.id)
        self.assertTrue(self._refer(referrer_id=self.colleague.partner_id.id))

    def test_nobody_becomes_his_own_referrer(self):
        """V24: tried: customer or salesperson of the lead set later, by hand, sudo or
        import; a contact that joins the customer later earns nothing either."""
        lead = self._lead()
        lead.partner_id = False
        referral = self._refer(lead)
        with self.assertRaises(ValidationError):
            lead.with_user(self.salesperson).partner_id = self.referrer
        by_colleague = self._refer(
            self._lead(self.colleague),
            user=self.colleague,
            referrer_id=self.salesperson.partner_id.id,
        )
        for leads in (
            by_colleague.lead_id,
            by_colleague.lead_id.with_user(self.leader),
        ):
            with self.assertRaises(ValidationError):
                leads.user_id = self.salesperson
        result = by_colleague.lead_id.load(
            [".id", "user_id/.id"],
            [[str(by_colleague.lead_id.id), str(self.salesperson.id)]],
        )
        self.assertFalse(result["ids"])
        lead.partner_id = self.partner
        self._win(lead)
        self.referrer.write({"is_company": False, "parent_id": self.partner.id})
        self._earn()
        self.assertEqual(referral.state, "open")

    def test_only_orders_that_the_referral_brought(self):
        """V24: tried: an old order, and one of another customer, linked to the lead
        afterwards; a referral recorded when there is a quotation."""
        own = {"price": 9000, "user_id": self.salesperson.id}
        old = self._order(self._lead(), **own)
        self._backdate(old, "2026-01-01 00:00:00")
        referral = self._refer()
        other = self._lead()
        other.partner_id = self._new_partner("Customer B")
        foreign = self._order(other, **own)
        (old | foreign).with_user(self.salesperson).opportunity_id = referral.lead_id
        referral.lead_id.with_user(self.salesperson).action_set_won()
        self._earn()
        self.assertEqual(referral.state, "open")
        self._order(referral.lead_id)
        self._earn()
        self.assertEqual((referral.state, referral.base_amount), ("earned", 1000))
        quoted = self._lead()
        self.env["sale.order"].create(
            {
                "partner_id": self.partner.id,
                "company_id": self.company.id,
                "opportunity_id": quoted.id,
            }
        )
        with self.assertRefused("V24"):
            self._refer(quoted)
        with self.assertRaises(AccessError):
            referral.counts_from = "2020-01-01 00:00:00"

    def test_no_placeholder_for_what_comes_anyway(self):
        """V24: tried: a referral of an empty lead that gets a customer with an order, a
        referrer named when there is one, a contact that joins the customer later."""
        lead = self._lead()
        lead.partner_id = self._new_partner("Empty")
        referral = self._refer(lead)
        order = self._order(self._lead(), 9000)
        mine = lead.with_user(self.salesperson)
        mine.partner_id = self.partner
        self.assertEqual(referral.customer_id, self.partner)
        order.opportunity_id = lead
        with self.assertRefused("only a company manager"):
            referral.with_user(self.salesperson).referrer_id = self._new_partner("B")
        mine.action_set_won()
        self._backdate(order, "2026-11-20 00:00:00")
        self._earn()
        self.assertEqual(referral.state, "open")
        contact = self._new_partner("Contact", is_company=False)
        lead = self._lead()
        lead.partner_id = contact
        joined = self._refer(lead)
        contact.parent_id = self.partner
        self._win(lead, partner_id=self.partner.id)
        self._earn()
        self.assertEqual(joined.state, "open", "he referred the contact")
        self._order(lead, 300)
        self._earn()
        self.assertEqual((joined.state, joined.base_amount), ("earned", 300))

    def test_reward_of_orders_cancelled_since(self):
        """V24: not paid; taken back it is earned anew by what is left."""
        referral = self._refer()
        lost = self._win(referral.lead_id)
        self._earn()
        self._order(referral.lead_id, 400)
        lost._action_cancel()
        manager = referral.with_user(self.company_manager)
        with self.assertRefused("take the reward back"):
            manager.action_pay()
        with self.assertRaises(AccessError):
            referral.with_user(self.salesperson).action_take_back()
        manager.action_take_back()
        self.assertFalse(referral.activity_ids)
        self._earn()
        self.assertEqual((referral.state, referral.base_amount), ("earned", 400))
        manager.action_pay()
        with self.assertRefused("has been paid"):
            manager.action_take_back()

    def test_order_is_rewarded_once(self):
        """V24: tried: an order that has been counted linked to another lead."""
        first, second = self._refer(), self._refer()
        order = self._win(first.lead_id)
        self._earn()
        first.with_user(self.company_manager).action_pay()
        order.opportunity_id = second.lead_id
        second.lead_id.stage_id = self.won
        self._earn()
        self.assertEqual((first.state, second.state), ("paid", "open"))
        self._order(second.lead_id, 300)
        self._earn()
        self.assertEqual(second.base_amount, 300)

    def test_not_recorded_after_the_fact(self):
        """V24: nor moved there; a company manager still can."""
        won = self._lead()
        self._win(won)
        with self.assertRefused("V24"):
            self._refer(won)
        referral = self._refer()
        with self.assertRefused("V24"):
            referral.lead_id = won
        self.assertTrue(self._refer(won, user=self.company_manager))

    def test_one_a_lead(self):
        """V24: a lead has one referral, and it is the salesperson's who may write it."""
        referral = self._refer()
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self._refer(referral.lead_id, referrer_id=self._new_partner("B").id)
            self.env.flush_all()
        with self.assertRaises(UserError):
            self._refer(self._lead(), user=self.colleague)

    def test_merged_leads_keep_one(self):
        """V24: that which has earned, else the oldest."""
        first, second = self._refer(), self._refer()
        (first | second).lead_id.merge_opportunity()
        self.assertTrue(first.exists())
        self.assertFalse(second.exists())
        self.assertTrue(first.lead_id.active)

    def test_killed_half_way_and_run_again(self):
        """V24: nothing twice, nothing forgotten."""
        referrals = self.env["sales.referral"].union(
            *(self._refer() for _i in range(3))
        )
        for referral in referrals:
            self._win(referral.lead_id)
        with self._killed_in_second_batch("sales.referral", "_earn"):
            self._earn()
        self.assertEqual(referrals.mapped("state").count("earned"), 2)
        self._earn()
        self.assertEqual(set(referrals.mapped("state")), {"earned"})
        self.assertEqual([len(r.activity_ids) for r in referrals], [1, 1, 1])

    def test_conversion_by_channel(self):
        """V24: won among all leads of a channel, also lost ones."""
        source = self.env["utm.source"].create({"name": "Test fair"})
        leads = self._lead() | self._lead() | self._lead() | self._lead()
        leads.source_id = source
        leads[0].stage_id = self.won
        leads[1].action_set_lost()
        self._refer(leads[2])
        rows = self.env["sales.conversion"].with_user(self.salesperson)
        [(count, won, lost, referred, share)] = rows._read_group(
            [("source_id", "=", source.id)],
            [],
            ["__count", "won:sum", "lost:sum", "referred:sum", "conversion:avg"],
        )
        self.assertEqual((count, won, lost, referred, share), (4, 1, 1, 1, 25))
        for user, seen in ((self.colleague, 0), (self.leader, 4), (self.foreigner, 0)):
            found = rows.with_user(user).search([("source_id", "=", source.id)])
            self.assertEqual(len(found), seen, user.login)

    def test_earning_takes_constant_queries(self):
        """V24: the amounts of many referrals are found at once."""

        def count(number):
            referrals = self.env["sales.referral"].union(
                *(self._refer() for _i in range(number))
            )
            for referral in referrals:
                self._win(referral.lead_id)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            referrals._get_earned_amounts()
            return self.cr.sql_log_count - before

        count(1)
        self.assertEqual(count(6), count(2))


@tagged("post_install", "-at_install")
class TestReferralCollected(AccountTestInvoicingCommon):
    """The part of the reward that rests on the host's invoices."""

    @classmethod
    def get_default_groups(cls):
        return super().get_default_groups() | cls.quick_ref(
            "sales_visit.group_company_manager"
        )

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.write({"referral_policy": "collection", "referral_rate": 10})
        cls.product_a.write({"invoice_policy": "order"})
        cls.lead = cls.env["crm.lead"].create(
            {"name": "Deal", "type": "opportunity", "partner_id": cls.partner_a.id}
        )
        cls.referral = cls.env["sales.referral"].create(
            {"lead_id": cls.lead.id, "referrer_id": cls.partner_b.id}
        )
        cls.order = cls.env["sale.order"].create(
            {
                "partner_id": cls.partner_a.id,
                "opportunity_id": cls.lead.id,
                "payment_term_id": False,
                "order_line": [
                    Command.create({"product_id": cls.product_a.id, "price_unit": 1000})
                ],
            }
        )
        cls.order.action_confirm()
        cls.lead.stage_id = cls.env["crm.stage"].search(
            [("is_won", "=", True)], limit=1
        )

    def _invoice(self):
        invoice = self.order._create_invoices()
        invoice.action_post()
        return invoice

    def _pay(self, invoice, amount=None, **values):
        wizard = (
            self.env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"amount": amount or invoice.amount_residual, **values})
        )
        return wizard._create_payments()

    def _base(self):
        self.env.flush_all()
        return self.referral._get_earned_amounts()[self.referral]

    def test_earned_when_everything_came_in(self):
        """V24: not before the invoice, not with a part, but with the whole."""
        self.assertEqual(self._base(), 0)
        invoice = self._invoice()
        self.assertEqual(self._base(), 0)
        self._pay(invoice, invoice.amount_total / 2)
        self.assertEqual(self._base(), 0)
        self._pay(invoice)
        self.assertAlmostEqual(self._base(), 1000)

    def test_credit_note_is_no_money(self):
        """V24: what was credited instead of paid earns nothing."""
        invoice = self._invoice()
        self._pay(invoice, invoice.amount_total / 4)
        refund = invoice._reverse_moves(cancel=False)
        refund.invoice_line_ids.price_unit = 750
        refund.action_post()
        lines = (invoice | refund).line_ids.filtered(
            lambda line: line.account_type == "asset_receivable"
        )
        lines.filtered(lambda line: not line.reconciled).reconcile()
        self.assertEqual(invoice.amount_residual, 0)
        self.env.flush_all()
        shares = self.order._get_money_shares(invoice)
        self.assertAlmostEqual(shares[invoice.id], 0.25)

    def test_write_off_is_no_money(self):
        """V24: a payment that writes the rest off counts with what was paid."""
        invoice = self._invoice()
        self._pay(
            invoice,
            invoice.amount_total * 0.9,
            payment_difference_handling="reconcile",
            writeoff_account_id=self.company_data["default_account_expense"].id,
        )
        self.assertEqual(invoice.amount_residual, 0)
        self.assertAlmostEqual(self._base(), 900, places=1)

    def test_manual_entry_is_no_money(self):
        """V24: an entry of the accountant against the receivable earns nothing."""
        invoice = self._invoice()
        receivable = invoice.line_ids.filtered(
            lambda line: line.account_type == "asset_receivable"
        )
        entry = self.env["account.move"].create(
            {
                "line_ids": [
                    Command.create(
                        {
                            "account_id": receivable.account_id.id,
                            "partner_id": self.partner_a.id,
                            "credit": receivable.balance,
                        }
                    ),
                    Command.create(
                        {
                            "account_id": self.company_data[
                                "default_account_expense"
                            ].id,
                            "debit": receivable.balance,
                        }
                    ),
                ]
            }
        )
        entry.action_post()
        (
            receivable
            | entry.line_ids.filtered(
                lambda line: line.account_id == receivable.account_id
            )
        ).reconcile()
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEqual(self._base(), 0)
