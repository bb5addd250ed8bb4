from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .freight_guard_mixin import DOCUMENTS, MONEY_GROUPS, SETTLEMENT

MEASURE = "bill_release_unpaid"
#: What a request to release unpaid says besides the amount (A16).
ASKED_FIELDS = {"booking_id", "container_ids", "consignee_id", "release_reason"}


class FreightBill(models.Model):
    """When a bill of lading may leave our hands, and by whose authority else (F18)."""

    _name = "freight.bill"
    _inherit = ["freight.bill", "authority.mixin"]

    release_reason = fields.Text(
        string="Reason for Early Release",
        copy=False,
        tracking=True,
        help="Why the bill is to be released unpaid. Whoever approves reads it.",
    )
    debit_note_ids = fields.Many2many(
        "account.move",
        string="Debit Notes",
        compute="_compute_money",
        compute_sudo=True,
        groups=",".join(MONEY_GROUPS),
    )
    unpaid_amount = fields.Monetary(
        compute="_compute_money",
        compute_sudo=True,
        groups=",".join(MONEY_GROUPS),
        help="Of this bill's debit notes and unbilled charges, not collected in money. In company currency at today's rates.",
    )
    currency_id = fields.Many2one(related="company_id.currency_id")

    def _get_step_roles(self):
        return {
            **super()._get_step_roles(),
            "approved": (DOCUMENTS,),
            "released": (SETTLEMENT,),
        }

    @api.model
    def _get_kept_fields(self):
        return super()._get_kept_fields() | {"release_reason"}

    def write(self, vals):
        """Withdraw what was asked about another customer, cargo or reason (A16)."""
        result = super().write(vals)
        if ASKED_FIELDS & vals.keys():
            # Requests are the engine's, whoever may write the bill.
            self.sudo()._supersede_outdated_requests()
        return result

    def _make_money_reason(self, sentence):
        """Return a reason whose sentence has amounts, which not everybody reads."""
        return self._make_reason(
            "F18",
            sentence,
            self._get_override_hint(),
            public=self.env._("the bill is not paid yet."),
        )

    def _get_step_reasons(self, step):
        result = super()._get_step_reasons(step)
        if step == "approved":
            for bill in self.filtered(lambda bill: not bill.container_ids):
                result[bill.id].append(
                    self._make_reason(
                        "F18",
                        self.env._("no container is on this bill."),
                        self.env._("documents put its containers on it"),
                    )
                )
        elif step == "released":
            money = self._get_money_reasons()
            overridden = self._get_overridden()
            for bill in self:
                result[bill.id] += bill._get_document_reasons()
                if bill not in overridden:
                    result[bill.id] += money[bill.id]
        return result

    def _get_document_reasons(self):
        """Return what stands against a release whoever pays: no authority lifts it."""
        self.ensure_one()
        reasons = []
        if self.state == "draft":
            reasons.append(
                self._make_reason(
                    "F18",
                    self.env._("it is not approved."),
                    self.env._("documents approve its content"),
                )
            )
        if not self.on_board:
            absent = self.container_ids.filtered(
                lambda c: c.state not in ("on_board", "empty_returned")
            )
            reasons.append(
                self._make_reason(
                    "F18",
                    self.env._(
                        "%(count)s of %(total)s containers are not on board.",
                        count=len(absent),
                        total=len(self.container_ids),
                    ),
                    self.env._("the operator records that they were loaded"),
                )
            )
        if (
            self.release_method == "telex"
            and self.originals_printed
            and not self.originals_surrendered
        ):
            reasons.append(
                self._make_reason(
                    "F18",
                    self.env._("the printed originals were not surrendered."),
                    self.env._("documents record when they are back"),
                )
            )
        return reasons

    # ------------------------------------------------------------------
    # Money
    # ------------------------------------------------------------------
    def _get_money_reasons(self):
        """Return why each bill is not settled: paid, collect or monthly (F18).

        :return: ``{bill id: [reason]}``
        """
        result = {}
        by_terms = self.grouped(lambda bill: bill.booking_id.settlement)
        for terms, bills in by_terms.items():
            if terms == "collect":
                result.update(bills._get_policy_reasons("freight_collect_release"))
            elif terms == "monthly":
                result.update(bills._get_monthly_reasons())
            else:
                result.update(bills._get_payment_reasons())
        return result

    def _get_policy_reasons(self, policy):
        """Return a reason where the company releases such bills by authority only."""
        label = self.env["res.company"]._fields[policy]._description_string(self.env)
        return {
            bill.id: [
                self._make_reason(
                    "F18",
                    self.env._(
                        "settlement “%(terms)s” is released by authority only.",
                        terms=label,
                    ),
                    self._get_override_hint(),
                )
            ]
            if bill.company_id[policy] == "authority"
            else []
            for bill in self
        }

    def _get_monthly_reasons(self):
        """Return why customers on monthly terms are not trusted further (F18)."""
        result = self._get_policy_reasons("freight_monthly_release")
        for company, bills in self.grouped("company_id").items():
            partners = bills.partner_id.commercial_partner_id.with_company(company)
            overdue = bills._get_overdue(company, partners)
            for bill in bills:
                partner = bill.partner_id.commercial_partner_id.with_company(company)
                sentences = []
                if overdue.get(partner.id):
                    sentences.append(
                        self.env._(
                            "monthly terms, but %(amount)s of %(partner)s are overdue.",
                            amount=company.currency_id.format(overdue[partner.id]),
                            partner=partner.name,
                        )
                    )
                limit = partner.credit_limit
                if company.account_use_credit_limit and partner.credit > limit:
                    sentences.append(
                        self.env._(
                            "monthly terms, but %(partner)s owes %(amount)s with a limit of %(limit)s.",
                            partner=partner.name,
                            amount=company.currency_id.format(partner.credit),
                            limit=company.currency_id.format(limit),
                        )
                    )
                result[bill.id] += [
                    self._make_money_reason(sentence) for sentence in sentences
                ]
        return result

    def _get_overdue(self, company, partners):
        """Return ``{partner id: overdue in company currency}`` as of today."""
        rows = self.env["account.move.line"]._read_group(
            [
                ("company_id", "=", company.id),
                ("partner_id", "in", partners.ids),
                ("parent_state", "=", "posted"),
                ("account_type", "=", "asset_receivable"),
                ("reconciled", "=", False),
                ("date_maturity", "<", company._get_business_date()),
            ],
            ["partner_id"],
            ["amount_residual:sum"],
        )
        return {partner.id: amount for partner, amount in rows if amount > 0}

    def _get_payment_reasons(self):
        """Return what of these bills is unbilled or not collected in money (F18)."""
        result = {}
        for bill_id, facts in self._get_money_facts().items():
            bill = self.browse(bill_id)
            sentences = []
            if facts["unbilled"]:
                sentences.append(
                    self.env._(
                        "not billed yet (%(count)s): %(charges)s.",
                        count=len(facts["unbilled"]),
                        charges=", ".join(
                            f"{charge.description} {charge.currency_id.format(charge.amount)}"
                            for charge in facts["unbilled"]
                        ),
                    )
                )
            if facts["uncharged"]:
                sentences.append(
                    self.env._(
                        "quoted but not charged (%(count)s), so the charges need an update: %(lines)s.",
                        count=len(facts["uncharged"]),
                        lines=", ".join(
                            f"{line.name.splitlines()[0]} {line.currency_id.format(gap)}"
                            for line, _charge, gap in facts["uncharged"]
                        ),
                    )
                )
            if not (facts["owed"] or facts["unbilled"] or facts["uncharged"]):
                sentences.append(self.env._("there is no debit note to be paid."))
            sentences += [
                bill._describe_unpaid(move, collected, due)
                for move, collected, due in facts["unpaid"]
            ]
            result[bill_id] = [
                self._make_money_reason(sentence) for sentence in sentences
            ]
        return result

    def _describe_unpaid(self, move, collected, due):
        currency = move.currency_id
        if move.state == "draft":
            return self.env._(
                "the debit note to %(partner)s over %(total)s is a draft.",
                partner=move.partner_id.name,
                total=currency.format(move.amount_total),
            )
        if currency.compare_amounts(move.amount_total, due) < 0:
            return self.env._(
                "debit note %(move)s bills %(billed)s, agreed are %(total)s: %(collected)s collected in money.",
                move=move.name,
                billed=currency.format(move.amount_total),
                collected=currency.format(collected),
                total=currency.format(due),
            )
        return self.env._(
            "debit note %(move)s: %(collected)s of %(total)s collected in money.",
            move=move.name,
            collected=currency.format(collected),
            total=currency.format(due),
        )

    def _get_money_facts(self):
        """Return per bill what was billed and what of it came in as money.

        Charges and debit notes without a bill belong to every bill of the booking.
        Collected is money only: a credit note or a journal entry never counts. Owed is
        whether there is anything to be paid at all: a debit note over nothing is none.

        Called under sudo, as all reasons are.

        :return: ``{bill id: dict(unbilled=charges, notes=moves, owed=bool,
            unpaid=[(move, collected, due, in its currency)],
            uncharged=[(quote line, its charge, gap in the quote's currency)],
            open=[(currency, amount)], amount=company currency)}``
        """
        bookings = self.booking_id
        charges = self.env["freight.charge"].search(
            [("booking_id", "in", bookings.ids), ("is_receivable", "=", True)]
        )
        moves = (
            self.env["account.move"].search(
                Domain("freight_booking_id", "in", bookings.ids)
                & Domain("move_type", "=", "out_invoice")
                & Domain("state", "!=", "cancel")
                & Domain("payment_state", "!=", "reversed")
            )
            | charges.invoice_id
        )
        money = moves._get_freight_collected(), moves._get_freight_dues()
        uncharged = bookings._get_uncharged()
        charges_of = charges.grouped("booking_id")
        moves_of = defaultdict(self.env["account.move"].browse)
        for move in moves:
            moves_of[move.freight_booking_id] |= move
        for charge in charges:
            moves_of[charge.booking_id] |= charge.invoice_id
        return {
            bill.id: bill._sum_up_money(
                charges_of.get(bill.booking_id, charges.browse()),
                moves_of[bill.booking_id],
                uncharged[bill.booking_id.id],
                *money,
            )
            for bill in self
        }

    def _sum_up_money(self, charges, moves, uncharged, collected, due_of):
        """Return the money facts of one bill, see ``_get_money_facts``."""
        own = (self.browse(), self)
        charges = charges.filtered(lambda charge: charge.bill_id in own)
        notes = moves.filtered(lambda move: move.freight_bill_id in own)
        notes |= charges.invoice_id
        unbilled = charges.filtered(lambda charge: not charge.is_billed)
        dues = [(move, collected[move.id], due_of[move.id]) for move in notes]
        unpaid = [
            (move, paid, due)
            for move, paid, due in dues
            if move.state != "posted" or move.currency_id.compare_amounts(paid, due) < 0
        ]
        uncharged = [row for row in uncharged if row[1].bill_id in own]
        missing = [
            *((charge.currency_id, charge.amount) for charge in unbilled),
            *((move.currency_id, due - paid) for move, paid, due in unpaid),
            *((line.currency_id, gap) for line, _charge, gap in uncharged),
        ]
        today = self.company_id._get_business_date()
        amount = sum(
            currency._convert(
                value, self.company_id.currency_id, self.company_id, today
            )
            for currency, value in missing
        )
        return {
            "unbilled": unbilled,
            "uncharged": uncharged,
            "open": missing,
            "notes": notes,
            "owed": any(
                move.currency_id.compare_amounts(due, 0) > 0
                for move, _paid, due in dues
            ),
            "unpaid": unpaid,
            "amount": amount,
        }

    def _compute_money(self):
        facts = self._origin._get_money_facts()
        for bill in self:
            fact = facts.get(bill._origin.id)
            bill.debit_note_ids = fact and fact["notes"]
            bill.unpaid_amount = fact["amount"] if fact else 0.0

    # ------------------------------------------------------------------
    # Authority
    # ------------------------------------------------------------------
    def _get_authority_measures(self):
        return {MEASURE: "F18"}

    def _get_authority_date(self):
        return self.booking_id.create_date

    def _get_authority_people(self):
        """Return nobody: the authority that counts is of who asks for the release."""
        return self.env["res.users"]

    def _get_authority_party(self):
        """Return who owes and who gets the goods: an approval is for them only."""
        self.ensure_one()
        return [self.booking_id.partner_id.id, self.consignee_id.id]

    def _get_authority_facts(self):
        """Return the unpaid amount of each bill that money holds back (F18).

        It is about these containers of this booking and for this reason; in the
        currencies of the notes, so that a moving exchange rate makes it no worse (A16).
        """
        waiting = self._origin.filtered(lambda bill: bill.state != "released")
        reasons = waiting._get_money_reasons()
        money = waiting._get_money_facts()
        facts = {}
        for bill in waiting:
            if not reasons[bill.id]:
                continue
            sentences = [reason["sentence"] for reason in reasons[bill.id]]
            reason = (bill.release_reason or "").strip()
            self._add_authority_fact(
                facts,
                bill,
                {
                    "rule": "F18",
                    "measure": MEASURE,
                    # A bill without any debit note is held back all the same.
                    "value": max(money[bill.id]["amount"], bill.currency_id.rounding),
                    "key": f"booking {bill.booking_id.id}, containers"
                    f" {sorted(bill.container_ids.ids)}: {reason}",
                    "basis": sorted(
                        [currency.name, currency.round(amount)]
                        for currency, amount in money[bill.id]["open"]
                    ),
                    "sentence": "\n".join([*sentences, reason]).strip(),
                },
            )
        return facts

    def _get_overridden(self):
        """Return the bills whose release was approved with these figures and a reason."""
        needs = self._get_authority_needs()
        return self.filtered(
            lambda bill: (
                bill.release_reason
                and any(
                    need["measure"] == MEASURE and need["state"] == "approved"
                    for need in needs[bill.id]
                )
            )
        )

    def _get_override_hint(self):
        return self.env._(
            "the customer pays, or settlement asks for an early release with a reason"
        )

    def action_authority_request(self):
        """Ask to release unpaid; the reason is mandatory (F18).

        :raise AccessError: unless the user releases bills of lading
        :raise UserError: without a reason
        """
        self._check_step_role("released")
        for bill in self:
            if not (bill.release_reason or "").strip():
                raise UserError(
                    self.env._(
                        "Say in “Reason for Early Release” why %(bill)s is to be released unpaid.",
                        bill=bill.name,
                    )
                )
        return super().action_authority_request()

    def _ask_authority(self, approver, needs):
        """Ask in the name of who asks: who drew the bill up needn't read the amounts."""
        asker = {"requester": self.env.user}
        return super()._ask_authority(approver, [need | asker for need in needs])

    def _render_authority_banner(self, needs):
        """Tell who doesn't deal with money that it is missing, not how much (F18)."""
        if not self._sees_money():
            public = {"sentence": self.env._("the bill is not paid yet.")}
            needs = [need | public | {"facts": [public]} for need in needs]
        return super()._render_authority_banner(needs)

    def _get_authority_chatter_sentence(self, request):
        """Name no amount where every role reads it; the request keeps them (F18)."""
        return self.env._("release before payment")
