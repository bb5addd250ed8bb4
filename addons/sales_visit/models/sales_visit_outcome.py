from odoo import fields, models


class SalesVisitOutcome(models.Model):
    _name = "sales.visit.outcome"
    _description = "Visit Outcome"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    is_success = fields.Boolean(
        string="Counts as Success", help="Used by the analysis of visits."
    )
    is_order = fields.Boolean(
        string="Is an Order",
        help="The customer ordered: a quotation is made from the visit (V14).",
    )
