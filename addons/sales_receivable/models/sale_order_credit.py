from odoo import api, fields, models
from odoo.tools.misc import formatLang

from ..authority import UNKNOWN
from ..guard import as_server

MEASURES = {
    "credit_sale": "A04",
    "credit_days": "A04",
    "arrears_amount": "A04",
    "credit_limit_excess": "R02",
}
EXPOSED = {"arrears_amount", "credit_limit_excess"}
# Before two months of 31 days: the longest that "end of next month" can take.
REFERENCE_DAY = fields.Date.to_date("2025-07-01")


class SaleOrder(models.Model):
    """What a quotation gives on credit, and to whom (A04, R02)."""

    _name = "sale.order"
    _inherit = "sale.order"

    credit_unauthorised_amount = fields.Monetary(
        string="Unauthorised Credit",
        currency_field="company_currency_id",
        copy=False,
        readonly=True,
        groups="base.group_user",
        help="Total, in company currency, of an order that was confirmed on credit"
        " without the approval that it needed.",
    )
    credit_unauthorised_id = fields.Many2one(
        "res.users",
        string="Unauthorised Credit Granted By",
        copy=False,
        readonly=True,
        ondelete="restrict",
        groups="base.group_user",
    )
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )

    @api.model
    def _get_server_fields(self):
        return super()._get_server_fields() | {
            "credit_unauthorised_amount",
            "credit_unauthorised_id",
        }

    def _get_authority_measures(self):
        return super()._get_authority_measures() | MEASURES

    def _get_authority_depends(self):
        return [*super()._get_authority_depends(), "payment_term_id"]

    @api.model
    def _get_fact_fields(self):
        return super()._get_fact_fields() | {"payment_term_id"}

    def _get_debtor(self):
        """Return the commercial partner who will owe for the order."""
        self.ensure_one()
        return self.partner_invoice_id.commercial_partner_id

    def _get_limit_holder(self):
        """Return the commercial partner whose credit limit the order stands under: who
        will owe for it, or who orders where the debtor has no limit of its own."""
        self.ensure_one()
        company = self.company_id or self.env.company
        return self._find_limit_holder(self.partner_id, self._get_debtor(), company)

    @api.model
    def _find_limit_holder(self, customer, debtor, company):
        has_limit = debtor.with_company(company).credit_limit > 0
        return debtor if has_limit else customer.commercial_partner_id

    @api.model
    def _get_sharers(self, holders, company):
        """Return who owes for what these customers ordered, without a limit of their
        own: they stand under the customers' limits, so that nobody gets round a limit
        by having somebody else invoiced.

        :param holders: commercial ``res.partner`` records
        :return: ``{holder: commercial partners, the holder first}``
        """
        sharers = {holder: holder for holder in holders}
        if not holders:
            return sharers
        pairs = self._read_group(
            [
                ("company_id", "=", company.id),
                ("state", "=", "sale"),
                ("partner_id", "child_of", holders.ids),
                ("partner_invoice_id.commercial_partner_id", "not in", holders.ids),
            ],
            ["partner_id", "partner_invoice_id"],
        )
        for customer, invoiced in pairs:
            debtor = invoiced.commercial_partner_id
            holder = self._find_limit_holder(customer, debtor, company)
            if holder in sharers:
                sharers[holder] |= debtor
        return sharers

    # --- figures ----------------------------------------------------------------------

    def _get_authority_facts(self):
        facts = super()._get_authority_facts()
        Rule = self.env["authority.rule"]
        for company, orders in self.grouped("company_id").items():
            on = company._get_business_date()
            measures = Rule._get_controlled_measures(company.id, self._name, on)
            measures &= MEASURES.keys()
            if not measures:
                continue
            rates = self._get_rates(
                {(order.currency_id, company.currency_id) for order in orders},
                company,
                on,
            )
            amounts = {}
            for order in orders:
                rate = rates[order.currency_id, company.currency_id]
                amounts[order] = None if rate is None else order._get_owed() * rate
            if measures & {"credit_sale", "credit_days"}:
                orders._add_credit_facts(facts, measures, amounts)
            if measures & EXPOSED:
                orders._add_exposure_facts(facts, measures, amounts, company)
        return facts

    def _get_owed(self):
        """Return what the order will still ask for, with tax, in its currency: all of it
        but what posted invoices have asked for."""
        self.ensure_one()
        owed = 0.0
        for line in self._get_document_lines():
            invoiced = line._get_invoiced_items()
            if ordered := line._get_line_quantity():
                share = line._get_signed_quantity(invoiced) / ordered
                owed += line._get_total_amount() * (1.0 - min(max(share, 0.0), 1.0))
            elif line.is_downpayment:
                owed -= sum(
                    item.price_total * -item.move_id.direction_sign for item in invoiced
                )
        return owed

    def _get_credit_days(self):
        """Return the longest time that the order gives to pay, in days from its invoice:
        the whole months of "end of month" terms count with 31 days."""
        self.ensure_one()
        return max(
            (
                (line._get_due_date(REFERENCE_DAY) - REFERENCE_DAY).days
                for line in self.payment_term_id.line_ids
            ),
            default=0,
        )

    def _describe_credit_terms(self):
        """Name, for all readers, what gives the customer time to pay."""
        self.ensure_one()
        return self.payment_term_id.name or ""

    def _add_credit_facts(self, facts, measures, amounts):
        """Add who gets how long to pay (A04)."""
        for order in self:
            days = order._get_credit_days()
            amount = amounts[order]
            if days <= 0 or (amount is not None and amount <= 0):
                continue
            fact = {
                "rule": "A04",
                "figures": {
                    "days": days,
                    "term": order._describe_credit_terms(),
                    "amount": amount,
                    "currency": order.company_id.currency_id.name,
                },
            }
            if "credit_days" in measures:
                self._add_authority_fact(
                    facts, order, fact | {"measure": "credit_days", "value": days}
                )
            if "credit_sale" in measures:
                self._add_authority_fact(
                    facts,
                    order,
                    fact
                    | {
                        "measure": "credit_sale",
                        "value": 1 if amount is not None else UNKNOWN,
                        "extent": amount and round(amount, 2),
                        "parts": {"days": days},
                        "basis": [
                            order.currency_id.name,
                            round(order._get_owed(), 2),
                            days,
                        ],
                    },
                )

    def _add_exposure_facts(self, facts, measures, amounts, company):
        """Add what the customers owe past due, and what they stand for beyond their
        limit if these orders are confirmed (A04, R02)."""
        customers = self._get_customers_by_order()
        holders = {order: order._get_limit_holder() for order in self}
        limited = self.env["res.partner"].union(
            *(h for h in holders.values() if h.with_company(company).credit_limit > 0)
        )
        sharers = self._get_sharers(limited, company)
        partners = self.env["res.partner"].union(*customers.values(), *sharers.values())
        exposures = partners._get_credit_exposure(company, self)
        common = {"confidential": True}
        currency = company.currency_id.name
        for order in self:
            overdue = max(
                (exposures[p.id]["overdue"] for p in customers[order]), default=0.0
            )
            if "arrears_amount" in measures and overdue > 0:
                self._add_authority_fact(
                    facts,
                    order,
                    common
                    | {
                        "rule": "A04",
                        "measure": "arrears_amount",
                        "value": round(overdue, 2),
                        "figures": {"overdue": overdue, "currency": currency},
                    },
                )
            holder = holders[order]
            limit = holder.with_company(company).credit_limit
            if "credit_limit_excess" not in measures or limit <= 0:
                continue
            own = [exposures[p.id] for p in sharers[holder] | order._get_debtor()]
            unknown = set().union(*(exposure["unknown"] for exposure in own))
            others = sum(
                exposure["total"] - exposure["orders"].get(order._origin.id, 0.0)
                for exposure in own
            )
            known = amounts[order] is not None and not unknown
            total = others + (amounts[order] or 0.0)
            if known and total <= limit:
                continue
            parts = {
                name: sum(exposure[name] for exposure in own)
                for name in ("receivable", "unapplied")
            }
            self._add_authority_fact(
                facts,
                order,
                common
                | {
                    "rule": "R02",
                    "measure": "credit_limit_excess",
                    "value": round(total - limit, 2) if known else UNKNOWN,
                    "figures": parts
                    | {
                        "open": others - parts["receivable"] + parts["unapplied"],
                        "order": amounts[order] or 0.0,
                        "total": total,
                        "limit": limit,
                        "currency": currency,
                        "unknown": sorted(unknown)
                        or ([] if known else [order.currency_id.name]),
                    },
                },
            )

    def _get_customers_by_order(self):
        return {order: order._get_customers().commercial_partner_id for order in self}

    @api.model
    def _scale_authority_fact(self, fact, left):
        if fact["value"] == UNKNOWN or fact["measure"] not in MEASURES:
            return super()._scale_authority_fact(fact, left)
        if fact["measure"] == "credit_limit_excess":
            return round(fact["value"] + fact["figures"]["order"] * (left - 1), 2)
        return fact["value"]

    @api.model
    def _describe_authority_fact(self, fact):
        describe = {
            "credit_sale": self._describe_credit,
            "credit_days": self._describe_credit,
            "arrears_amount": self._describe_arrears,
            "credit_limit_excess": self._describe_limit,
        }.get(fact["measure"])
        if not describe:
            return super()._describe_authority_fact(fact)
        return describe(fact, fact.get("figures") or {})

    @api.model
    def _describe_credit(self, fact, figures):
        if fact["measure"] == "credit_days":
            return self.env._(
                "%(days)s days to pay (%(term)s)",
                days=figures["days"],
                term=figures["term"],
            )
        if figures["amount"] is None:
            return self.env._(
                "credit sale, but the order's currency has no exchange rate"
            )
        return self.env._(
            "credit sale of %(amount)s (%(term)s)",
            amount=self._format_named(figures["amount"], figures["currency"]),
            term=figures["term"],
        )

    @api.model
    def _describe_arrears(self, fact, figures):
        if not figures:
            return self.env._("the customer is in arrears")
        return self.env._(
            "the customer is in arrears with %(amount)s",
            amount=self._format_named(figures["overdue"], figures["currency"]),
        )

    @api.model
    def _describe_limit(self, fact, figures):
        if not figures:
            return self.env._("the customer's credit limit doesn't suffice")
        if figures["unknown"]:
            return self.env._(
                "the credit limit can't be compared: no exchange rate for %s",
                ", ".join(figures["unknown"]),
            )
        texts = {
            name: formatLang(self.env, figures[name], digits=2)
            for name in ("receivable", "open", "unapplied", "order", "limit")
        }
        return self.env._(
            "exposure %(total)s > limit %(limit)s: receivable %(receivable)s"
            " + open orders %(open)s − unapplied payments %(unapplied)s"
            " + this order %(order)s",
            total=self._format_named(figures["total"], figures["currency"]),
            **texts,
        )

    # --- gates ------------------------------------------------------------------------

    def _check_authority(self, action):
        if action == "confirm":
            self._count_credit()
        return super()._check_authority(action)

    def _touch_authority(self):
        self._count_credit()
        return super()._touch_authority()

    def _count_credit(self):
        """Let what is confirmed at once meet in the counters of the customers (R02)."""
        Mode = self.env["business.rule.mode"]
        for company, orders in self.grouped("company_id").items():
            if Mode._get_mode("R02", company) == "off":
                continue
            # Whose limits they are is asked, whoever may know how high.
            confirmed = orders.sudo().filtered(lambda order: order.state == "sale")
            holders = self.env["res.partner"].union(
                *(o._get_debtor() | o._get_limit_holder() for o in confirmed)
            )
            self.env["credit.counter"]._count(company, holders)

    def _freeze_agreed(self):
        result = super()._freeze_agreed()
        self._record_unauthorised_credit()
        return result

    def _record_unauthorised_credit(self):
        """Keep what was confirmed on credit although nobody approved it, since the rule
        only warned: it is booked against the salesperson (A04)."""
        # Who confirms need not read what others owe; kept are amount and person.
        orders = self.sudo().filtered(lambda order: order.state == "sale")
        modes = orders._get_authority_modes()
        # Where the rule blocks, nothing passed that it is about.
        orders = orders.filtered(
            lambda order: (
                modes[order.id].get("A04") == "warn" or order.credit_unauthorised_id
            )
        )
        reasons = orders._get_blocking_reasons()
        rates = {
            company: self._get_rates(
                {(order.currency_id, company.currency_id) for order in own},
                company,
                company._get_business_date(),
            )
            for company, own in orders.grouped("company_id").items()
        }
        for order in orders:
            unauthorised = any(reason["rule"] == "A04" for reason in reasons[order.id])
            if not unauthorised and not order.credit_unauthorised_id:
                continue
            rate = rates[order.company_id][order.currency_id, order.company_currency_id]
            as_server(order).write(
                {
                    "credit_unauthorised_amount": unauthorised
                    and order.company_currency_id.round(
                        order._get_owed() * (rate or 0)
                    ),
                    "credit_unauthorised_id": unauthorised
                    and (order.user_id or order.create_uid).id,
                }
            )
