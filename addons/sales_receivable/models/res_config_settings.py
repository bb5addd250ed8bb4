from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _name = "res.config.settings"
    _inherit = "res.config.settings"

    authority_fallback_user_id = fields.Many2one(
        related="company_id.authority_fallback_user_id", readonly=False
    )
    contract_number_at = fields.Selection(
        related="company_id.contract_number_at", readonly=False
    )
    contract_amount_from = fields.Monetary(
        related="company_id.contract_amount_from",
        readonly=False,
        currency_field="company_currency_id",
    )
    contract_stamp_order = fields.Selection(
        related="company_id.contract_stamp_order", readonly=False
    )
    contract_purchaser_id = fields.Many2one(
        related="company_id.contract_purchaser_id", readonly=False
    )
    authority_escalation_hours = fields.Float(
        related="company_id.authority_escalation_hours", readonly=False
    )
    dispatch_needs_check = fields.Boolean(
        related="company_id.dispatch_needs_check", readonly=False
    )
    order_needs_packaging = fields.Boolean(
        related="company_id.order_needs_packaging", readonly=False
    )
    order_needs_delivery_time = fields.Boolean(
        related="company_id.order_needs_delivery_time", readonly=False
    )
    order_needs_requirements = fields.Boolean(
        related="company_id.order_needs_requirements", readonly=False
    )
    order_needs_settlement = fields.Boolean(
        related="company_id.order_needs_settlement", readonly=False
    )
    order_needs_channel = fields.Boolean(
        related="company_id.order_needs_channel", readonly=False
    )
    order_confirmation_mail = fields.Boolean(
        related="company_id.order_confirmation_mail", readonly=False
    )
    goods_valued_at = fields.Selection(
        related="company_id.goods_valued_at", readonly=False
    )
    stock_count_user_id = fields.Many2one(
        related="company_id.stock_count_user_id", readonly=False
    )
    stock_count_days = fields.Integer(
        related="company_id.stock_count_days", readonly=False
    )
    target_tolerance_percent = fields.Float(
        related="company_id.target_tolerance_percent", readonly=False
    )
    tenure_years = fields.Float(related="company_id.tenure_years", readonly=False)
    arrears_grace_days = fields.Integer(
        related="company_id.arrears_grace_days", readonly=False
    )
    performance_answer_days = fields.Integer(
        related="company_id.performance_answer_days", readonly=False
    )
    budget_amount_from = fields.Monetary(
        related="company_id.budget_amount_from",
        readonly=False,
        currency_field="company_currency_id",
    )
    budget_for_salespeople = fields.Boolean(
        related="company_id.budget_for_salespeople", readonly=False
    )
    retention_cost_percent = fields.Float(
        related="company_id.retention_cost_percent", readonly=False
    )
    tax_invoice_percent = fields.Float(
        related="company_id.tax_invoice_percent", readonly=False
    )
    notice_ready_hours = fields.Float(
        related="company_id.notice_ready_hours", readonly=False
    )
    notice_arrival_hours = fields.Float(
        related="company_id.notice_arrival_hours", readonly=False
    )
    notice_late_hours = fields.Float(
        related="company_id.notice_late_hours", readonly=False
    )
    notice_receipt_hours = fields.Float(
        related="company_id.notice_receipt_hours", readonly=False
    )
    commission_handover = fields.Selection(
        related="company_id.commission_handover", readonly=False
    )
    commission_product_id = fields.Many2one(
        related="company_id.commission_product_id", readonly=False
    )
