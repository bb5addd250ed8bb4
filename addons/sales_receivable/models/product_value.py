from odoo import api, models


class ProductValue(models.Model):
    """What a receipt was worth is accounting's to correct, not the warehouse's (K03)."""

    _name = "product.value"
    _inherit = ["product.value", "stock.history.mixin"]

    @api.model_create_multi
    def create(self, vals_list):
        values = super().create(vals_list)
        values._check_history()
        return values

    def write(self, vals):
        self._check_history()
        result = super().write(vals)
        self._check_history()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_history(self):
        self._check_history()

    def _check_history(self):
        """Let nobody but accounting value finished movements by hand (K03)."""
        if self.move_id and not self.env.user.has_group("account.group_account_user"):
            self._refuse_while_kept(
                self.move_id.filtered(lambda move: move.state == "done").company_id,
                self.env._(
                    "Stock age counts here (K03, K04): accounting corrects what a"
                    " receipt was worth, by the vendor's bill or by hand."
                ),
            )
