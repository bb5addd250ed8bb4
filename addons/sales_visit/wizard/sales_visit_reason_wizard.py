from odoo import fields, models


class SalesVisitReasonWizard(models.TransientModel):
    """Ask for the reason of a step that needs one; the step itself checks everything."""

    _name = "sales.visit.reason.wizard"
    _description = "Reason for a Step of a Visit"

    visit_ids = fields.Many2many("sales.visit", required=True)
    step = fields.Selection(
        [("cancel", "Cancel"), ("reopen", "Reopen")], required=True, readonly=True
    )
    reason = fields.Text(required=True)

    def action_apply(self):
        """Take the step with the reason given."""
        self.ensure_one()
        if self.step == "cancel":
            return self.visit_ids.cancel_visit(self.reason)
        return self.visit_ids.reopen_report(self.reason)
