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
    arrears_grace_days = fields.Integer(
        related="company_id.arrears_grace_days", readonly=False
    )
