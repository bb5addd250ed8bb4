from odoo import fields, models


class AuthorityDecision(models.TransientModel):
    """Asks for the reason of a decision."""

    _name = "authority.decision"
    _description = "Decide on Approval Requests"

    request_ids = fields.Many2many("authority.request", required=True, readonly=True)
    decision = fields.Selection(
        [("approved", "Approve"), ("refused", "Refuse")], required=True
    )
    reason = fields.Text()

    def action_decide(self):
        """Approve or refuse the requests with the reason given."""
        self.ensure_one()
        if self.decision == "approved":
            self.request_ids.action_approve(self.reason)
        else:
            self.request_ids.action_refuse(self.reason)
        return {"type": "ir.actions.act_window_close"}
