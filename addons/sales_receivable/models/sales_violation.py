from odoo import api, fields, models


class SalesViolation(models.Model):
    """A violation of the rules by a person, and what is proposed for it (K07).

    A log: what is reported stays as it is, superuser included.
    """

    _name = "sales.violation"
    _description = "Violation"
    _inherit = ["manager.decision.mixin"]
    _order = "date desc, id desc"
    _rec_name = "rule"

    date = fields.Date(required=True, default=fields.Date.context_today)
    rule = fields.Char(string="Rule Violated", required=True)
    description = fields.Text(required=True)
    proposal = fields.Selection(
        [("warning", "Warning"), ("dismissal", "Dismissal")],
        required=True,
        default="warning",
    )

    @api.depends("rule", "user_id")
    def _compute_display_name(self):
        for violation in self:
            # Names of people are no secret to who reads the report.
            who = violation.sudo().user_id.name
            violation.display_name = f"{who}: {violation.rule}"
