from odoo import fields, models


class ProductionNoticeLine(models.Model):
    _name = "production.notice.line"
    _description = "Line of a Production Notice"
    _inherit = ["goods.slip.line.mixin"]
    _order = "slip_id, id"

    slip_id = fields.Many2one(
        "production.notice", required=True, index=True, ondelete="cascade"
    )
