from odoo import fields, models


class CustomerLicenceKind(models.Model):
    """A kind of licence of customers: business licence, tax registration … (A09)."""

    _name = "customer.licence.kind"
    _description = "Kind of Licence"
    _order = "sequence, id"

    sequence = fields.Integer(default=10)
    name = fields.Char(required=True, translate=True)
    is_required = fields.Boolean(
        string="Needed for Contracts",
        help="No contract becomes valid without it on file.",
    )
    company_id = fields.Many2one(
        "res.company", index=True, ondelete="cascade", help="Empty = every company."
    )
    active = fields.Boolean(default=True)
