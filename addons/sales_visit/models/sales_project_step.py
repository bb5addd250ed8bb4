from odoo import api, fields, models


class SalesProjectStep(models.Model):
    """A step of a project, in the order in which projects take them (V18)."""

    _name = "sales.project.step"
    _description = "Project Step"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    needs_manager = fields.Boolean(
        string="Sales Head",
        help="Only a manager of the salesperson takes this step, who hasn't taken the one before.",
    )
    is_delivery = fields.Boolean(
        string="Quotation Delivered",
        help="Quotations of the project are sent to the customer once all earlier steps have been taken. Sending takes this step.",
    )

    _name_uniq = models.Constraint("unique(name)", "There is one step of a name.")

    def _get_position(self):
        """Return where the step stands in the order; before all others without one."""
        return (self.sequence, self.id) if self else (float("-inf"), 0)

    @api.model
    def _get_next(self, steps, last):
        """Return, of active ``steps`` in their order, the first one after ``last``."""
        position = last._get_position()
        later = steps.filtered(lambda step: step._get_position() > position)
        return later[:1]
