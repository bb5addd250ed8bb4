from odoo import api, fields, models
from odoo.exceptions import UserError

# What its step is called by the documents that have it.
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

    @api.model
    def _ask(self, name, records, step):
        """Return the action that asks for the reason of a step.

        :param str name: title of the dialog
        :param records: documents that take the step
        :param str step: one of the field ``step``
        """
        return {
            "name": name,
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_res_model": records._name,
                "default_res_ids": records.ids,
                "default_step": step,
            },
        }

    def action_apply(self):
        """Take the step with the reason given.

        :raise UserError: for documents that don't have such a step
        """
        self.ensure_one()
        model = self.env.get(self.res_model)
        method = METHODS[self.step]
        if model is None or not hasattr(model, method):
            raise UserError(self.env._("These documents have no such step."))
        return getattr(model.browse(self.res_ids), method)(self.reason)
