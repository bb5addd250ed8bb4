from collections import defaultdict

from odoo import api, fields, models
from odoo.tools.misc import formatLang

from ..authority import UNKNOWN

MEASURES = {
    "floor_gap_percent": "A02",
    "discount_percent": "A03",
    "order_amount": "A03",
}
# How a figure moves when all prices are multiplied.
SCALES = {
    "floor_gap_percent": lambda value, left: 100 - (100 - value) * left,
    "discount_percent": lambda value, left: 100 - (100 - value) * left,
    "order_amount": lambda value, left: value * left,
}


class SaleOrder(models.Model):
    """What a quotation does, in figures that limits are compared with (A02, A03).

    All figures come from price, discount, quantity and taxes of the lines, never from
    stored totals: these can be written by RPC.
    """

    _name = "sale.order"
    _inherit = "sale.order"

    def _get_authority_measures(self):
        return super()._get_authority_measures() | MEASURES

    def _get_authority_depends(self):
        return [
            *super()._get_authority_depends(),
            "state",
            "partner_id",
            "partner_invoice_id",
            "user_id",
            "team_id",
            "currency_id",
            "pricelist_id",
            "order_line.product_id",
            "order_line.product_uom_qty",
            "order_line.product_uom_id",
            "order_line.price_unit",
            "order_line.discount",
            "order_line.tax_ids",
        ]

    def _get_authority_facts(self):
        facts = super()._get_authority_facts()
        Rule = self.env["authority.rule"]
        for company, orders in self.grouped("company_id").items():
            on = company._get_business_date()
            measures = Rule._get_controlled_measures(company.id, self._name, on)
            measures &= MEASURES.keys()
            rates = self._get_rates(
                {(order.currency_id, company.currency_id) for order in orders},
                company,
                on,
            )
            known = orders.filtered(
                lambda order, rates=rates, own=company.currency_id: (
                    rates[order.currency_id, own] is not None
                )
            )
            for order in orders - known:
                for rule in {MEASURES[measure] for measure in measures}:
                    self._add_unknown_fact(
                        facts, order, rule, order.currency_id, company.currency_id
                    )
            figures = [line for order in known for line in order._get_net_lines()]
            if "floor_gap_percent" in measures:
                known._add_floor_facts(facts, figures, company, on)
            if "discount_percent" in measures:
                known._add_discount_facts(facts, figures)
            if "order_amount" in measures:
                known._add_amount_facts(facts, company, rates)
        return facts

    def _get_customers(self):
        return super()._get_customers() | self.partner_invoice_id

    def _get_document_lines(self):
        self.ensure_one()
        # Walked and not filtered: this keeps the lines of all orders in one prefetch.
        return [line for line in self.order_line if not line.display_type]

    def _get_price_lists(self):
        """Return the order's price list and the customer's own: choosing another one is
        no way to a discount. A list without any price list stands for none."""
        self.ensure_one()
        customer = self.partner_id.with_company(self.company_id)
        own = customer.property_product_pricelist
        return list({self.pricelist_id, own} if own else {self.pricelist_id})

    def _add_discount_facts(self, facts, figures):
        """Add how far the lines are below the price list, whatever way (A03).

        Line discounts, prices typed by hand and global discounts count alike; what the
        price list itself grants does not, nor what a special-price reason does (A18).
        """
        now = fields.Datetime.now()
        lists = {order: order._get_price_lists() for order in self}
        products = defaultdict(self.env["product.product"].browse)
        for order, pricelists in lists.items():
            for pricelist in pricelists:
                products[pricelist] |= order.order_line.product_id
        rules = {
            pricelist: pricelist._get_applicable_rules(products[pricelist], now)
            for pricelist in products
        }
        granted = self._get_granted_discounts()
        for figure in figures:
            line, order = figure["line"], figure["document"]
            # Lists with the same rules, or none, ask for the same price.
            listed = line._get_untaxed_list_price(
                max(
                    line._get_listed_price(own, now)
                    for own in {rules[pricelist] for pricelist in lists[order]}
                )
            )
            if listed <= 0:
                continue
            # Net, as the list's: a tax that the price includes is no discount, and
            # including another one is.
            price = figure["net"] / line._get_line_quantity()
            grant = granted.get(order, 0.0)
            value = round((1 - price / listed) * 100.0 - grant, 6)
            if value <= 0:
                continue
            least = listed * (1 - grant / 100.0)
            self._add_authority_fact(
                facts,
                order,
                {
                    "rule": "A03",
                    "measure": "discount_percent",
                    "value": value,
                    "key": f"product {line.product_id.id}",
                    "extent": round((least - price) * line._get_line_quantity(), 6),
                    "basis": [
                        order.currency_id.name,
                        # Per unit of the product: a pack at the price of a piece is
                        # another price.
                        round(figure["net"] / figure["quantity"], 6),
                        round(figure["quantity"], 6),
                        # Whoever approved what goes beyond a reason relied on it.
                        *([grant] if grant else []),
                    ],
                    "line_id": line._origin.id,
                    "figures": {
                        "position": figure["position"],
                        "product": line.product_id.display_name,
                        "price": price,
                        "listed": listed,
                        "currency": order.currency_id.name,
                        **({"grant": grant} if grant else {}),
                    },
                },
            )

    def _add_amount_facts(self, facts, company, rates):
        """Add the untaxed amount of the orders in company currency (A03): of all lines,
        whether they have a product or not, with what is negative taken off."""
        for order in self:
            lines = order._get_document_lines()
            amount = max(0.0, sum(line._get_untaxed_amount() for line in lines))
            value = amount * rates[order.currency_id, company.currency_id]
            self._add_authority_fact(
                facts,
                order,
                {
                    "rule": "A03",
                    "measure": "order_amount",
                    "value": round(value, 6),
                    "basis": [order.currency_id.name, round(amount, 6)],
                    "figures": {
                        "amount": amount,
                        "currency": order.currency_id.name,
                        "company_currency": company.currency_id.name,
                    },
                },
            )

    @api.model
    def _scale_authority_fact(self, fact, left):
        """Return the value of a fact if all prices were ``left`` times what they are;
        ``None`` if that doesn't follow from the fact."""
        if fact["value"] == UNKNOWN:
            return UNKNOWN
        if fact["measure"] not in SCALES:
            return None
        # What a reason grants stays the same at any price.
        grant = (fact.get("figures") or {}).get("grant", 0.0)
        scaled = SCALES[fact["measure"]](fact["value"] + grant, left) - grant
        # Facts are rounded to six digits, and scaled up to a hundredfold.
        return round(scaled, 3)

    @api.model
    def _describe_authority_fact(self, fact):
        figures = fact.get("figures") or {}
        if fact["measure"] == "discount_percent" and "listed" in figures:
            if "grant" in figures:
                return self.env._(
                    "line %(position)s “%(product)s”: %(value)s %% below the price list"
                    " (%(net)s instead of %(listed)s) beyond the %(grant)s %% that the"
                    " special-price reason allows",
                    position=figures["position"],
                    product=figures["product"],
                    value=formatLang(self.env, fact["value"], digits=2),
                    grant=formatLang(self.env, figures["grant"], digits=2),
                    net=self._format_named(figures["price"], figures["currency"]),
                    listed=self._format_named(figures["listed"], figures["currency"]),
                )
            return self.env._(
                "line %(position)s “%(product)s”: %(value)s %% below the price list"
                " (%(net)s instead of %(listed)s)",
                position=figures["position"],
                product=figures["product"],
                value=formatLang(self.env, fact["value"], digits=2),
                net=self._format_named(figures["price"], figures["currency"]),
                listed=self._format_named(figures["listed"], figures["currency"]),
            )
        if fact["measure"] == "order_amount" and "amount" in figures:
            text = self._format_named(fact["value"], figures["company_currency"])
            if figures["currency"] != figures["company_currency"]:
                own = self._format_named(figures["amount"], figures["currency"])
                text = f"{own} = {text}"
            return self.env._("order amount %(amount)s, untaxed", amount=text)
        return super()._describe_authority_fact(fact)

    @api.model
    def _format_named(self, amount, currency_name):
        return f"{formatLang(self.env, amount, digits=2)} {currency_name}"
