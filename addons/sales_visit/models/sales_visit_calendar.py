from datetime import datetime

from odoo import fields, models
from pytz import timezone, utc

from ..guard import as_server

# No mail, no reminder of changes, nothing of the customer in the text (V26).
QUIET = {
    "no_mail_to_attendees": True,
    "dont_notify": True,
    "skip_attendee_notification": True,
    "skip_contact_description": True,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "mail_notrack": True,
}
SHOWN_FIELDS = {
    "state",
    "planned_start",
    "planned_stop",
    "user_id",
    "companion_id",
    # from which the companion follows
    "visit_type_id",
    "partner_id",
}
ON_CALENDAR = ("planned", "confirmed")
OFF_CALENDAR = ("draft", "cancelled", "missed")


class SalesVisit(models.Model):
    """The event in the salesperson's calendar: private, named by the reference alone, with
    no one invited but the colleague who comes along. Moving one moves the other; a visit that is off takes it along."""

    _name = "sales.visit"
    _inherit = ["sales.visit"]

    calendar_event_id = fields.Many2one(
        "calendar.event",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )

    def write(self, vals):
        result = super().write(vals)
        if SHOWN_FIELDS & vals.keys():
            self._sync_calendar()
        return result

    def unlink(self):
        events = self._get_events()
        result = super().unlink()
        events.unlink()
        return result

    def _get_events(self):
        """Return the events of these visits, silent and allowed to be written."""
        # The event is the salesperson's, whoever plans or approves the visit. What the
        # caller's screen has in its context is not for the event.
        quiet = {**QUIET, "lang": self.env.context.get("lang")}
        event_ids = self.sudo().calendar_event_id.ids
        events = self.env(su=True, context=quiet)["calendar.event"]
        return as_server(events.browse(event_ids))

    def _sync_calendar(self):
        """Create, move or delete the events of these visits, each kind in one batch."""
        shown = self.filtered(
            lambda visit: visit.state in ON_CALENDAR and visit.planned_start
        )
        self.filtered(lambda visit: visit.state in OFF_CALENDAR)._get_events().unlink()
        missing = shown.filtered(lambda visit: not visit.sudo().calendar_event_id)
        events = missing._get_events().create(
            [visit._prepare_event_vals() for visit in missing]
        )
        for visit, event in zip(missing, events, strict=True):
            as_server(visit).write({"calendar_event_id": event.id})
        for visit in shown - missing:
            event = visit._get_events()
            vals = visit._prepare_event_vals()
            if (
                event.allday
                or event.start != vals["start"]
                or event.stop != vals["stop"]
                or event.user_id != visit.user_id
                or event.partner_ids != visit._get_event_attendees()
            ):
                event.write(vals)

    def _prepare_event_vals(self):
        """Return the values of the event; nothing in it tells who the customer is."""
        self.ensure_one()
        return {
            "name": self.name,
            "start": self.planned_start,
            "stop": self.planned_stop or self.planned_start,
            "allday": False,
            "user_id": self.user_id.id,
            "partner_ids": [fields.Command.set(self._get_event_attendees().ids)],
            "privacy": "private",
            "show_as": "busy",
        }

    def _get_times_on(self, day):
        """Return the values that move the visit to a day, at its own hours by the
        salesperson's clock; those it has without a day."""
        self.ensure_one()
        start, stop = self.planned_start, self.planned_stop or self.planned_start
        if day:
            tz = timezone(self._get_zones()[self])
            local = utc.localize(start).astimezone(tz)
            moved = tz.localize(datetime.combine(day, local.time()))
            moved = moved.astimezone(utc).replace(tzinfo=None)
            start, stop = moved, stop + (moved - start)
        return {"planned_start": start, "planned_stop": stop}

    def _get_event_attendees(self):
        """Return the contacts of the colleagues in whose calendars the visit stands."""
        return (self.user_id | self.companion_id).sudo().partner_id
