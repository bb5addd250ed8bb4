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
        activity_type = self.env.ref("sales_visit.mail_activity_type_lease")
        model = self.env["ir.model"]._get("sales.customer.file")
        vals_list = []
        for company, follow_ups in self.grouped("company_id").items():
            fallback = self.env["res.users"]._get_company_managers(company)[:1]
            for follow_up in follow_ups:
                user = follow_up.file_id.user_id.filtered("active") or fallback
                if user:
                    vals_list.append(
                        {
                            "activity_type_id": activity_type.id,
                            "automated": True,
                            "date_deadline": follow_up.date,
                            "res_model_id": model.id,
                            "res_id": follow_up.file_id.id,
                            "summary": follow_up._get_summary(user),
                            "user_id": user.id,
                        }
                    )
        activities = self.env["mail.activity"]
        activities.with_context(mail_activity_quick_update=True).create(vals_list)

    def _get_summary(self, user):
        """Return what is due, in the addressee's language."""
        env = self.with_context(lang=user.lang).env
        return env._(
            "Lease ends %(date)s",
            date=format_date(env, self.lease_end, lang_code=user.lang),
        )
