from odoo import models


class ReceivableAgeingBucket(models.Model):
    """Columns of the receivable ageing, in days past the due (or invoice) date (R03)."""

    _name = "receivable.ageing.bucket"
    _description = "Receivable Ageing Bucket"
    _inherit = ["ageing.bucket.mixin"]

    _company_day_uniq = models.UniqueIndex(
        "((COALESCE(company_id, 0)), day_from)",
        "Two buckets of a company can't start on the same day.",
    )
