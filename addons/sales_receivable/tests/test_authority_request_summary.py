from odoo import fields
from odoo.tests import tagged

from .common import AuthorityMixinCase
from .common_receivable import ReceivableCommon


@tagged("post_install", "-at_install")
class TestAuthorityRequestSummary(AuthorityMixinCase, ReceivableCommon):
    """Who decides sees customer, amount, margin and debts; nobody else does (A01)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(su=True)
        cls.set_up_authority()
        cls.set_mode("A02", "block")
        cls.bracket.standard_price = 6.0
        today = fields.Date.today()
        cls._invoice(100, today.replace(year=today.year - 1), invoice_user_id=False)
        later = today.replace(year=today.year + 1)
        cls._invoice(40, today, due=later)
        cls.request = cls.ask(cls.new_order())
        cls.env.flush_all()

    def seen(self, user):
        self.env.invalidate_all()
        return self.request.with_user(user)

    def test_the_approver_s_figures(self):
        """A01: untaxed amount, margin on the products' cost, open and overdue."""
        seen = self.seen(self.vice_president)
        self.assertEqual(seen.partner_id, self.customer)
        self.assertEqual(
            (seen.amount, seen.currency_id), (81, self.company.currency_id)
        )
        self.assertEqual((seen.has_margin, seen.margin), (True, 21))
        self.assertAlmostEqual(seen.margin_percent, 25.93, places=2)
        self.assertEqual((seen.open_amount, seen.overdue_amount), (140, 100))

    def test_no_access_to_anything_else(self):
        """A01: two figures, no item behind them."""
        self.seen(self.vice_president).read(["open_amount", "overdue_amount"])
        report = self.env["receivable.ageing.report"].sudo(False)
        self.assertFalse(report.with_user(self.vice_president).search([]))

    def test_the_requester_learns_neither_cost_nor_debts(self):
        """A01: who asks reads the request, not what it costs us."""
        seen = self.seen(self.salesperson)
        self.assertEqual((seen.amount, seen.partner_id), (81, self.customer))
        self.assertEqual(
            (seen.has_margin, seen.margin, seen.margin_percent), (False, 0, 0)
        )
        self.assertEqual(
            (seen.shows_balance, seen.open_amount, seen.overdue_amount), (False, 0, 0)
        )

    def test_no_longer_than_it_waits(self):
        """A01: a decision taken is no key to next year's debts."""
        self.seen(self.vice_president).action_approve()
        seen = self.seen(self.vice_president)
        self.assertEqual((seen.amount, seen.partner_id), (81, self.customer))
        self.assertEqual((seen.margin, seen.open_amount), (0, 0))

    def test_constant_queries(self):
        """A01: the inbox doesn't get slower with what is in it."""
        requests = self.request
        for _index in range(8):
            requests |= self.ask(self.new_order())
        names = ["partner_id", "amount", "margin_percent", "overdue_amount", "sentence"]
        counts = []
        for batch in (requests[:2], requests):
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            batch.with_user(self.vice_president).read(names)
            counts.append(self.env.cr.sql_log_count - start)
        self.assertLessEqual(counts[1], counts[0] + 1, counts)

    def test_approval_is_one_line_that_stays(self):
        """X01: after confirmation it still says who approved, and when."""
        self.seen(self.vice_president).action_approve()
        order = self.env["sale.order"].browse(self.request.res_id)
        order.with_user(self.salesperson).action_confirm()
        seen = order.with_user(self.salesperson)
        self.assertRegex(
            seen.authority_approval, r"^Approved by vice president on \d+/\d+/"
        )
        action = seen.action_authority_open_log()
        steps = self.env["authority.step"].with_user(self.salesperson)
        self.assertEqual(
            set(steps.search(action["domain"]).mapped("kind")), {"asked", "approved"}
        )
        self.assertFalse(self.new_order().authority_approval)
