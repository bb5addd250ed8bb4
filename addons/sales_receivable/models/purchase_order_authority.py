from collections import defaultdict

from odoo import api, models
from odoo.fields import Domain
from odoo.tools.misc import formatLang

from ..authority import UNKNOWN

MEASURES = ("procurement_amount", "procurement_for_order")
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
            "order_line.product_id",
            "order_line.discount",
            "order_line.product_qty",
            "order_line.qty_received",
            "order_line.tax_ids",
        ]

    # --- facts and reasons ------------------------------------------------------------

    @api.model
    def _get_authority_measures(self):
        return super()._get_authority_measures() | dict.fromkeys(MEASURES, "A06")

    def _get_procurement_parts(self):
        """Return ``{product and currency: untaxed amount}``, from the lines and never
        from stored totals, for what is ordered or for what has come where that is more.

        A line below nothing lowers no other: a rebate is the bill's matter, and nothing
        says that it will be on it.
        """
        self.ensure_one()
        parts = defaultdict(float)
        for line in self.order_line:
            if not line.display_type:
                name = f"{line.product_id._origin.id} {self.currency_id.name}"
                amounts = map(line._get_amount_for, line._get_billed_quantities())
                parts[name] += max(0.0, *amounts)
        return dict(parts)

    def _get_procurement_amount(self):
        """Return the untaxed amount that is signed for."""
        return sum(self._get_procurement_parts().values())

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
                parts = order._get_procurement_parts()
                amount = sum(parts.values())
                fact = {
                    "rule": "A06",
                    "at": "confirm",
                    # Signed is what is bought, too: no other product, no more of one.
                    "parts": parts,
                    "basis": sorted([k, round(v, 6)] for k, v in parts.items()),
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
