from odoo import fields, models


class CommissionPlanLine(models.Model):
    """What a plan pays of which goods: the first line that fits counts (K02)."""

    _name = "commission.plan.line"
    _description = "Commission Plan Line"
    _inherit = ["performance.version.line.mixin", "finite.mixin", "server.field.mixin"]
    _version_field = "plan_id"
    _order = "plan_id, sequence, id"

    plan_id = fields.Many2one(
        "commission.plan", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="plan_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    kind = fields.Selection(related="plan_id.kind")
    sequence = fields.Integer(default=10)
    category_id = fields.Many2one(
        "product.category",
        string="Product Category",
        index="btree_not_null",
        ondelete="restrict",
        help="With the categories below it; empty: whatever is sold.",
    )
    min_margin = fields.Float(
        string="Minimum Margin (%)",
        digits=(16, 2),
        help="Lowest margin over the cost frozen with the order; 0: whatever the margin."
        " What wasn't ordered, and goods without cost, have no margin.",
    )
    result_from = fields.Monetary(
        help="Of a department: the line counts for a year that comes to this much.",
    )
    rate = fields.Float(
        string="Rate (%)",
        required=True,
        digits=(16, 4),
        help="Percent of what is collected; of a department, of its year's result.",
    )

    _rate_range = models.Constraint(
        "CHECK (rate >= 0 AND rate <= 100)", "The rate is between 0 and 100 percent."
    )
    _margin_range = models.Constraint(
        "CHECK (min_margin >= 0 AND min_margin <= 100)",
        "The margin is between 0 and 100 percent.",
    )
    _result_positive = models.Constraint(
        "CHECK (result_from >= 0)", "The result can't be negative."
    )
