from odoo import fields, models


class DeliverySlipVoid(models.TransientModel):
    """Asks for the reason of voiding slips (A13)."""

    _name = "delivery.slip.void"
    _description = "Void Delivery Slips"

    slip_ids = fields.Many2many("delivery.slip", required=True, readonly=True)
    reason = fields.Text(required=True)

    def action_void(self):
        """Void with the reason given."""
        self.slip_ids.action_void(self.reason)
        return {"type": "ir.actions.act_window_close"}
