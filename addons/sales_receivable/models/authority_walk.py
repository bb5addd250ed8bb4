from odoo import fields, models


class AuthorityRequest(models.Model):
    """Level by level (逐级申请): who approves hands on to the next person of the walk,
    up to the one who may decide alone (A01).

    The walk is frozen when one asks. Each step is a request of its own about the same
    figures; a refusal or a withdrawal ends the walk, and only the last approval counts.
    """

    _name = "authority.request"
    _inherit = "authority.request"

    following = fields.Json(
        readonly=True, help="Ids of the people who are asked after this one, in turn."
    )
    following_names = fields.Char(string="Then", compute="_compute_following_names")
    previous_id = fields.Many2one(
        "authority.request",
        string="Approved Before",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )

    def _compute_following_names(self):
        # Names of those who decide are shown to everybody who has to ask them.
        for request in self:
            people = request.sudo()._get_people() - request.sudo().approver_id
            request.following_names = " → ".join(people.mapped("name"))

    def _get_people(self):
        following = self.env["res.users"].browse(self.following or [])
        return super()._get_people() | following.exists()

    def _close(self, state, reason=None):
        result = super()._close(state, reason)
        if state == "approved":
            # The right to decide was checked; the walk goes on whoever decided.
            for request in self.sudo().filtered("following"):
                request._ask_following()
        return result

    def _ask_following(self):
        """Ask the next person who is there; the last one is always somebody who may
        decide alone (A01, A17)."""
        document = self.env[self.res_model].browse(self.res_id).exists()
        if not document:
            return  # deleted: its requests were withdrawn
        people = self._get_following(document)
        if not people:
            return  # asked again, the document says that nobody is left
        document = document.with_context(lang=people[0].lang)
        document._open_authority_request(
            {
                "company_id": self.company_id.id,
                "requester_id": self.requester_id.id,
                "asked_by_id": self.asked_by_id.id,
                "level_id": self.level_id.id,
                "approver_id": people[0].id,
                "following": people[1:].ids,
                "previous_id": self.id,
                "facts": self.facts,
                "rule_ids": self.rule_ids.ids,
            }
        )

    def _get_following(self, document):
        """Return who is left to ask: those who are still there, or stand in for them."""
        self.ensure_one()
        Assignment = self.env["authority.assignment"]
        company, requester = self.company_id, self.requester_id
        on = company._get_business_date()
        substitutes = self.env["authority.substitute"]._get_substitutes(company, on)
        active = self._get_people().filtered("active").ids
        before, last = (
            Assignment._filter_present(
                [user for user in users if user in active], requester.id, substitutes
            )
            - requester
            - self.asked_by_id
            for users in (self.following[:-1], self.following[-1:])
        )
        if not last:
            case = (requester.id, False, self.level_id.sequence, False)
            candidates = Assignment._find_candidates(company, {case}, on)[case]
            last = (candidates - self.asked_by_id)[:1]
        return document._cut_walk(before, last)
