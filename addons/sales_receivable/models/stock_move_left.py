from contextlib import contextmanager

from odoo import models
from odoo.exceptions import UserError

from ..authority import exceeds


class StockMove(models.Model):
    """By a finished delivery no more leaves than what was checked, and than what its slip
    says (A11, A13)."""

    _name = "stock.move"
    _inherit = "stock.move"

    @contextmanager
    def _watch_orders(self, *args, **kwargs):
        # What has left is compared, whoever may read places and slips.
        pickings = self.sudo().picking_id.filtered(
            lambda picking: picking.state == "done" and picking._is_left_as_checked()
        )
        before = {picking: picking._get_left_quantities() for picking in pickings}
        with super()._watch_orders(*args, **kwargs):
            yield
        for picking, left in before.items():
            picking._check_left(left)


class StockPicking(models.Model):
    _name = "stock.picking"
    _inherit = "stock.picking"

    def _is_left_as_checked(self):
        """Tell whether these goods don't leave without a slip (A13), or unchecked (A11)."""
        self.ensure_one()
        rules = ["A13", "A11"] if self.company_id.dispatch_needs_check else ["A13"]
        get_mode, since = (
            self.env["business.rule.mode"]._get_mode,
            self._get_authority_date(),
        )
        return any(get_mode(code, self.company_id, since) == "block" for code in rules)

    def _get_left_quantities(self):
        """Return ``{product: quantity in its unit}`` of what has left to customers."""
        quantities = {}
        for move in self._get_leaving_moves().filtered(lambda m: m.state == "done"):
            product = move.product_id
            quantities[product] = (
                quantities.get(product, 0.0) + move._get_quantity_taken()
            )
        return quantities

    def _check_left(self, before):
        """Raise UserError where more has left now than before, and than the slip says."""
        said = {}
        for line in self.slip_id.line_ids.filtered(
            lambda line: line.slip_id.state != "draft"
        ):
            product = line.product_id
            said[product] = said.get(product, 0.0) + line.uom_id._compute_quantity(
                line.quantity, product.uom_id, round=False
            )
        for product, quantity in self._get_left_quantities().items():
            if exceeds(quantity, before.get(product, 0.0)) and exceeds(
                quantity, said.get(product, 0.0)
            ):
                raise UserError(
                    self.env._(
                        "“%(goods)s” left with %(slip)s: what else leaves is another"
                        " delivery, with a check and a slip of its own (A11, A13).",
                        goods=product.display_name,
                        slip=self.slip_id.number or self.name,
                    )
                )
