from odoo import api, models


class AuthorityPricedLine(models.AbstractModel):
    """A document's line with a price: what it comes to, and what it takes off.

    The line has ``product_id``, ``product_uom_id``, ``price_unit``, ``discount`` and
    ``tax_ids``. Figures come from these and never from stored totals, which can be
    written by RPC.
    """

    _name = "authority.priced.line"
    _description = "Line Measured by Its Price"

    def _get_line_quantity(self):
        """Return the quantity in the line's unit."""
        raise NotImplementedError

    def _get_tax_base_line(self):
        """Return the line as the host's tax engine wants it."""
        raise NotImplementedError

    def _get_priced_quantity(self):
        """Return the quantity in the product's unit."""
        self.ensure_one()
        quantity = self._get_line_quantity()
        if self.product_id and self.product_uom_id:
            quantity = self.product_uom_id._compute_quantity(
                quantity, self.product_id.uom_id, round=False
            )
        return quantity

    def _get_untaxed_amount(self):
        """Return the line's amount after its discount, without tax, not rounded."""
        self.ensure_one()
        price = self.price_unit * (1 - self.discount / 100.0)
        if not self._include_price(self.tax_ids):
            return price * self._get_line_quantity()
        return self._get_tax_details()["raw_total_excluded_currency"]

    @api.model
    def _include_price(self, taxes):
        return any(tax.price_include for tax in taxes.flatten_taxes_hierarchy())

    def _get_untaxed_list_price(self, price):
        """Return a price of the price list without the taxes that the product's prices
        include."""
        self.ensure_one()
        company = self.company_id or self.env.company
        taxes = self.product_id.taxes_id._filter_taxes_by_company(company)
        if not self._include_price(taxes):
            return price
        details = self._get_tax_details(
            price_unit=price, quantity=1.0, discount=0.0, tax_ids=taxes
        )
        return details["raw_total_excluded_currency"]

    def _get_total_amount(self):
        """Return the line's amount after its discount, with tax, not rounded."""
        self.ensure_one()
        if not self.tax_ids:
            return self._get_untaxed_amount()
        return self._get_tax_details()["raw_total_included_currency"]

    def _get_tax_details(self, **values):
        base_line = self._get_tax_base_line() | values
        self.env["account.tax"]._add_tax_details_in_base_line(
            base_line, self.company_id or self.env.company
        )
        return base_line["tax_details"]

    def _takes_off(self):
        """Tell whether the line takes off others' amounts: whatever is negative does,
        be it a discount, a reward, something returned or a service with a price."""
        self.ensure_one()
        return self._get_untaxed_amount() < 0.0

    def _has_own_price(self):
        """Tell whether the line's product is sold by itself, which the products of
        discounts and rewards are not."""
        self.ensure_one()
        product = self.product_id
        return bool(product) and (product.type != "service" or product.list_price > 0.0)
