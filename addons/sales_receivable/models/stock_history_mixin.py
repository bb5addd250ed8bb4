from odoo import api, models
from odoo.exceptions import UserError


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
        """Tell whether stock age is deducted in any of the companies, from anybody who
        isn't the system itself."""
        return not self.env.su and self.env["performance.rate"]._is_in_use(
            "K03", companies
        )

    @api.model
    def _domain_kept_moves(self):
        """Return the domain of the finished movements that stock age is made of."""
        rates = self.env["performance.rate"]
        return [("state", "=", "done"), ("company_id", "in", rates._get_users("K03"))]

    def _refuse_while_kept(self, companies, sentence):
        """Raise UserError with a sentence where stock age is deducted (K03)."""
        if self._is_stock_age_kept(companies):
            raise UserError(sentence)
