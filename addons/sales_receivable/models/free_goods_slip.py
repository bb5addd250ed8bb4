from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import formatLang


class FreeGoodsSlip(models.Model):
    """Goods given away (赠送), samples among them: to whom, why and how many (A21).

    What leaves for nothing is counted against the approved slips of its recipient.
    """

    _name = "free.goods.slip"
    _description = "Free Goods"
    _inherit = ["goods.slip.mixin", "authority.selection"]
    _order = "id desc"

    _slip_rule = "A21"
    _slip_measure = "free_goods_value"
    _slip_agreed = {"company_id", "line_ids", "partner_id", "reason", "user_id"}

    partner_id = fields.Many2one(
        "res.partner",
        string="Recipient",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        tracking=True,
    )
    line_ids = fields.One2many(
        "free.goods.slip.line", "slip_id", string="Products", copy=True
    )
    is_used_up = fields.Boolean(
        string="All Has Left", compute="_compute_is_used_up", store=True
    )

    @api.depends("line_ids.left_quantity")
    def _compute_is_used_up(self):
        for slip in self:
            slip.is_used_up = bool(slip.line_ids) and not any(
                line.left_quantity for line in slip.line_ids
            )

    def _get_slip_partner(self):
        return self.partner_id

    def _get_slip_content(self):
        return [self.partner_id.commercial_partner_id.id, super()._get_slip_content()]

    @api.model
    def _get_authority_depends(self):
        return [*super()._get_authority_depends(), "partner_id"]

    @api.model
    def _describe_authority_fact(self, fact):
        figures = fact.get("figures")
        if fact["measure"] == self._slip_measure and figures:
            return self.env._(
                "free goods worth %(amount)s %(currency)s",
                amount=formatLang(self.env, figures["amount"], digits=2),
                currency=figures["currency"],
            )
        return super()._describe_authority_fact(fact)

    def _check_nothing_moved(self):
        if any(line.used_quantity for line in self.line_ids):
            raise UserError(
                self.env._("Goods have left on %s: it stays.", self.display_name)
            )
        return super()._check_nothing_moved()
