from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools.misc import formatLang

from ..authority import UNKNOWN

MEASURES = ("procurement_amount", "procurement_for_order")
# Who may read orders of customers in the host.
READERS = (
    "sales_team.group_sale_salesman,stock.group_stock_user,"
    "account.group_account_invoice,account.group_account_readonly"
)
PASSED = ("purchase", "done")
FACT_FIELDS = {
    "company_id",
    "currency_id",
    "customer_order_ids",
    "order_line",
    "origin",
    "partner_id",
    "reference_ids",
    "user_id",
}


class PurchaseOrder(models.Model):
    """Procurement is signed by the level that the matrix names, and what is bought for a
    customer's order waits for the contract that the order needs (A06).

    Requests for quotation are free, and so is what the scheduler drafts: the gate stands
    before the confirmation, whoever takes it.
    """

    _name = "purchase.order"
    _inherit = ["purchase.order", "authority.mixin"]
    _guards_readonly = False

    customer_order_ids = fields.Many2many(
        "sale.order",
        "purchase_order_customer_order_rel",
        "purchase_id",
        "order_id",
        string="For Orders",
        check_company=True,
        domain="[('state', '!=', 'cancel')]",
        groups=READERS,
        help="Customers' orders for which this is bought, besides those that the system"
        " knows of; who can't read orders names them as the source document.",
    )

    def _find_customer_orders(self):
        """Return ``{purchase: customers' orders behind it}``: named by the purchaser, in
        the field or as the source document, or from which the host drafted it."""
        # Purchasers need not read orders; what is said of them is their number.
        named = self.env["sale.order"].sudo()
        named = named.search(
            Domain("name", "in", [n for own in self for n in own._get_origins()])
            & Domain("company_id", "in", self.company_id.ids)
        ).grouped(lambda order: (order.company_id, order.name))
        found = {}
        for purchase in self:
            own = purchase.sudo()
            orders = (
                own.customer_order_ids
                | own.reference_ids.sale_ids
                | own.order_line.move_dest_ids.sale_line_id.order_id
            )
            # The host's services and dropshipping, where they are installed.
            if "sale_line_id" in own.order_line._fields:
                orders |= own.order_line.sale_line_id.order_id
            for name in own._get_origins():
                orders |= named.get((own.company_id, name), orders.browse())
            found[purchase] = orders.filtered(lambda order: order.state != "cancel")
        return found

    def _get_origins(self):
        self.ensure_one()
        return [name.strip() for name in (self.origin or "").split(",") if name.strip()]

    # --- the document -----------------------------------------------------------------

    def _get_authority_people(self):
        return super()._get_authority_people() | self.user_id

    def _get_authority_party(self):
        return [self.partner_id.commercial_partner_id.id]

    def _is_authority_settled(self):
        return self.state in PASSED

    def _filter_authority_gated(self, action):
        orders = super()._filter_authority_gated(action)
        if action == "confirm":
            return orders
        return orders.filtered(lambda order: order.state not in (*PASSED, "cancel"))

    @api.model
    def _domain_authority_candidates(self):
        return super()._domain_authority_candidates() & Domain(
            "state", "not in", (*PASSED, "cancel")
        )

    def _get_authority_summary(self):
        return super()._get_authority_summary() | {
            order.id: {
                "partner": order.partner_id,
                "currency": order.currency_id,
                "amount": order._get_procurement_amount(),
                "cost": None,
            }
            for order in self
        }

    @api.model
    def _get_authority_depends(self):
        return [
            *super()._get_authority_depends(),
            "state",
            "partner_id",
            "user_id",
            "currency_id",
            "customer_order_ids",
            "origin",
            "order_line.price_unit",
            "order_line.discount",
            "order_line.product_qty",
            "order_line.tax_ids",
        ]

    # --- facts and reasons ------------------------------------------------------------

    @api.model
    def _get_authority_measures(self):
        return super()._get_authority_measures() | dict.fromkeys(MEASURES, "A06")

    def _get_procurement_amount(self):
        """Return the untaxed amount, from the lines and never from stored totals."""
        self.ensure_one()
        return sum(
            line.tax_ids.compute_all(
                line.price_unit * (1 - line.discount / 100.0),
                currency=self.currency_id,
                quantity=line.product_qty,
                product=line.product_id,
                partner=self.partner_id,
            )["total_excluded"]
            for line in self.order_line
            if not line.display_type
        )

    def _get_authority_facts(self):
        """Add the amount, in company currency, and every customer's order behind it, in
        figures of 1; the signature is for this amount."""
        facts = super()._get_authority_facts()
        for company, orders in self.grouped("company_id").items():
            own = company.currency_id
            rates = self.env["sale.order"]._get_rates(
                {(order.currency_id, own) for order in orders},
                company,
                company._get_business_date(),
            )
            customer_orders = orders._find_customer_orders()
            for order in orders:
                rate = rates[order.currency_id, own]
                amount = order._get_procurement_amount()
                fact = {
                    "rule": "A06",
                    "at": "confirm",
                    "basis": [order.currency_id.name, round(amount, 6)],
                }
                self._add_authority_fact(
                    facts,
                    order,
                    fact
                    | {
                        "measure": "procurement_amount",
                        "value": UNKNOWN
                        if rate is None and amount
                        else round(amount * (rate or 0.0), 6),
                        "figures": {
                            "amount": amount,
                            "currency": order.currency_id.name,
                            "known": rate is not None,
                        },
                    },
                )
                for customer_order in customer_orders[order].sorted("id"):
                    self._add_authority_fact(
                        facts,
                        order,
                        fact
                        | {
                            "measure": "procurement_for_order",
                            "value": 1,
                            "key": f"order {customer_order.id}",
                            "extent": round(amount * (rate or 1.0), 6),
                            "figures": {
                                "order": customer_order.name,
                                "partner": customer_order.partner_id.display_name,
                            },
                        },
                    )
        return facts

    @api.model
    def _describe_authority_fact(self, fact):
        figures = fact.get("figures")
        if fact["measure"] == "procurement_for_order" and figures:
            return self.env._(
                "procurement for %(order)s of %(partner)s",
                order=figures["order"],
                partner=figures["partner"],
            )
        if fact["measure"] == "procurement_amount" and figures:
            amount = f"{formatLang(self.env, figures['amount'], digits=2)}"
            amount = f"{amount} {figures['currency']}"
            if not figures["known"]:
                return self.env._(
                    "%s: no exchange rate; it can't be compared until accounting enters"
                    " one",
                    amount,
                )
            return self.env._("procurement of %s, untaxed", amount)
        return super()._describe_authority_fact(fact)

    @api.model
    def _get_reason_rules(self):
        return super()._get_reason_rules() | {"A06"}

    def _get_own_reasons(self):
        reasons = super()._get_own_reasons()
        orders = self._find_customer_orders()
        missing = (
            self.env["sale.order"].union(*orders.values())._get_procurement_reasons()
        )
        for purchase, own in orders.items():
            reasons.setdefault(purchase.id, []).extend(
                reason | {"at": "confirm"}
                for order in own
                for reason in missing[order.id]
            )
        return reasons

    # --- gates ------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        orders = super().create(vals_list)
        orders.filtered(lambda order: order.state in PASSED)._check_authority("confirm")
        return orders

    def write(self, vals):
        passing = self.browse()
        if vals.get("state") in PASSED:
            passing = self.filtered(lambda order: order.state not in PASSED)
        touches = not FACT_FIELDS.isdisjoint(vals)
        watched = self - passing if touches else self.browse()
        with watched._watch_authority(vals.get("company_id")):
            result = super().write(vals)
        # After the write: the same call may bring lines along.
        passing._check_authority("confirm")
        return result

    def _confirmation_error_message(self):
        return super()._confirmation_error_message() or self._get_authority_errors(
            action="confirm"
        ).get(self.id, False)

    def button_cancel(self):
        result = super().button_cancel()
        self._withdraw_authority()
        return result

    def action_merge(self):
        """Merge as the host does; what is merged is for the orders of all of them."""
        groups = self.grouped(
            lambda purchase: repr(purchase._prepare_grouped_data(purchase))
        )
        for purchases in groups.values():
            # Whoever merges need not read the orders.
            orders = purchases.sudo().customer_order_ids
            if orders and len(purchases) > 1:
                purchases.sudo().customer_order_ids |= orders
        return super().action_merge()
