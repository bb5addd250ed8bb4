from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from ..authority import ENGINE, ENGINE_KEY

BATCH_SIZE = 100


class AuthorityRequest(models.Model):
    """Whoever doesn't answer in time doesn't hold up the business: the next person who
    may decide is asked, too (A17)."""

    _name = "authority.request"
    _inherit = ["authority.request"]

    escalates_at = fields.Datetime(
        readonly=True,
        help="When somebody else is asked, too; empty where the company wants none.",
    )
    escalated_at = fields.Datetime(string="Escalated On", readonly=True)
    escalated_to_id = fields.Many2one(
        "res.users",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )

    _escalation_idx = models.Index(
        "(escalates_at) WHERE state = 'waiting' AND escalated_at IS NULL"
    )

    @api.model_create_multi
    def create(self, vals_list):
        requests = super().create(vals_list)
        for company, own in requests.grouped("company_id").items():
            # How long an answer may take is no secret from who asks.
            hours = company.sudo().authority_escalation_hours
            if hours:
                own.escalates_at = fields.Datetime.now() + timedelta(hours=hours)
        return requests

    @api.model
    def _domain_asked(self, user):
        return super()._domain_asked(user) | Domain("escalated_to_id", "=", user.id)

    @api.model
    def _cron_escalate(self):
        """Ask the next person where a request has waited too long, once (A17).

        Batches are committed: killed and run again, nobody is asked twice.
        """
        cron = self.env["ir.cron"]
        domain = (
            Domain("state", "=", "waiting")
            & Domain("escalated_at", "=", False)
            & Domain("escalates_at", "<=", fields.Datetime.now())
        )
        remaining = self.search_count(domain)
        while remaining > 0:
            found = self.search(domain, limit=BATCH_SIZE, order="escalates_at, id")
            requests = found.try_lock_for_update()
            if not requests:
                break  # another worker has them
            requests._escalate()
            remaining = max(remaining - len(requests), 0)
            if not cron._commit_progress(len(requests), remaining=remaining):
                break

    def _escalate(self):
        """Ask, for each request, the next person who may decide."""
        trusted = self.with_context(**{ENGINE_KEY: ENGINE})
        now = fields.Datetime.now()
        for user, requests in trusted.grouped(self._find_next_approvers().get).items():
            requests.write({"escalated_at": now, "escalated_to_id": user.id})
        told = trusted.filtered("escalated_to_id")
        told._log("escalated")
        for model, requests in told.grouped("res_model").items():
            documents = self.env[model].browse(requests.mapped("res_id")).exists()
            by_id = documents.grouped("id")
            for request in requests:
                if document := by_id.get(request.res_id):
                    user = request.escalated_to_id
                    reader = document.with_context(lang=user.lang)
                    reader._schedule_authority_activity(request, user)

    def _describe_escalation(self):
        """Say who has been asked, too, or when somebody will be."""
        self.ensure_one()
        if self.escalated_to_id:
            return self.env._("escalated to %s", self.escalated_to_id.name)
        if self.escalated_at or not self.escalates_at:
            return ""
        left = max(self.escalates_at - fields.Datetime.now(), timedelta())
        return self.env._("escalates in %s h", round(left.total_seconds() / 3600))

    def _find_next_approvers(self):
        """Return ``{request: res.users}`` who is asked next: the first of the approver's
        own chain who holds the level needed, any other holder, the company's fallback
        person; never who asks. Empty if there is nobody."""
        found = {}
        for company, requests in self.grouped("company_id").items():
            cases = {
                request: (
                    *(request.approver_id.id, False),
                    *(request.level_id.sequence or 0, request.reviewer_id.id),
                )
                for request in requests
            }
            candidates = self.env["authority.assignment"]._find_candidates(
                company, set(cases.values()), company._get_business_date()
            )
            for request, case in cases.items():
                asking = request.requester_id | request.asked_by_id
                found[request] = (candidates[case] - asking)[:1]
        return found
