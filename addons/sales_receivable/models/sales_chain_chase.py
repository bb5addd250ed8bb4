from odoo import fields, models


class SalesChainChase(models.Model):
    """That a paper of an order was chased: once, however often the job runs (A22)."""

    _name = "sales.chain.chase"
    _description = "Paper Chased"
    _inherit = ["server.field.mixin"]
    _order = "id"
    _rec_name = "kind_id"

    order_id = fields.Many2one(
        "sale.order", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="order_id.company_id", store=True, index=True)
    kind_id = fields.Many2one(
        "sales.chain.kind", string="Paper", required=True, ondelete="restrict"
    )
    activity_id = fields.Many2one(
        "mail.activity", index="btree_not_null", ondelete="set null"
    )

    _order_kind_uniq = models.Constraint(
        "unique(order_id, kind_id)", "A paper of an order is chased once."
    )
