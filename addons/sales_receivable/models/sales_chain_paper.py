from odoo import api, fields, models
from odoo.exceptions import UserError


class SalesChainPaper(models.Model):
    """A paper of an order that was attached by hand (A22)."""

    _name = "sales.chain.paper"
    _description = "Paper of an Order"
    _inherit = ["server.field.mixin"]
    _order = "order_id, date, id"
    _rec_name = "kind_id"
    _check_company_auto = True

    order_id = fields.Many2one(
        "sale.order",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    company_id = fields.Many2one(
        related="order_id.company_id", store=True, index=True, precompute=True
    )
    kind_id = fields.Many2one(
        "sales.chain.kind",
        string="Paper",
        required=True,
        index=True,
        ondelete="restrict",
    )
    date = fields.Date(required=True, default=fields.Date.context_today)
    document = fields.Binary(required=True, attachment=True)
    document_name = fields.Char()
    note = fields.Char()
    active = fields.Boolean(default=True)
    create_uid = fields.Many2one("res.users", string="Recorded By")

    @api.model_create_multi
    def create(self, vals_list):
        papers = super().create(vals_list)
        papers.order_id._end_chasing()
        return papers

    def write(self, vals):
        """A paper stays as it was attached; a wrong one is archived (A22)."""
        if vals.keys() - {"active"}:
            raise UserError(
                self.env._("A paper stays as it is: archive it and attach another.")
            )
        return super().write(vals)
