from odoo import models

from ..authority import exceeds

SIGNS = {"out_invoice": 1, "out_receipt": 1, "out_refund": -1}


class AccountMoveLine(models.Model):
    """An invoice line knows whether it is what the customer's order says (A02)."""

    _name = "account.move.line"
    _inherit = ["account.move.line", "authority.priced.line", "finite.mixin"]

    def _get_line_quantity(self):
        return self.quantity

    def _get_tax_base_line(self):
        return self.move_id._prepare_product_base_line_for_taxes_computation(self)

    def _is_as_ordered(self):
        """Tell whether the line is of a confirmed order of the same customer, at the
        order's price or more, and no more than was ordered, posted invoices included.

        What takes something off (discounts, deducted down payments) takes no more than
        on the order together with what was invoiced for it before.
        """
        self.ensure_one()
        sale_line = self.sale_line_ids
        if len(sale_line) != 1 or not self._is_of_order(sale_line):
            return False
        invoiced = sale_line.invoice_lines.filtered(
            lambda line: line.move_id.state == "posted" or line.move_id == self.move_id
        )
        ordered = sale_line._get_priced_quantity()
        if self._takes_off():
            taken = sum(
                line._get_signed(line._get_untaxed_amount()) for line in invoiced
            )
            return not exceeds(sale_line._get_untaxed_amount(), taken)
        quantity = self._get_priced_quantity()
        if quantity <= 0.0 or ordered <= 0.0:
            return quantity == 0.0
        return not exceeds(
            sale_line._get_untaxed_amount() / ordered,
            self._get_untaxed_amount() / quantity,
        ) and not exceeds(
            sum(line._get_signed(line._get_priced_quantity()) for line in invoiced),
            ordered,
        )

    def _get_signed(self, figure):
        return SIGNS.get(self.move_id.move_type, 0) * figure

    def _is_of_order(self, sale_line):
        """Compare what a link between the two can't vouch for: links can be forged."""
        order, move = sale_line.order_id, self.move_id
        customers = (order.partner_id | order.partner_invoice_id).commercial_partner_id
        return (
            order.state == "sale"
            and order.company_id == move.company_id
            and order.currency_id == move.currency_id
            and sale_line.product_id == self.product_id
            and move.commercial_partner_id in customers
        )
