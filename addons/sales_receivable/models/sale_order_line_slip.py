from collections import defaultdict

from odoo import models

SIGN = {"out_invoice": 1, "out_receipt": 1, "out_refund": -1}


class SaleOrderLine(models.Model):
    """What customers have signed for of an order line, and what is billed (A13)."""

    _name = "sale.order.line"
    _inherit = "sale.order.line"

    def _get_signed_for(self):
        """Return ``{line.id: (quantity in its unit, amount with tax)}`` by the signed
        copies that accounting has received."""
        signed = defaultdict(lambda: (0.0, 0.0))
        slip_lines = self.env["delivery.slip.line"].search(
            [
                ("move_id.sale_line_id", "in", self.ids),
                ("slip_id.state", "=", "received"),
            ]
        )
        for slip_line in slip_lines:
            line = slip_line.move_id.sale_line_id
            quantity, amount = signed[line.id]
            signed[line.id] = (
                quantity
                + slip_line.uom_id._compute_quantity(
                    slip_line.quantity_signed, line.product_uom_id, round=False
                ),
                amount + slip_line.quantity_signed * slip_line.price,
            )
        return signed

    def _get_billed_with(self, move):
        """Return ``(quantity, amount with tax)`` of what is billed of the line once a
        document is posted, too."""
        self.ensure_one()
        quantity = amount = 0.0
        for billed in self.invoice_lines:
            if billed.parent_state != "posted" and billed.move_id != move:
                continue
            sign = SIGN.get(billed.move_type, 0)
            if sign < 0 and not billed._belongs_to(self):
                continue  # what was credited to somebody else takes nothing off
            quantity += sign * billed.product_uom_id._compute_quantity(
                billed.quantity, self.product_uom_id, round=False
            )
            amount += sign * billed.price_total
        return quantity, amount
