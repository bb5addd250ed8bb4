from odoo import fields, models
from odoo.exceptions import UserError


class StepReason(models.TransientModel):
    """Asks for the reason of a step, then takes it."""

    _name = "step.reason"
    _description = "Reason of a Step"

    res_model = fields.Char(required=True, readonly=True)
    res_ids = fields.Json(required=True, readonly=True)
    step = fields.Selection(
        [("cancel", "Cancel"), ("void", "Void")], required=True, readonly=True
    )
    reason = fields.Text(required=True)

    def action_confirm(self):
        """Take the step, which meets its own guards.

        :raise UserError: for what has no such step
        """
        self.ensure_one()
        registry = self.env.registry
        model = registry.get(self.res_model, object)
        if (
            not issubclass(model, registry["step.mixin"])
            or self.step not in model._steps
        ):
            raise UserError(self.env._("There is no such step."))
        records = self.env[self.res_model].browse(self.res_ids)
        getattr(records, f"action_{self.step}")(self.reason)
        return {"type": "ir.actions.act_window_close"}
