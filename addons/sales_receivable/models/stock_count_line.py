from odoo import fields, models


class StockCountLine(models.Model):
    """What a stock count found more or less of a product, at cost (K05).

    Written with the count's results, by SQL; nobody has the right to change them.
    """

    _name = "stock.count.line"
    _description = "Stock Count Difference"
    _order = "count_id desc, value, id"
    _rec_name = "product_id"

    count_id = fields.Many2one(
        "stock.count",
        string="Stock Count",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one("res.company", required=True, index=True)
    currency_id = fields.Many2one("res.currency", required=True)
    product_id = fields.Many2one("product.product", required=True, ondelete="restrict")
    categ_id = fields.Many2one(
        "product.category", string="Product Category", ondelete="restrict"
    )
    quantity = fields.Float(
        digits="Product Unit", help="Found less missing, in the product's unit."
    )
    value = fields.Monetary(help="At cost; what was missing is negative.")
    adjustment_count = fields.Integer(string="Corrections", help="Inventory movements.")
