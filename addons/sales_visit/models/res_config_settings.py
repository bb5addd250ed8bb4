from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    man_one_yes_level = fields.Selection(
        related="company_id.man_one_yes_level", readonly=False
    )
