from odoo.tests import tagged

from .common import AuthorityCase


@tagged("post_install", "-at_install")
class TestReturnInvoices(AuthorityCase):
    """Orders of which something came back are invoiced like others (A19)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.goods = cls.new_product(
            "Lamp",
            100.0,
            type="consu",
            is_storable=True,
            standard_price=60.0,
            invoice_policy="delivery",
        )
        cls.accountant = cls.new_user(
            "accountant", groups="account.group_account_invoice"
        )

    def deliver(self, order, quantity):
        picking = order.picking_ids.filtered(lambda p: p.state != "done")
        picking.move_ids.write({"quantity": quantity, "picked": True})
        picking.button_validate()
        return picking

    def take_back(self, picking, quantity):
        wizard = (
            self.env["stock.return.picking"]
            .with_context(active_id=picking.id, active_model="stock.picking")
            .create({})
        )
        wizard.product_return_moves.write({"quantity": quantity, "to_refund": True})
        back = self.env["stock.picking"].browse(
            wizard.action_create_returns()["res_id"]
        )
        back.move_ids.write({"quantity": quantity, "picked": True})
        back.button_validate()
        return back

    def test_what_came_back_holds_no_invoice_up(self):
        """A19: the host values returned goods again when accounting posts an invoice, or
        a credit note, of their order; nobody typed that value"""
        self.set_mode("A18", "block")
        for invoiced_first in (False, True):
            with self.subTest(invoiced_first=invoiced_first):
                order = self.new_order(product=self.goods, price=100.0, quantity=6)
                order.action_confirm()
                order = order.sudo()
                picking = self.deliver(order, 6)
                moves = order._create_invoices() if invoiced_first else None
                if moves:
                    moves.with_user(self.accountant).action_post()
                back = self.take_back(picking, 2)
                picking.move_ids.value = 300.0  # put right by who may
                self.env.cr.precommit.data.clear()  # another transaction
                cost_rules = self.set_mode("A19", "block")
                document = order._create_invoices(final=True)
                document.with_user(self.accountant).action_post()
                self.assertEqual(document.state, "posted")
                self.assertEqual(back.move_ids.value, 100.0)
                self.assertEqual(
                    document.amount_untaxed, 200 if invoiced_first else 400
                )
                # The same day and value written again change nothing.
                clerk = self.new_user(
                    f"clerk{invoiced_first}", groups="stock.group_stock_user"
                )
                move = back.move_ids.with_user(clerk)
                move.write({"date": move.date, "value": move.sudo().value})
                with self.assert_refused("corrected by stock managers"):
                    move.value = 1.0
                cost_rules.unlink()
