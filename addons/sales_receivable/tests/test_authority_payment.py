from odoo import SUPERUSER_ID
from odoo.addons.account_payment.tests.common import AccountPaymentCommon
from odoo.fields import Command
from odoo.tests import tagged

from .common import AuthorityMixinCase


@tagged("post_install", "-at_install")
class TestPayment(AuthorityMixinCase, AccountPaymentCommon):
    """Money that arrives for a quotation that waits for approval (A16)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        company = cls.env.company
        cls.env = cls.env(
            user=SUPERUSER_ID, context={"allowed_company_ids": company.ids}
        )
        cls.set_up_authority()
        cls.set_mode("A02", "block")
        cls.order = cls.new_order(require_payment=True, require_signature=False)

    @classmethod
    def new_user(cls, login, level=None, **values):
        values |= {"company_id": cls.env.company.id}
        values |= {"company_ids": [Command.set(cls.env.company.ids)]}
        return super().new_user(login, level, **values)

    def pay(self, order, state):
        order = order.sudo()
        transaction = self._create_transaction(
            "direct",
            amount=order.amount_total,
            currency_id=order.currency_id.id,
            partner_id=order.partner_id.id,
            reference=f"TX {order.name} {state}",
            sale_order_ids=[Command.set(order.ids)],
            state=state,
        )
        transaction.with_user(self.public_user).sudo()._post_process()
        return transaction

    def test_blocked_order_stays_unconfirmed(self):
        """A16: the money is booked, the quotation waits, the salesperson knows."""
        self.assertFalse(self.order._has_to_be_paid())
        transaction = self.pay(self.order, "done")
        self.assertTrue(transaction.is_post_processed)
        self.assertIn(transaction.payment_id.state, ("in_process", "paid"))
        self.assertEqual(transaction.payment_id.amount, self.order.amount_total)
        self.assertEqual(self.order.state, "draft")
        activity = self.order.sudo().activity_ids
        self.assertEqual(activity.user_id, self.salesperson)
        self.assertIn("A02", activity.note)
        self.assertFalse(
            self.order.sudo().message_ids.filtered("attachment_ids"),
            "the quotation isn't mailed",
        )

    def test_told_once(self):
        """A16: an authorised payment that is captured later doesn't tell twice."""
        self.provider.support_manual_capture = "partial"
        self.pay(self.order, "authorized")
        self.pay(self.order, "done")
        self.assertEqual(self.order.state, "draft")
        self.assertEqual(len(self.order.sudo().activity_ids), 1)

    def test_pending_payment_does_not_send(self):
        """A16: a pending payment would mark the quotation as sent."""
        transaction = self.pay(self.order, "pending")
        self.assertEqual(self.order.state, "draft")
        self.assertEqual(transaction.state, "pending")

    def test_approved_order_is_confirmed(self):
        """A16: after the approval the payment confirms."""
        self.approve(self.order)
        self.assertTrue(self.order._has_to_be_paid())
        self.pay(self.order, "done")
        self.assertEqual(self.order.state, "sale")
