from collections import defaultdict

from odoo import api, models
from odoo.exceptions import AccessError, UserError

from ..authority import ENGINE, ENGINE_KEY


class AuthorityMixin(models.AbstractModel):
    """Asks, withdraws and reacts to decisions for a document (A01, A17)."""

    _name = "authority.mixin"
    _inherit = "authority.mixin"

    def action_authority_request(self):
        """Ask for every approval that is missing, one request per person (A01, A17).

        :raise UserError: when nobody can approve, or a figure isn't known
        :raise AccessError: by who may not know the figures
        """
        self.check_access("write")
        if self - self._filter_authority_figures():
            # Who asks reads what is asked; the warehouse may write orders, too.
            raise AccessError(
                self.env._("Approval is asked for by sales, approvers or accounting.")
            )
        for record, needs in self._get_authority_needs_by_record():
            missing = [n for n in needs if n["state"] in ("open", "refused")]
            unknown = [need["sentence"] for need in missing if not need["is_known"]]
            if unknown:
                raise UserError("\n".join(unknown))
            groups = defaultdict(list)
            for need in missing:
                people = record._get_authority_approvers(need)
                groups[need["reviewer"], people[:1]].append((need, people))
            for (reviewer, approver), group in groups.items():
                # One question each: what already waits there is asked along.
                group += [
                    (need, need["approvers"])
                    for need in needs
                    if need["state"] == "waiting"
                    and need["reviewer"] == reviewer
                    and need["request"].approver_id == approver
                    and not need["request"].previous_id
                ]
                # Who may decide the most may decide the rest, too.
                people = max(group, key=lambda pair: pair[0]["rank"])[1]
                # The figures are read by who decides, so in that person's language.
                reader = record.with_context(lang=approver.lang or self.env.lang)
                asked = reader._reword_needs(record, [need for need, __ in group])
                reader._ask_authority(people, asked)
        return True

    def _describe_standing(self):
        """Say in which state the document is, and whose decision it waits for (X01)."""
        self.ensure_one()
        labels = dict(self._fields["state"]._description_selection(self.env))
        values = {"document": self.display_name, "state": labels[self.state]}
        # Who decides is told to whoever is told that it waits.
        requests = self.sudo().authority_request_ids
        waiting = requests.filtered(lambda request: request.state == "waiting")
        if not waiting:
            return self.env._("%(document)s is: %(state)s.", **values)
        return self.env._(
            "%(document)s is: %(state)s. It waits for %(people)s.",
            people=", ".join(waiting.approver_id.mapped("name")),
            **values,
        )

    def _get_authority_needs_by_record(self):
        needs = self._get_authority_needs()
        return [(record, needs[record.id]) for record in self]

    def _get_authority_approvers(self, need):
        """Return who is asked, in turn: as the banner says, but for who asks (A17)."""
        last = (need["candidates"] - self.env.user)[:1]
        if not last:
            raise UserError(
                self.env._(
                    "Nobody but who asks can approve this at the level “%(level)s”."
                    " The administrator can assign the level or name a fallback"
                    " person in the settings.\n%(sentence)s",
                    level=(need["reviewer"] or need["level"]).name,
                    sentence=need["sentence"],
                )
            )
        return self._cut_walk(need["walk"] - self.env.user, last)

    def _reword_needs(self, record, needs):
        """Return the needs of a record with sentences in the language of ``self``."""
        if self.env.lang == record.env.lang:
            return needs
        names = ("rule", "measure", "reviewer_id")
        wanted = {tuple(need[name] for name in names) for need in needs}
        return [
            need
            for need in self._get_authority_needs()[self.id]
            if tuple(need[name] for name in names) in wanted
        ]

    def _ask_authority(self, people, needs):
        """Freeze the facts into a waiting request to the first of these people.

        :param people: ``res.users`` who approve in turn, the last one for good
        """
        self.ensure_one()
        highest = max(needs, key=lambda need: need["rank"])
        # Who may write the document may ask about it; requests are the engine's.
        self.env["authority.request"].sudo().search(
            [
                ("res_model", "=", self._name),
                ("res_id", "=", self.id),
                ("approver_id", "=", people[0].id),
                ("reviewer_id", "=", highest["reviewer"].id),
                ("previous_id", "=", False),
                ("state", "=", "waiting"),
            ]
        )._close("superseded")
        self._open_authority_request(
            {
                "company_id": highest["company"].id,
                "requester_id": highest["requester"].id,
                "asked_by_id": self.env.uid,
                "level_id": highest["level"].id,
                "reviewer_id": highest["reviewer"].id,
                "approver_id": people[0].id,
                "following": people[1:].ids,
                "facts": [fact for need in needs for fact in need["facts"]],
                "rule_ids": [need["rule_id"] for need in needs if need["rule_id"]],
            }
        )

    def _open_authority_request(self, values):
        """Let a request about this document wait, log it, remind who is asked."""
        # The callers checked who asks; requests are the engine's.
        Request = self.env["authority.request"].sudo()
        request = Request.with_context(**{ENGINE_KEY: ENGINE}).create(
            values
            | {
                "res_model": self._name,
                "res_id": self.id,
                "res_name": self.display_name,
            }
        )
        request._log("asked")
        self._schedule_authority_activity(request)

    def action_authority_withdraw(self):
        """Take back the waiting requests of these documents (A17)."""
        self.check_access("write")
        self._withdraw_authority()
        return True

    def _withdraw_authority(self):
        # The callers may write, cancel or delete the document, so what it asked as well.
        self.env["authority.request"].sudo().search(
            [
                ("res_model", "=", self._name),
                ("res_id", "in", self.ids),
                ("state", "=", "waiting"),
            ]
        )._close("withdrawn")

    def action_authority_open_log(self):
        """Open what was asked and decided about these documents."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_receivable.authority_step_action"
        )
        return action | {
            "domain": [("res_model", "=", self._name), ("res_id", "in", self.ids)]
        }

    def action_authority_approve(self):
        """Approve, from the document, what waits for the current user."""
        return self._get_authority_decidable().action_open_approve()

    def action_authority_refuse(self):
        """Refuse, from the document, what waits for the current user."""
        return self._get_authority_decidable().action_open_refuse()

    def _get_authority_decidable(self):
        requests = self.env["authority.request"].search(
            [
                ("res_model", "=", self._name),
                ("res_id", "in", self.ids),
                ("may_decide", "=", True),
            ]
        )
        if not requests:
            raise UserError(self.env._("Nothing here waits for you."))
        return requests

    # --- activities and messages ------------------------------------------------------

    def _schedule_authority_activity(self, request, user=None):
        """Remind who is asked, or somebody else, of a request."""
        # The activity belongs to the approver, whatever the asker may do with
        # activities of others. The engine's key keeps approvers from following.
        self.sudo().with_context(
            **{ENGINE_KEY: ENGINE, "mail_activity_automation_skip": False}
        ).activity_schedule(
            "sales_receivable.mail_activity_type_authority",
            date_deadline=request.company_id._get_business_date(),
            summary=self.env._("Approval needed: %(name)s", name=request.res_name),
            note=self._get_authority_chatter_sentence(request),
            user_id=(user or request.approver_id).id,
        )

    def _get_authority_chatter_sentence(self, request):
        """Return what a request is about, as every reader of the document may know it:
        rule and level; the message's author decided, the log has the figures."""
        return self.env._(
            "%(rules)s (needs %(level)s)",
            rules=self._describe_rules(request.facts),
            level=request._get_authority_name(),
        )

    def _authority_closed(self, request):
        """React to a request of this document that is no longer waiting."""
        self.ensure_one()
        for user in request.approver_id | request.escalated_to_id:
            self.with_context(**{ENGINE_KEY: ENGINE}).activity_unlink(
                ["sales_receivable.mail_activity_type_authority"], user_id=user.id
            )
        if request.state not in ("approved", "refused"):
            return
        what = self._get_authority_chatter_sentence(request)
        bodies = {
            "approved": self.env._("Approved: %(what)s", what=what),
            "refused": self.env._("Refused: %(what)s", what=what),
        }
        body = bodies[request.state]
        if request.reason:
            body = self.env._(
                "%(decision)s\nReason: %(reason)s", decision=body, reason=request.reason
            )
        self.with_context(**{ENGINE_KEY: ENGINE}, mark_so_as_sent=False).message_post(
            body=body,
            author_id=self.env.user.partner_id.id,
            partner_ids=(request.requester_id | request.asked_by_id).partner_id.ids,
            subtype_xmlid="mail.mt_note",
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_withdraw_requests(self):
        self._withdraw_authority()
