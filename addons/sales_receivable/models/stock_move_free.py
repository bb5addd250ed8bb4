from odoo import fields, models
from odoo.exceptions import UserError

RULES = ("A05", "A21")


class StockMove(models.Model):
    """Goods that leave for nothing are counted against slips (A21)."""

    _name = "stock.move"
    _inherit = "stock.move"

    free_use_ids = fields.One2many("free.goods.use", "move_id", copy=False)

    def _filter_given(self):
        """Return what leaves for nothing: without an order, for a line whose price is
        nothing after every discount, or beyond what is invoiced as ordered."""
        leaving = self.filtered(lambda move: move._is_leaving())
        free = leaving.sale_line_id.order_id._get_free_lines()
        return leaving.filtered(
            lambda move: (
                move.sale_line_id in free or move._get_beyond_order() > 0.0
                if move._is_ordered()
                else super()._needs_order()
            )
        )

    def _get_given(self):
        """Return how much of what is given isn't counted yet, in the product's unit."""
        self.ensure_one()
        given = self._get_quantity_taken()
        counted = sum(self.free_use_ids.mapped("quantity"))
        line = self.sale_line_id
        if self._is_ordered() and line not in line.order_id._get_free_lines():
            return min(given - counted, self._get_beyond_order())
        return given - counted

    def _get_quantity_taken(self):
        """Return what has left, or is about to leave, in the product's unit."""
        unit = self.product_id.uom_id
        if self.state != "done":
            return self._get_taken(unit)
        return self.product_uom._compute_quantity(self.quantity, unit, round=False)

    def _get_beyond_order(self):
        """Return how much more leaves than was ordered, of goods that are invoiced as
        ordered, whatever is delivered, and isn't counted yet; in the product's unit."""
        self.ensure_one()
        line, unit = self.sale_line_id, self.product_id.uom_id
        if (
            self.product_id.invoice_policy != "order"
            or line.product_id != self.product_id
        ):
            return 0.0
        left = line._get_left_quantity() - line.product_uom_qty
        beyond = line.product_uom_id._compute_quantity(left, unit, round=False)
        if self.state != "done":
            beyond += self._get_quantity_taken()
        beyond -= sum(line.move_ids.free_use_ids.mapped("quantity"))
        return beyond if unit.compare(beyond, 0.0) > 0 else 0.0

    def _needs_order(self):
        # A slip is the paper of what leaves without an order.
        return super()._needs_order() and not self._has_slip()

    def _has_slip(self):
        self.ensure_one()
        left = sum(self._find_slip_lines().mapped("left_quantity"))
        used = sum(self.free_use_ids.mapped("quantity"))
        return bool(left or used) and (
            self.product_id.uom_id.compare(self._get_given(), left) <= 0
        )

    def _find_slip_lines(self):
        """Return the open lines of slips for who gets these goods, of one company."""
        return self.env["free.goods.slip.line"]._find_open(
            self.company_id, self._get_recipient(), self.product_id
        )

    def _get_recipient(self):
        """Return the contacts that these movements bring goods to."""
        recipients = self.env["res.partner"]
        for move in self:
            recipients |= move.picking_id.partner_id or move.partner_id
        return recipients

    def _action_done(self, *args, **kwargs):
        moves = super()._action_done(*args, **kwargs)
        # Who delivers needn't read orders and slips.
        moves.sudo().filtered(lambda move: move.state == "done")._use_slips()
        return moves

    def _use_slips(self):
        """Count what has left for nothing (A21).

        :raise UserError: no slip covers it and the rule blocks
        """
        leaving = self.filtered(lambda move: move._is_leaving())
        get_mode = self.env["business.rule.mode"]._get_mode
        for company, moves in leaving.grouped("company_id").items():
            lines = moves._find_slip_lines()
            if lines or any(get_mode(rule, company) != "off" for rule in RULES):
                for move in moves._filter_given():
                    move._use_lines(lines)

    def _use_lines(self, lines):
        self.ensure_one()
        unit = self.product_id.uom_id
        needed = self._get_given()
        customer = self._get_recipient().commercial_partner_id
        for line in lines.filtered(lambda line: line.product_id == self.product_id):
            if unit.compare(needed, 0.0) <= 0:
                return
            if line.slip_id.partner_id.commercial_partner_id == customer:
                part = min(needed, line.left_quantity)
                if part:
                    line._use(self, part)
                    needed -= part
        if unit.compare(needed, 0.0) > 0:
            self._refuse_given(needed)

    def _refuse_given(self, quantity):
        Mode = self.env["business.rule.mode"]
        picking = self.picking_id
        on = picking._get_authority_date() if picking else self.create_date
        is_sample = self.product_id.needs_selection and not self._is_ordered()
        for rule in RULES if is_sample else ("A21",):
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
