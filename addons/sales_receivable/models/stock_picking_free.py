from collections import defaultdict

from odoo import api, models
from odoo.tools.misc import formatLang


class StockPicking(models.Model):
    """Free goods leave with an approved slip that names the recipient (A21), and samples
    of products whose selection is verified with a slip, too (A05)."""

    _name = "stock.picking"
    _inherit = "stock.picking"

    @api.model
    def _get_reason_rules(self):
        return super()._get_reason_rules() | {"A05", "A21"}

    def _get_own_reasons(self):
        reasons = super()._get_own_reasons()
        given = self._get_leaving_moves()._filter_given()
        for company, moves in given.grouped("company_id").items():
            lines = self.env["free.goods.slip.line"]._find_open(
                company, moves._get_recipient(), moves.product_id
            )
            for picking, own in moves.grouped("picking_id").items():
                customer = picking.partner_id.commercial_partner_id
                reasons.setdefault(picking.id, []).extend(
                    picking._get_free_reasons(
                        own,
                        lines.filtered(
                            lambda line, customer=customer: (
                                line.slip_id.partner_id.commercial_partner_id
                                == customer
                            )
                        ).grouped("product_id"),
                    )
                )
        return reasons

    def _get_free_reasons(self, moves, lines):
        """Yield what of these movements, which leave for nothing, no slip covers.

        :param dict lines: open lines of slips for the recipient, by product
        """
        self.ensure_one()
        given = defaultdict(float)
        samples = set()
        for move in moves:
            given[move.product_id] += move._get_given()
            if move.product_id.needs_selection and not move._is_ordered():
                samples.add(move.product_id)
        for product, quantity in given.items():
            left = (
                sum(lines[product].mapped("left_quantity")) if product in lines else 0
            )
            missing = quantity - left
            if product.uom_id.compare(missing, 0.0) <= 0:
                continue
            for rule in ("A21", "A05") if product in samples else ("A21",):
                yield {
                    "rule": rule,
                    "at": "dispatch",
                    "key": f"free {product.id}",
                    "sentence": self.env._(
                        "%(quantity)s %(unit)s of “%(product)s” leave for nothing",
                        quantity=formatLang(self.env, missing),
                        unit=product.uom_id.name,
                        product=product.display_name,
                    ),
                    "release": self.env._(
                        "an approved slip of free goods for %s",
                        self.partner_id.display_name or self.env._("nobody"),
                    ),
                }
