from odoo import api, models


class ReasonMixin(models.AbstractModel):
    """A record with steps that are taken with a reason, asked for in a dialog."""

    _name = "reason.mixin"
    _description = "Steps with a Reason"

    @api.model
    def _get_reasoned_steps(self):
        """Return the steps that the dialog may take: ``action_<step>(reason)``."""
        return set()

    def _open_reason(self, step, name):
        """Return the dialog that asks for the reason of a step."""
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": "step.reason",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_res_model": self._name,
                "default_res_ids": self.ids,
                "default_step": step,
            },
        }
