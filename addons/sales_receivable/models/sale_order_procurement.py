from odoo import models


class SaleOrder(models.Model):
    """What is bought or produced for an order waits for its contract (A06)."""

    _name = "sale.order"
    _inherit = "sale.order"

    # Purchases name orders in free text, in whichever letters.
    _lower_name_idx = models.Index("(company_id, lower(name))")

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
