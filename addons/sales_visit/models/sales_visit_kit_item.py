from odoo import fields, models


class SalesVisitKitItem(models.Model):
    """Something that a salesperson takes along, or sees to, before leaving (V07)."""

    _name = "sales.visit.kit.item"
    _description = "Kit Item"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    is_required = fields.Boolean(
        string="Required",
        default=True,
        help="Without it the visit can't start, where the company blocks (V07).",
    )
    visit_type_ids = fields.Many2many(
        "sales.visit.type",
        string="Visit Types",
        help="Types of visits that it is taken along to.",
    )
