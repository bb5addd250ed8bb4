from odoo import api, models

from ..tools.defaults import get_new_values

# What is on hand, whose and where: the host's movements and counts write it.
HELD = {
    "company_id",
    "in_date",
    "location_id",
    "lot_id",
    "owner_id",
    "product_id",
    "quantity",
}
# What even a row for a count doesn't bring along: the count's movement does.
BROUGHT = {"company_id", "in_date", "quantity"}


class StockQuant(models.Model):
    """Stock on hand changes by movements and counts, never by hand (K03)."""

    _name = "stock.quant"
    _inherit = ["stock.quant", "stock.history.mixin"]

    @api.model_create_multi
    def create(self, vals_list):
        brought = [
            vals
            for vals in vals_list
            if any(get_new_values(self, name, [vals]) for name in BROUGHT)
        ]
        if brought and not self.env.su:
            self._check_held(brought)
        return super().create(vals_list)

    def write(self, vals):
        if HELD & vals.keys() and not self.env.su:
            changed = self._filter_changing(vals, HELD)
            if changed:
                changed._check_held([vals])
        return super().write(vals)

    def _check_held(self, vals_list):
        """Refuse to write stock on hand where stock age counts, now or then (K03)."""
        Company = self.env["res.company"]
        Location = self.env["stock.location"]
        companies = self.company_id | self.location_id.company_id
        for vals in vals_list:
            for model, name in ((Company, "company_id"), (Location, "location_id")):
                # Whether a company deducts is asked of any place, readable or not.
                record = model.sudo().browse(get_new_values(self, name, [vals]))
                companies |= record if model is Company else record.company_id
        self._refuse_while_kept(
            companies,
            self.env._(
                "Stock age counts here (K03, K04): stock on hand changes by receipts,"
                " deliveries, transfers and inventory counts, not by hand."
            ),
        )
