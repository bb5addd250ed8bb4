from odoo import fields, models
from odoo.exceptions import UserError

from ..guard import is_server
from .sales_visit import BEFORE_START

TIME_FIELDS = {"start", "stop", "start_date", "stop_date", "allday", "duration"}


class CalendarEvent(models.Model):
    _inherit = "calendar.event"

    visit_ids = fields.One2many(
        "sales.visit", "calendar_event_id", groups="sales_visit.group_user"
    )

    def write(self, vals):
        result = super().write(vals)
        if TIME_FIELDS & vals.keys() and not is_server(self):
            self._move_visits()
        return result

    def _move_visits(self):
        """Give visits the times that their events have been moved to.

        :raise UserError: when one has begun or ended
        """
        # Which visits belong to an event is found for whoever moves it; moving them takes
        # the rights to do so.
        visits = self.sudo().visit_ids
        for visit in visits.with_user(self.env.user).sudo(self.env.su):
            event = visit.sudo().calendar_event_id
            times = {"planned_start": event.start, "planned_stop": event.stop}
            if all(visit.sudo()[name] == moment for name, moment in times.items()):
                continue
            if visit.sudo().state not in BEFORE_START:
                raise UserError(
                    self.env._(
                        "%(visit)s has begun or ended: its time can't change any more.",
                        visit=visit.sudo().name,
                    )
                )
            visit.write(times)
