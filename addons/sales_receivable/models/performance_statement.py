from odoo import api, fields, models
from odoo.exceptions import UserError


class PerformanceStatement(models.Model):
    """What one person's period comes to; written with the run, replaced by the next."""

    _name = "performance.statement"
    _description = "Performance Statement"
    _order = "period_id desc, amount, id"
    _rec_name = "beneficiary_id"

    period_id = fields.Many2one(
        "performance.period", required=True, index=True, ondelete="restrict"
    )
    state = fields.Selection(related="period_id.state")
    company_id = fields.Many2one("res.company", required=True, index=True)
    currency_id = fields.Many2one("res.currency", required=True)
    beneficiary_id = fields.Many2one(
        "res.users", string="Person", index=True, ondelete="restrict"
    )
    amount = fields.Monetary(required=True)
    line_count = fields.Integer(string="Lines", required=True)

    _person_uniq = models.UniqueIndex(
        "(period_id, (COALESCE(beneficiary_id, 0)))",
        "A person has one statement per period.",
    )

    # Refusing is all that these do, so there is no super to call.
    @api.model_create_multi
    def create(self, vals_list):  # pylint: disable=method-required-super
        raise UserError(self.env._("Statements are made by computing a period."))

    def write(self, vals):  # pylint: disable=method-required-super
        raise UserError(self.env._("Statements are made by computing a period."))

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Statements are made by computing a period."))

    def action_view_lines(self):
        """Open the lines behind the total."""
        self.ensure_one()
        return self.period_id._get_lines_action(
            [("beneficiary_id", "=", self.beneficiary_id.id)]
        )
