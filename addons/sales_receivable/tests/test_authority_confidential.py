from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import AuthorityCase


@tagged("post_install", "-at_install")
class TestAuthorityConfidential(AuthorityCase):
    """Floors and prices below them are told to whom they concern only (A02)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.warehouse = cls.new_user("keeper", groups="stock.group_stock_user")
        cls.buyer = cls.new_user(
            "purchaser", groups="purchase.group_purchase_user,stock.group_stock_user"
        )
        cls.set_mode("A02", "block")
        cls.order = cls.new_order(price=8.1)

    def _assert_no_figures(self, text):
        for figure in ("8.1", "9.00", "floor 9", "net "):
            self.assertNotIn(figure, text)

    def _banner(self, user):
        self.env.invalidate_all()
        # The warehouse reads confirmed orders as the host lets it.
        return self.order.with_user(user).read(["authority_banner"])[0][
            "authority_banner"
        ]

    def test_banner_for_warehouse_and_purchase(self):
        """A02: they read which rule needs whose approval, and no figure."""
        for user in (self.warehouse, self.buyer):
            banner = self._banner(user)
            self.assertIn("A02", banner)
            self.assertIn("vice president", banner)
            self.assertIn(self.vice_president.name, banner)
            self._assert_no_figures(banner)

    def test_banner_for_whom_it_concerns(self):
        """A02: sales, company managers, accounting and approvers read the figures."""
        manager = self.new_user(
            "company_manager",
            groups="sales_receivable.group_company_manager,stock.group_stock_user",
        )
        accountant = self.new_user("accountant", groups="account.group_account_invoice")
        for user in (self.salesperson, manager, accountant):
            banner = self._banner(user)
            self.assertIn("8.10", banner)
            self.assertIn("9.00", banner)
        # Who decides without being of sales reads them by the request.
        self.vice_president.group_ids = self.warehouse.group_ids
        self._assert_no_figures(self._banner(self.vice_president))
        self.ask(self.order)
        self.assertIn("8.10", self._banner(self.vice_president))
        self._assert_no_figures(self._banner(self.warehouse))

    def test_asking(self):
        """A02: the warehouse, which may write orders, reads no figures by asking."""
        for user in (self.warehouse, self.buyer):
            with self.assertRaises(AccessError):
                self.order.with_user(user).action_authority_request()
        self.assertFalse(self.order.sudo().authority_request_ids)

    def test_refusals(self):
        """A02: the errors of refused steps don't tell the warehouse, either."""
        for user, seen in ((self.warehouse, False), (self.salesperson, True)):
            with self.assertRaises(UserError) as refused, self.env.cr.savepoint():
                self.order.with_user(user).action_quotation_send()
            text = str(refused.exception)
            self.assertIn("A02", text)
            if seen:
                self.assertIn("8.10", text)
            else:
                self._assert_no_figures(text)

    def test_chatter_of_decisions(self):
        """A02: the chatter names rule, level and who decided; the log the figures."""
        for decision, args in (
            ("action_refuse", ["Try again"]),
            ("action_approve", []),
        ):
            request = self.ask(self.order)
            notes = self.order.activity_ids.mapped("note")
            self.assertTrue(any("A02" in note for note in notes))
            self._assert_no_figures(" ".join(notes))
            before = self.order.message_ids
            getattr(request.with_user(self.vice_president), decision)(*args)
            message = self.order.message_ids - before
            self.assertEqual(message.author_id, self.vice_president.partner_id)
            body = message.body
            for part in ("A02", "Vice President"):
                self.assertIn(part, body)
            self._assert_no_figures(body)
            self.assertIn("8.10", request.step_ids[:1].sentence)

    def test_activity_about_a_payment(self):
        """A02: nor does the note that a blocked quotation was paid tell them."""
        errors = self.order._get_authority_errors(figures=False)[self.order.id]
        self.assertIn("A02", errors)
        self.assertIn("vice president", errors)
        self._assert_no_figures(errors)
