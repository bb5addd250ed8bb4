from odoo import api, models

from ..authority import exceeds

# What is typed of a line.
TYPED_FIELDS = (
    "move_id",
    "display_type",
    "product_id",
    "quantity",
    "product_uom_id",
    "price_unit",
    "discount",
    "tax_ids",
    "sale_line_ids",
)
# What a posted one was judged by, and what came of it.
KEPT_FIELDS = (
    *TYPED_FIELDS,
    "account_id",
    "currency_id",
    "balance",
    "debit",
    "credit",
    "amount_currency",
    "price_subtotal",
    "price_total",
)
OWED = ("asset_receivable", "liability_payable")
SIGNS = {"out_invoice": 1, "out_receipt": 1, "out_refund": -1}


class AccountMoveLine(models.Model):
    """An invoice line knows whether it is what the customer's order says (A02)."""

    _name = "account.move.line"
    _inherit = ["account.move.line", "authority.priced.line", "finite.mixin"]

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._refuse_rewriting()
        return lines

    def write(self, vals):
        names = [name for name in KEPT_FIELDS if name in vals]
        changed = self.filtered(
            lambda line: any(
                line.move_id._field_will_change(line, vals, name) for name in names
            )
        )
        changed._refuse_rewriting()
        if not set(TYPED_FIELDS).isdisjoint(names):
            changed.move_id._note_typing()
        result = super().write(vals)
        if not {"move_id", "display_type", "account_id"}.isdisjoint(names):
            changed._refuse_rewriting()  # what a line has become, and of which invoice
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_unless_judged(self):
        self._refuse_rewriting()

    def _refuse_rewriting(self):
        """Refuse to touch what is sold and owed on documents that stay.

        Items of other kinds can't change what is owed without these.
        """
        self.filtered(
            lambda line: line.display_type == "product" or line._is_owed()
        ).move_id._refuse_rewriting()

    def _is_owed(self):
        """Tell whether the item is on an account that the customer owes on."""
        return self.account_id.account_type in OWED

    def _get_line_quantity(self):
        return self.quantity

    def _get_tax_base_line(self):
        return self.move_id._prepare_product_base_line_for_taxes_computation(self)

    def _is_as_ordered(self):
        """Tell whether the line is of a confirmed order of the same customer, at the
        order's price or more, and no more than was ordered, posted invoices included.

        Credited counts only what was, in full: a credit note of the same goods at less
        than the order's price returns no right to invoice them again.

        What takes something off (discounts, deducted down payments) takes no more than
        on the order together with what was invoiced for it before.
        """
        self.ensure_one()
        sale_line = self.sale_line_ids
        if len(sale_line) != 1 or not self._is_of_order(sale_line):
            return False
        invoiced = sale_line.invoice_lines.filtered(
            lambda line: (
                line.move_id == self.move_id
                or (
                    line.move_id.state == "posted"
                    and (
                        line.move_id.move_type != "out_refund"
                        or line._is_of_order(sale_line)
                    )
                )
            )
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
        price = sale_line._get_untaxed_amount() / ordered
        return self._is_priced_at(price) and not exceeds(
            sum(
                line._get_signed(line._get_priced_quantity())
                for line in invoiced
                if line.move_id.move_type != "out_refund" or line._is_priced_at(price)
            ),
            ordered,
        )

    def _is_priced_at(self, price):
        """Tell whether the line has a unit price, in the product's unit, of at least
        ``price``."""
        quantity = self._get_priced_quantity()
        return quantity > 0.0 and not exceeds(
            price, self._get_untaxed_amount() / quantity
        )

    def _get_signed(self, figure):
        return SIGNS.get(self.move_id.move_type, 0) * figure

    def _is_of_order(self, sale_line):
        """Tell whether the line is of this line of a confirmed order."""
        order = sale_line.order_id
        return (
            order.state == "sale"
            and order.currency_id == self.move_id.currency_id
            and self._belongs_to(sale_line)
        )

    def _belongs_to(self, sale_line):
        """Compare what a link between the two can't vouch for: links can be forged."""
        order, move = sale_line.order_id, self.move_id
        customers = order._get_customers().commercial_partner_id
        return (
            not sale_line.display_type
            and order.company_id == move.company_id
            and sale_line.product_id == self.product_id
            and move.commercial_partner_id in customers
        )

    def _get_ordered_line(self):
        """Return the order line that this line asks for, none where the link to it is to
        several lines, or to somebody else's."""
        self.ensure_one()
        sale_line = self.sale_line_ids
        if len(sale_line) == 1 and self._belongs_to(sale_line):
            return sale_line
        return sale_line.browse()
