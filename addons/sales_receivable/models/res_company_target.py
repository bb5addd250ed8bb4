from odoo import fields, models


class ResCompany(models.Model):
    _name = "res.company"
    _inherit = "res.company"

    target_tolerance_percent = fields.Float(
        string="Plans May Be Off By (%)",
        default=20.0,
        help="Sales and purchases of a month that is over are flagged when they are"
        " further from their plan.",
    )
    _check_target_tolerance = models.Constraint(
        "CHECK(target_tolerance_percent >= 0)", "A tolerance can't be negative."
    )
