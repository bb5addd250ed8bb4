from odoo import api, models
from odoo.fields import Domain
from odoo.tools.misc import formatLang

from ..authority import UNKNOWN


class AuthorityPriced(models.AbstractModel):
    """A document with prices: compared with the price floors (A02).

    Its lines are ``authority.priced.line``; it has a ``currency_id``.
    """

    _name = "authority.priced"
    _description = "Document Measured by Its Prices"
    _inherit = ["authority.mixin"]

    def _get_authority_party(self):
        return sorted(self._get_customers().commercial_partner_id.ids)

    def _get_customers(self):
        """Return the partners the document sells to."""
        self.ensure_one()
        return self.partner_id

    def _get_document_lines(self):
        """Return the list of the lines with a price, in their order."""
        raise NotImplementedError

    def _get_measured_lines(self):
        """Return ``[(position on the document from 1, line), …]`` of what is measured."""
        return list(enumerate(self._get_document_lines(), start=1))

    def _get_authority_summary(self):
        summary = super()._get_authority_summary()
        for company, documents in self.grouped("company_id").items():
            currency = company.currency_id
            rates = self._get_rates(
                {(currency, document.currency_id) for document in documents},
                company,
                company._get_business_date(),
            )
            for document in documents:
                lines = document._get_document_lines()
                rate = rates[currency, document.currency_id]
                cost = sum(
                    line._get_priced_quantity()
                    * line.product_id.with_company(company).standard_price
                    for line in lines
                )
                summary[document.id] = {
                    "partner": document.partner_id,
                    "currency": document.currency_id,
                    "amount": sum(line._get_untaxed_amount() for line in lines),
                    "cost": None if rate is None else cost * rate,
                }
        return summary

    def _get_net_lines(self):
        """Return the net figures of the document's lines after *every* discount.

        Negative lines (global discounts, rewards, vouchers, returns) are spread over the
        others in proportion to their net amounts, whatever their product: any product
        can serve as a discount. What has a price of its own and is given away below zero
        is measured by itself, too. Lines that sell nothing (no quantity, no product, as
        down payments have) and combos, whose price is on their components, are left
        out. What else a line is marked as doesn't matter: marks can be forged.

        :return: list of dicts ``document``, ``line``, ``position`` (1, 2, …),
            ``quantity`` (in the product's unit), ``net`` (amount without tax in the
            document's currency) and ``share`` (what the negative lines leave of it, 0
            to 1)
        """
        self.ensure_one()
        lines = [
            {
                "document": self,
                "line": line,
                "position": position,
                "quantity": line._get_priced_quantity(),
                "net": line._get_untaxed_amount(),
            }
            for position, line in self._get_measured_lines()
        ]
        positive = sum(max(figure["net"], 0.0) for figure in lines)
        negative = sum(min(figure["net"], 0.0) for figure in lines)
        share = max(0.0, 1.0 + negative / positive) if positive else 1.0
        kept = [
            figure
            for figure in lines
            if figure["quantity"] > 0.0
            and figure["line"].product_id
            and figure["line"].product_id.type != "combo"
            and (figure["net"] >= 0.0 or figure["line"]._has_own_price())
        ]
        for figure in kept:
            # What is given away below zero isn't made cheaper by a discount, or dearer.
            figure["share"] = share if figure["net"] >= 0.0 else 1.0
            figure["net"] *= figure["share"]
        return kept

    def _filter_authority_figures(self):
        """Prices and floors are for who may read floors (sales, company managers), for
        accounting, and for who decides or decided about the document (A02)."""
        if self.env.user.share:
            return self.browse()
        if (
            self.env["product.price.floor"].has_access("read")
            or self.env.user.has_group("account.group_account_invoice")
            or self.env.user.has_group("account.group_account_readonly")
        ):
            return self
        return self._filter_decided_by_reader()

    def _filter_confidential_figures(self, kind=True):
        """What customers owe is for credit control, company managers, accounting, and
        who decides or decided about the document (R02)."""
        if self.env["res.partner"]._reads_credit_figures():
            return self
        if self.env.user.share:
            return self.browse()
        return self._filter_decided_by_reader()

    def _filter_decided_by_reader(self):
        """Return the documents about which the user decides or decided."""
        requests = self.env["authority.request"].search(
            Domain("res_model", "=", self._name)
            & Domain("res_id", "in", self._origin.ids)
            & (
                Domain("may_decide", "=", True)
                | Domain("decided_by_id", "=", self.env.uid)
            )
        )
        concerned = set(requests.mapped("res_id"))
        return self.filtered(lambda record: record._origin.id in concerned)

    def _add_floor_facts(self, facts, figures, company, on):
        """Add what is below the price floor; all lines of all documents in one query.

        Floors and exchange rates are those of the company's day and not of the
        document's, which can be back-dated.
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
                (figure["document"].currency_id, floor.currency_id)
                for figure, floor in zip(figures, floors, strict=True)
                if floor
            },
            company,
            on,
        )
        for figure, floor in zip(figures, floors, strict=True):
            if not floor:
                continue
            document = figure["document"]
            pair = (document.currency_id, floor.currency_id)
            if rates[pair] is None:
                self._add_unknown_fact(facts, document, "A02", *pair)
                continue
            net = figure["net"] / figure["quantity"]
            price = net * rates[pair]
            gap = round((floor.price - price) / floor.price * 100.0, 6)
            if gap <= 0:
                continue
            line = figure["line"]
            self._add_authority_fact(
                facts,
                document,
                {
                    "rule": "A02",
                    "measure": "floor_gap_percent",
                    "value": gap,
                    "key": f"product {line.product_id.id}",
                    "extent": round((floor.price - price) * figure["quantity"], 6),
                    "basis": [
                        document.currency_id.name,
                        round(net, 6),
                        round(figure["quantity"], 6),
                    ],
                    "line_id": line._origin.id,
                    "figures": {
                        "position": figure["position"],
                        "product": line.product_id.display_name,
                        "price": price,
                        "floor": floor.price,
                        "currency": floor.currency_id.name,
                        "digits": floor.currency_id.decimal_places,
                    },
                },
            )

    def _add_unknown_fact(self, facts, document, rule, source, target):
        """Add that a figure can't be known, since there is no exchange rate."""
        measures = {"A02": "floor_gap_percent", "A03": "order_amount"}
        self._add_authority_fact(
            facts,
            document,
            {
                "rule": rule,
                "measure": measures[rule],
                "value": UNKNOWN,
                "key": f"rate {source.name} {target.name}",
                "figures": {"foreign": source.name, "own": target.name},
            },
        )

    @api.model
    def _describe_authority_fact(self, fact):
        figures = fact.get("figures") or {}
        if "foreign" in figures:
            return self.env._(
                "no exchange rate between %(foreign)s and %(own)s: prices can't be"
                " compared until accounting enters one",
                **figures,
            )
        if fact["measure"] == "floor_gap_percent" and "floor" in figures:
            return self.env._(
                "line %(position)s “%(product)s”: net %(net)s < floor %(floor)s"
                " (−%(gap)s %%)",
                position=figures["position"],
                product=figures["product"],
                gap=formatLang(self.env, fact["value"], digits=2),
                **self._format_apart(figures),
            )
        return super()._describe_authority_fact(fact)

    @api.model
    def _format_apart(self, figures):
        """Format two prices with as many digits as it takes to tell them apart."""
        for digits in range(figures["digits"], 7):
            texts = [
                formatLang(self.env, figures[name], digits=digits)
                for name in ("price", "floor")
            ]
            if texts[0] != texts[1]:
                break
        return {
            name: f"{text} {figures['currency']}"
            for name, text in zip(("net", "floor"), texts, strict=True)
        }

    @api.model
    def _get_rates(self, pairs, company, on):
        """Return ``{(from, to): rate}`` of pairs of currencies on a day.

        The rate is ``None`` where the company has none: the host would take 1 : 1.
        """
        Currency = self.env["res.currency"]
        foreign = Currency.union(*(Currency.union(*pair) for pair in pairs))
        foreign -= company.currency_id
        known = company.currency_id
        if foreign:
            # Whether there is a rate decides for everybody, also who may not read it.
            rates = self.env["res.currency.rate"].sudo()
            known |= Currency.union(
                *(
                    currency
                    for (currency,) in rates._read_group(
                        [
                            ("currency_id", "in", foreign.ids),
                            ("company_id", "in", [False, company.root_id.id]),
                        ],
                        ["currency_id"],
                    )
                )
            )
        return {
            (source, target): Currency._get_conversion_rate(source, target, company, on)
            if source == target or (source | target) <= known
            else None
            for source, target in pairs
        }
