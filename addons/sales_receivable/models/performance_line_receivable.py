from odoo import models
from odoo.tools.misc import format_date, formatLang


class PerformanceLineMixin(models.AbstractModel):
    """The sentence behind a receivable write-down."""

    _name = "performance.line.mixin"
    _inherit = "performance.line.mixin"

    def _explain_k01(self):
        """Return the sentence behind a receivable write-down (K01): the invoice's, or
        one part per instalment."""
        self.ensure_one()
        sentences = [
            self.env._(
                "%(rate)s %% of %(value)s still open on %(document)s, month %(month)s since"
                " %(date)s",
                rate=formatLang(self.env, part["step"], digits=2),
                value=self._format_money(part["value"]),
                document=self.source_name,
                month=part["month"],
                date=format_date(self.env, part["base_date"]),
            )
            # The others are what the months before this one come to.
            for part in self.inputs["parts"]
            if "month" in part
        ]
        return self.env._(
            "%(amount)s off = %(parts)s",
            amount=self._format_money(-self.target),
            parts=" + ".join(sentences),
        )
