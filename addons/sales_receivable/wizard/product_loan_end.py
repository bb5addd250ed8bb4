from odoo import fields, models


class ProductLoanEnd(models.TransientModel):
    """Asks what became of lent goods (A20)."""

    _name = "product.loan.end"
    _description = "Returned, Lost or Damaged"

    line_id = fields.Many2one(
        "product.loan.line", required=True, readonly=True, ondelete="cascade"
    )
    kind = fields.Selection(
        [
            ("returned", "Returned"),
            ("charged", "Lost or damaged, personal reasons"),
            ("written_off", "Lost or damaged, other reasons"),
        ],
        required=True,
        default="returned",
    )
    quantity = fields.Float(required=True, digits="Product Unit")
    uom_id = fields.Many2one(related="line_id.uom_id")
    reason = fields.Text()

    def action_end(self):
        """Record it, with its movement, charge or request."""
        self.ensure_one()
        self.line_id._end(self.kind, self.quantity, self.reason)
        return {"type": "ir.actions.act_window_close"}
