from contextlib import contextmanager

from odoo import models
from odoo.exceptions import UserError

from ..authority import exceeds


class StockMove(models.Model):
    """No more leaves by a finished delivery than what its slip says (A13)."""

    _name = "stock.move"
    _inherit = "stock.move"

    @contextmanager
    def _watch_orders(self, *args, **kwargs):
        # What has left is compared, whoever may read places and slips.
        pickings = self.sudo().picking_id.filtered(
            lambda picking: picking.state == "done" and picking._is_slip_needed()
        )
        before = {picking: picking._get_left_quantities() for picking in pickings}
        with super()._watch_orders(*args, **kwargs):
            yield
        for picking, left in before.items():
            picking._check_left_with_slip(left)


class StockPicking(models.Model):
    _name = "stock.picking"
    _inherit = "stock.picking"

    def _is_slip_needed(self):
        """Tell whether these goods don't leave without a slip (A13)."""
        self.ensure_one()
        mode = self.env["business.rule.mode"]._get_mode(
            "A13", self.company_id, self._get_authority_date()
        )
        return mode == "block"

    def _get_left_quantities(self):
        """Return ``{product: quantity in its unit}`` of what has left to customers."""
        quantities = {}
        for move in self._get_leaving_moves().filtered(lambda m: m.state == "done"):
            product = move.product_id
            quantities[product] = (
                quantities.get(product, 0.0) + move._get_quantity_taken()
            )
        return quantities

    def _check_left_with_slip(self, before):
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
                        " delivery, with a slip of its own (A13).",
                        goods=product.display_name,
                        slip=self.slip_id.number or self.name,
                    )
                )
