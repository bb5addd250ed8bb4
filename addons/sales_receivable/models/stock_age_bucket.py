from odoo import api, fields, models
from odoo.exceptions import UserError


class StockAgeBucket(models.Model):
    """Spans of the stock age report, in days since receipt (K03)."""

    _name = "stock.age.bucket"
    _description = "Stock Age Bucket"
    _inherit = ["ageing.bucket.mixin"]

    is_unknown = fields.Boolean(
        string="Unknown Origin",
        readonly=True,
        help="Takes the stock that no receipt explains: adjustments and opening loads.",
    )

    _company_day_uniq = models.UniqueIndex(
        "((COALESCE(company_id, 0)), day_from) WHERE is_unknown IS NOT TRUE",
        "Two buckets of a company can't start on the same day.",
    )

    @api.model
    def _get_range_domain(self):
        return [("is_unknown", "=", False)]

    @api.ondelete(at_uninstall=False)
    def _unlink_except_unknown(self):
        if any(self.mapped("is_unknown")):
            raise UserError(
                self.env._("Stock of unknown origin needs its bucket; rename it.")
            )
