from odoo import fields, models


class SalesGreetingDay(models.Model):
    """A festival on which customers are greeted. Rows are dated: those of the lunar
    calendar fall on another day each year (V28)."""

    _name = "sales.greeting.day"
    _description = "Festival"
    _order = "date desc, id desc"

    name = fields.Char(required=True, translate=True)
    date = fields.Date(required=True, index=True)
    days_before = fields.Integer(
        default=0, help="Days before the festival on which the greeting is due."
    )
    company_id = fields.Many2one(
        "res.company",
        index=True,
        ondelete="cascade",
        default=lambda self: self.env.company,
        help="Empty: for all companies.",
    )
    grade_ids = fields.Many2many(
        "sales.customer.grade",
        string="Grades",
        help="Customers of these grades are greeted. Empty: of every grade, not those without.",
    )

    _check_days_before = models.Constraint(
        "CHECK(days_before >= 0 AND days_before < 60)",
        "A greeting is due at most 59 days before its festival.",
    )
