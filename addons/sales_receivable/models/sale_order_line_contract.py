from odoo import api, models


class SaleOrderLine(models.Model):
    """What a line says in a contract (A08)."""

    _name = "sale.order.line"
    _inherit = "sale.order.line"

    @api.model
    def _get_fact_fields(self):
        return super()._get_fact_fields() | {"name"}

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
