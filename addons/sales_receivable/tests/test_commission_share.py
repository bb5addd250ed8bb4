from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.service.model import call_kw
from odoo.tests import freeze_time, new_test_user, tagged

from .common_commission import CommissionCommon


@tagged("post_install", "-at_install")
@freeze_time("2027-05-05 09:00:00")
class TestCommissionShare(CommissionCommon):
    """Who gets how much of a commission, and who decides on it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.boss = new_test_user(
            cls.env,
            login="commission_boss",
            groups="base.group_user,sales_team.group_sale_salesman_all_leads",
            company_id=cls.company.id,
        )
        chief = (
            cls.env["hr.employee"]
            .sudo()
            .create(
                {"name": "boss", "user_id": cls.boss.id, "company_id": cls.company.id}
            )
        )
        cls.env["hr.employee"].sudo().create(
            {
                "name": "seller",
                "user_id": cls.seller.id,
                "parent_id": chief.id,
                "company_id": cls.company.id,
            }
        )
        cls.order = cls._order((cls.press, 1000))

    def _values(self, user, percent=50, document=None):
        document = document or self.order
        name = "order_id" if document._name == "sale.order" else "move_id"
        return {name: document.id, "user_id": user.id, "percent": percent}

    def _shares(self, document):
        return [(s.user_id, s.percent) for s in document.commission_share_ids]

    def _rpc(self, user, method, *args, **kwargs):
        return call_kw(
            self.env["commission.share"].with_user(user), method, list(args), kwargs
        )

    def test_managers_finance_and_company_managers_decide(self):
        """K02: the line manager, finance, the company manager; nobody else."""
        for user in (self.boss, self.finance, self.company_manager):
            share = self._rpc(user, "create", [self._values(self.other_seller)])
            self.env["commission.share"].browse(share).with_user(user).unlink()
        for user in (self.seller, self.other_seller, self.administrator):
            with self.assertRaises(AccessError):
                self._rpc(user, "create", [self._values(self.company_manager)])

    def test_salespeople_can_not_help_themselves(self):
        """K02: not by the order, by creating one with shares, by the share, by import,
        by a default, nor by sending a token along."""
        order = self.order.with_user(self.seller)
        token = {"sales_server": True, "install_mode": True}
        mine = Command.create({"user_id": self.seller.id, "percent": 20})
        share = self.env["commission.share"].create(self._values(self.other_seller, 40))
        own = share.with_user(self.seller).with_context(**token)
        for attempt in (
            lambda: order.write({"commission_share_ids": [mine]}),
            lambda: order.with_context(**token).write({"commission_share_ids": [mine]}),
            lambda: order.copy({"commission_share_ids": [mine]}),
            lambda: order.create(
                {"partner_id": self.customer.id, "commission_share_ids": [mine]}
            ),
            lambda: order.with_context(default_commission_share_ids=[mine]).create(
                {"partner_id": self.customer.id}
            ),
            lambda: own.write({"user_id": self.seller.id}),
            lambda: own.write({"percent": 1}),
            own.unlink,
            lambda: own.copy({"user_id": self.seller.id}),
            lambda: order.write({"commission_share_ids": [Command.clear()]}),
        ):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                attempt()
        result = own.load(
            ["order_id/.id", "user_id/.id", "percent"],
            [[str(self.order.id), str(self.seller.id), "60"]],
        )
        self.assertFalse(result["ids"])
        self.assertEqual(self._shares(self.order), [(self.other_seller, 40)])

    def test_team_that_the_salesperson_chooses_decides_nothing(self):
        """K02: the leader of the order's team isn't the salesperson's manager by that."""
        self.team.sudo().user_id = self.other_seller
        self.order.with_user(self.seller).team_id = self.team
        with self.assertRaises(AccessError):
            self._rpc(self.other_seller, "create", [self._values(self.administrator)])

    def test_nobody_decides_on_their_own_share(self):
        """K02: neither giving oneself one, nor changing what one has."""
        for user in (self.boss, self.finance, self.company_manager):
            with self.assertRaises(AccessError):
                self._rpc(user, "create", [self._values(user)])
        share = self.env["commission.share"].create(self._values(self.finance))
        with self.assertRaises(AccessError):
            share.with_user(self.finance).write({"percent": 100})
        with self.assertRaises(AccessError):
            share.with_user(self.finance).write({"user_id": self.boss.id})

    def test_finance_sells_nothing_for_itself(self):
        """K02: who sold it doesn't decide, whatever groups they have."""
        self.seller.group_ids += self.env.ref("sales_receivable.group_finance")
        with self.assertRaises(AccessError):
            self._rpc(self.seller, "create", [self._values(self.other_seller)])

    def test_shares_are_at_most_all_of_it(self):
        """K02: 60 + 40 is everything; each is above nothing and counts once."""
        self.env["commission.share"].create(self._values(self.seller, 60))
        self.env["commission.share"].create(self._values(self.other_seller, 40))
        for percent in (0.01, 50):
            with self.assertRaises(ValidationError):
                self.env["commission.share"].create(self._values(self.boss, percent))

    def test_shares_stay_with_their_document(self):
        """K02: a share isn't moved to another order, nor copied with one."""
        share = self.env["commission.share"].create(self._values(self.seller, 60))
        other = self._order((self.press, 1))
        with self.assertRaises(UserError):
            share.with_user(self.finance).order_id = other
        self.assertFalse(self.order.copy().commission_share_ids)

    def test_posting_keeps_the_order_s_shares(self):
        """K02: a change of the order or of its salesperson moves no invoice."""
        self._plan(3)
        self.env["commission.share"].create(self._values(self.seller, 60))
        self.env["commission.share"].create(self._values(self.other_seller, 30))
        invoice = self._bill(self.order)
        self.order.commission_share_ids.unlink()
        invoice.invoice_user_id = self.boss
        self.assertEqual(
            self._shares(invoice), [(self.seller, 60), (self.other_seller, 30)]
        )

    def test_posting_keeps_the_salesperson_without_shares(self):
        """K02: all of it is theirs; later changes of the invoice don't count."""
        self._plan(3)
        invoice = self._bill(self.order)
        invoice.invoice_user_id = self.boss
        self.assertEqual(self._shares(invoice), [(self.seller, 100)])

    def test_credit_note_takes_from_who_got_it(self):
        """K02: its shares are those of its invoice."""
        self._plan(3)
        self.env["commission.share"].create(self._values(self.other_seller, 70))
        invoice = self._bill(self.order)
        self.order.commission_share_ids.unlink()
        refund = invoice._reverse_moves([{"invoice_user_id": self.boss.id}])
        refund.action_post()
        self.assertEqual(self._shares(refund), [(self.other_seller, 70)])

    def test_invoice_over_two_orders_shares_by_their_parts(self):
        """K02: 3 000 of the seller's and 1 000 shared half and half: 87.5 and 12.5 %."""
        self._plan(3)
        big = self._order((self.press, 3000))
        shared = self._order((self.press, 1000))
        for user in (self.seller, self.other_seller):
            self.env["commission.share"].create(self._values(user, 50, shared))
        invoice = self._bill(big + shared)
        self.assertEqual(len(invoice), 1)
        self.assertEqual(
            self._shares(invoice), [(self.seller, 87.5), (self.other_seller, 12.5)]
        )

    def test_nothing_is_kept_without_a_plan(self):
        """K02: installing changes nothing; the first run keeps what is collected."""
        invoice = self._bill(self.order)
        self.assertFalse(invoice.commission_share_ids)
        self._pay(invoice, 100, "2026-10-10")
        self._plan(3)
        self._compute("2026-10-01")
        self.assertEqual(self._shares(invoice), [(self.seller, 100)])

    def test_what_a_closed_month_paid_by_stays(self):
        """K02: shares of an invoice are locked by closing, for everybody."""
        self._plan(3)
        invoice = self._bill(self.order)
        self._pay(invoice, 100, "2026-10-10")
        self._compute("2026-10-01")
        share = invoice.commission_share_ids
        share.with_user(self.finance).percent = 90
        self._close("2026-10-01")
        for user in (self.finance, self.env.user, self.env.ref("base.user_root")):
            shares = share.with_user(user)
            for change in (
                lambda shares=shares: shares.write({"percent": 10}),
                shares.unlink,
                lambda shares=shares: shares.create(
                    self._values(self.other_seller, 10, invoice)
                ),
            ):
                with self.assertRaises(UserError), self.env.cr.savepoint():
                    change()
        self.assertEqual(self._shares(invoice), [(self.seller, 90)])

    def test_who_reads_shares_and_exceptions(self):
        """K02: those concerned, the salesperson and their managers, finance and company
        managers; no colleague, no administrator by that alone."""
        self._plan(3)
        share = self.env["commission.share"].create(self._values(self.other_seller, 10))
        loose = self._sell(100, "2026-10-01")
        self._pay(loose, 100, "2026-10-10")
        period = self._compute("2026-10-01")
        listed = self.env["commission.exception"].search(
            [("period_id", "=", period.id)]
        )
        self.assertEqual(listed.move_id, loose)
        sees = {
            self.seller: (True, True),
            self.other_seller: (True, False),
            self.boss: (True, True),
            self.finance: (True, True),
            self.company_manager: (True, True),
            self.administrator: (False, False),
        }
        for user, expected in sees.items():
            found = tuple(
                record in record.with_user(user).search([])
                for record in (share, listed)
            )
            self.assertEqual(found, expected, user.name)
        for change in (
            lambda: listed.write({"amount": 0}),
            listed.unlink,
            lambda: listed.create({"amount": 1}),
        ):
            with self.assertRaises(UserError):
                change()
