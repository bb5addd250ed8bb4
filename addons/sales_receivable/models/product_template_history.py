from odoo import models

KIND = {"is_storable", "tracking", "type"}


class ProductTemplate(models.Model):
    """A product that has moved stays a product in stock, and its lots count (K03).

    Without lots, the newest receipt of any of them would make what is left of an old
    one young; while it isn't stored, receipts come without the stock they bring.
    """

    _name = "product.template"
    _inherit = ["product.template", "stock.history.mixin"]

    def write(self, vals):
        changed = self._filter_changing(vals, KIND)
        if not {"is_storable", "type"} & vals.keys():
            # To begin with lots is free.
            changed = changed.filtered(lambda template: template.tracking != "none")
        if changed and not self.env.su:
            changed._check_history()
        return super().write(vals)

    def _check_history(self):
        """Refuse another kind of product where finished movements count (K03)."""
        domain = [
            ("product_id.product_tmpl_id", "in", self.ids),
            *self._domain_kept_moves(),
        ]
        # Movements of every company count; only their companies leave this method.
        move = self.env["stock.move"].sudo().search(domain, limit=1)
        self._refuse_while_kept(
            move.company_id,
            self.env._(
                "Stock age counts here (K03, K04): a product that has moved stays in"
                " stock and keeps its lots. Archive it and create another one."
            ),
        )
