from contextlib import contextmanager

from odoo import api, models
from odoo.exceptions import UserError

from ..authority import exceeds
from ..tools.defaults import get_new_values

#: What a slip says of a movement, or of what came back for it.
SAID = {
    "location_dest_id",
    "location_id",
    "move_line_ids",
    "origin_returned_move_id",
    "picking_id",
    "product_id",
    "product_uom",
    "quantity",
    "state",
}


class StockMove(models.Model):
    """What has left stays what its slip says, and what came back stays where the slip was
    closed with it (A13, A14)."""

    _name = "stock.move"
    _inherit = "stock.move"

    def write(self, vals):
        if SAID.isdisjoint(vals):
            return super().write(vals)
        moves = self
        if vals.get("picking_id"):
            moves |= self.env["stock.picking"].browse(vals["picking_id"]).move_ids
        with moves._keep_slips():
            return super().write(vals)

    @contextmanager
    def _keep_slips(self):
        """Refuse edits of finished movements after which an issued slip is wrong.

        :raise UserError: where rule A13 or A14 blocks
        """
        # What slips say is compared, whoever may read them.
        pickings = self.sudo()._filter_left().picking_id
        if pickings:
            companies = self.env["business.rule.mode"]._get_blocking_companies(
                "A13", "A14"
            )
            pickings = pickings.filtered(lambda p: p.company_id in companies)
        slips = pickings.slip_id.filtered(
            lambda slip: slip.state != "draft" and slip._is_as_taken()
        )
        closed = pickings.slip_return_id.filtered(
            lambda slip: slip.state == "received" or slip._is_cash_in()
        )
        back = {line: line._get_back() for line in closed.line_ids}
        yield
        wrong = slips.filtered(lambda slip: not slip._is_as_taken())
        for line, quantity in back.items():
            if exceeds(quantity, line._get_back()):
                wrong |= line.slip_id
        for slip in wrong:
            raise UserError(
                self.env._(
                    "These goods have left, or come back, as %(slip)s says: accounting"
                    " voids it first.",
                    slip=slip.number,
                )
            )


class StockMoveLine(models.Model):
    """Lots and quantities of finished movements are on their slips (A13)."""

    _name = "stock.move.line"
    _inherit = "stock.move.line"

    @api.model_create_multi
    def create(self, vals_list):
        moves = self.env["stock.move"].browse(
            get_new_values(self, "move_id", vals_list)
        )
        with moves._keep_slips():
            return super().create(vals_list)

    def write(self, vals):
        if {
            "location_dest_id",
            "location_id",
            "lot_id",
            "lot_name",
            "move_id",
            "product_id",
            "product_uom_id",
            "quantity",
        }.isdisjoint(vals):
            return super().write(vals)
        moves = self.move_id
        with (moves | moves.browse(vals.get("move_id") or ()))._keep_slips():
            return super().write(vals)

    def unlink(self):
        with self.move_id._keep_slips():
            return super().unlink()
