from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ..guard import as_server


class SaleOrder(models.Model):
    """A special price for a reason: the customer buys again, or was let wait (A18).

    As long as its condition holds, checked whenever the order is judged, the reason's
    share of the discount isn't counted by A03. It never touches the price floor (A02).
    An order has one reason; a late delivery makes up for one order.
    """

    _name = "sale.order"
    _inherit = "sale.order"

    price_reason_id = fields.Many2one(
        "sale.price.reason",
        string="Special-Price Reason",
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        tracking=True,
        groups="base.group_user",
    )
    price_reason_condition = fields.Selection(
        related="price_reason_id.condition", groups="base.group_user"
    )
    price_reason_order_id = fields.Many2one(
        "sale.order",
        string="Delivered Late",
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        tracking=True,
        groups="base.group_user",
        help="The order whose late delivery this price makes up for.",
    )
    promised_at = fields.Datetime(
        string="Delivery Promised For",
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="The delivery date of the order when it was confirmed.",
    )

    _price_reason_order_uniq = models.UniqueIndex(
        "(price_reason_order_id) WHERE price_reason_order_id IS NOT NULL",
        "A late delivery is made up for once.",
    )

    @api.model
    def _get_server_fields(self):
        return super()._get_server_fields() | {"promised_at"}

    @api.model
    def _get_fact_fields(self):
        return super()._get_fact_fields() | {
            "price_reason_id",
            "price_reason_order_id",
        }

    def _get_authority_depends(self):
        return [
            *super()._get_authority_depends(),
            "price_reason_id",
            "price_reason_order_id",
        ]

    @api.constrains("price_reason_id", "price_reason_order_id")
    def _check_price_reason(self):
        for order in self:
            if order.price_reason_order_id == order:
                raise ValidationError(
                    self.env._("An order doesn't make up for itself.")
                )

    @api.onchange("price_reason_id")
    def _onchange_price_reason_id(self):
        if self.price_reason_condition != "late":
            self.price_reason_order_id = False

    # --- the promise ------------------------------------------------------------------

    def _freeze_agreed(self):
        result = super()._freeze_agreed()
        self._freeze_promise()
        return result

    def _freeze_promise(self):
        """Keep when delivery was promised: the date can be edited later. What is past
        already when an order is confirmed was promised to nobody."""
        now = fields.Datetime.now()
        promised = self.filtered(lambda o: o.commitment_date or o.sudo().promised_at)
        for order in promised:
            date = order.commitment_date
            as_server(order).promised_at = date and max(date, now)

    def _action_cancel(self):
        """Let go of the late delivery, unless goods have left at that price."""
        # Who cancels need not read what has moved.
        free = self.sudo().filtered(
            lambda order: (
                order.price_reason_order_id and not order._get_customer_moves()
            )
        )
        result = super()._action_cancel()
        free.price_reason_order_id = False
        return result

    def _get_customer_moves(self):
        """Return the finished movements that brought goods of these orders to
        customers."""
        return self.order_line.move_ids.filtered(
            lambda move: move.state == "done" and move._is_delivery()
        )

    # --- conditions -------------------------------------------------------------------

    def _get_price_reasons(self):
        """Return why the reasons of these orders don't hold; set-based (A18).

        :return: ``{order: sentence}``, empty where the reason holds; of orders with a
            reason
        """
        given = self.filtered("price_reason_id")
        bought = given._get_repeat_customers()
        result = {}
        for order in given:
            reason = order.price_reason_id
            company = order.company_id or self.env.company
            if not reason._is_in_force(company._get_business_date()):
                why = self.env._("not in force today")
            elif reason.condition == "repeat":
                customer = order.partner_id.commercial_partner_id
                others = bought.get((customer, company), set()) - {order._origin.id}
                why = (
                    "" if others else self.env._("the customer has bought nothing yet")
                )
            else:
                why = order._get_why_not_late()
            result[order] = why and self.env._(
                "%(reason)s: %(why)s", reason=reason.name, why=why
            )
        return result

    def _get_repeat_customers(self):
        """Return up to two orders by which the customers of these have bought before:
        confirmed, not cancelled, and delivered or, without goods, invoiced.

        :return: ``{(commercial partner, company): set of ids}``
        """
        repeated = self.filtered(lambda o: o.price_reason_id.condition == "repeat")
        result = {}
        if not repeated:
            return result
        delivered = Domain(
            "order_line.move_ids",
            "any",
            [
                ("state", "=", "done"),
                ("location_dest_id.usage", "=", "customer"),
                ("location_id.usage", "!=", "customer"),
            ],
        )
        invoiced = Domain(
            "order_line.invoice_lines",
            "any",
            [("parent_state", "=", "posted"), ("move_type", "=", "out_invoice")],
        ) & ~Domain("order_line.move_ids", "!=", False)
        customers = repeated.partner_id.commercial_partner_id
        for partner, company, first, last in self._read_group(
            Domain("state", "=", "sale")
            & Domain("partner_id", "child_of", customers.ids)
            & Domain("company_id", "in", repeated.company_id.ids)
            & (delivered | invoiced),
            ["partner_id", "company_id"],
            ["id:min", "id:max"],
        ):
            key = partner.commercial_partner_id, company
            result.setdefault(key, set()).update((first, last))
        return result

    def _get_why_not_late(self):
        """Say why the order named as late isn't: empty if it is."""
        self.ensure_one()
        late = self.price_reason_order_id
        customer = self.partner_id.commercial_partner_id
        if not late:
            return self.env._("say which order was delivered late")
        if (
            late.state != "sale"
            or late.partner_id.commercial_partner_id != customer
            or late.company_id != self.company_id
        ):
            return self.env._("%s isn't a confirmed order of the customer", late.name)
        if not late._is_delivered_late():
            return self.env._("%s was not delivered late", late.name)
        return ""

    def _is_delivered_late(self):
        """Tell whether goods left, or still wait, after the day promised when the order
        was confirmed. Days are the company's."""
        self.ensure_one()
        if not self.promised_at:
            return False
        promised = self.order_line.move_ids.filtered(self._is_promised)
        moments = promised.filtered(lambda move: move.state == "done").mapped("date")
        if any(move.state not in ("done", "cancel") for move in promised):
            moments.append(fields.Datetime.now())
        day = self.company_id._get_business_date
        return bool(moments) and day(max(moments)) > day(self.promised_at)

    def _is_promised(self, move):
        """Tell whether a movement delivers what was promised with the confirmation: what
        was put to a line afterwards wasn't."""
        raised_at, since = move.sale_line_id.raised_at, self.confirmed_at
        is_later = since and raised_at and raised_at > since
        made_at = move.create_date.replace(microsecond=0)
        return move._is_delivery() and not (is_later and made_at > since)

    # --- effect -----------------------------------------------------------------------

    def _filter_price_ruled(self):
        Mode = self.env["business.rule.mode"]
        return self.filtered(
            lambda order: (
                order.price_reason_id
                and Mode._get_mode(
                    "A18",
                    order.company_id or self.env.company,
                    order._origin._get_authority_date() if order._origin else None,
                )
                != "off"
            )
        )

    def _get_granted_discounts(self):
        """Return ``{order: percent}`` that reasons which hold justify, where the rule is
        in force (A18)."""
        reasons = self._filter_price_ruled()._get_price_reasons()
        return {
            order: order.price_reason_id.limit_percent
            for order, why_not in reasons.items()
            if not why_not
        }

    @api.model
    def _get_reason_rules(self):
        return super()._get_reason_rules() | {"A18"}

    def _get_own_reasons(self):
        reasons = super()._get_own_reasons()
        for order, why_not in self._get_price_reasons().items():
            if why_not:
                reasons.setdefault(order.id, []).append(
                    {
                        "rule": "A18",
                        "key": f"reason {order.price_reason_id.id}"
                        f" {order.price_reason_order_id.id}",
                        "sentence": why_not,
                        "release": self.env._("who takes the reason away"),
                    }
                )
        return reasons
