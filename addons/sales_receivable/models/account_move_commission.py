from odoo import fields, models
from odoo.tools import SQL


class AccountMove(models.Model):
    """Who gets the commission of an invoice, frozen when it is posted (K02)."""

    _name = "account.move"
    _inherit = "account.move"

    commission_share_ids = fields.One2many(
        "commission.share",
        "move_id",
        string="Commission",
        copy=False,
        groups="base.group_user",
    )

    def _post(self, soft=True):
        posted = super()._post(soft)
        documents = posted.filtered(lambda m: m.is_sale_document(include_receipts=True))
        Plan = self.env["commission.plan"]
        if documents and Plan._is_in_use(documents.company_id):
            self.env["commission.share"]._freeze(SQL("%s", documents.ids))
        return posted
