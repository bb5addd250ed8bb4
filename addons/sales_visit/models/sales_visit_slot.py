from datetime import timedelta

from odoo import api, fields, models
from pytz import timezone, utc

STEP = timedelta(minutes=30)
HORIZON = timedelta(days=14)


class SalesVisit(models.Model):
    """When the next visit could be: what a form that plans one starts with."""

    _name = "sales.visit"
    _inherit = ["sales.visit"]

    @api.model
    def default_get(self, fields):
        """Suggest the next free slot where a screen asks for it (a hint, no guard)."""
        values = super().default_get(fields)
        if (
            self.env.context.get("sales_visit_suggest_time")
            and "planned_start" in fields
            and "planned_start" not in values
        ):
            values["planned_start"] = self._get_next_free_slot()
        return values

    @api.model
    def _get_next_free_slot(self):
        """Return when the current user could next begin a visit: the next full or half
        hour in working time at which no other visit of his or hers is planned.

        :return: naive, UTC; the next half hour where the calendar has no working time
        :rtype: datetime
        """
        company = self.env.company
        user = self.env.user
        tz, calendar, resource = user._get_working_conditions(company)[user]
        length = timedelta(
            hours=self.env["sales.visit.type"].search([], limit=1).duration or 0.5
        )
        now = utc.localize(fields.Datetime.now()).astimezone(timezone(tz))
        first = self._round_up(now)
        busy = self._get_planned_times(user, first, first + HORIZON)
        for start, stop in calendar._get_worked_times(
            first, first + HORIZON, resource, company
        ):
            slot = self._round_up(start)
            while slot + length <= stop:
                if not any(
                    slot < taken_stop and taken_start < slot + length
                    for taken_start, taken_stop in busy
                ):
                    return slot.astimezone(utc).replace(tzinfo=None)
                slot += STEP
        return first.astimezone(utc).replace(tzinfo=None)

    @api.model
    def _round_up(self, moment):
        """Return the next full or half hour of a local time, itself if it is one."""
        midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
        return midnight - (midnight - moment) // STEP * STEP

    @api.model
    def _get_planned_times(self, user, start, stop):
        """Return ``[(start, stop)]`` in UTC of the visits that a user has still to make."""
        start, stop = (
            limit.astimezone(utc).replace(tzinfo=None) for limit in (start, stop)
        )
        visits = self.search_fetch(
            [
                ("user_id", "=", user.id),
                ("state", "in", ("draft", "planned", "confirmed", "in_progress")),
                ("planned_start", "<", stop),
                ("planned_stop", ">", start),
            ],
            ["planned_start", "planned_stop"],
        )
        return [
            (utc.localize(visit.planned_start), utc.localize(visit.planned_stop))
            for visit in visits
        ]
