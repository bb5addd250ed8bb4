from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from pytz import timezone, utc


class SalesVisit(models.Model):
    """What was planned and never begun becomes missed, so that its customer is due again
    (V02)."""

    _name = "sales.visit"
    _inherit = ["sales.visit"]

    @api.model
    def _cron_miss_visits(self):
        """Note visits on the plan whose day passed the company's hours ago, by the clock of
        the salesperson, as missed; batch by batch (V02)."""
        now = fields.Datetime.now()
        get_moment = self.env["sales.deadline.rule"]._get_moment
        on_plan = Domain("state", "in", ("planned", "confirmed"))
        for company, users in self._read_group(
            on_plan & Domain("planned_start", "<", now),
            ["company_id"],
            ["user_id:recordset"],
        ):
            hours = company.visit_missed_hours
            if hours <= 0:
                continue
            conditions = users._get_working_conditions(company)
            moment = utc.localize(now - timedelta(hours=hours))
            zones = {user: conditions[user][0] for user in users}
            for tz, group in users.grouped(zones.get).items():
                day = get_moment(moment.astimezone(timezone(tz)).date(), 0, tz)
                passed = (
                    on_plan
                    & Domain("company_id", "=", company.id)
                    & Domain("user_id", "in", group.ids)
                    & Domain("planned_start", "<", day)
                    & (
                        Domain("planned_stop", "<=", day)
                        | Domain("planned_stop", "=", False)
                    )
                )
                if not self._run_in_batches(passed, None, "_miss"):
                    return

    def _miss(self):
        self._step_to("missed")
