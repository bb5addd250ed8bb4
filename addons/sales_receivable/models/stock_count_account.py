from odoo import fields, models


class StockCountAccount(models.Model):
    """Stock value and balance of a valuation account, by product category (K05).

    Products without a category and entries without a product are a row without one: an account agrees when its
    rows together do. Written with the count's results, by SQL.
    """

    _name = "stock.count.account"
    _description = "Stock Value against Account"
    _order = "count_id desc, account_id, categ_id, id"
    _rec_name = "account_id"

    count_id = fields.Many2one(
        "stock.count",
        string="Stock Count",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one("res.company", required=True, index=True)
    currency_id = fields.Many2one("res.currency", required=True)
    account_id = fields.Many2one("account.account", ondelete="restrict")
    categ_id = fields.Many2one(
        "product.category",
        string="Product Category",
        ondelete="restrict",
        help="Empty: products without a category, entries without a product.",
    )
    stock_value = fields.Monetary(help="Value of what is in stock.")
    balance = fields.Monetary(help="Balance of the account.")
    difference = fields.Monetary(help="Stock less balance.")
