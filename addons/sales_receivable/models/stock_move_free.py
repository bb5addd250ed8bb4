from odoo import fields, models
from odoo.exceptions import UserError


class StockMove(models.Model):
    """Goods that leave for nothing are counted against slips (A21)."""

    _name = "stock.move"
    _inherit = "stock.move"

    free_use_ids = fields.One2many("free.goods.use", "move_id", copy=False)

    def _is_given(self):
        """Tell whether the goods leave for nothing: without an order, or for a line whose
        price is nothing after every discount."""
        self.ensure_one()
        if not self._is_leaving():
            return False
        if not self._is_ordered():
            return super()._needs_order()
        return self.sale_line_id in self.sale_line_id.order_id._get_free_lines()

    def _get_given(self):
        """Return how much of what is given isn't counted yet, in the product's unit."""
        self.ensure_one()
        unit = self.product_id.uom_id
        given = (
            self.product_uom._compute_quantity(self.quantity, unit, round=False)
            if self.state == "done"
            else self._get_taken(unit)
        )
        return given - sum(self.free_use_ids.mapped("quantity"))

    def _needs_order(self):
        # A slip is the paper of what leaves without an order.
        return super()._needs_order() and not self._has_slip()

    def _has_slip(self):
        self.ensure_one()
        if self.free_use_ids:
            return self.product_id.uom_id.compare(self._get_given(), 0.0) <= 0
        lines = self._find_slip_lines()
        left = sum(lines.mapped("left_quantity"))
        return (
            bool(lines) and self.product_id.uom_id.compare(self._get_given(), left) <= 0
        )

    def _find_slip_lines(self):
        partner = self.picking_id.partner_id or self.partner_id
        return self.env["free.goods.slip.line"]._find_open(
            self.company_id, partner, self.product_id
        )

    def _action_done(self, *args, **kwargs):
        moves = super()._action_done(*args, **kwargs)
        # Who delivers needn't read orders and slips.
        moves.sudo().filtered(lambda move: move.state == "done")._use_slips()
        return moves

    def _use_slips(self):
        """Count what has left for nothing (A21).

        :raise UserError: no slip covers it and the rule blocks
        """
        for move in self.filtered(lambda move: move._is_given()):
            unit = move.product_id.uom_id
            needed = move._get_given()
            if unit.compare(needed, 0.0) <= 0:
                continue
            for line in move._find_slip_lines():
                part = min(needed, line.left_quantity)
                line._use(move, part)
                needed -= part
                if unit.compare(needed, 0.0) <= 0:
                    break
            if unit.compare(needed, 0.0) > 0:
                move._refuse_given(needed)

    def _refuse_given(self, quantity):
        Mode = self.env["business.rule.mode"]
        picking = self.picking_id
        on = picking._get_authority_date() if picking else self.create_date
        rules = {"A21"}
        if self.product_id.needs_selection and not self._is_ordered():
            rules.add("A05")
        for rule in sorted(rules):
            if Mode._get_mode(rule, self.company_id, on) == "block":
                raise UserError(
                    self.env._(
                        "%(quantity)s %(unit)s of “%(product)s” leave for nothing: an"
                        " approved slip for %(partner)s is missing (%(rule)s).",
                        quantity=quantity,
                        unit=self.product_id.uom_id.name,
                        product=self.product_id.display_name,
                        partner=(picking.partner_id or self.partner_id).display_name
                        or self.env._("nobody"),
                        rule=rule,
                    )
                )
