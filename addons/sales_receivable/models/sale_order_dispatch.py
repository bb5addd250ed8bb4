from odoo import models


class SaleOrder(models.Model):
    """Money that has to be there before the goods of an order leave (A11)."""

    _name = "sale.order"
    _inherit = "sale.order"

    def _get_first_instalment(self):
        """Return what the payment terms ask for before dispatch (A11).

        That is what falls due with the signing (A10) and, of terms with several
        instalments, what is due at once. Terms without instalments ask for nothing.

        :return: amount with tax, in the order's currency
        """
        self.ensure_one()
        lines = self.payment_term_id.line_ids
        asked = 0.0
        for line in lines:
            at_once = len(lines) > 1 and not (line.event or line.nb_days)
            if line.event == "signing" or (at_once and line.delay_type == "days_after"):
                asked += (
                    line.value_amount
                    if line.value == "fixed"
                    else self.amount_total * line.value_amount / 100.0
                )
        return min(asked, self.amount_total)

    def _get_missing_first_instalment(self):
        """Return ``{order.id: amount}``: how much of the first instalment hasn't been
        collected yet, in the order's currency; 0 where the terms ask for none (A11)."""
        return {
            order_id: missing
            for order_id, (missing, __) in self._get_missing_before_dispatch().items()
        }

    def _get_missing_before_dispatch(self, prepaid=None):
        """Return ``{order.id: (missing, asked)}`` of the money that has to be there
        before dispatch, in the order's currency (A11).

        :param prepaid: the orders of which all the money has to be there
        """
        asked = {
            order.id: order.amount_total
            if prepaid and order in prepaid
            else order._get_first_instalment()
            for order in self
        }
        collected = self.filtered(lambda order: asked[order.id])._get_collected_share()
        return {
            order.id: (
                max(
                    order.currency_id.round(
                        asked[order.id] - collected.get(order.id, {}).get("amount", 0.0)
                    ),
                    0.0,
                ),
                asked[order.id],
            )
            for order in self
        }
