from collections import defaultdict

from odoo import api, models
from odoo.tools import float_compare

from ..tools.defaults import get_new_values

# What a line's net price follows from.
FACT_FIELDS = {
    "order_id",
    "product_id",
    "product_uom_qty",
    "product_uom_id",
    "price_unit",
    "discount",
    "tax_ids",
    "is_downpayment",
    "display_type",
    "combo_item_id",
}
TOTALS = {"price_subtotal", "price_tax", "price_total"}


class SaleOrderLine(models.Model):
    _name = "sale.order.line"
    _inherit = [
        "sale.order.line",
        "authority.priced.line",
        "finite.mixin",
        "server.field.mixin",
    ]
    _guards_readonly = False

    @api.model
    def _get_server_fields(self):
        return super()._get_server_fields() | TOTALS

    @api.model
    def _get_unruled_fields(self, vals_list):
        orders = self.order_id
        if not self or any("order_id" in vals for vals in vals_list):
            orders |= orders.browse(get_new_values(self, "order_id", vals_list))
        # Only which rules are in force is asked, whatever orders the user sees.
        companies = orders.sudo().company_id or self.env.company
        free = super()._get_unruled_fields(vals_list)
        if any(orders._is_authority_on(company) for company in companies):
            return free
        return free | TOTALS

    @api.model
    def _get_fact_fields(self):
        """Return the fields from which facts about the order follow."""
        return FACT_FIELDS

    @api.model_create_multi
    def create(self, vals_list):
        order_ids = get_new_values(self, "order_id", vals_list)
        orders = self.env["sale.order"].browse(order_ids)
        with orders._watch_authority():
            return super().create(vals_list)

    def write(self, vals):
        orders = self.env["sale.order"]
        if not self._get_fact_fields().isdisjoint(vals):
            orders = self.order_id | orders.browse(vals.get("order_id"))
        with orders._watch_authority():
            return super().write(vals)

    def unlink(self):
        with self.order_id._watch_authority():
            return super().unlink()

    def _get_line_quantity(self):
        """Return what is ordered, or what has left for it where that is more (A16)."""
        quantity = self.product_uom_qty
        if not self.order_id._is_authority_settled():
            return quantity
        left = self._get_left_quantity()
        return left if left > max(quantity, 0.0) else quantity

    def _get_left_quantity(self):
        """Return what is with the customer, in the line's unit: from the movements and
        their places, since the delivered quantity can be written by RPC and depends on
        the context, and marks of returns can be forged."""
        return sum(
            (
                move.location_dest_id._is_with_customers()
                - move.location_id._is_with_customers()
            )
            * move.product_uom._compute_quantity(
                move.quantity, self.product_uom_id, round=False
            )
            for move in self.move_ids
            if move.state == "done" and move.product_id == self.product_id
        )

    def _get_tax_base_line(self):
        return self._prepare_base_line_for_taxes_computation(
            quantity=self._get_line_quantity()
        )

    def _get_combo_line(self):
        """Return the line of the combo that this line is a part of, or none."""
        self.ensure_one()
        is_part = self.combo_item_id.sudo().product_id == self.product_id
        combo_line = self._get_linked_line() if is_part else self.browse()
        if combo_line.order_id != self.order_id or not combo_line._is_complete_combo():
            return self.browse()
        return combo_line

    def _is_complete_combo(self):
        """Tell whether every choice of the combo is there as often as the combo is: its
        price is for the whole (A03)."""
        parts = defaultdict(float)
        for line in self._get_linked_lines().filtered(
            lambda line: line.order_id == self.order_id
        ):
            item = line.combo_item_id.sudo()
            if item.product_id == line.product_id:
                parts[item.combo_id] += line._get_priced_quantity()
        quantity = self.product_uom_id._compute_quantity(
            self.product_uom_qty, self.product_id.uom_id, round=False
        )
        digits = self.env["decimal.precision"].precision_get("Product Unit")
        return all(
            not float_compare(parts[combo], quantity, precision_digits=digits)
            for combo in self.product_template_id.sudo().combo_ids
        )

    def _get_combo_share(self):
        """Return which part of the combo's price is asked for by this line."""
        combos = self._get_linked_line().product_template_id.sudo().combo_ids
        prices = {
            combo: combo.currency_id._convert(
                combo.base_price, self.currency_id, self.company_id, round=False
            )
            for combo in combos
        }
        total = sum(prices.values())
        return prices[self.combo_item_id.combo_id] / total if total else 1 / len(combos)

    def _get_combo_extra(self):
        """Return what this choice costs besides, per unit, as the host adds it."""
        return (
            self.combo_item_id.extra_price
            + self.product_id._get_no_variant_attributes_price_extra(
                self.product_no_variant_attribute_value_ids
            )
        )

    def _get_listed_price(self, rules, moment):
        """Return the unit price that the price list asks for this line.

        :param rules: the ``product.pricelist.item`` that may apply to the order
        :param moment: UTC datetime
        """
        self.ensure_one()
        if combo_line := self._get_combo_line():
            whole = combo_line._get_listed_price(rules, moment)
            return whole * self._get_combo_share() + self._get_combo_extra()
        product = self.product_id.with_context(**self._get_product_price_context())
        uom = self.product_uom_id or product.uom_id
        quantity = uom._compute_quantity(
            self.product_uom_qty, product.uom_id, raise_if_failure=False
        )
        rule = next(
            (rule for rule in rules if rule._is_applicable_for(product, quantity)),
            rules.browse(),
        )
        return rule._compute_price(
            product,
            self.product_uom_qty,
            uom,
            date=moment,
            currency=self.order_id.currency_id,
        )
