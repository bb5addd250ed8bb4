from odoo import Command, fields

from .common import AuthorityMixinCase
from .common_receivable import ReceivableCommon

CONTROL = "sales_receivable.group_credit_control"
TODAY = fields.Date.today()


class CreditCase(AuthorityMixinCase, ReceivableCommon):
    """Goods and services, sold for cash or in 30 days, delivered and invoiced."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(su=True)
        cls.set_up_authority()
        cls.goods = cls.new_product(
            "Frame", 10.0, is_storable=True, invoice_policy="delivery"
        )
        cls.service = cls.new_product(
            "Fitting", 10.0, type="service", invoice_policy="order"
        )
        cls.net_30 = cls.env["account.payment.term"].create(
            {
                "name": "Net 30",
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": 100, "nb_days": 30}
                    )
                ],
            }
        )
        for measure in (
            "credit_sale",
            "credit_days",
            "arrears_amount",
            "credit_limit_excess",
        ):
            cls.new_limit(measure, "general_manager", 1e6)
        cls.control = cls.new_user(
            "control", groups=f"{CONTROL},base.group_partner_manager"
        )
        cls.clerk = cls.new_user(
            "clerk", groups="account.group_account_manager,base.group_partner_manager"
        )
        cls.customer.property_payment_term_id = False

    def deliver(self, order, quantity, backorder=True):
        picking = order.picking_ids.filtered(
            lambda p: p.state not in ("done", "cancel")
        )
        picking.move_ids.quantity = quantity
        picking.move_ids.picked = True
        context = {"skip_backorder": True}
        if not backorder:
            context["picking_ids_not_to_backorder"] = picking.ids
        picking.with_context(**context).button_validate()
        self.assertEqual(picking.state, "done")
        return picking

    def invoice(self, order):
        invoice = order._create_invoices(final=True)
        invoice.invoice_date = TODAY
        invoice.action_post()
        return invoice
