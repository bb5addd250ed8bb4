from odoo import api, fields, models


class SalesProjectBackWizard(models.TransientModel):
    """Choose the step of a project that is taken back, with the reason (V18)."""

    _name = "sales.project.back.wizard"
    _description = "Take a Project Step Back"

    outline_id = fields.Many2one(
        "sales.project.outline", required=True, readonly=True, ondelete="cascade"
    )
    allowed_step_ids = fields.Many2many(
        "sales.project.step", compute="_compute_allowed_step_ids"
    )
    step_id = fields.Many2one(
        "sales.project.step",
        required=True,
        ondelete="cascade",
        domain="[('id', 'in', allowed_step_ids)]",
        help="It is to be taken again, and every step after it.",
    )
    reason = fields.Text(required=True)

    @api.depends("outline_id")
    def _compute_allowed_step_ids(self):
        steps = self.env["sales.project.step"].search([("active", "=", True)])
        for wizard in self:
            last = wizard.outline_id.step_id._get_position()
            wizard.allowed_step_ids = steps.filtered(
                lambda step, last=last: step._get_position() <= last
            )

    def action_apply(self):
        """Take the step back."""
        self.ensure_one()
        return self.outline_id.take_back(self.step_id.id, self.reason)
