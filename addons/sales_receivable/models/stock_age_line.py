from odoo import fields, models


class StockAgeLine(models.Model):
    """What is left of one receipt (and lot) as of the snapshot's day (K03).

    Lines are written by the snapshot's run only, in one statement.
    """

    _name = "stock.age.line"
    _description = "Stock Age Layer"
    _order = "age_days desc, id"
    _rec_name = "product_id"

    snapshot_id = fields.Many2one(
        "stock.age.snapshot", required=True, index=True, ondelete="cascade"
    )
    date = fields.Date(related="snapshot_id.date")
    company_id = fields.Many2one("res.company", required=True, index=True)
    currency_id = fields.Many2one("res.currency", required=True)
    product_id = fields.Many2one(
        "product.product", required=True, index=True, ondelete="restrict"
    )
    categ_id = fields.Many2one(related="product_id.categ_id", string="Category")
    uom_id = fields.Many2one(related="product_id.uom_id")
    lot_id = fields.Many2one("stock.lot", string="Lot/Serial", ondelete="restrict")
    move_id = fields.Many2one(
        "stock.move", string="Receipt", index="btree_not_null", ondelete="restrict"
    )
    purchase_id = fields.Many2one(
        "purchase.order", string="Purchase Order", ondelete="restrict"
    )
    buyer_id = fields.Many2one(
        "res.users",
        index="btree_not_null",
        ondelete="restrict",
        help="User of the purchase order, else the vendor's buyer, else the product's "
        "responsible, as they were when the snapshot was computed.",
    )
    receipt_date = fields.Date(string="Received On")
    age_days = fields.Integer(string="Age (Days)", aggregator="max")
    quantity = fields.Float(digits="Product Unit")
    unit_value = fields.Float(digits="Product Price", aggregator=None)
    value = fields.Monetary(help="At the receipt's own cost, in company currency.")
    bucket_id = fields.Many2one("stock.age.bucket", ondelete="restrict")
    is_over_threshold = fields.Boolean(
        string="Over the Threshold",
        help="Older than the days from which the stock age deduction is taken.",
    )

    _layer_uniq = models.UniqueIndex(
        "(snapshot_id, product_id, (COALESCE(move_id, 0)), (COALESCE(lot_id, 0)))",
        "A layer appears once in a snapshot.",
    )

    def action_open_source(self):
        """Open the purchase order the layer came with, else the product."""
        self.ensure_one()
        source = self.purchase_id or self.move_id.picking_id or self.product_id
        return {
            "type": "ir.actions.act_window",
            "res_model": source._name,
            "res_id": source.id,
            "view_mode": "form",
        }
