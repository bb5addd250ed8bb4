from odoo import api, fields, models
from odoo.exceptions import UserError

from ..guard import is_server
from .sales_visit import BEFORE_START

DAY_FIELDS = {"start", "start_date"}
TIME_FIELDS = DAY_FIELDS | {"stop", "stop_date", "allday", "duration"}

# What an event of a visit says, and to whom.
TOLD_FIELDS = {
    "name",
    "description",
    "location",
    "privacy",
    "show_as",
    "active",
    "user_id",
    "partner_ids",
    "attendee_ids",
    "videocall_location",
    "recurrency",
    "res_id",
    "res_model_id",
}


class CalendarEvent(models.Model):
    _inherit = "calendar.event"

    visit_ids = fields.One2many(
        "sales.visit", "calendar_event_id", groups="sales_visit.group_user"
    )

    def write(self, vals):
        if TOLD_FIELDS & vals.keys():
            self._check_own_visits()
        result = super().write(vals)
        if TIME_FIELDS & vals.keys() and not is_server(self):
            self._move_visits(has_day=bool(DAY_FIELDS & vals.keys()))
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_only_own_visits(self):
        self._check_own_visits()

    def _check_own_visits(self):
        """Leave the event of a colleague's visit as it is: who is shown in it, or tidies
        up calendars, neither plans that visit nor invites anybody to it (V22, V26).

        :raise UserError: naming the visit and its salesperson
        """
        if self.env.su or is_server(self):
            return
        # Which visits belong to an event is found for whoever changes it.
        for visit in self.sudo().visit_ids:
            if visit.user_id != self.env.user:
                raise UserError(
                    self.env._(
                        "%(visit)s is a visit of %(user)s: only he or she changes its event in the calendar.",
                        visit=visit.name,
                        user=visit.user_id.name,
                    )
                )

    def _move_visits(self, has_day):
        """Give visits the times that their events have been moved to. An event of the
        whole day takes its visit to that day, and gets the visit's hours back.

        :param bool has_day: whether the event was given another day
        :raise UserError: when one has begun or ended
        """
        # Which visits belong to an event is found for whoever moves it; moving them takes
        # the rights to do so.
        visits = self.sudo().visit_ids
        for visit in visits.with_user(self.env.user).sudo(self.env.su):
            event = visit.sudo().calendar_event_id
            times = {"planned_start": event.start, "planned_stop": event.stop}
            if event.allday:
                day = event.start_date if has_day else None
                times = visit.sudo()._get_times_on(day)
            elif all(visit.sudo()[name] == moment for name, moment in times.items()):
                continue
            if visit.sudo().state not in BEFORE_START:
                raise UserError(
                    self.env._(
                        "%(visit)s has begun or ended: its time can't change any more.",
                        visit=visit.sudo().name,
                    )
                )
            visit.write(times)
