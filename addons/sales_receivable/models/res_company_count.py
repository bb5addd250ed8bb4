from odoo import fields, models


class ResCompany(models.Model):
    _name = "res.company"
    _inherit = "res.company"

    stock_count_user_id = fields.Many2one(
        "res.users",
        string="Responsible for Stock Counts",
        ondelete="restrict",
        domain="[('share', '=', False)]",
        help="Who counts the stock each quarter; empty: no count is scheduled.",
    )
    stock_count_days = fields.Integer(
        string="Days for a Stock Count",
        default=10,
        help="So many days before the quarter's end its count is scheduled; the last day"
        " is its deadline.",
    )
    _check_stock_count_days = models.Constraint(
        "CHECK(stock_count_days >= 0)", "Days can't be negative."
    )
