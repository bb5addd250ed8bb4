from odoo import fields, models

from .sales_visit import CHANNELS


class SalesVisitType(models.Model):
    _name = "sales.visit.type"
    _description = "Visit Type"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    duration = fields.Float(
        string="Planned Duration (h)",
        default=0.5,
        help="Hours planned for a visit (V09).",
    )
    channel = fields.Selection(
        CHANNELS,
        help="How such a visit takes place, which decides what it counts for; empty: chosen for each visit (V01, V20).",
    )
    needs_appointment = fields.Boolean(
        default=True,
        help="The customer confirms the appointment before we go there in person (V05).",
    )
    has_thanks = fields.Boolean(
        string="Thank-You",
        default=True,
        help="A customer visited in person is thanked on the next working day (V13).",
    )
    kit_item_ids = fields.Many2many(
        "sales.visit.kit.item", string="Kit", help="What is taken along (V07)."
    )
    required_section_ids = fields.Many2many(
        "sales.visit.section",
        string="Required Answers",
        help="What the report of such a visit must say. Whether a missing answer warns or blocks is chosen in the settings (V11).",
    )

    companion_role_id = fields.Many2one(
        "sales.project.role",
        string="Comes Along",
        ondelete="set null",
        help="Whoever fills this role in the customer's work team comes along (V22).",
    )
    is_store_audit = fields.Boolean(
        string="Store Audit",
        help="The report looks at publicity and shelf of the store (V31).",
    )

    _check_duration = models.Constraint(
        "CHECK(duration > 0)", "A visit takes more than no time."
    )
