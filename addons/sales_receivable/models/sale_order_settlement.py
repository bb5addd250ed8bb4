from odoo import api, fields, models
from odoo.tools.sql import column_exists, create_column

from ..guard import as_server


class SaleOrder(models.Model):
    """An order says how it is settled (A07)."""

    _name = "sale.order"
    _inherit = "sale.order"

    settlement_method_id = fields.Many2one(
        "sales.settlement.method",
        compute="_compute_settlement_method_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        tracking=True,
        help="By default the customer's.",
    )

    agreed_settlement_id = fields.Many2one(
        "sales.settlement.method",
        string="Settlement Agreed",
        readonly=True,
        copy=False,
        ondelete="restrict",
        groups="base.group_user",
        help="How it was to be settled when it was confirmed.",
    )

    @api.model
    def _get_server_fields(self):
        return super()._get_server_fields() | {"agreed_settlement_id"}

    def _freeze_agreed(self):
        result = super()._freeze_agreed()
        for method, orders in self.grouped("settlement_method_id").items():
            if method:
                as_server(orders).agreed_settlement_id = method
        return result

    def _auto_init(self):
        # Orders from before keep none: without this, all of them would be computed.
        if not column_exists(self.env.cr, "sale_order", "settlement_method_id"):
            create_column(self.env.cr, "sale_order", "settlement_method_id", "int4")
        return super()._auto_init()

    @api.depends("partner_id", "company_id")
    def _compute_settlement_method_id(self):
        for company, orders in self.grouped("company_id").items():
            for order in orders.with_company(company):
                order.settlement_method_id = order.partner_id.settlement_method_id

    @api.model
    def _get_fact_fields(self):
        return super()._get_fact_fields() | {"settlement_method_id"}

    def _get_authority_depends(self):
        return [*super()._get_authority_depends(), "settlement_method_id"]

    @api.model
    def _get_reason_rules(self):
        return super()._get_reason_rules() | {"A07"}

    def _get_own_reasons(self):
        reasons = super()._get_own_reasons()
        for order in self.filtered(lambda order: not order.settlement_method_id):
            reasons.setdefault(order.id, []).append(
                {
                    "rule": "A07",
                    "key": "settlement",
                    "sentence": self.env._("it doesn't say how it is settled"),
                    "release": self.env._("who chooses the settlement"),
                }
            )
        return reasons

    def _get_credit_days(self):
        return max(super()._get_credit_days(), self.settlement_method_id.credit_days)

    def _describe_credit_terms(self):
        terms = super()._describe_credit_terms()
        if not self.settlement_method_id:
            return terms
        return ", ".join(filter(None, (self.settlement_method_id.name, terms)))

    def _prepare_invoice(self):
        values = super()._prepare_invoice()
        if self.settlement_method_id:
            values["settlement_method_id"] = self.settlement_method_id.id
        return values

    def _get_invoice_grouping_keys(self):
        keys = [*super()._get_invoice_grouping_keys(), "settlement_method_id"]
        # What was ordered for cash gets no credit that was approved for another order.
        if self._is_credit_controlled():
            keys.append("invoice_payment_term_id")
        return keys

    def _is_credit_controlled(self):
        """Tell whether any rule on who gets how long to pay is in force."""
        get_mode = self.env["business.rule.mode"]._get_mode
        return any(
            get_mode(code, company) != "off"
            for company in self.company_id or self.env.company
            for code in ("A04", "A08")
        )
