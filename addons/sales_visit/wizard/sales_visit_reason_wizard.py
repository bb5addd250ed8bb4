from odoo import fields, models

METHODS = {"cancel": "cancel_visit", "reopen": "reopen_report", "refuse": "refuse"}


class SalesVisitReasonWizard(models.TransientModel):
    """Ask for the reason of a step that needs one; the step itself checks everything."""

    _name = "sales.visit.reason.wizard"
    _description = "Reason for a Step"

    res_model = fields.Char(string="Document Model", required=True, readonly=True)
    res_ids = fields.Json(string="Documents", required=True, readonly=True)
    step = fields.Selection(
        [("cancel", "Cancel"), ("reopen", "Reopen"), ("refuse", "Refuse")],
        required=True,
        readonly=True,
    )
    reason = fields.Text(required=True)

    def action_apply(self):
        """Take the step with the reason given."""
        self.ensure_one()
        documents = self.env[self.res_model].browse(self.res_ids)
        return getattr(documents, METHODS[self.step])(self.reason)
