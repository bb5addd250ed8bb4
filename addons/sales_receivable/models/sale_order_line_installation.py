from odoo import models


class SaleOrderLine(models.Model):
    """How much of an order line is to be installed (A24)."""

    _name = "sale.order.line"
    _inherit = "sale.order.line"

    def _filter_to_install(self):
        """Return the lines whose goods need an installation, as ordered or as invoiced:
        another product on the line afterwards changes nothing."""
        return self.filtered(
            lambda line: any(
                (line.product_id | line.invoice_lines.product_id).mapped(
                    "needs_installation"
                )
            )
        )

    def _get_invoiced_to_install(self):
        """Return what posted invoices less credit notes are about, in the line's unit."""
        self.ensure_one()
        return sum(
            (1 if item.move_id.move_type == "out_invoice" else -1)
            * item.product_uom_id._compute_quantity(
                item.quantity, self.product_uom_id, round=False
            )
            for item in self.invoice_lines
            if item.parent_state == "posted"
            # What was credited to somebody else takes nothing off.
            and (item.move_id.move_type == "out_invoice" or item._belongs_to(self))
        )
