from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date


class SalesLeaseFollowUp(models.Model):
    """One follow-up of a customer before its lease ends: planned when the end is known,
    done once by the job (V22)."""

    _name = "sales.lease.follow.up"
    _inherit = ["sales.visit.server.field.mixin", "sales.visit.batch.mixin"]
    _description = "Lease Follow-up"
    _order = "date, id"
    _rec_name = "date"

    file_id = fields.Many2one(
        "sales.customer.file",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="file_id.company_id", store=True)
    lease_end = fields.Date(required=True, readonly=True)
    months = fields.Integer(string="Months Before", required=True, readonly=True)
    date = fields.Date(required=True, readonly=True)
    done_at = fields.Datetime(string="Reminded On", readonly=True)

    _lease_uniq = models.Constraint(
        "unique(file_id, lease_end, months)",
        "A lease is followed up once at each of these times.",
    )
    _due_idx = models.Index("(date) WHERE done_at IS NULL")

    @api.model
    def _cron_follow_up_leases(self):
        """Remind the owners of customers whose leases end, each once (V22)."""
        today = fields.Date.context_today(self)
        self._run_in_batches(Domain("date", "<=", today), "done_at", "_remind")

    def _remind(self):
        """Create one activity a follow-up, in one batch: for the owner, else for a
        manager of the company."""
        users = self.env["res.users"]
        fallback = {
            company: users._get_company_managers(company)[:1]
            for company in self.company_id
        }
        self.env["mail.activity"]._create_reminders(
            "sales_visit.mail_activity_type_lease",
            {
                follow_up: follow_up.file_id.user_id.filtered("active")
                or fallback[follow_up.company_id]
                for follow_up in self
            },
            date=lambda follow_up: follow_up.date,
            summary=lambda follow_up, user: follow_up._get_summary(user),
            on=lambda follow_up: follow_up.file_id,
        )

    def _get_summary(self, user):
        """Return what is due, in the addressee's language."""
        env = self.with_context(lang=user.lang).env
        return env._(
            "Lease ends %(date)s",
            date=format_date(env, self.lease_end, lang_code=user.lang),
        )
