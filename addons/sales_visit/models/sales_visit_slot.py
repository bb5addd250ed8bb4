from datetime import timedelta

from odoo import api, fields, models
from pytz import timezone, utc

STEP = timedelta(minutes=30)
HORIZON = timedelta(days=14)


class SalesVisit(models.Model):
    """When the next visits could be: what a form that plans one starts with, and where
    the customers that are due are put."""

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
        hour in working time at which nothing else is planned.

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
        slots = self._get_free_slots(
            calendar._get_worked_times(first, first + HORIZON, resource, company),
            self._get_busy_times(user, first, first + HORIZON),
            length,
        )
        return next(slots, first).astimezone(utc).replace(tzinfo=None)

    @api.model
    def _get_free_slots(self, worked, busy, length, gap=timedelta()):
        """Yield the full and half hours at which a visit could begin.

        :param worked: ``[(start, stop)]`` of working time
        :param busy: ``[(start, stop)]`` that is taken; read anew for every slot
        :param timedelta length: how long the visit takes
        :param timedelta gap: time to leave between it and what is taken
        """
        for start, stop in worked:
            slot = self._round_up(start)
            while slot + length <= stop:
                if not any(
                    slot < taken_stop + gap and taken_start < slot + length + gap
                    for taken_start, taken_stop in busy
                ):
                    yield slot
                slot += STEP

    @api.model
    def _round_up(self, moment):
        """Return the next full or half hour of a local time, itself if it is one."""
        midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
        return midnight - (midnight - moment) // STEP * STEP

    @api.model
    def _get_busy_times(self, user, start, stop):
        """Return ``[(start, stop)]`` in UTC of the visits that a user has still to make,
        and of the meetings in his or her calendar."""
        start, stop = (
            limit.astimezone(utc).replace(tzinfo=None) for limit in (start, stop)
        )
        # Only when somebody is busy is taken, whichever company or calendar it is in.
        visits = self.sudo().search_fetch(
            [
                ("user_id", "=", user.id),
                ("state", "in", ("draft", "planned", "confirmed", "in_progress")),
                ("planned_start", "<", stop),
                ("planned_stop", ">", start),
            ],
            ["planned_start", "planned_stop"],
        )
        meetings = (
            self.env["calendar.event"]
            .sudo()
            .search_fetch(
                [
                    ("partner_ids", "in", user.partner_id.ids),
                    ("show_as", "=", "busy"),
                    ("start", "<", stop),
                    ("stop", ">", start),
                ],
                ["start", "stop"],
            )
        )
        return [
            (utc.localize(visit.planned_start), utc.localize(visit.planned_stop))
            for visit in visits
        ] + [
            (utc.localize(meeting.start), utc.localize(meeting.stop))
            for meeting in meetings
        ]
