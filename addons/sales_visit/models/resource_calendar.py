from datetime import datetime, time, timedelta

from odoo import models
from pytz import timezone

WINDOW_DAYS = 14
WINDOWS = 27  # about a year; a calendar without any working time ends the search there


class ResourceCalendar(models.Model):
    _inherit = "resource.calendar"

    def _get_next_workday(self, day, tz, resource, company):
        """Return the first day after ``day`` on which there is something left to work.

        Days are calendar days in ``tz``; half a day's work makes a working day.

        :param date day: the day before the first candidate
        :param str tz: name of the time zone
        :param resource: ``resource.resource`` of the person, may be empty
        :param company: ``res.company`` whose public holidays count
        :return: the day; the next calendar day where the calendar has no working time
        :rtype: date
        """
        self.ensure_one()
        tzinfo = timezone(tz)
        first = day + timedelta(days=1)
        for _window in range(WINDOWS):
            start, stop = (
                tzinfo.localize(datetime.combine(limit, time.min))
                for limit in (first, first + timedelta(days=WINDOW_DAYS))
            )
            for worked, _stop in self._get_worked_times(start, stop, resource, company):
                return worked.date()
            first += timedelta(days=WINDOW_DAYS)
        return day + timedelta(days=1)

    def _get_worked_times(self, start, stop, resource, company):
        """Return what is left to work between two moments, in their time zone.

        The hours of the calendar are read in that zone. Public holidays of the company
        and leaves of the resource take working time away. Leaves that the person entered
        for himself, as the host lets everybody, don't: nobody moves his own deadlines
        (V10).

        :param datetime start: with its time zone, as ``stop``
        :param resource: ``resource.resource`` of the person, may be empty
        :param company: ``res.company`` whose public holidays count
        :return: ``[(start, stop)]``, ordered; empty without a calendar
        """
        times = self._get_worked_times_of(start, stop, resource, company)
        return times[resource.id]

    def _get_worked_times_of(self, start, stop, resources, company):
        """Return what :meth:`_get_worked_times` does for many people of one calendar.

        :param resources: ``resource.resource`` of the people
        :return: ``{resource id: [(start, stop)]}``; with the key ``False`` what is left
            to work for somebody without any leave
        """
        if not self:
            return {id_: [] for id_ in (*resources.ids, False)}
        leave_domain = [
            ("time_type", "=", "leave"),
            ("company_id", "in", [False, company.id]),
            ("is_self_entered", "=", False),
        ]
        # The two halves of the host's work intervals, because a person without a
        # calendar of his own, to whom this one is lent, counts there as always at work.
        tzinfo = timezone(start.tzinfo.zone)  # not only the offset of that day
        attendances = self._attendance_intervals_batch(start, stop, tz=tzinfo)[False]
        leaves_of = self._leave_intervals_batch(
            start, stop, resources=resources, domain=leave_domain, tz=tzinfo
        )
        return {
            id_: [
                (worked.astimezone(tzinfo), end.astimezone(tzinfo))
                for worked, end, _attendances in attendances - leaves
            ]
            for id_, leaves in leaves_of.items()
        }
