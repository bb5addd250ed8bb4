from odoo import models


class PerformanceRunLine(models.Model):
    """A figure of a period that isn't closed yet; the next run replaces it (K10)."""

    _name = "performance.run.line"
    _description = "Performance Run Line"
    _inherit = ["performance.line.mixin"]

    _source_uniq = models.UniqueIndex(
        "(period_id, rule, source_model, source_id, slice, (COALESCE(beneficiary_id, 0)))",
        "A source counts once per period, rule, slice and person.",
    )
