from odoo import api, fields, models
from odoo.fields import Domain

from .tax_invoice import IN_HAND

TAX_INVOICES = "order_line.invoice_lines.move_id.tax_invoice_line_ids.tax_invoice_id"


class SaleOrder(models.Model):
    """An order's tax invoices, by way of its invoices (A12)."""

    _name = "sale.order"
    _inherit = "sale.order"

    tax_invoice_count = fields.Integer(
        compute="_compute_tax_invoice_count",
        compute_sudo=True,
        groups="base.group_user",
    )

    def _compute_tax_invoice_count(self):
        for order in self:
            order.tax_invoice_count = len(order._get_tax_invoices())

    def _get_tax_invoices(self):
        """Return the tax invoices over invoices of these orders."""
        return self.mapped(TAX_INVOICES)

    @api.model
    def _get_chain_sources(self):
        issued = Domain(f"{TAX_INVOICES}.state", "in", IN_HAND)
        return super()._get_chain_sources() | {"tax_invoice": (TAX_INVOICES, issued)}

    def action_view_tax_invoices(self):
        """Open the tax invoices over invoices of these orders."""
        # Whoever may read a tax invoice reads it then; here only ids are looked up.
        moves = self.sudo().order_line.invoice_lines.move_id
        return moves.with_env(self.env).action_view_tax_invoices()
