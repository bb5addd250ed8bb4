from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import float_compare
from odoo.tools.misc import formatLang


class PerformanceRateMonth(models.Model):
    """How much is written down of what is still open in a month of its age (K01)."""

    _name = "performance.rate.month"
    _description = "Rate by Month of Age"
    _inherit = [
        "performance.version.line.mixin",
        "finite.mixin",
        "server.field.mixin",
    ]
    _version_field = "rate_id"
    _order = "rate_id, month"
    _rec_name = "month"

    rate_id = fields.Many2one(
        "performance.rate", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="rate_id.company_id", store=True, index=True)
    month = fields.Integer(
        string="Month of Age",
        required=True,
        default=4,
        aggregator=None,
        help="1 is the month that begins on the base date.",
    )
    rate = fields.Float(
        string="Rate (%)",
        required=True,
        digits=(16, 4),
        aggregator=None,
        help="Percent of the amount still open, taken off in this month.",
    )

    _month_uniq = models.Constraint(
        "unique(rate_id, month)", "A schedule has one rate per month."
    )
    _month_positive = models.Constraint(
        "CHECK (month > 0)", "Months of age count from 1."
    )
    _rate_range = models.Constraint(
        "CHECK (rate >= 0 AND rate <= 100)", "The rate is between 0 and 100 percent."
    )

    @api.depends("month", "rate")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for line in self:
            line.display_name = self.env._(
                "Month %(month)s: %(rate)s %%",
                month=line.month,
                rate=formatLang(self.env, line.rate, digits=2),
            )

    @api.constrains("rate_id", "rate")
    def _check_sum(self):
        """No schedule takes off more than all (K01)."""
        for version in self.rate_id:
            total = sum(version.month_ids.mapped("rate"))
            if float_compare(total, 100, precision_digits=4) > 0:
                raise ValidationError(
                    self.env._(
                        "The months of a schedule come to %(total)s %%; all of an amount is"
                        " 100 %%.",
                        total=formatLang(self.env, total, digits=2),
                    )
                )
