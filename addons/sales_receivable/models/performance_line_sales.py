from odoo import models
from odoo.tools.misc import format_date, formatLang


class PerformanceLineMixin(models.AbstractModel):
    """The sentences behind sales, collections and what other rules charge."""

    _name = "performance.line.mixin"
    _inherit = "performance.line.mixin"

    def _get_plain_words(self):
        """Return what a plain figure is made of, for its sentence."""
        self.ensure_one()
        inputs = self.inputs or {}
        return {
            "amount": self._format_money(abs(self.target)),
            "rate": formatLang(self.env, inputs.get("rate", 0), digits=2),
            "value": self._format_money(inputs.get("value", 0)),
            "date": format_date(self.env, inputs.get("date")),
            "document": self.source_name,
        }

    def _explain_sale(self):
        """Return the sentence behind a sale (K06)."""
        return self.env._(
            "%(amount)s = %(rate)s %% of %(value)s without tax on %(document)s of %(date)s",
            **self._get_plain_words(),
        )

    def _explain_collection(self):
        """Return the sentence behind what was collected (K06)."""
        return self.env._(
            "%(amount)s = %(rate)s %% of %(value)s collected on %(document)s, last on"
            " %(date)s",
            **self._get_plain_words(),
        )

    def _explain_a04(self):
        """Return the sentence behind an unauthorised credit (A04)."""
        return self.env._(
            "%(amount)s off = %(rate)s %% of %(value)s given on credit without approval"
            " on %(document)s of %(date)s",
            **self._get_plain_words(),
        )

    def _explain_a20(self):
        """Return the sentence behind lent goods that were lost (A20)."""
        return self.env._(
            "%(amount)s off = %(rate)s %% of %(value)s, goods lent on %(document)s and lost"
            " on %(date)s",
            **self._get_plain_words(),
        )

    def _explain_manual(self):
        """Return the sentence behind an adjustment (K10)."""
        return self.env._(
            "%(amount)s by hand, for %(date)s: %(document)s",
            **{**self._get_plain_words(), "amount": self._format_money(self.target)},
        )
