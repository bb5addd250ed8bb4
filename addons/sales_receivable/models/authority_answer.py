from collections import defaultdict

from odoo import api, models

from ..authority import filter_unfit, is_covered


class AuthorityMixin(models.AbstractModel):
    """Finds who answers what a document needs, and what they have answered (A01, A16).

    A need is answered by a level, or by a function that reviews besides (finance,
    legal); straight, or by each line manager in turn.
    """

    _name = "authority.mixin"
    _inherit = "authority.mixin"

    def _resolve_authority(self, needs, describes_approved=False):
        """Complete the needs with level, reviewer, state, request and approvers.

        :param describes_approved: say what is approved, too, which costs most of the
            time of orders with many lines and is shown by the approval itself
        """
        Level = self.env["authority.level"].sudo()  # names of levels are no secret
        Reviewer = self.env["authority.reviewer"].sudo()  # nor are those of functions
        Request = self.env["authority.request"].sudo()  # own documents' requests
        origin_ids = [record._origin.id for record in self if record._origin.id]
        answers = Request.search(
            [("res_model", "=", self._name), ("res_id", "in", origin_ids)]
        ).grouped("res_id")
        asked = defaultdict(list)
        reader = self.with_env(self.env(su=False))
        open_to_reader = reader._filter_authority_figures()
        confided = {
            kind: reader._filter_confidential_figures(kind)
            for kind in {
                fact.get("confidential")
                for record in self
                for need in needs[record.id]
                for fact in need["facts"]
            }
            - {None}
        }
        for record in self:
            own = answers.get(record._origin.id, Request)
            leader = record._get_authority_team().user_id.id
            for need in needs[record.id]:
                need["company"] = record.company_id or self.env.company
                need["level"] = Level.browse(need["level_id"] or [])
                need["reviewer"] = Reviewer.browse(need["reviewer_id"] or [])
                need["is_known"] = bool(need["level"] or need["reviewer"])
                need["at"] = need["facts"][0].get("at")
                need["state"], need["request"] = self._find_answer(own, need)
                if need["state"] != "approved" or describes_approved:
                    for fact in need["facts"]:
                        fact["sentence"] = self._describe_authority_fact(fact)
                need["shown"] = need["facts"]
                if record not in open_to_reader:
                    need["shown"] = [{"sentence": self._describe_hidden_figures()}]
                else:
                    need["shown"] = [
                        fact
                        if record in confided.get(fact.get("confidential"), record)
                        else self._get_public_fact(fact)
                        for fact in need["facts"]
                    ]
                need["sentence"] = "\n".join(
                    fact.get("sentence") or "" for fact in need["shown"]
                )
                need["approvers"] = need["request"]._get_people()
                need["case"] = (
                    *(need["requester"].id, leader),
                    *(need["rank"], need["reviewer_id"]),
                )
                if need["is_known"] and need["state"] in ("open", "refused"):
                    asked[need["company"]].append(need)
        for company, open_needs in asked.items():
            self._find_whom_to_ask(company, open_needs)

    @api.model
    def _find_whom_to_ask(self, company, needs):
        """Complete needs with ``candidates``, who may be asked, in order, and
        ``approvers``: the first of them, or each of the walk in turn (A01)."""
        Assignment = self.env["authority.assignment"]
        Mode = self.env["business.rule.mode"]
        on = company._get_business_date()
        candidates = Assignment._find_candidates(
            company, {need["case"] for need in needs}, on
        )
        by_level = [
            need
            for need in needs
            if need["level"]
            and not need["reviewer"]
            and Mode._get_walk(need["rule"], company) == "each"
        ]
        managers = Assignment._find_managers(
            company, {need["requester"].id for need in by_level}, on
        )
        for need in needs:
            # Whom nobody may let decide isn't asked either (A17).
            need["candidates"] = candidates[need["case"]] - filter_unfit(
                need["involved"], need["ranks"], need["reviewer"], need["rank"]
            )
            need["walk"] = self.env["res.users"]
        for need in by_level:
            need["walk"] = managers[need["requester"].id]
        for need in needs:
            need["approvers"] = self._cut_walk(need["walk"], need["candidates"][:1])

    @api.model
    def _cut_walk(self, walk, last):
        """Return who approves in turn: the managers up to the last one needed, who may
        decide; nobody without that one."""
        if last and last not in walk:
            return walk | last
        return walk[: walk.ids.index(last.id) + 1] if last else last

    @api.model
    def _find_answer(self, requests, need):
        """Return the state of a need and the request that says so.

        An approval or a question covers everything that is no worse, in the company and
        by the function where it was asked (A16); a refusal is about exactly what was
        asked. Who approved on the way to somebody else has not approved for them.
        """
        facts = need["facts"]
        measures = {fact["measure"] for fact in facts}
        requests = requests.filtered(
            lambda request: request._is_asked_of(need["company"], need["reviewer"])
        )
        for state in ("approved", "waiting", "refused"):
            for request in requests.filtered(lambda r, s=state: r.state == s):
                if state == "waiting" and not request.approver_id.active:
                    continue  # who was asked has left: ask again
                if state == "approved" and (
                    request.following
                    # Who stands behind it by now was somebody's substitute (A17).
                    or request.decided_by_id
                    in request._filter_unfit(need["involved"], need["ranks"])
                ):
                    continue
                frozen = [f for f in request.facts or [] if f["measure"] in measures]
                if is_covered(facts, frozen) and (
                    state != "refused" or is_covered(frozen, facts)
                ):
                    return state, request
        return "open", requests.browse()

    @api.model
    def _describe_release(self, need):
        """Say who can release a need or a reason."""
        if need["state"] == "held":
            return need["release"]
        if not need["is_known"]:
            return self.env._("who can complete the figures; nobody can approve that")
        # Names of those who decide are shown to everybody who has to ask them.
        names = " → ".join(need["approvers"].sudo().mapped("name"))
        return self.env._(
            "%(level)s: %(name)s",
            level=(need["reviewer"] or need["level"]).name,
            name=names
            or self.env._("nobody; the administrator must name a fallback person"),
        )
