from odoo import api, models


class PurchaseOrder(models.Model):
    """What has been received keeps its order and currency (K03)."""

    _name = "purchase.order"
    _inherit = ["purchase.order", "stock.history.mixin"]

    def write(self, vals):
        changed = self._filter_changing(vals, {"currency_id"})
        changed.order_line._check_history()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_history(self):
        # The lines go with the order, in the database.
        self.order_line._check_history()
