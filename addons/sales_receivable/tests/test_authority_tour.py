from odoo.tests import HttpCase, tagged

from .common import AuthorityMixinCase


@tagged("post_install", "-at_install")
class TestAuthorityTour(AuthorityMixinCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_authority()
        cls.set_mode("A02", "block")

    def test_salesperson_and_vice_president(self):
        """A01 A02 X01: refused, asked, approved from the inbox, confirmed."""
        order = self.new_order()
        url = f"/odoo/action-sale.action_quotations_with_onboarding/{order.id}"
        self.start_tour(url, "sales_receivable_ask", login=self.salesperson.login)
        self.start_tour(
            "/odoo/action-sales_receivable.authority_request_action_inbox",
            "sales_receivable_approve",
            login=self.vice_president.login,
        )
        self.assertEqual(
            order.sudo().authority_request_ids.decided_by_id, self.vice_president
        )
        self.start_tour(url, "sales_receivable_confirm", login=self.salesperson.login)
        order.invalidate_recordset()
        self.assertEqual(order.state, "sale")
