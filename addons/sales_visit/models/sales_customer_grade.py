from odoo import fields, models
from odoo.addons.crm.models.crm_stage import AVAILABLE_PRIORITIES


class SalesCustomerGrade(models.Model):
    """Grade of a customer, which drives how soon and how often he is served (V17)."""

    _name = "sales.customer.grade"
    _description = "Customer Grade"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    color = fields.Integer()
    priority = fields.Selection(
        AVAILABLE_PRIORITIES,
        string="Lead Priority",
        required=True,
        default="0",
        help="Priority that the leads of such a customer get.",
    )
    response_hours = fields.Float(
        string="Response Time (h)",
        default=24.0,
        help="Hours within which such a customer is answered.",
    )
    needs_team = fields.Boolean(
        string="Work Team",
        help="Such a customer gets a work team; roles that nobody fills are flagged (V18).",
    )
    description = fields.Text(translate=True)

    _name_uniq = models.Constraint("unique(name)", "There is one grade of a name.")
    _check_response_hours = models.Constraint(
        "CHECK(response_hours > 0)", "A response time is more than zero hours."
    )
