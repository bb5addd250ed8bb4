from odoo import api, models

FACT_FIELDS = {
    "discount",
    "move_dest_ids",
    "order_id",
    "price_unit",
    "product_qty",
    "product_uom_id",
    "tax_ids",
}


class PurchaseOrderLine(models.Model):
    """Lines are what an order's figures are made of (A06)."""

    _name = "purchase.order.line"
    _inherit = "purchase.order.line"

    @api.model_create_multi
    def create(self, vals_list):
        default = self.env.context.get("default_order_id")
        ids = {vals.get("order_id", default) for vals in vals_list} - {None, False}
        with self.env["purchase.order"].browse(ids)._watch_authority():
            return super().create(vals_list)

    def write(self, vals):
        if FACT_FIELDS.isdisjoint(vals):
            return super().write(vals)
        orders = self.order_id | self.order_id.browse(vals.get("order_id") or ())
        with orders._watch_authority():
            return super().write(vals)

    def unlink(self):
        with self.order_id._watch_authority():
            return super().unlink()
