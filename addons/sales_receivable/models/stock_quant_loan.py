from odoo import api, models

from ..tools.defaults import get_new_values
from .stock_quant import BROUGHT, HELD


class StockQuant(models.Model):
    """What lies in the place for loans changes by loans, never by hand (A20)."""

    _name = "stock.quant"
    _inherit = "stock.quant"

    @api.model_create_multi
    def create(self, vals_list):
        brought = [
            vals
            for vals in vals_list
            if any(get_new_values(self, name, [vals]) for name in BROUGHT)
        ]
        if brought:
            self._check_loans_held(get_new_values(self, "location_id", brought))
        return super().create(vals_list)

    def write(self, vals):
        changed = self._filter_changing(vals, HELD)
        if changed:
            changed._check_loans_held({vals.get("location_id")})
        return super().write(vals)

    def _check_loans_held(self, location_ids):
        """Refuse to write stock on hand in the place for loans, now or then (A20)."""
        if self.env.su:  # the host's movements and counts, which loans guard themselves
            return
        # Whose place it is decides, whoever may read places.
        places = self.sudo().location_id
        places |= places.browse(filter(None, location_ids))
        places._refuse_while_on_loan(
            self.env._("What is on loan changes by loans, not by hand (A20).")
        )
