from odoo import api, models
from odoo.fields import Domain

from ..authority import UNKNOWN
from .tax_invoice_condition import SCOPE

MEASURES = {"tax_invoice_amount": "A12", "tax_invoice_gap": "A12"}


class TaxInvoice(models.Model):
    """What of a tax invoice needs whose approval, and what must be collected (A12)."""

    _name = "tax.invoice"
    _inherit = "tax.invoice"

    # --- collected --------------------------------------------------------------------

    def _get_collected_shares(self):
        """Return ``{id: share collected of its invoices, 0 to 1}``, by their amounts on
        the tax invoice; see ``account.move._get_tax_collected_shares``."""
        of_moves = self.line_ids.move_id._origin._get_tax_collected_shares()
        shares = {}
        for record in self:
            total = sum(record.line_ids.mapped("amount"))
            collected = sum(
                line.amount * of_moves.get(line.move_id._origin.id, 0.0)
                for line in record.line_ids
            )
            shares[record.id] = collected / total if total else 0.0
        return shares

    def _get_needed_shares(self):
        """Return ``{id: share that must be collected}``, the strictest of its orders."""
        needed = {}
        for company, records in self.grouped("company_id").items():
            scopes = [
                (record, scope)
                for record in records.with_company(company)
                for scope in record._get_scopes()
            ]
            percents = self.env["tax.invoice.condition"]._get_percents(
                company, [scope for _record, scope in scopes]
            )
            for (record, _scope), percent in zip(scopes, percents, strict=True):
                needed[record.id] = max(needed.get(record.id, 0.0), percent / 100.0)
        return needed

    def _get_scopes(self):
        """Return what conditions look at, one dict of sets of ids per order and channel,
        or per invoice without an order."""
        self.ensure_one()
        kinds = {self.kind_id.id}
        scopes = []
        for move in self.line_ids.move_id:
            customer = move.commercial_partner_id
            for order in move.invoice_line_ids.sale_line_ids.order_id or [None]:
                # Who sells may give an order another channel than its customer's: both
                # count, the strictest decides.
                channels = customer.sales_channel_id
                if order:
                    channels |= order.sales_channel_id
                scopes += [
                    {
                        "kind_id": kinds,
                        "channel_id": {channel.id} if channel else set(),
                        "team_id": {(order or move).team_id.id},
                        "tag_id": set(order.tag_ids.ids) if order else set(),
                    }
                    for channel in channels or [None]
                ]
        if not scopes:
            return [dict.fromkeys(SCOPE, frozenset()) | {"kind_id": kinds}]
        return scopes

    # --- facts ------------------------------------------------------------------------

    def _get_authority_measures(self):
        return super()._get_authority_measures() | MEASURES

    def _get_authority_depends(self):
        return [
            *super()._get_authority_depends(),
            "state",
            "kind_id",
            "line_ids.amount",
        ]

    def _get_authority_party(self):
        """An approval is for this customer, kind and these invoices."""
        return [
            self.partner_id.commercial_partner_id.id,
            self.kind_id.id,
            sorted(
                [line.move_id.id or 0, round(line.amount, 6)] for line in self.line_ids
            ),
        ]

    def _get_authority_people(self):
        return super()._get_authority_people() | self.user_id

    def _is_authority_settled(self):
        return self.state in ("issued", "handed", "void")

    def _filter_authority_gated(self, action):
        records = super()._filter_authority_gated(action)
        if action == "print":  # a list or a receipt issues nothing
            return records.browse()
        return records.filtered(lambda record: not record._is_authority_settled())

    @api.model
    def _domain_authority_candidates(self):
        return super()._domain_authority_candidates() & Domain(
            "state", "in", ("draft", "submitted", "approved")
        )

    def _get_authority_facts(self):
        facts = super()._get_authority_facts()
        gaps = self._get_gaps()
        get_rates = self.env["sale.order"]._get_rates
        for company, records in self.grouped("company_id").items():
            own = company.currency_id
            rates = get_rates(
                {(record.currency_id, own) for record in records},
                company,
                company._get_business_date(),
            )
            for record in records:
                amount, currency = record.amount_total, record.currency_id
                needed = gaps[record.id]["needed"]
                rate = rates[currency, own]
                self._add_authority_fact(
                    facts,
                    record,
                    {
                        "rule": "A12",
                        "measure": "tax_invoice_amount",
                        "value": UNKNOWN
                        if rate is None and amount
                        else round(amount * (rate or 0.0), 6),
                        "basis": [currency.name, round(amount, 6), needed],
                        # Approved for what is collected first: tags, team and channel
                        # of an order may change later, an approval is for no less.
                        "parts": {"uncollected": 100.0 - needed},
                        "figures": {
                            "amount": amount,
                            "currency": currency.name,
                            "known": rate is not None,
                            "needed": needed,
                        },
                    },
                )
                if gaps[record.id]["gap"] > 0:
                    self._add_authority_fact(
                        facts,
                        record,
                        {
                            "rule": "A12",
                            "measure": "tax_invoice_gap",
                            "value": gaps[record.id]["gap"],
                            "figures": gaps[record.id],
                        },
                    )
        return facts

    def _get_gaps(self):
        """Return ``{id: dict(gap, collected, needed)}`` in percent; a gap of 0 is none."""
        shares, needed = self._get_collected_shares(), self._get_needed_shares()
        return {
            record.id: {
                "gap": max(
                    round((needed[record.id] - shares[record.id]) * 100.0, 6), 0.0
                ),
                "collected": round(shares[record.id] * 100.0, 3),
                "needed": round(needed[record.id] * 100.0, 3),
            }
            for record in self
        }

    @api.model
    def _describe_authority_fact(self, fact):
        figures = fact.get("figures") or {}
        if fact["measure"] == "tax_invoice_gap" and "gap" in figures:
            return self._describe_gap(figures)
        if fact["measure"] != "tax_invoice_amount" or "amount" not in figures:
            return super()._describe_authority_fact(fact)
        amount = self.env["sale.order"]._format_named(
            figures["amount"], figures["currency"]
        )
        if not figures["known"]:
            return self.env._(
                "%s: no exchange rate; it can't be compared until accounting enters one",
                amount,
            )
        if "needed" not in figures:  # decided about before it was said
            return self.env._("tax invoice over %s", amount)
        return self.env._(
            "tax invoice over %(amount)s, once %(needed)g %% are collected",
            amount=amount,
            needed=figures["needed"],
        )

    @api.model
    def _describe_gap(self, figures):
        return self.env._(
            "%(collected)g %% collected, needed are %(needed)g %%",
            collected=figures["collected"],
            needed=figures["needed"],
        )

    # --- reasons nobody's level answers -----------------------------------------------

    @api.model
    def _get_reason_rules(self):
        return super()._get_reason_rules() | {"A12"}

    def _get_own_reasons(self):
        reasons = super()._get_own_reasons()
        gaps = self._get_gaps()
        Rule = self.env["authority.rule"]
        for company, records in self.grouped("company_id").items():
            controlled = Rule._get_controlled_measures(
                company.id, self._name, company._get_business_date()
            )
            lacking = self._get_lack_of_approver(
                company, "A12", "tax_invoice_amount", "issue"
            )
            for record in records:
                own = reasons.setdefault(record.id, [])
                if gaps[record.id]["gap"] > 0 and "tax_invoice_gap" not in controlled:
                    own.append(
                        {
                            "rule": "A12",
                            "key": "collected",
                            "at": "issue",
                            "sentence": self._describe_gap(gaps[record.id]),
                            "release": self.env._(
                                "the customer's payment, booked on the invoices"
                            ),
                        }
                    )
                own += lacking
        return reasons

    def _get_authority_summary(self):
        return super()._get_authority_summary() | {
            record.id: {
                "partner": record.partner_id,
                "currency": record.currency_id,
                "amount": record.amount_total,
                "cost": None,
            }
            for record in self
        }
