from odoo import api, models

from ..tools.defaults import get_new_values

FACT_FIELDS = {
    "discount",
    "move_dest_ids",
    "order_id",
    "price_unit",
    "product_id",
    "product_qty",
    "product_uom_id",
    "qty_received",
    "qty_received_manual",
    "qty_received_method",
    "tax_ids",
}
# What says for which orders a line was drafted.
NAMING = {"move_dest_ids", "sale_line_id"}


class PurchaseOrderLine(models.Model):
    """Lines are what an order's figures are made of (A06)."""

    _name = "purchase.order.line"
    _inherit = "purchase.order.line"

    @api.model_create_multi
    def create(self, vals_list):
        ids = get_new_values(self, "order_id", vals_list)
        with self.env["purchase.order"].browse(ids)._watch_authority():
            return super().create(vals_list)

    def write(self, vals):
        if (FACT_FIELDS | NAMING).isdisjoint(vals):
            return super().write(vals)
        orders = self.order_id | self.order_id.browse(vals.get("order_id") or ())
        naming = orders if NAMING & vals.keys() else orders.browse()
        # Taken to another purchase, lines are for the same orders there.
        target = orders.browse(vals.get("order_id") or ())
        moved = (self.order_id - target) if target else target
        with (
            orders._watch_authority(),
            naming._keep_customer_orders(),
            moved._keep_customer_orders(target),
        ):
            return super().write(vals)

    def unlink(self):
        with self.order_id._watch_authority():
            return super().unlink()

    def _get_amount_for(self, quantity):
        """Return what so much of this line costs, untaxed (A06)."""
        self.ensure_one()
        return self.tax_ids.compute_all(
            self.price_unit * (1 - self.discount / 100.0),
            currency=self.currency_id,
            quantity=quantity,
            product=self.product_id,
            partner=self.order_id.partner_id,
        )["total_excluded"]

    def _get_billed_quantities(self):
        """Return the quantities that a bill may be about (A06): what is ordered, what
        has come, and what is said to have come."""
        self.ensure_one()
        return {self.product_qty, self.qty_received, self._get_come_quantity()}

    def _get_come_quantity(self):
        """Return what came from the vendor and didn't go back, in the line's unit: from
        the movements, since the received quantity can be written by RPC."""
        return sum(
            (
                (move.location_id.usage == "supplier")
                - (move.location_dest_id.usage == "supplier")
            )
            * move.product_uom._compute_quantity(
                move.quantity, self.product_uom_id, round=False
            )
            for move in self.move_ids
            if move.state == "done" and move.product_id == self.product_id
        )
