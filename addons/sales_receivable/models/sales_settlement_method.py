from odoo import fields, models


class SalesSettlementMethod(models.Model):
    """How a customer settles: in cash, monthly, by remittance, or against deliveries to
    come (A07)."""

    _name = "sales.settlement.method"
    _description = "Settlement Method"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", index=True, ondelete="cascade", help="Empty = all companies."
    )
    credit_days = fields.Integer(
        help="Days of credit that orders with this method give at least, whatever their"
        " payment terms say; 0 = as the payment terms say.",
    )
    deliveries_behind = fields.Integer(
        string="Due with Next Deliveries",
        help="0 = due as the payment terms say; 1 = due when the next goods are"
        " delivered to the customer (release against next); 2 = when those after the"
        " next are (rolling).",
    )
    latest_days = fields.Integer(
        string="Due at the Latest After (Days)",
        help="Days from the invoice after which it is due though the deliveries that"
        " make it due haven't come; 0 = not before they come.",
    )

    _check_days = models.Constraint(
        "CHECK(credit_days >= 0 AND deliveries_behind >= 0 AND latest_days >= 0)",
        "Days and deliveries can't be negative.",
    )
