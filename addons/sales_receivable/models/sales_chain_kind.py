from odoo import fields, models


class SalesChainKind(models.Model):
    """A kind of paper in the document chain of an order (A22)."""

    _name = "sales.chain.kind"
    _description = "Kind of Paper of an Order"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    code = fields.Char(
        copy=False,
        help="Papers with a code are also found among the system's own documents; the"
        " others are attached by hand.",
    )
    need_ids = fields.One2many("sales.chain.need", "kind_id", string="Needed By")

    _code_uniq = models.UniqueIndex(
        "(code) WHERE code IS NOT NULL", "There is one kind of paper per code."
    )
