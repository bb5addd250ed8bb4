from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..guard import as_server

ACTIVITY = "sales_visit.mail_activity_type_thanks"
THANKS_STATES = [("due", "To Be Thanked"), ("kept", "Kept"), ("missed", "Missed")]


class SalesVisit(models.Model):
    """The thank-you on the working day after a visit: scheduled by itself, and whether it
    was kept is counted (V13)."""

    _name = "sales.visit"
    _inherit = ["sales.visit"]

    thanks_due = fields.Date(
        string="Thank By",
        readonly=True,
        copy=False,
        help="The salesperson's working day after the visit.",
    )
    thanks_until = fields.Datetime(readonly=True, copy=False)
    thanks_state = fields.Selection(
        THANKS_STATES,
        string="Thank-You",
        readonly=True,
        copy=False,
        help="Kept on its day or before; missed stays missed.",
    )
    thanked_at = fields.Datetime(readonly=True, copy=False)
    thanks_checked_at = fields.Datetime(readonly=True, copy=False)

    _thanks_idx = models.Index("(user_id, thanks_due) WHERE thanks_state = 'due'")
    _thanks_until_idx = models.Index(
        "(thanks_until) WHERE thanks_state = 'due' AND thanks_checked_at IS NULL"
    )

    def action_finish(self):
        """End the visit now; the thank-you is due on the next working day (V13)."""
        result = super().action_finish()
        self._schedule_thanks()
        return result

    def action_thanked(self):
        """Note that the customer has been thanked, now.

        :raise UserError: where no thank-you is due
        """
        self.check_access("write")
        for visit in self:
            if not visit.thanks_state or visit.thanked_at:
                raise UserError(
                    self.env._(
                        "No thank-you is due for %(visit)s.", visit=visit.display_name
                    )
                )
        # The activity may be somebody else's, who stands in.
        self.sudo().activity_feedback([ACTIVITY])
        self._note_thanked()
        return True

    def _schedule_thanks(self):
        """Let customers that were visited be thanked on the salesperson's next working
        day: once, however often one was visited that day."""
        rules = self.env["sales.deadline.rule"]
        todo = {}
        visited = self.filtered(
            lambda visit: (
                visit.channel == "in_person" and visit.visit_type_id.has_thanks
            )
        )
        for company, visits in visited.grouped("company_id").items():
            conditions = visits.user_id._get_working_conditions(company)
            for (user, day), group in visits.grouped(
                lambda visit: (visit.user_id, visit.visit_day)
            ).items():
                tz, calendar, resource = conditions[user]
                due = day + timedelta(days=1)
                if calendar:
                    due = calendar._get_next_workday(day, tz, resource, company)
                until = rules._get_moment(due, 24, tz)
                for visit in group - group._filter_thanked_already(due):
                    todo.setdefault(
                        (user, visit.commercial_partner_id, due), (visit, until)
                    )
        for (_user, _customer, due), (visit, until) in todo.items():
            as_server(visit).write(
                {"thanks_due": due, "thanks_until": until, "thanks_state": "due"}
            )
        thanked = self.browse(visit.id for visit, _until in todo.values())
        thanked._remind_of_thanks()

    def _filter_thanked_already(self, due):
        """Return the visits to customers whom their salesperson thanks on a day anyway."""
        known = self.sudo().search(
            [
                ("user_id", "in", self.user_id.ids),
                ("commercial_partner_id", "in", self.commercial_partner_id.ids),
                ("company_id", "in", self.company_id.ids),
                ("thanks_due", "=", due),
                ("id", "not in", self.ids),
            ]
        )
        thanked = {(visit.user_id, visit.commercial_partner_id) for visit in known}
        return self.filtered(
            lambda visit: (visit.user_id, visit.commercial_partner_id) in thanked
        )

    def _remind_of_thanks(self):
        """Remind those who owe the thank-yous."""
        self.env["mail.activity"]._create_reminders(
            ACTIVITY,
            {visit: visit.user_id for visit in self},
            date=lambda visit: visit.thanks_due,
        )

    def _note_thanked(self):
        """Note the moment; whether it was in time is decided once."""
        now = fields.Datetime.now()
        open_ = self.filtered(lambda visit: visit.thanks_state and not visit.thanked_at)
        in_time = open_.filtered(
            lambda visit: visit.thanks_state == "due" and now <= visit.thanks_until
        )
        as_server(in_time).write({"thanked_at": now, "thanks_state": "kept"})
        as_server(open_ - in_time).write({"thanked_at": now, "thanks_state": "missed"})

    @api.model
    def _cron_watch_thanks(self):
        """Count the thank-yous whose day has passed as missed, each once (V13)."""
        self._run_in_batches(
            [
                ("thanks_state", "=", "due"),
                ("thanks_until", "<", fields.Datetime.now()),
            ],
            "thanks_checked_at",
            "_miss_thanks",
        )

    def _miss_thanks(self):
        as_server(self).write({"thanks_state": "missed"})
