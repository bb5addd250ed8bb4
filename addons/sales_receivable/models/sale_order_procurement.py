from odoo import models
from odoo.fields import Domain


class SaleOrder(models.Model):
    """What is bought or produced for an order waits for its contract (A06)."""

    _name = "sale.order"
    _inherit = "sale.order"

    # Purchases name orders in free text, in whichever letters.
    _lower_name_idx = models.Index("(company_id, lower(name))")

    def write(self, vals):
        if {"company_id", "name"}.isdisjoint(vals):
            return super().write(vals)
        with self._find_naming_purchases()._keep_customer_orders():
            return super().write(vals)

    def _find_naming_purchases(self):
        """Return the purchases that may name these orders by their numbers, as which they
        are found (A06)."""
        # Who sells need not read purchases; only whether they name the order is asked.
        purchases = self.env["purchase.order"].sudo()
        companies = self.env["business.rule.mode"]._get_blocking_companies("A06")
        orders = self.sudo().filtered(lambda order: order.company_id in companies)
        if not orders:
            return purchases
        return purchases.search(
            Domain("company_id", "in", orders.company_id.ids)
            & Domain("origin", "!=", False)
            & (
                Domain("state", "in", ("draft", "sent", "to approve"))
                | Domain.OR(Domain("origin", "ilike", o.name) for o in orders)
            )
        )

    def _get_procurement_reasons(self):
        """Return per order what stands against buying or producing for it (A06).

        :return: ``{order.id: [reason]}`` as of ``_get_own_reasons``
        """
        reasons = {order.id: [] for order in self}
        for order_id, missing in (
            self._filter_needing_contract()._describe_missing_contracts().items()
        ):
            order = self.browse(order_id)
            reasons[order_id] = [
                {
                    "rule": "A06",
                    "key": f"order {order_id}",
                    "sentence": self.env._(
                        "%(order)s: %(sentence)s",
                        order=order.name,
                        sentence=reason["sentence"],
                    ),
                    "release": reason["release"],
                }
                for reason in missing
            ]
        return reasons
