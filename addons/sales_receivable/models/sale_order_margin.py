from odoo import api, fields, models
from odoo.tools.misc import formatLang

from ..authority import UNKNOWN

MEASURE = "cost_share"
COST_GROUPS = (
    "account.group_account_invoice,account.group_account_readonly,"
    "sales_receivable.group_finance,sales_receivable.group_company_manager"
)
#: What is sold for nothing costs this many times its price.
ENDLESS = 1e9


class SaleOrder(models.Model):
    """What an order costs in proportion to its price: 100 less its margin (A01, A19).

    Costs are the products' own, never what somebody wrote on a line, and frozen when
    the order is confirmed. Retention money that comes late (A10) and the other costs of
    the budget count, too.
    """

    _name = "sale.order"
    _inherit = "sale.order"

    budget_ids = fields.One2many(
        "sale.order.budget",
        "order_id",
        copy=False,
        groups="base.group_user",
    )

    def _get_authority_measures(self):
        return super()._get_authority_measures() | {MEASURE: "A01"}

    def _get_authority_depends(self):
        return [*super()._get_authority_depends(), "budget_ids.estimated"]

    # --- cost -------------------------------------------------------------------------

    def _get_retention_cost(self):
        """Return what it costs to wait for the retention money that the payment terms
        grant, in the order's currency (A10)."""
        self.ensure_one()
        yearly = self.company_id.retention_cost_percent / 100.0
        lines = self.payment_term_id.line_ids.filtered("event_months")
        if not yearly or not lines:
            return 0.0
        total = sum(line._get_total_amount() for line in self._get_document_lines())
        return sum(
            (
                total * line.value_amount / 100.0
                if line.value == "percent"
                else line.value_amount
            )
            * yearly
            * (line.event_months / 12.0 + line.nb_days / 365.0)
            for line in lines
        )

    def _get_cost_figures(self):
        """Return price and cost of these orders, in the order's currency (A19).

        A product of goods without cost counts at its price, as if nothing were earned
        with it: what isn't known is never better than what is. Services without cost
        cost nothing. Lines without product are neither price nor cost.

        :return: ``{order: {"net", "goods", "retention", "other": amounts, "unknown":
            names of the products without cost}}``; ``None`` without an exchange rate
        """
        result = {}
        for company, orders in self.grouped("company_id").items():
            own = company.currency_id
            rates = self._get_rates(
                {(own, order.currency_id) for order in orders},
                company,
                company._get_business_date(),
            )
            for order in orders:
                rate = rates[own, order.currency_id]
                result[order] = rate and order._get_cost_figure(rate)
        return result

    def _get_cost_figure(self, rate):
        self.ensure_one()
        net = goods = 0.0
        unknown = set()
        for figure in self._get_net_lines():
            line = figure["line"]
            cost = line._get_unit_cost() * figure["quantity"] * rate
            if cost <= 0 and line.product_id.type == "consu":
                cost = figure["net"]
                unknown.add(line.product_id.display_name)
            net += max(figure["net"], 0.0)
            goods += max(cost, 0.0)
        by_hand = self.budget_ids.filtered(lambda row: not row.kind_id.code)
        return {
            "net": net,
            "goods": goods,
            "retention": self._get_retention_cost(),
            "other": sum(by_hand.mapped("estimated")),
            "unknown": sorted(unknown),
        }

    # --- measure ----------------------------------------------------------------------

    def _get_authority_facts(self):
        facts = super()._get_authority_facts()
        Rule = self.env["authority.rule"]
        for company, orders in self.grouped("company_id").items():
            on = company._get_business_date()
            controlled = Rule._get_controlled_measures(company.id, self._name, on)
            if MEASURE in controlled:
                for order, figure in orders._get_cost_figures().items():
                    order._add_cost_fact(facts, figure)
        return facts

    def _add_cost_fact(self, facts, figure):
        """Add the share of the cost in the price, in percent: the higher, the worse."""
        self.ensure_one()
        fact = {"rule": "A01", "measure": MEASURE, "confidential": "cost"}
        if figure is None:
            fact |= {"value": UNKNOWN, "figures": {"unrated": self.currency_id.name}}
            self._add_authority_fact(facts, self, fact)
            return
        net = figure["net"]
        cost = figure["goods"] + figure["retention"] + figure["other"]
        if cost <= 0:
            return
        share = min(cost / net * 100.0, ENDLESS) if net > 0 else ENDLESS
        self._add_authority_fact(
            facts,
            self,
            fact
            | {
                "value": round(share, 6),
                # The same margin on more of it is no worse, a larger loss is.
                "extent": round(max(cost - net, 0.0), 2),
                "basis": self._get_cost_basis(figure),
                "figures": {
                    "net": net,
                    "goods": figure["goods"],
                    "other": cost - figure["goods"],
                    "unknown": figure["unknown"],
                    "currency": self.currency_id.name,
                },
            },
        )

    def _get_cost_basis(self, figure):
        """Return the order's own side of its margin: a new cost of a product, after an
        approval, makes nothing worse."""
        return [
            self.currency_id.name,
            round(figure["other"], 6),
            round(figure["retention"], 6),
            *sorted(
                [
                    line["line"].product_id.id,
                    round(line["quantity"], 6),
                    round(line["net"], 6),
                ]
                for line in self._get_net_lines()
            ),
        ]

    @api.model
    def _scale_authority_fact(self, fact, left):
        if fact["measure"] == MEASURE and fact["value"] != UNKNOWN:
            return round(min(fact["value"] / left, ENDLESS), 3) if left else ENDLESS
        return super()._scale_authority_fact(fact, left)

    @api.model
    def _describe_authority_fact(self, fact):
        if fact["measure"] != MEASURE:
            return super()._describe_authority_fact(fact)
        figures = fact.get("figures")
        if not figures:
            return self.env._("the margin is too small")
        if "unrated" in figures:
            return self.env._(
                "the margin can't be calculated: no exchange rate for %s",
                figures["unrated"],
            )
        if figures["net"] <= 0:
            return self.env._(
                "cost %(cost)s for a price of nothing",
                cost=self._format_named(
                    figures["goods"] + figures["other"], figures["currency"]
                ),
            )
        text = self.env._(
            "margin %(margin)s %%: price %(net)s − goods %(goods)s − other costs"
            " %(other)s",
            margin=formatLang(self.env, 100.0 - fact["value"], digits=2),
            net=self._format_named(figures["net"], figures["currency"]),
            goods=formatLang(self.env, figures["goods"], digits=2),
            other=formatLang(self.env, figures["other"], digits=2),
        )
        if figures["unknown"]:
            text = self.env._(
                "%(text)s; without a cost, so counted at their price: %(products)s",
                text=text,
                products=", ".join(figures["unknown"]),
            )
        return text

    # --- who may know -----------------------------------------------------------------

    @api.model
    def _reads_costs(self):
        """Tell whether the user may know what all orders of a company cost."""
        return self.env.user._is_superuser() or any(
            map(self.env.user.has_group, COST_GROUPS.split(","))
        )

    def _filter_budget_readers(self):
        """Return the orders of which the user may know costs and margin: accounting and
        company managers all; leaders of the team and line managers theirs; salespeople
        their own where the company says so (A19)."""
        if self.env.user.share:
            return self.browse()
        if self._reads_costs():
            return self
        user = self.env.user
        # Whose manager the user is decides, whoever may read employees.
        own = self.sudo().filtered(
            lambda order: (
                user
                in (
                    order.team_id.user_id
                    | order.user_id.crm_team_member_ids.crm_team_id.user_id
                    | order.user_id.employee_ids.parent_id.user_id
                )
                or (order.user_id == user and order.company_id.budget_for_salespeople)
            )
        )
        return own.with_env(self.env)

    def _filter_confidential_figures(self, kind=True):
        if kind != "cost":
            return super()._filter_confidential_figures(kind)
        if self.env.user.share:
            return self.browse()
        return self._filter_budget_readers() | self._filter_decided_by_reader()
