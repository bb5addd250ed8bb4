from contextlib import contextmanager

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..authority import is_covered
from ..guard import as_server

WATCHED = "sales_receivable.authority_watched"


class AuthorityMixin(models.AbstractModel):
    """Notices when an edit makes a document's figures worse (A16).

    - An edit that makes a settled document (a confirmed order) worse is refused, also
      one that gives it a reason of its own against it.
    - A document that a rule spares because it is older counts as new once its figures
      got worse: being old is no loophole.
    - Who makes figures worse is answerable with their own authority, whoever is named
      as the responsible, and doesn't decide about them in somebody's place.
    - A settled document isn't given to who decided about it in somebody's place (A17).
    - A waiting request whose frozen facts no longer cover the document is superseded.
    """

    _name = "authority.mixin"
    _inherit = "authority.mixin"

    @api.model
    def _get_server_fields(self):
        return super()._get_server_fields() | {
            "authority_since",
            "authority_author_id",
            "authority_authors",
        }

    @contextmanager
    def _watch_authority(self, company_id=None):
        """Wrap every change that may touch the facts of these documents.

        :param company_id: company that the documents are moved to, if any
        """
        watched = self.env.cr.precommit.data.setdefault(WATCHED, set())
        # Figures are compared under sudo; nothing of them is shown but in the error.
        records = self.filtered(lambda r: (r._name, r.id) not in watched).sudo()
        company = self.env["res.company"].browse(company_id or ())
        records = records.filtered(
            lambda r: (
                r._is_authority_on(r.company_id or self.env.company)
                or (company and r._is_authority_on(company))
            )
        )._filter_comparable()
        keys = {(record._name, record.id) for record in records}
        before = records._get_authority_facts() if records else {}
        held = records._get_standing_keys() if records else {}
        involved = records._get_involved_when_settled()
        watched |= keys
        try:
            yield
        finally:
            watched -= keys
        records = records.exists()
        if records:
            records._touch_authority()
            records._mark_authority_worse(before)
            records._mark_newly_held(held)
            records._keep_from_judges(involved)
            records._supersede_outdated_requests()

    def _filter_comparable(self):
        """Leave out what is only being created: there is no before to compare with."""
        now = self.env.cr.now()
        return self.filtered(
            lambda record: (
                record.create_date != now
                or record._is_authority_settled()
                or record.authority_request_ids
            )
        )

    def _touch_authority(self):
        """Make an edit and a simultaneous confirmation meet in the document's row.

        Lines are rows of their own: without this, each transaction would judge what
        it sees and both would pass.
        """
        self.flush_recordset()
        self.env.execute_query(
            SQL(
                "UPDATE %s SET write_date = write_date WHERE id IN %s RETURNING id",
                SQL.identifier(self._table),
                tuple(self.ids),
            )
        )

    def _mark_authority_worse(self, before):
        modes = self._get_authority_modes(as_of_today=True)
        after = self._get_authority_facts()
        worse = self.filtered(
            lambda record: (
                not is_covered(
                    [fact for fact in after.get(record.id, ()) if fact["value"] > 0],
                    before.get(record.id, []),
                )
            )
        )
        worse._mark_authority_author()
        excess = worse._get_authority_excess(modes, after)
        exceeding = worse.filtered(
            lambda record: (
                not is_covered(
                    [fact for need in excess[record.id] for fact in need["facts"]],
                    before.get(record.id, []),
                )
            )
        )
        settled = exceeding.filtered(lambda record: record._is_authority_settled())
        needs = {record.id: excess[record.id] for record in settled}
        settled._resolve_authority(needs)
        settled._refuse_worse(needs)
        exceeding._end_sparing(modes)

    def _get_standing_keys(self):
        """Return per record what its own reasons are about, were it of today."""
        held = self._get_held_reasons(self._get_authority_modes(as_of_today=True))
        return {
            record_id: {(reason["rule"], reason["key"]) for reason in reasons}
            for record_id, reasons in held.items()
        }

    def _mark_newly_held(self, before):
        """Treat a reason that an edit brought about like a figure that got worse."""
        modes = self._get_authority_modes(as_of_today=True)
        held = self._get_held_reasons(modes)
        new = {
            record.id: [
                reason
                for reason in held[record.id]
                if (reason["rule"], reason["key"]) not in before.get(record.id, ())
            ]
            for record in self
        }
        worse = self.filtered(lambda record: new[record.id])
        worse.filtered(lambda r: r._is_authority_settled())._refuse_worse(new)
        worse._end_sparing(modes)

    def _end_sparing(self, modes):
        """Count documents that got worse as of today, where that makes a difference."""
        spared = self._get_authority_modes()
        outgrown = self.filtered(lambda record: spared[record.id] != modes[record.id])
        as_server(outgrown).authority_since = fields.Datetime.now()

    def _refuse_worse(self, needs):
        """Refuse an edit of settled documents that brought about what blocks them.

        :param needs: needs (resolved) or own reasons by record
        """
        names = self._get_authority_rule_names(
            need["rule"] for own in needs.values() for need in own
        )
        for record in self:
            reasons = [
                self._describe_reason(
                    names, need | {"release": self._describe_release(need)}
                )
                for need in needs[record.id]
                if need["mode"] == "block" and need["state"] != "approved"
            ]
            if reasons:
                raise UserError(
                    self.env._(
                        "%(document)s is already confirmed and this change exceeds"
                        " limits:\n%(reasons)s\nTo ask for approval, cancel it and set"
                        " it back to quotation, or, where goods have moved already, put"
                        " what is new on a quotation of its own.",
                        document=record.display_name,
                        reasons="\n".join(reasons),
                    )
                )

    def _mark_authority_author(self):
        """Keep who made figures worse, for good (A17), and as the one whose level counts
        if it is a lower one (A01)."""
        person = self.env.user
        if person.share or person._is_superuser():
            return
        self._note_authority_author()
        levels = self.env["authority.level"]._get_ranks()
        lowest = levels[0][0] if levels else 0
        for company, records in self.grouped(
            lambda record: record.company_id or self.env.company
        ).items():
            ranks = self.env["authority.assignment"]._get_ranks(
                company, company._get_business_date()
            )
            rank = ranks.get(person.id, lowest)
            lowered = records.filtered(
                lambda r, ranks=ranks, rank=rank: (
                    rank < r._get_authority_requester(ranks)[1]
                )
            )
            as_server(lowered).authority_author_id = person

    def _note_authority_author(self):
        """Keep that the user typed figures of these documents."""
        person = self.env.user
        if person.share or person._is_superuser():
            return
        for record in self:
            known = record.authority_authors or []
            if person != record.create_uid and person.id not in known:
                as_server(record).authority_authors = [*known, person.id]

    def _get_involved_when_settled(self):
        """Return ``{record.id: res.users}`` of settled documents."""
        return {
            record.id: record._get_authority_involved()
            for record in self
            if record._is_authority_settled()
        }

    def _keep_from_judges(self, before):
        """Refuse to let stand behind settled documents who approved them in somebody's
        place: it would be their own cause after all (A17).

        :param before: as from ``_get_involved_when_settled``
        """
        judged = {
            record: new
            for record in self
            if record.id in before
            and (new := record._get_authority_involved() - before[record.id])
        }
        if not judged:
            return
        approvals = self.env["authority.request"].search(
            [
                ("res_model", "=", self._name),
                ("res_id", "in", [record.id for record in judged]),
                ("state", "=", "approved"),
            ]
        )
        by_id = approvals.grouped("res_id")
        for record, people in judged.items():
            company = record.company_id or self.env.company
            ranks = self.env["authority.assignment"]._get_ranks(
                company, company._get_business_date()
            )
            modes = record._get_authority_modes()[record.id]
            for request in by_id.get(record.id, ()):
                rules = {fact["rule"] for fact in request.facts or []}
                judge = request.decided_by_id & request._filter_unfit(people, ranks)
                if judge and "block" in {modes.get(rule) for rule in rules}:
                    raise UserError(
                        self.env._(
                            "%(person)s approved %(document)s in somebody's place, so"
                            " it is for somebody else.",
                            person=judge.name,
                            document=record.display_name,
                        )
                    )

    def _supersede_outdated_requests(self):
        """Close waiting requests that no longer say what the document does (A16)."""
        requests = self.env["authority.request"].search(
            [
                ("res_model", "=", self._name),
                ("res_id", "in", self.ids),
                ("state", "=", "waiting"),
            ]
        )
        if not requests:
            return
        records = self.browse(requests.mapped("res_id"))
        excess = records._get_authority_excess(records._get_authority_modes())
        Reviewer = self.env["authority.reviewer"]
        by_id = records.grouped("id")
        outdated = requests.browse()
        for request in requests:
            company = by_id[request.res_id].company_id or self.env.company
            measures = {fact["measure"] for fact in request.facts or []}
            facts = [
                fact
                for need in excess[request.res_id]
                if need["measure"] in measures
                and request._is_asked_of(
                    company, Reviewer.browse(need["reviewer_id"] or [])
                )
                for fact in need["facts"]
            ]
            if not facts or not is_covered(facts, request.facts):
                outdated |= request
        outdated._close("superseded")
