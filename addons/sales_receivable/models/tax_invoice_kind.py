from odoo import fields, models


class TaxInvoiceKind(models.Model):
    """A kind of tax invoice (发票种类): special VAT, ordinary, electronic … (A12)."""

    _name = "tax.invoice.kind"
    _description = "Kind of Tax Invoice"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        "res.company", index="btree_not_null", ondelete="cascade"
    )
    active = fields.Boolean(default=True)
