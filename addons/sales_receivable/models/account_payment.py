from odoo import api, fields, models
from odoo.tools import SQL


class AccountPayment(models.Model):
    """A payment may be meant for orders before they are invoiced (A10)."""

    _name = "account.payment"
    _inherit = "account.payment"

    order_allocation_ids = fields.One2many(
        "sale.order.allocation", "payment_id", string="Meant for Orders", copy=False
    )

    @api.constrains("amount", "partner_id", "payment_type", "currency_id")
    def _check_allocations(self):
        self.order_allocation_ids._check_payment()

    def _touch_allocated(self):
        self.flush_recordset()
        if self:
            self.env.execute_query(
                SQL(
                    """UPDATE account_payment SET write_date = write_date
                        WHERE id = ANY(%s) RETURNING id""",
                    self.ids,
                )
            )
