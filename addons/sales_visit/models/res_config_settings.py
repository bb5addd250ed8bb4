from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    visit_answers_mode = fields.Selection(
        related="company_id.visit_answers_mode", readonly=False
    )
    visit_answers_from = fields.Date(
        related="company_id.visit_answers_from", readonly=False
    )
    man_one_yes_level = fields.Selection(
        related="company_id.man_one_yes_level", readonly=False
    )
