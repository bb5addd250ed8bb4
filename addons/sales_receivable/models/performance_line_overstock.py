from odoo import models
from odoo.tools.misc import format_date, formatLang


class PerformanceLineMixin(models.AbstractModel):
    """The sentence behind a bonus for overstock sold."""

    _name = "performance.line.mixin"
    _inherit = "performance.line.mixin"

    def _explain_k04(self):
        """Return the sentence behind an overstock bonus: of which receipts how much was
        sold at which age (K04)."""
        self.ensure_one()
        inputs = self.inputs or {}
        values = {
            "amount": self._format_money(self.target),
            "rate": formatLang(self.env, inputs.get("rate", 0), digits=2),
            "value": self._format_money(inputs.get("value", 0)),
            "product": inputs.get("product") or "-",
            "order": inputs.get("order") or self.source_name,
            "date": format_date(self.env, inputs.get("date")),
            "layers": ", ".join(map(self._explain_layer, inputs.get("layers", []))),
        }
        if inputs.get("base") == "cost":
            return self.env._(
                "%(amount)s = %(rate)s %% of %(value)s that %(product)s had cost, sold on"
                " %(order)s, delivered %(date)s: %(layers)s",
                **values,
            )
        return self.env._(
            "%(amount)s = %(rate)s %% of %(value)s of %(product)s without tax, sold on"
            " %(order)s, delivered %(date)s: %(layers)s",
            **values,
        )

    def _explain_layer(self, layer):
        return self.env._(
            "%(quantity)s received %(receipt)s on %(reference)s, age %(age)s days",
            quantity=formatLang(self.env, layer["quantity"]),
            receipt=format_date(self.env, layer["receipt_date"]),
            reference=layer["receipt"],
            age=layer["age_days"],
        )
