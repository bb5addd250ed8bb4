from contextlib import contextmanager

from odoo import api, models
from odoo.exceptions import UserError

from ..tools.defaults import get_new_values

#: Deliveries that are just passing their gate, in the transaction's own memory.
PASSING = "sales_receivable.dispatch_passing"
CONTENT = {
    "location_dest_id",
    "location_id",
    "origin_returned_move_id",
    "picking_id",
    "product_id",
    "product_uom",
    "product_uom_qty",
    "purchase_line_id",
    "sale_line_id",
    "scrap_id",
}


class StockMove(models.Model):
    """Goods leave to customers through the gate of their delivery, whichever way (A11).

    Every way ends in ``_action_done``; the status written or created as done by RPC
    meets the same gate. Of several steps only the last one, which leaves, is gated.
    """

    _name = "stock.move"
    _inherit = "stock.move"

    def _is_ordered(self):
        """Tell whether these goods belong to a confirmed order, as its goods or as a part
        of them."""
        self.ensure_one()
        line = self.sale_line_id
        # The host's kits, where they are installed.
        is_part = "bom_line_id" in self._fields and self.bom_line_id
        return line.order_id.state == "sale" and bool(
            self.product_id == line.product_id or is_part
        )

    def _get_taken(self, unit):
        """Return in a unit what was asked for, or what is taken where that is more."""
        self.ensure_one()
        return self.product_uom._compute_quantity(
            max(self.product_uom_qty, self.quantity), unit, round=False
        )

    def _needs_order(self):
        """Tell whether these goods may leave for an order only, as long as nobody
        releases them (A11). To be extended for what leaves by other papers."""
        self.ensure_one()
        # The host's till, where it is installed: what it sells is paid.
        return not (
            "pos_session_id" in self.picking_id._fields
            and self.picking_id.pos_session_id
        )

    @api.model_create_multi
    def create(self, vals_list):
        ids = get_new_values(self, "picking_id", vals_list)
        # Compared under sudo by the watch.
        pickings = self.env["stock.picking"].sudo().browse(ids)
        with pickings._watch_authority():
            moves = super().create(vals_list)
        moves.filtered(lambda move: move.state == "done")._check_finished()
        return moves

    def write(self, vals):
        if vals.get("state") == "done":
            self._check_finished()
        if "sale_line_id" in vals and not self.env.su:
            self._check_stays_ordered(vals["sale_line_id"])
        raises = "quantity" in vals and any(
            move.product_uom_qty < (vals["quantity"] or 0.0) for move in self
        )
        if not raises and CONTENT.isdisjoint(vals):
            return super().write(vals)
        pickings = self.picking_id.sudo()  # compared under sudo by the watch
        pickings |= pickings.browse(vals.get("picking_id") or ())
        with pickings._watch_authority():
            return super().write(vals)

    def _check_stays_ordered(self, sale_line_id):
        """Refuse to take goods off the order they were to leave for, as long as they are
        its goods: money and papers are asked for by the order (A11, A13)."""
        Mode = self.env["business.rule.mode"]
        companies = Mode._get_blocking_companies("A11", "A13")
        # Whose goods they are is asked, whoever may read their orders.
        for move in self.sudo():
            line = move.sale_line_id
            if (
                line.id not in (False, sale_line_id)
                and line.order_id.state == "sale"
                and line.product_id == move.product_id
                and move.state != "cancel"
                and move.company_id in companies
            ):
                raise UserError(
                    self.env._(
                        "“%(goods)s” is for %(order)s: cancel the delivery if it isn't.",
                        goods=move.product_id.display_name,
                        order=line.order_id.name,
                    )
                )

    def _action_done(self, *args, **kwargs):
        open_moves = self.filtered(lambda move: move.state not in ("done", "cancel"))
        with open_moves._pass_dispatch():
            return super()._action_done(*args, **kwargs)

    @contextmanager
    def _pass_dispatch(self):
        """Check the gate, once, for what is done inside."""
        self._check_dispatch()
        passing = self.env.cr.precommit.data.setdefault(PASSING, set())
        added = set(self.picking_id.ids) - passing
        passing |= added
        try:
            yield
        finally:
            passing -= added

    def _filter_gated(self):
        """Return the movements to customers that aren't just passing the gate."""
        passing = self.env.cr.precommit.data.get(PASSING, ())
        # Who moves goods on behalf of others needn't read places.
        return self.filtered(
            lambda move: move.picking_id.id not in passing and move.sudo()._is_leaving()
        )

    def _check_finished(self):
        """Refuse the status done that a caller gives: what isn't taken from stock would
        count as delivered, by a delivery that other goods have passed (A11, A13)."""
        self._check_dispatch()
        Mode = self.env["business.rule.mode"]
        for move in self._filter_gated():
            # When the delivery was made doesn't matter: nobody finishes goods this way.
            if "block" in {Mode._get_mode(c, move.company_id) for c in ("A11", "A13")}:
                raise UserError(
                    self.env._(
                        "%s leaves with its delivery: validate it (A11).",
                        move.product_id.display_name,
                    )
                )

    def _check_dispatch(self):
        """Refuse goods that may not leave (A11).

        :raise UserError: with rules, figures and who can release them
        """
        leaving = self._filter_gated()
        leaving.picking_id._check_authority("dispatch")
        Mode = self.env["business.rule.mode"]
        for move in leaving.filtered(lambda m: not m.picking_id and m._needs_order()):
            if Mode._get_mode("A11", move.company_id, move.create_date) == "block":
                raise UserError(
                    self.env._(
                        "%s leaves to a customer by a delivery only: make one (A11).",
                        move.product_id.display_name,
                    )
                )

    @contextmanager
    def _watch_orders(self, sale_line_id=None):
        """Watch the deliveries, too: a finished one can still be edited."""
        pickings = self.sudo().picking_id  # compared under sudo by the watch
        with super()._watch_orders(sale_line_id), pickings._watch_authority():
            yield
