from odoo.tests import HttpCase, tagged

from .common_dispatch import DispatchMixinCase


@tagged("post_install", "-at_install")
class TestDispatchTour(DispatchMixinCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_authority()
        cls.set_up_dispatch()
        cls.set_mode("A11", "block")
        cls.new_limit("dispatch_note", "project_manager", 1, document="stock.picking")

    def test_release(self):
        """A11 X01: the warehouse is refused and asks, the sales manager approves from
        the inbox, the warehouse validates"""
        picking = self.new_delivery()
        url = f"/odoo/action-stock.action_picking_tree_all/{picking.id}"
        login = self.warehouse.login
        self.start_tour(url, "sales_receivable_dispatch_ask", login=login)
        self.start_tour(
            "/odoo/action-sales_receivable.authority_request_action_inbox",
            "sales_receivable_dispatch_approve",
            login=self.project_manager.login,
        )
        self.start_tour(url, "sales_receivable_dispatch_validate", login=login)
        picking.invalidate_recordset()
        self.assertEqual(picking.state, "done")
        self.assertEqual(picking.dispatch_checked_by_id, self.warehouse)
