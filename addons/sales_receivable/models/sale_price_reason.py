from odoo import fields, models

CONDITIONS = [
    ("repeat", "The customer has bought before"),
    ("late", "An earlier order of the customer was delivered late"),
]


class SalePriceReason(models.Model):
    """A reason for a special price, with how much it justifies and when it holds (A18).

    A referral is none: it is rewarded by itself, and not twice.
    """

    _name = "sale.price.reason"
    _description = "Special-Price Reason"
    _inherit = ["finite.mixin"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        index=True,
        ondelete="cascade",
        help="Empty = every company.",
    )
    condition = fields.Selection(
        CONDITIONS, required=True, help="Checked whenever the order is judged."
    )
    limit_percent = fields.Float(
        string="Limit (%)",
        required=True,
        digits=(16, 2),
        aggregator=None,
        help="So far below the price list nobody else is asked; what goes beyond counts"
        " as a discount like any other.",
    )
    date_from = fields.Date(string="Valid From")
    date_to = fields.Date(string="Valid To")

    _check_limit = models.Constraint(
        "CHECK(limit_percent >= 0 AND limit_percent <= 100)",
        "A limit is between 0 and 100 %.",
    )
    _check_dates = models.Constraint(
        "CHECK(date_to IS NULL OR date_from IS NULL OR date_to >= date_from)",
        "A reason can't end before it starts.",
    )

    def _is_in_force(self, on):
        """Tell whether the reason holds on a day of the company."""
        self.ensure_one()
        return (
            self.active
            and (not self.date_from or self.date_from <= on)
            and (not self.date_to or on <= self.date_to)
        )
