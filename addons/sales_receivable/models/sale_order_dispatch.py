from odoo import api, fields, models

from ..guard import as_server


class SaleOrder(models.Model):
    """Money that has to be there before the goods of an order leave (A11)."""

    _name = "sale.order"
    _inherit = "sale.order"

    agreed_instalment = fields.Json(
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="What terms and channel asked for before dispatch when it was confirmed.",
    )

    @api.model
    def _get_server_fields(self):
        return super()._get_server_fields() | {"agreed_instalment"}

    def _freeze_agreed(self):
        result = super()._freeze_agreed()
        self._freeze_instalment()
        return result

    def _freeze_instalment(self):
        """Keep what is agreed: terms, customer or channel changed for a moment, while
        goods leave, or the conditions of the terms themselves ask for no less (A11)."""
        for order in self:
            recipient = order.partner_shipping_id.with_company(order.company_id)
            channels = order._get_channels() | recipient.sales_channel_id
            asked = order._get_asked_terms()
            if any(channels.mapped("is_prepaid")):
                asked["percent"] = 100.0
            asked["currency"] = order.currency_id.id
            asked["goods"] = order._get_agreed_goods()
            as_server(order).agreed_instalment = asked

    def _get_agreed_goods(self):
        """Return ``[[product id, quantity in its unit, amount with tax]]`` of the lines."""
        self.ensure_one()
        return [
            [
                product.id,
                sum(line._get_ordered_quantity() for line in lines),
                sum(lines.mapped("price_total")),
            ]
            for product, lines in self.order_line.grouped("product_id").items()
            if product
        ]

    def _get_agreed_total(self):
        """Return what was agreed for what is still ordered of it: prices lowered since, or
        lines that take off, make it no less; what is cancelled does (A11).

        :return: amount with tax, in the order's currency
        """
        self.ensure_one()
        ordered = {
            product.id: sum(line._get_ordered_quantity() for line in lines)
            for product, lines in self.order_line.grouped("product_id").items()
        }
        agreed = self.agreed_instalment
        total = 0.0
        for product_id, quantity, amount in agreed.get("goods", ()):
            kept = 1.0
            if quantity > 0 and amount > 0:
                kept = min(max(ordered.get(product_id, 0.0), 0.0) / quantity, 1.0)
            total += amount * kept
        currency = self.currency_id.browse(agreed.get("currency")) or self.currency_id
        return currency._convert(
            total,
            self.currency_id,
            self.company_id,
            self.confirmed_at or self.date_order,
        )

    def _get_asked_terms(self):
        """Return what the payment terms ask for before dispatch (A11).

        That is what falls due with the signing (A10), and at once. An order without
        terms goes by its customer's. Where all is due at once, but the settlement gives
        days to pay, it is a credit, which has its own limits (A04).

        :return: ``{"percent": of the total with tax, "fixed": amount in the order's
            currency}``
        """
        self.ensure_one()
        customer = self.partner_id.with_company(self.company_id)
        terms = self.payment_term_id or customer.property_payment_term_id
        at_once = terms.line_ids.filtered(
            lambda line: (
                line.delay_type == "days_after"
                and not (line.event or line.nb_days or line.event_months)
            )
        )
        if at_once == terms.line_ids and self.settlement_method_id.credit_days > 0:
            at_once = at_once.browse()
        asked = {"percent": 0.0, "fixed": 0.0}
        for line in terms.line_ids:
            if line in at_once or line.event == "signing":
                asked[line.value] += line.value_amount
        return asked

    def _get_first_instalment(self, is_prepaid=False):
        """Return what has to be there before dispatch (A11): what the terms ask for, or
        asked for when the order was confirmed, where that is more.

        :param is_prepaid: all the money has to be there
        :return: amount with tax, in the order's currency
        """
        self.ensure_one()
        terms = [self._get_asked_terms()]
        total = self.amount_total
        if self.state == "sale" and self.agreed_instalment:
            terms.append(self.agreed_instalment)
            total = max(total, self._get_agreed_total())
        if is_prepaid:
            return total
        return max(
            min(total * asked["percent"] / 100.0 + asked["fixed"], total)
            for asked in terms
        )

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
            order.id: order._get_first_instalment(bool(prepaid and order in prepaid))
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
