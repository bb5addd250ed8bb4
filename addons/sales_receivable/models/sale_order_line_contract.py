from odoo import api, models


class SaleOrderLine(models.Model):
    """What a line says in a contract (A08)."""

    _name = "sale.order.line"
    _inherit = "sale.order.line"

    @api.model
    def _get_fact_fields(self):
        return super()._get_fact_fields() | {"name"}

    def _is_added_by_invoice_or_delivery(self):
        """Tell whether the host added the line with an invoice (a down payment, and its
        section) or with a delivery that is back, for nothing and in its own words.

        The mark alone says nothing: it can be forged, and the text typed over.
        """
        self.ensure_one()
        if not (self.move_ids if self.product_id else self.is_downpayment):
            return False
        if not self.display_type and self._get_line_quantity():
            return False
        return self.name in {
            line._get_sale_order_line_multiline_description_sale()
            if line.product_id
            else line._get_downpayment_description()
            for code, __ in self.env["res.lang"].get_installed()
            for line in self.with_context(lang=code)
        }

    def _get_contract_terms(self):
        """Return the line's terms, JSON-able: what is printed and compared."""
        self.ensure_one()
        return {
            "id": self._origin.id,
            "name": self.name,
            "product": [self.product_id.id, self.product_id.display_name or ""],
            "quantity": self._get_line_quantity(),
            "unit": [self.product_uom_id.id, self.product_uom_id.name or ""],
            "price": self.price_unit,
            "discount": self.discount,
            "taxes": sorted([tax.id, tax.name] for tax in self.tax_ids),
            "subtotal": self.price_subtotal,
            "total": self.price_total,
        }
