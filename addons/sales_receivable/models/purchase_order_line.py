from odoo import models

from .stock_history_mixin import STOCK_AGE_RULES

# What a receipt without a bill is valued by, and whose it is.
HISTORY = {
    "discount",
    "order_id",
    "price_unit",
    "product_id",
    "product_uom_id",
    "tax_ids",
}


class PurchaseOrderLine(models.Model):
    """What has been received keeps its order and price; bills correct them (K03)."""

    _name = "purchase.order.line"
    _inherit = ["purchase.order.line", "stock.history.mixin"]

    def write(self, vals):
        self._filter_changing(vals, HISTORY)._check_history()
        return super().write(vals)

    def _compute_price_unit_and_date_planned_and_name(self):
        # Another quantity would bring the price list's price of today.
        kept = self._filter_kept()
        return super(
            PurchaseOrderLine, self - kept
        )._compute_price_unit_and_date_planned_and_name()

    def _filter_kept(self):
        """Return what has been received where stock age counts."""
        companies = self.env["performance.rate"]._get_users(STOCK_AGE_RULES)
        if not companies:
            return self.browse()
        # Whether goods have come isn't a secret of the warehouse.
        moves = self.sudo().move_ids._filter_finished()
        moves = moves.filtered(lambda move: move.company_id.id in companies)
        return self.filtered(lambda line: line._origin.id in moves.purchase_line_id.ids)

    def _check_history(self):
        """Refuse to change what has been received where stock age counts (K03)."""
        kept = self._filter_kept()
        kept._refuse_while_kept(
            kept.company_id,
            self.env._(
                "Stock age counts here (K03, K04): what has been received keeps its"
                " order, product, unit and price. The vendor's bill puts a wrong price"
                " right; what is still to come takes a new line."
            ),
        )
