from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    man_one_yes_level = fields.Selection(
        related="company_id.man_one_yes_level", readonly=False
    )
    visit_reconfirm_days = fields.Integer(
        related="company_id.visit_reconfirm_days", readonly=False
    )
    visit_overrun_tolerance = fields.Integer(
        related="company_id.visit_overrun_tolerance", readonly=False
    )
    visit_gap = fields.Float(related="company_id.visit_gap", readonly=False)
    visit_missed_hours = fields.Float(
        related="company_id.visit_missed_hours", readonly=False
    )
    contact_record_hours = fields.Float(
        related="company_id.contact_record_hours", readonly=False
    )
    contact_max_per_day = fields.Integer(
        related="company_id.contact_max_per_day", readonly=False
    )
    response_soon_hours = fields.Float(
        related="company_id.response_soon_hours", readonly=False
    )
    visit_radius = fields.Integer(related="company_id.visit_radius", readonly=False)
    visit_accuracy = fields.Integer(related="company_id.visit_accuracy", readonly=False)
    presence_retention_days = fields.Integer(
        related="company_id.presence_retention_days", readonly=False
    )
    birthday_retention_years = fields.Integer(
        related="company_id.birthday_retention_years", readonly=False
    )
    location_accuracy = fields.Integer(
        related="company_id.location_accuracy", readonly=False
    )
    presence_purpose = fields.Char(
        related="company_id.presence_purpose", readonly=False
    )
    referral_rate = fields.Float(related="company_id.referral_rate", readonly=False)
    referral_policy = fields.Selection(
        related="company_id.referral_policy", readonly=False
    )
