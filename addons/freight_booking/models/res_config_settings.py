from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    freight_payment_release = fields.Selection(
        related="company_id.freight_payment_release", readonly=False
    )
    freight_collect_release = fields.Selection(
        related="company_id.freight_collect_release", readonly=False
    )
    freight_monthly_release = fields.Selection(
        related="company_id.freight_monthly_release", readonly=False
    )
    freight_cutoff_urgent_hours = fields.Integer(
        related="company_id.freight_cutoff_urgent_hours", readonly=False
    )
    freight_cutoff_soon_hours = fields.Integer(
        related="company_id.freight_cutoff_soon_hours", readonly=False
    )
