from odoo import api, fields, models


class ProductionNotice(models.Model):
    """What is to be produced for a customer's order (生产通知单), signed by the level that
    the matrix names, and not without the contract that the order needs (A06)."""

    _name = "production.notice"
    _description = "Production Notice"
    _inherit = ["goods.slip.mixin"]
    _order = "id desc"

    _slip_rule = "A06"
    _slip_measure = "production_notice"
    _slip_agreed = {"company_id", "date_needed", "line_ids", "order_id", "user_id"}

    order_id = fields.Many2one(
        "sale.order",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        domain="[('state', '!=', 'cancel')]",
        help="Empty = for stock.",
    )
    partner_id = fields.Many2one(related="order_id.partner_id")
    date_needed = fields.Date(string="Ready By", tracking=True)
    line_ids = fields.One2many(
        "production.notice.line", "slip_id", string="Products", copy=True
    )

    def _get_slip_partner(self):
        # Whose order it is is named to who decides.
        return self.sudo().order_id.partner_id

    def _get_slip_content(self):
        return [
            self.order_id.id,
            fields.Date.to_string(self.date_needed) or "",
            super()._get_slip_content(),
        ]

    def _get_slip_value(self):
        return 1.0

    @api.model
    def _get_authority_depends(self):
        return [*super()._get_authority_depends(), "order_id"]

    @api.model
    def _describe_authority_fact(self, fact):
        if fact["measure"] == self._slip_measure and fact.get("figures"):
            return self.env._("production notice to be signed")
        return super()._describe_authority_fact(fact)

    @api.model
    def _get_reason_rules(self):
        return super()._get_reason_rules() | {"A06"}

    def _get_own_reasons(self):
        reasons = super()._get_own_reasons()
        missing = self.order_id._get_procurement_reasons()
        for notice in self.filtered("order_id"):
            reasons.setdefault(notice.id, []).extend(missing[notice.order_id.id])
        return reasons
