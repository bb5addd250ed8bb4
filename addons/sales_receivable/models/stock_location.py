from odoo import models


class StockLocation(models.Model):
    """A place that goods went through stays what it is (K03)."""

    _name = "stock.location"
    _inherit = ["stock.location", "stock.history.mixin"]

    def write(self, vals):
        changed = self._filter_changing(vals, {"usage"})
        if changed and not self.env.su:
            changed._check_history()
        return super().write(vals)

    def _is_with_customers(self):
        """Tell whether what is here has left to customers, or to another company."""
        self.ensure_one()
        # The host asks the database for the place between companies each time.
        return self.usage == "customer" or (
            self.usage == "transit" and self._is_outgoing()
        )

    def _is_no_stock(self):
        """Tell whether what is here isn't ours any more, or nowhere: with vendors, used
        up, lost."""
        self.ensure_one()
        return self.usage not in ("internal", "transit", "view")

    def _is_stock(self):
        """Tell whether what is here is ours: in stock, or on its way between places."""
        self.ensure_one()
        return self.usage in ("internal", "transit") and not self._is_with_customers()

    def _is_outside(self):
        """Tell whether what is here isn't in our own stock."""
        return self._is_with_customers() or self._is_no_stock()

    def _check_history(self):
        """Refuse another kind of place where finished movements count (K03)."""
        kept = [("move_id", "any", self._domain_kept_moves())]
        places = [
            "|",
            ("location_id", "in", self.ids),
            ("location_dest_id", "in", self.ids),
        ]
        # Movements of every company count; only their companies leave this method.
        line = self.env["stock.move.line"].sudo().search(places + kept, limit=1)
        self._refuse_while_kept(
            line.move_id.company_id,
            self.env._(
                "Stock age counts here (K03, K04): goods have gone through this place,"
                " so it stays what it is. Archive it and use another one."
            ),
        )
