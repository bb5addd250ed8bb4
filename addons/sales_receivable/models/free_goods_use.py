from odoo import api, fields, models
from odoo.exceptions import UserError

from ..guard import as_server


class FreeGoodsUse(models.Model):
    """What left with which movement on which slip (A21). Written by the movement only."""

    _name = "free.goods.use"
    _description = "Free Goods That Have Left"
    _inherit = ["server.field.mixin"]
    _order = "id desc"
    _rec_name = "line_id"

    line_id = fields.Many2one(
        "free.goods.slip.line",
        string="Product",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    slip_id = fields.Many2one(related="line_id.slip_id", store=True, index=True)
    company_id = fields.Many2one(related="line_id.company_id", store=True, index=True)
    move_id = fields.Many2one(
        "stock.move",
        string="Movement",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    quantity = fields.Float(required=True, readonly=True, digits="Product Unit")

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("What has left on a slip stays on record."))

    @api.model
    def _record(self, line, move, quantity):
        # Who delivers needn't keep slips.
        as_server(self.sudo()).create(
            {"line_id": line.id, "move_id": move.id, "quantity": quantity}
        )
