from contextlib import contextmanager

from odoo import fields, models
from odoo.exceptions import AccessError, UserError

from ..authority import ENGINE, ENGINE_KEY, is_covered

GUARDED = {"authority_since", "authority_author_id"}
WATCHED = "sales_receivable.authority_watched"


class AuthorityMixin(models.AbstractModel):
    """Notices when an edit makes a document's figures worse (A16).

    - An edit that makes a settled document (a confirmed order) worse is refused.
    - A document that a rule spares because it is older counts as new once its figures
      got worse: being old is no loophole.
    - Who makes figures worse is answerable with their own authority, whoever is named
      as the responsible.
    - A waiting request whose frozen facts no longer cover the document is superseded.
    """

    _name = "authority.mixin"
    _inherit = "authority.mixin"

    def _check_authority_values(self, vals):
        """Refuse values of the engine's own fields from anybody but the engine."""
        if GUARDED & vals.keys() and self.env.context.get(ENGINE_KEY) is not ENGINE:
            raise AccessError(self.env._("These figures are kept by the approvals."))

    @contextmanager
    def _watch_authority(self):
        """Wrap every change that may touch the facts of these documents."""
        watched = self.env.cr.precommit.data.setdefault(WATCHED, set())
        records = self.filtered(lambda r: (r._name, r.id) not in watched).sudo()
        # Figures are compared under sudo; nothing of them is shown but in the error.
        modes = records._get_authority_modes(as_of_today=True)
        records = records.filtered(lambda record: modes[record.id])
        keys = {(record._name, record.id) for record in records}
        before = records._get_authority_facts() if records else {}
        watched |= keys
        try:
            yield
        finally:
            watched -= keys
        records = records.exists()
        if records:
            records._touch_authority()
            records._judge_authority_change(modes, before)

    def _touch_authority(self):
        """Make an edit and a simultaneous confirmation meet in the document's row.

        Lines are rows of their own: without this, each transaction would judge what
        it sees and both would pass.
        """
        self.flush_recordset()
        self.env.cr.execute(
            f'UPDATE "{self._table}" SET write_date = write_date WHERE id IN %s',  # noqa: S608 (a table's name)
            [tuple(self.ids)],
        )

    def _judge_authority_change(self, modes, before):
        excess = self._get_authority_excess(modes)
        needs = {record.id: [dict(n) for n in excess[record.id]] for record in self}
        worse = self.browse()
        for record in self:
            facts = [f for need in needs[record.id] for f in need["facts"]]
            if not is_covered(facts, before.get(record.id) or []):
                worse |= record
        worse._mark_authority_worse()
        for record in worse.filtered(lambda r: r._is_authority_settled()):
            record._check_settled_authority(modes[record.id])
        self._supersede_outdated_requests()

    def _check_settled_authority(self, modes):
        self.ensure_one()
        needs = {self.id: self._get_authority_excess({self.id: modes})[self.id]}
        self._resolve_authority(needs)
        blocking = [
            need
            for need in needs[self.id]
            if need["mode"] == "block" and need["state"] != "approved"
        ]
        if blocking:
            raise UserError(
                self.env._(
                    "%(document)s is already confirmed; this change exceeds limits:\n"
                    "%(reasons)s\n"
                    "Cancel it and set it back to quotation to ask for approval.",
                    document=self.display_name,
                    reasons="\n".join(
                        self.env._(
                            "%(rule)s — %(sentence)s — can be released by %(release)s",
                            rule=need["rule"],
                            sentence=need["sentence"],
                            release=self._describe_release(need),
                        )
                        for need in blocking
                    ),
                )
            )

    def _mark_authority_worse(self):
        if not self:
            return
        user = self.env.user
        person = user if not user.share and not user._is_superuser() else user.browse()
        engine = self.with_context(**{ENGINE_KEY: ENGINE})
        engine.write({"authority_since": fields.Datetime.now()})
        for record in engine.filtered(lambda r: person and r._is_weakened_by(person)):
            record.authority_author_id = person

    def _is_weakened_by(self, person):
        """Tell whether a person has a lower level than those behind the document."""
        self.ensure_one()
        company = self.company_id or self.env.company
        ranks = self.env["authority.assignment"]._get_ranks(
            company, company._get_business_date()
        )
        __, rank = self._get_authority_requester(ranks)
        levels = self.env["authority.level"]._get_ranks()
        lowest = levels[0][0] if levels else 0
        return ranks.get(person.id, lowest) < rank

    def _supersede_outdated_requests(self):
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
        outdated = requests.browse()
        for request in requests:
            measures = {fact["measure"] for fact in request.facts or []}
            facts = [
                fact
                for need in excess[request.res_id]
                if need["measure"] in measures
                for fact in need["facts"]
            ]
            if not facts or not is_covered(facts, request.facts):
                outdated |= request
        outdated._close("superseded")
