from odoo import api, fields, models
from odoo.exceptions import UserError


class PerformanceStatement(models.Model):
    """What one person's period comes to; written with the run, replaced by the next.

    ``amount`` is the performance (业绩): sales less what is written down or charged, plus
    bonuses. What was collected and the commission on it are totals of their own.
    """

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
    amount = fields.Monetary(
        string="Performance",
        required=True,
        help="Sales, write-downs and what they give back, stock, bonuses, charges and"
        " adjustments.",
    )
    sold = fields.Monetary(string="Sales")
    written_down = fields.Monetary(help="Receivables not collected, taken off.")
    recovered = fields.Monetary(help="Written down before, given back.")
    stock_age = fields.Monetary(string="Old Stock")
    bonus = fields.Monetary(string="Overstock Bonus")
    charged = fields.Monetary(
        string="Charges", help="Unauthorised credit and lent goods lost."
    )
    adjusted = fields.Monetary(string="Adjustments")
    collected = fields.Monetary()
    commission = fields.Monetary(help="Commission less interest offset.")
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
