from odoo import api, models
from odoo.exceptions import UserError

# What pays or charges people by the age of stock: deductions and bonuses.
STOCK_AGE_RULES = ("K03", "K04")


class StockHistoryMixin(models.AbstractModel):
    """Finds out whether values change what stock age is computed from (K03).

    The host's own steps write as superuser or before a movement is finished. Whatever
    else changes these fields is somebody's hand.
    """

    _name = "stock.history.mixin"
    _description = "What Stock Age Is Computed From"

    def _filter_changing(self, vals, names):
        """Return the records of which ``vals`` change any of the fields ``names``."""
        values = {name: vals[name] for name in names & vals.keys()}
        return self.filtered(
            lambda record: any(
                record._fields[name].convert_to_cache(value, record)
                != record._fields[name].convert_to_cache(record[name], record)
                for name, value in values.items()
            )
        )

    @api.model
    def _is_stock_age_kept(self, companies):
        """Tell whether stock age counts in any of the companies, for anybody who
        isn't the system itself."""
        return not self.env.su and self.env["performance.rate"]._is_in_use(
            STOCK_AGE_RULES, companies
        )

    @api.model
    def _domain_kept_moves(self):
        """Return the domain of the finished movements that stock age is made of."""
        rates = self.env["performance.rate"]
        return [
            ("state", "=", "done"),
            ("company_id", "in", rates._get_users(STOCK_AGE_RULES)),
        ]

    def _refuse_while_kept(self, companies, sentence):
        """Raise UserError with a sentence where stock age counts (K03, K04)."""
        if self._is_stock_age_kept(companies):
            raise UserError(sentence)
