from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..authority import find_excess


class AuthorityMixin(models.AbstractModel):
    """Gives a document approvals by authority (A01, A16, A17, X01).

    facts (what the document does) → needs (which level must approve which fact, who
    that is, how far it is) → blocking reasons (what still refuses the document).
    Buttons, banner and errors are derived from the reasons. What nobody can approve,
    as something that is missing, joins them as a reason of its own.

    A document implements ``_get_authority_measures`` and ``_get_authority_facts``, or
    ``_get_reason_rules`` and ``_get_own_reasons``, and calls ``_check_authority``
    wherever it must not pass. It has a ``company_id`` and inherits ``mail.thread`` and
    ``mail.activity.mixin``.
    """

    _name = "authority.mixin"
    _description = "Approval by Authority"
    _inherit = ["server.field.mixin"]

    authority_request_ids = fields.One2many(
        "authority.request",
        "res_id",
        string="Approval Requests",
        copy=False,
        groups="base.group_user",
    )
    authority_since = fields.Datetime(
        string="Counts as Created On",
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="A document older than a rule is spared by it until its figures become"
        " worse: then it counts as one of that moment.",
    )
    authority_author_id = fields.Many2one(
        "res.users",
        string="Figures Made Worse By",
        readonly=True,
        copy=False,
        ondelete="restrict",
        groups="base.group_user",
        help="The person of the lowest level who made the figures worse: their"
        " authority counts, whoever is named as the responsible.",
    )
    authority_authors = fields.Json(
        string="Figures Typed By",
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="Everybody who made the figures worse, of whatever level: they decide"
        " about the document by a level of their own only.",
    )

    # --- to be implemented by documents -----------------------------------------------

    @api.model
    def _get_authority_measures(self):
        """Return ``{measure: rule ID}`` of what this kind of document measures."""
        return {}

    def _get_authority_facts(self):
        """Return ``{record.id: [fact, …]}``, one set-based calculation for all.

        Called under sudo, also for records that are not saved yet. See
        ``sales_receivable.authority`` for what a fact is.
        """
        return {}

    @api.model
    def _get_reason_rules(self):
        """Return the set of the rule IDs that ``_get_own_reasons`` speaks of."""
        return set()

    def _get_own_reasons(self):
        """Return per record what stands against it, whatever anybody approves: something
        missing or not allowed (X01).

        Called under sudo, one calculation for all, also for records that are not saved
        yet. Reasons of rules that are off for a record are dropped by the caller.

        :return: ``{record.id: [dict]}`` with ``rule`` (ID), ``sentence`` (in the
            reader's language, nothing that not every reader of the document may know),
            ``release`` (who can help, in words) and ``key`` (what it is about, stays
            the same as long as it gets no worse); optionally ``at``, the one action
            that it stands against, e.g. ``"confirm"``
        """
        return {}

    def _get_authority_party(self):
        """Return whom the document is for, JSON-able; an approval is for them only."""
        self.ensure_one()
        return []

    @api.model
    def _get_authority_document(self):
        """Return the document of the matrix whose limits count for this one."""
        return self._name

    @api.model
    def _add_authority_fact(self, facts, document, fact):
        """Add a fact to a document's, about whom it is for."""
        if party := document._get_authority_party():
            fact["party"] = party
        facts.setdefault(document.id, []).append(fact)

    @api.model
    def _describe_authority_fact(self, fact):
        """Say a fact, also one frozen long ago, in the reader's language.

        Documents extend this for facts with ``figures``.
        """
        return fact.get("sentence") or ""

    def _get_authority_summary(self):
        """Return what an approver sees of these documents, under sudo.

        :return: ``{record.id: dict}`` with ``partner``, ``currency``, ``amount``
            (untaxed) and ``cost`` (in the same currency, ``None`` if not known)
        """
        return {}

    def _filter_authority_figures(self):
        """Return the documents whose facts the current user may know in figures; of
        the others people are told which rule needs whose approval."""
        return self

    def _filter_confidential_figures(self, kind=True):
        """Return the documents of which the current user may know confidential figures,
        too; of the others people are told in general what such facts are about.

        :param kind: what the facts say under ``confidential``
        """
        return self

    @api.model
    def _get_authority_depends(self):
        """Return the fields on which the facts depend, to keep the banner live."""
        return []

    def _get_authority_team(self):
        """Return the ``crm.team`` whose special limits apply (may be empty)."""
        self.ensure_one()
        return self.env["crm.team"]

    def _get_authority_people(self):
        """Return the ``res.users`` behind the document; the lowest level counts."""
        self.ensure_one()
        return self.create_uid | self.authority_author_id

    def _get_authority_authors(self):
        """Return everybody but its creator who made the figures worse."""
        self.ensure_one()
        return self.env["res.users"].browse(self.authority_authors or [])

    def _get_authority_involved(self):
        """Return who doesn't decide in somebody's place: the people behind the document,
        and who typed what is decided about (A17)."""
        return self._get_authority_people() | self._get_authority_authors()

    def _get_authority_actors(self):
        """Return whose level counts besides while they act on the document, without
        being behind it: who only looks at it, or decides, doesn't become its author."""
        self.ensure_one()
        return self.env["res.users"]

    def _is_authority_settled(self):
        """Tell whether the document has passed its gates (e.g. a confirmed order).

        A settled document isn't asked about again, but it can't be made worse.
        """
        self.ensure_one()
        return False

    @api.model
    def _domain_authority_open(self):
        """Return the domain of the documents that a rule can still hold up."""
        return self._domain_authority_candidates()

    @api.model
    def _find_touched(self, rule, company, since):
        """Return the open documents of a company, of a day or later, that would need an
        approval if a rule were in force (X01).

        Called under sudo, before the rule is switched on.

        :param str rule: rule ID
        :param date since: day in the company's time zone
        """
        if rule not in self._get_authority_codes():
            return self.browse()
        open_ones = self.search(
            Domain("company_id", "=", company.id) & self._domain_authority_open()
        ).filtered(
            lambda record: (
                company._get_business_date(record._get_authority_date()) >= since
            )
        )
        modes = {key: {rule: "block"} for key in open_ones.ids}
        excess = open_ones._get_authority_excess(modes)
        held = open_ones._get_held_reasons(modes)
        return open_ones.filtered(lambda record: excess[record.id] or held[record.id])

    # --- facts, needs, reasons --------------------------------------------------------

    def _get_authority_date(self):
        self.ensure_one()
        return self.authority_since or self.create_date

    @api.model
    def _get_authority_codes(self):
        """Return the set of all rule IDs that can hold up this kind of document."""
        return set(self._get_authority_measures().values()) | self._get_reason_rules()

    def _get_authority_modes(self, as_of_today=False):
        """Return ``{record.id: {rule ID: "warn" or "block"}}``; rules off are left out.

        :param as_of_today: as if the documents were of today (not grandfathered)
        """
        Mode = self.env["business.rule.mode"]
        codes = self._get_authority_codes()
        result = {}
        for record in self:
            company = record.company_id or self.env.company
            saved = record._origin
            on = saved._get_authority_date() if saved and not as_of_today else None
            modes = {code: Mode._get_mode(code, company, on) for code in codes}
            result[record.id] = {code: m for code, m in modes.items() if m != "off"}
        return result

    @api.model
    def _is_authority_on(self, company):
        """Tell whether any of this document's rules warns or blocks today."""
        Mode = self.env["business.rule.mode"]
        codes = self._get_authority_codes()
        return any(Mode._get_mode(code, company) != "off" for code in codes)

    def _get_authority_requester(self, ranks):
        """Return the person of the lowest level behind the document, and that level.

        Who holds no assignment has the lowest level there is.
        """
        self.ensure_one()
        levels = self.env["authority.level"]._get_ranks()
        lowest = levels[0][0] if levels else 0
        people = self._get_authority_people() | self._get_authority_actors()
        people = (
            people.filtered(lambda user: not user.share and not user._is_superuser())
            or self.create_uid
            or self.env.user
        )
        requester = min(people, key=lambda user: ranks.get(user.id, lowest))
        return requester, ranks.get(requester.id, lowest)

    def _get_authority_excess(self, modes, facts=None):
        """Return what exceeds the authors' own authority, approvals aside.

        :param modes: as from ``_get_authority_modes``
        :param facts: as from ``_get_authority_facts``, when they are known already
        :return: ``{record.id: [dict(rule, mode, measure, rank, level_id, rule_id,
            reviewer_id, requester, facts)]}``, one dict per measure and, besides, one
            per function that reviews it
        """
        excess = {record.id: [] for record in self}
        watched = self.filtered(lambda record: modes.get(record.id))
        if not watched:
            return excess
        Rule = self.env["authority.rule"]
        Reviewer = self.env["authority.reviewer"]
        document = self._get_authority_document()
        all_facts = watched._get_authority_facts() if facts is None else facts
        for company, records in watched.grouped(
            lambda record: record.company_id or self.env.company
        ).items():
            on = company._get_business_date()
            ranks = self.env["authority.assignment"]._get_ranks(company, on)
            matrix = Rule._get_matrix(company.id, document, on)
            reviews = Reviewer._get_reviews(company.id, document, on)
            top = self.env["authority.level"]._get_ranks()[-1]
            for record in records:
                requester, own_rank = record._get_authority_requester(ranks)
                own_facts = [
                    fact
                    for fact in all_facts.get(record.id, ())
                    if fact["rule"] in modes[record.id]
                ]
                team = record._get_authority_team()
                found = find_excess(matrix, team.id, own_rank, own_facts, top)
                found += Reviewer._find_reviews(reviews, own_facts, found)
                excess[record.id] = [
                    need
                    | {
                        "mode": modes[record.id][need["rule"]],
                        "requester": requester,
                        "involved": record._get_authority_involved(),
                        "ranks": ranks,
                    }
                    for need in found
                ]
        return excess

    def _get_authority_needs(self):
        """Return per record what must be approved, by whom, and how far that is (A01).

        :return: ``{record.id: [need]}``. A need is a dict with ``rule`` (rule ID),
            ``mode``, ``measure``, ``level`` (``authority.level``), ``reviewer`` (the
            ``authority.reviewer`` who is asked besides the levels, may be empty),
            ``approvers`` (``res.users``, in turn), ``state`` (open / waiting / approved
            / refused), ``is_known``: a figure that isn't can't be approved;
            ``sentence``, ``facts``, ``request`` (the ``authority.request`` that says
            the state, may be empty), ``requester`` and ``rule_id``
        """
        # Facts need prices, employees and limits that an author may not read. Only the
        # sentences are shown: they hold no costs, nor figures for who may not know them.
        records = self.sudo()
        needs = records._get_authority_excess(records._get_authority_modes())
        records.browse(i for i in needs if needs[i])._resolve_authority(needs)
        return needs

    def _get_held_reasons(self, modes=None):
        """Return the documents' own reasons of rules in force, as reasons and as points
        of the banner.

        :param modes: as from ``_get_authority_modes``
        :return: ``{record.id: [dict]}``, see ``_get_blocking_reasons``; ``state`` is
            ``"held"``, there is no ``level`` and there are no ``figures``
        """
        # As with facts: what is missing may be in records that an author can't read.
        records = self.sudo()
        if modes is None:
            modes = records._get_authority_modes()
        rules = self._get_reason_rules()
        watched = records.filtered(lambda r: not rules.isdisjoint(modes.get(r.id, ())))
        own = watched._get_own_reasons() if watched else {}
        return {
            record.id: [
                reason
                | {
                    "mode": modes[record.id][reason["rule"]],
                    "facts": [reason],
                    "figures": [],
                    "level": self.env["authority.level"],
                    "state": "held",
                }
                for reason in own.get(record.id, ())
                if reason["rule"] in modes[record.id]
            ]
            for record in self
        }

    @api.model
    def _merge_held(self, reasons):
        """Say in one what a rule asks of the same people; other reasons stay."""
        merged = {}
        for number, reason in enumerate(reasons):
            key = number
            if reason["state"] == "held":
                key = (reason["rule"], reason["release"], reason.get("at"))
            first = merged.get(key)
            merged[key] = (
                reason
                if not first
                else first
                | {
                    "facts": first["facts"] + reason["facts"],
                    "sentence": f"{first['sentence']}; {reason['sentence']}",
                }
            )
        return [*merged.values()]

    def _get_blocking_reasons(self, action=None):
        """Return per record what still stands against it (X01).

        :param str action: with what stands against this action only
        :return: ``{record.id: [dict]}`` with ``rule`` (ID), ``mode`` (warn or block),
            ``sentence``, ``figures`` (list of dicts measure, value), ``release`` (who
            can release it, in words), ``state`` and ``level``
        """
        held = self._get_held_reasons()
        return {
            record_id: [
                reason
                for reason in held[record_id]
                if reason.get("at") in (None, action)
            ]
            + [
                {
                    "rule": need["rule"],
                    "mode": need["mode"],
                    "sentence": need["sentence"],
                    "figures": [
                        {"measure": fact["measure"], "value": fact["value"]}
                        for fact in need["facts"]
                    ],
                    "release": self._describe_release(need),
                    "state": need["state"],
                    "level": need["level"],
                }
                for need in needs
                if need["state"] != "approved" and need["at"] in (None, action)
            ]
            for record_id, needs in self._get_authority_needs().items()
        }

    def _get_authority_errors(self, figures=True, action=None):
        """Return ``{record.id: why it is refused, in words}``; free ones are left out.

        Customers are told that they must wait, not why.

        :param bool figures: without, the words are for everybody who reads the document
        :param str action: what is attempted, as ``_get_blocking_reasons`` takes it
        """
        refused = {}
        for record_id, reasons in self._get_blocking_reasons(action).items():
            blocking = [reason for reason in reasons if reason["mode"] == "block"]
            if blocking:
                refused[record_id] = blocking
        names = self._get_authority_rule_names(
            reason["rule"] for reasons in refused.values() for reason in reasons
        )
        errors = {}
        for record in self.browse(refused):
            document = record.sudo().display_name  # just read to compute the reasons
            if self.env.user.share:
                errors[record.id] = self.env._("%s isn't ready yet.", document)
                continue
            if all(reason["state"] == "held" for reason in refused[record.id]):
                lines = [self.env._("%s can't go on yet:", document)]
            else:
                lines = [self.env._("%s needs approval first:", document)]
            hidden = {} if figures else {"sentence": self._describe_hidden_figures()}
            lines += [
                self._describe_reason(
                    names, reason | hidden if reason["figures"] else reason
                )
                for reason in self._merge_held(refused[record.id])
            ]
            errors[record.id] = "\n".join(lines)
        return errors

    @api.model
    def _get_authority_rule_names(self, codes):
        # The catalogue of rules is readable by every employee.
        rules = self.env["business.rule"].sudo().search([("code", "in", list(codes))])
        return {rule.code: rule.display_name for rule in rules}

    @api.model
    def _describe_hidden_figures(self):
        return self.env._("figures are for sales, approvers and accounting")

    @api.model
    def _describe_rules(self, facts):
        """Name the rules that facts are about, without figures."""
        codes = sorted({fact["rule"] for fact in facts})
        names = self._get_authority_rule_names(codes)
        return ", ".join(names.get(code, code) for code in codes)

    @api.model
    def _get_public_fact(self, fact):
        """Return a fact as it may be shown to who may not know confidential figures."""
        if not fact.get("confidential"):
            return fact
        public = {name: fact[name] for name in ("rule", "measure", "confidential")}
        return public | {"sentence": self._describe_authority_fact(public)}

    @api.model
    def _describe_reason(self, names, reason):
        """Say in one line the rule, the figures and who can release it (X01)."""
        return self.env._(
            "%(rule)s — %(sentence)s — can be released by %(release)s",
            rule=names.get(reason["rule"], reason["rule"]),
            sentence=reason["sentence"],
            release=reason["release"],
        )

    def _check_authority(self, action):
        """Refuse an action on documents that wait for approval (A01, X01).

        :param str action: what is attempted (``"confirm"``, ``"send"``, ``"print"`` …),
            for documents whose gates differ by action
        :raise UserError: with rule IDs, figures and who can release them
        """
        self._filter_authority_gated(action)._refuse_unapproved(action)

    def _refuse_unapproved(self, action=None):
        errors = self._get_authority_errors(action=action)
        if errors:
            raise UserError("\n\n".join(errors.values()))

    def _filter_authority_gated(self, action):
        """Return the records for which this action is gated at all."""
        return self
