from odoo import api, fields, models
from odoo.tools.misc import formatLang


class SaleOrder(models.Model):
    """What a quotation does, in figures that limits are compared with (A02, A03).

    All figures come from price, discount, quantity and taxes of the lines, never from
    stored totals: these can be written by RPC.
    """

    _name = "sale.order"
    _inherit = "sale.order"

    def _get_authority_measures(self):
        return super()._get_authority_measures() | {
            "floor_gap_percent": "A02",
            "discount_percent": "A03",
            "order_amount": "A03",
        }

    def _get_authority_depends(self):
        return [
            *super()._get_authority_depends(),
            "state",
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
            figures = [line for o in orders for line in o._get_net_lines()]
            if "floor_gap_percent" in measures:
                orders._add_floor_facts(facts, figures, company, on)
            if "discount_percent" in measures:
                orders._add_discount_facts(facts, figures)
            if "order_amount" in measures:
                orders._add_amount_facts(facts, figures, company, on)
        return facts

    def _get_net_lines(self):
        """Return the net figures of the order's lines after *every* discount.

        Discount lines (global discounts, rewards, vouchers) are spread over the others
        in proportion to their net amounts. Something that has a price of its own is
        never a discount, however negative its line is. Lines that sell nothing (no quantity, no
        product, as down payments have) and combos, whose price is on their components,
        are left out. What else a line is marked as doesn't matter: marks can be forged.

        :return: list of dicts ``line``, ``position`` (1, 2, …), ``quantity`` (in the
            product's unit), ``net`` (amount without tax in the order's currency) and
            ``share`` (what the negative lines leave of it, 0 to 1)
        """
        self.ensure_one()
        lines = []
        position = 0
        # Walked and not filtered: this keeps the lines of all orders in one prefetch.
        for line in self.order_line:
            if line.display_type:
                continue
            position += 1
            quantity = line.product_uom_qty
            if line.product_id:
                quantity = line.product_uom_id._compute_quantity(
                    quantity, line.product_id.uom_id, round=False
                )
            lines.append(
                {
                    "order": self,
                    "line": line,
                    "position": position,
                    "quantity": quantity,
                    "net": line._get_untaxed_amount(),
                }
            )
        positive = sum(max(figure["net"], 0.0) for figure in lines)
        negative = sum(
            figure["net"] for figure in lines if figure["line"]._is_discount_line()
        )
        share = max(0.0, 1.0 + negative / positive) if positive else 1.0
        kept = [
            figure
            for figure in lines
            if figure["quantity"] > 0.0
            and not figure["line"]._is_discount_line()
            and figure["line"].product_id
            and figure["line"].product_type != "combo"
        ]
        for figure in kept:
            # What is given away below zero isn't made cheaper by a discount, or dearer.
            figure["share"] = share if figure["net"] >= 0.0 else 1.0
            figure["net"] *= figure["share"]
        return kept

    def _add_floor_facts(self, facts, figures, company, on):
        """Add what is below the price floor; all lines of all orders in one query.

        Floors and exchange rates are those of the company's day and not of the order
        date, which can be back-dated and becomes today at confirmation anyway.
        """
        floors = self.env["product.price.floor"]._get_floors(
            company,
            on,
            [
                (
                    figure["line"].product_id.id,
                    figure["line"].product_id.product_tmpl_id.id,
                    figure["quantity"],
                )
                for figure in figures
            ],
        )
        rates = self._get_rates(
            {
                (figure["order"].currency_id, floor.currency_id)
                for figure, floor in zip(figures, floors, strict=True)
                if floor
            },
            company,
            on,
        )
        for figure, floor in zip(figures, floors, strict=True):
            if not floor:
                continue
            order = figure["order"]
            net = figure["net"] / figure["quantity"]
            price = net * rates[order.currency_id, floor.currency_id]
            gap = round((floor.price - price) / floor.price * 100.0, 6)
            if gap <= 0:
                continue
            line = figure["line"]
            facts.setdefault(order.id, []).append(
                {
                    "rule": "A02",
                    "measure": "floor_gap_percent",
                    "value": gap,
                    "key": f"product {line.product_id.id}",
                    "extent": round((floor.price - price) * figure["quantity"], 6),
                    "basis": [
                        order.currency_id.name,
                        round(net, 6),
                        round(figure["quantity"], 6),
                    ],
                    "line_id": line._origin.id,
                    "sentence": self.env._(
                        "line %(position)s “%(product)s”: net %(net)s < floor"
                        " %(floor)s (−%(gap)s %%)",
                        position=figure["position"],
                        product=line.product_id.display_name,
                        **self._format_apart(price, floor.price, floor.currency_id),
                        gap=formatLang(self.env, gap, digits=2),
                    ),
                }
            )

    @api.model
    def _get_rates(self, pairs, company, on):
        """Return ``{(from, to): rate}`` of pairs of currencies on a day."""
        Currency = self.env["res.currency"]
        return {
            pair: Currency._get_conversion_rate(*pair, company, on) for pair in pairs
        }

    def _format_apart(self, net, floor, currency):
        """Format two prices with as many digits as it takes to tell them apart."""
        for digits in range(currency.decimal_places, 7):
            texts = [
                formatLang(self.env, price, digits=digits) for price in (net, floor)
            ]
            if texts[0] != texts[1]:
                break
        return {"net": texts[0], "floor": f"{texts[1]} {currency.name}"}

    def _add_discount_facts(self, facts, figures):
        """Add how far the lines are below the price list, whatever way (A03).

        Line discounts, prices typed by hand and global discounts count alike; what the
        price list itself grants does not.
        """
        now = fields.Datetime.now()
        rules = {
            pricelist: pricelist._get_applicable_rules(
                orders.order_line.product_id, now
            )
            for pricelist, orders in self.grouped("pricelist_id").items()
        }
        for figure in figures:
            line, order = figure["line"], figure["order"]
            if line.combo_item_id:
                continue  # the price list has no price for a part of a combo
            listed = line._get_listed_price(rules[order.pricelist_id], now)
            if listed <= 0:
                continue
            price = line.price_unit * (1 - line.discount / 100.0) * figure["share"]
            value = round((1 - price / listed) * 100.0, 6)
            if value <= 0:
                continue
            facts.setdefault(order.id, []).append(
                {
                    "rule": "A03",
                    "measure": "discount_percent",
                    "value": value,
                    "key": f"product {line.product_id.id}",
                    "extent": round((listed - price) * line.product_uom_qty, 6),
                    "basis": [
                        order.currency_id.name,
                        round(price, 6),
                        round(figure["quantity"], 6),
                    ],
                    "line_id": line._origin.id,
                    "sentence": self.env._(
                        "line %(position)s “%(product)s”: %(value)s %% below the price"
                        " list (%(net)s instead of %(listed)s)",
                        position=figure["position"],
                        product=line.product_id.display_name,
                        value=formatLang(self.env, value, digits=2),
                        net=formatLang(self.env, price, digits=2),
                        listed=formatLang(self.env, listed, digits=2),
                    ),
                }
            )

    def _add_amount_facts(self, facts, figures, company, on):
        """Add the untaxed amount of the orders in company currency (A03)."""
        amounts = dict.fromkeys(self, 0.0)
        for figure in figures:
            amounts[figure["order"]] += figure["net"]
        rates = self._get_rates(
            {(order.currency_id, company.currency_id) for order in self}, company, on
        )
        for order, amount in amounts.items():
            value = amount * rates[order.currency_id, company.currency_id]
            facts.setdefault(order.id, []).append(
                {
                    "rule": "A03",
                    "measure": "order_amount",
                    "value": round(value, 6),
                    "basis": [order.currency_id.name, round(amount, 6)],
                    "sentence": self.env._(
                        "order amount %(amount)s %(currency)s, untaxed",
                        amount=formatLang(self.env, value, digits=2),
                        currency=company.currency_id.name,
                    ),
                }
            )
