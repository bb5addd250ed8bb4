from odoo import models
from odoo.exceptions import UserError

from ..authority import exceeds

OWING_FIELDS = {
    "company_id",
    "currency_id",
    "partner_id",
    "partner_invoice_id",
    "pricelist_id",
}


class SaleOrder(models.Model):
    """What has left for an order stays owed by its customer until it is back or
    invoiced, whatever becomes of the order (R02, A16)."""

    _name = "sale.order"
    _inherit = "sale.order"

    def write(self, vals):
        # Confirmed ones are judged by what they are changed to.
        gone = self.browse()
        if not OWING_FIELDS.isdisjoint(vals):
            gone = self.filtered(lambda order: order.state != "sale")._filter_gone()
        before = {order: order._get_owing() for order in gone}
        result = super().write(vals)
        for order, owing in before.items():
            if order._get_owing() != owing:
                raise UserError(
                    self.env._(
                        "Goods of %s are with its customer, who owes for them: customer,"
                        " company and currency stay. Take the goods back first.",
                        order.display_name,
                    )
                )
        return result

    def unlink(self):
        # The database deletes the lines, past their own guards.
        self.order_line._filter_gone()._refuse_letting_go()
        return super().unlink()

    def _filter_gone(self):
        """Return the orders of which goods are with the customer, under sudo."""
        # Whose goods they are is asked, whoever may read their movements.
        return self.sudo().order_line._filter_gone().order_id

    def _get_owing(self):
        """Return who owes in which company and currency for what has left."""
        return (
            self.partner_id.commercial_partner_id,
            self.partner_invoice_id.commercial_partner_id,
            self.company_id,
            self.currency_id,
        )

    def _check_cancelled(self):
        """Cancel no order for goods that are with the customer and still to be invoiced:
        nothing would judge what becomes of its prices and customer."""
        for line in self.order_line._filter_gone():
            if line.price_unit * (1 - line.discount / 100.0) <= 0:
                continue  # nothing is owed for it
            invoiced = line._get_signed_quantity(line._get_invoiced_items())
            if exceeds(line._get_left_quantity(), invoiced):
                raise UserError(
                    self.env._(
                        "“%(product)s” of %(order)s is with the customer and not"
                        " invoiced: take it back by a return or invoice it before you"
                        " cancel. What is still to be delivered is cancelled on its"
                        " delivery, or by ordering less.",
                        product=line.product_id.display_name,
                        order=line.order_id.name,
                    )
                )
        return super()._check_cancelled()
