from odoo import models
from odoo.tools.misc import format_date, formatLang


class PerformanceLineMixin(models.AbstractModel):
    """The sentences behind commission and the interest taken off it (K02, R08)."""

    _name = "performance.line.mixin"
    _inherit = "performance.line.mixin"

    def _explain_k02(self):
        """Return the sentence behind a commission (K02)."""
        self.ensure_one()
        if not self.target:
            return self._explain_nothing_due()
        inputs = self.inputs or {}
        # Two shares that a reassignment has brought together are told one by one.
        parts = inputs.get("parts") or [inputs]
        return "; ".join(map(self._explain_commission, parts))

    def _explain_commission(self, inputs):
        if "team" in inputs:
            return self.env._(
                "%(due)s = %(rate)s %% of the %(result)s that %(year)s comes to for"
                " %(team)s so far, less %(booked)s of earlier months; plan %(plan)s",
                due=self._format_money(inputs["due"]),
                rate=self._format_percent(inputs["rate"]),
                result=self._format_money(inputs["result"]),
                year=str(inputs["year"]),
                team=inputs["team"],
                booked=self._format_money(inputs["booked"]),
                plan=inputs["plan"],
            )
        values = {
            "rate": self._format_percent(inputs["rate"]),
            "collected": self._format_money(inputs["collected"]),
            "date": format_date(self.env, inputs["date"]),
            "product": inputs.get("product") or "-",
            "invoice": self.source_name,
            "percent": self._format_percent(inputs["percent"]),
            "plan": inputs["plan"],
        }
        if contract := inputs.get("contract"):
            return self.env._(
                "%(percent)s %% share of %(rate)s %% of %(collected)s collected on"
                " %(product)s of %(invoice)s until %(date)s, contract %(contract)s; plan"
                " %(plan)s",
                contract=contract,
                **values,
            )
        return self.env._(
            "%(percent)s %% share of %(rate)s %% of %(collected)s collected on %(product)s"
            " of %(invoice)s until %(date)s; plan %(plan)s",
            **values,
        )

    def _explain_r08(self):
        """Return the sentence behind the interest taken off a commission (R08)."""
        self.ensure_one()
        if not self.target:
            return self._explain_nothing_due()
        inputs = self.inputs or {}
        return "; ".join(map(self._explain_interest, inputs.get("parts") or [inputs]))

    def _explain_interest(self, inputs):
        return self.env._(
            "%(percent)s %% share of %(interest)s interest: %(rate)s %% a day on what was"
            " open of %(invoice)s, due %(due)s, for %(days)s days in %(month)s"
            " (%(grace)s days of grace), %(residual)s at its end",
            percent=self._format_percent(inputs["percent"]),
            interest=self._format_money(inputs["interest"]),
            rate=self._format_percent(inputs["rate"]),
            invoice=self.source_name,
            due=format_date(self.env, inputs["date_due"]),
            days=inputs["days"],
            month=self.slice,
            grace=inputs["grace_days"],
            residual=self._format_money(inputs["residual"]),
        )

    def _format_percent(self, rate):
        text = formatLang(self.env, rate, digits=4)
        # As many decimals as it takes, in the language's own style.
        point = formatLang(self.env, 0, digits=1)[1]
        return text.rstrip("0").rstrip(point)
