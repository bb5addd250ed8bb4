from odoo import api, fields, models


class SalesGradeWizard(models.TransientModel):
    """Change the grade of customers, with the reason for its history (V17)."""

    _name = "sales.grade.wizard"
    _description = "Change of Customer Grade"

    file_ids = fields.Many2many("sales.customer.file", required=True)
    current_grades = fields.Char(compute="_compute_current_grades")
    grade_id = fields.Many2one("sales.customer.grade", string="New Grade")
    reason = fields.Text(required=True)

    @api.depends("file_ids")
    def _compute_current_grades(self):
        for wizard in self:
            wizard.current_grades = ", ".join(wizard.file_ids.grade_id.mapped("name"))

    def action_apply(self):
        """Change the grade of the customers chosen."""
        self.ensure_one()
        return self.file_ids.change_grade(self.grade_id.id, self.reason)
