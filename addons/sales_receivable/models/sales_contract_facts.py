from odoo import api, models

from ..authority import UNKNOWN

MEASURES = {"contract_amount": "A09", "promised_value": "A01"}


class SalesContract(models.Model):
    """What a contract is worth and promises, for the matrix (A01, A09).

    In company currency at the rate of the day; from the lines of its orders while it is
    an application, then from the frozen terms.
    """

    _name = "sales.contract"
    _inherit = "sales.contract"

    def _get_authority_measures(self):
        return super()._get_authority_measures() | MEASURES

    def _get_authority_depends(self):
        return [
            *super()._get_authority_depends(),
            "state",
            "partner_id",
            "user_id",
            "team_id",
            "promised_value",
            "terms",
            "order_ids.order_line.price_unit",
            "order_ids.order_line.discount",
            "order_ids.order_line.product_uom_qty",
        ]

    def _get_authority_facts(self):
        facts = super()._get_authority_facts()
        get_rates = self.env["sale.order"]._get_rates
        for company, contracts in self.grouped("company_id").items():
            own = company.currency_id
            rates = get_rates(
                {(contract.currency_id, own) for contract in contracts},
                company,
                company._get_business_date(),
            )
            for contract in contracts:
                rate = rates[contract.currency_id, own]
                for measure, amount in (
                    ("contract_amount", contract._get_agreed_amount()),
                    ("promised_value", contract.promised_value),
                ):
                    self._add_authority_fact(
                        facts,
                        contract,
                        {
                            "rule": MEASURES[measure],
                            "measure": measure,
                            "value": UNKNOWN
                            if rate is None and amount
                            else round(amount * (rate or 0.0), 6),
                            "basis": [contract.currency_id.name, round(amount, 6)],
                            "figures": {
                                "amount": amount,
                                "currency": contract.currency_id.name,
                                "known": rate is not None,
                            },
                        },
                    )
        return facts

    def _get_agreed_amount(self):
        """Return the untaxed amount, from the lines and never from stored totals."""
        self.ensure_one()
        if self.terms:
            return sum(order["net"] for order in self.terms["orders"])
        return sum(order._get_contract_net() for order in self.order_ids)

    @api.model
    def _describe_authority_fact(self, fact):
        figures = fact.get("figures") or {}
        if fact["measure"] not in MEASURES or "amount" not in figures:
            return super()._describe_authority_fact(fact)
        amount = self.env["sale.order"]._format_named(
            figures["amount"], figures["currency"]
        )
        if not figures["known"]:
            return self.env._(
                "%s: no exchange rate; it can't be compared until accounting enters one",
                amount,
            )
        if fact["measure"] == "promised_value":
            return self.env._("promises that cost %s", amount)
        return self.env._("contract over %s, untaxed", amount)
