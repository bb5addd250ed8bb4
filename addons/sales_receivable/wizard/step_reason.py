from odoo import fields, models
from odoo.exceptions import UserError


class StepReason(models.TransientModel):
    """Asks for the reason of a step, then takes it."""

    _name = "step.reason"
    _description = "Reason of a Step"

    res_model = fields.Char(required=True, readonly=True)
    res_ids = fields.Json(required=True, readonly=True)
    step = fields.Selection(
        [
            ("cancel", "Cancel"),
            ("void", "Void"),
            ("dispute", "Dispute"),
            ("settle", "Settle"),
            ("refuse", "Refuse"),
        ],
        required=True,
        readonly=True,
    )
    reason = fields.Text(required=True)

    def action_confirm(self):
        """Take the step, which meets its own guards.

        :raise UserError: for what has no such step
        """
        self.ensure_one()
        model = self.env.registry.get(self.res_model, object)
        if not issubclass(model, self.env.registry["reason.mixin"]):
            raise UserError(self.env._("There is no such step."))
        records = self.env[self.res_model].browse(self.res_ids)
        if self.step not in records._get_reasoned_steps():
            raise UserError(self.env._("There is no such step."))
        getattr(records, f"action_{self.step}")(self.reason)
        return {"type": "ir.actions.act_window_close"}
