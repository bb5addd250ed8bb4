from odoo import api, models
from odoo.exceptions import UserError

from ..tools.defaults import get_new_values

# What is owed for a line.
KEPT_FIELDS = (
    "product_id",
    "product_uom_qty",
    "product_uom_id",
    "price_unit",
    "discount",
    "tax_ids",
    "is_downpayment",
)
# Copies of the order's: the host, and our own guards, go by them.
COPIES = {"state", "company_id", "currency_id", "order_partner_id", "salesman_id"}


class SaleOrderLine(models.Model):
    """What has left stays owed: its line stays with its order (R02, A16)."""

    _name = "sale.order.line"
    _inherit = "sale.order.line"

    @api.model
    def _get_server_fields(self):
        return super()._get_server_fields() | COPIES

    @api.model
    def _get_unruled_fields(self, vals_list):
        free = super()._get_unruled_fields(vals_list)
        orders = self.order_id
        if not self or any("order_id" in vals for vals in vals_list):
            orders |= orders.browse(get_new_values(self, "order_id", vals_list))
        # Only which rules are in force is asked, whatever orders the user sees.
        companies = orders.sudo().company_id or self.env.company
        if any(orders._is_authority_on(company) for company in companies):
            return free
        return free | COPIES

    def write(self, vals):
        names = [name for name in KEPT_FIELDS if name in vals]
        kept = self._get_kept_values(names)
        result = super().write(vals)
        for line, values in kept.items():
            if line._get_kept_values(names).get(line) != values:
                line._refuse_letting_go()
        return result

    def unlink(self):
        self._filter_gone()._refuse_letting_go()
        return super().unlink()

    def _filter_gone(self):
        """Return, of companies that control anything, the lines of which goods are with
        the customer."""
        # Only that goods have left is asked, whoever may read their movements.
        return self.sudo().filtered(
            lambda line: (
                line.order_id._is_authority_on(line.order_id.company_id)
                and line._get_left_quantity() > 0
            )
        )

    def _get_kept_values(self, names):
        """Return ``{line: values}`` of what lines say of which goods have left for an
        order that isn't confirmed: nothing judges it there."""
        if not names:
            return {}
        # Compared only.
        lines = self.sudo().filtered(lambda line: line.order_id.state != "sale")
        return {line: [line[name] for name in names] for line in lines._filter_gone()}

    def _refuse_letting_go(self):
        for line in self:
            raise UserError(
                self.env._(
                    "“%(product)s” of %(order)s is with the customer: its line stays as"
                    " it is. Take the goods back by a return, or confirm the order"
                    " before you change it.",
                    product=line.sudo().product_id.display_name or line.name,
                    order=line.sudo().order_id.name,
                )
            )
