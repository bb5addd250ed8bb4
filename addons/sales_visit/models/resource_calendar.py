from datetime import datetime, time, timedelta

from odoo import models
from pytz import timezone

WINDOW_DAYS = 14
WINDOWS = 27  # about a year; a calendar without any working time ends the search there


class ResourceCalendar(models.Model):
    _inherit = "resource.calendar"

    def _get_next_workday(self, day, tz, resource, company):
        """Return the first day after ``day`` on which there is something left to work.

        Days are calendar days in ``tz``; the hours of the calendar are read in ``tz``
        too. Public holidays of the company and leaves of the resource take working time
        away; half a day's work makes a working day.

        :param date day: the day before the first candidate
        :param str tz: name of the time zone
        :param resource: ``resource.resource`` of the person, may be empty
        :param company: ``res.company`` whose public holidays count
        :return: the day; the next calendar day where the calendar has no working time
        :rtype: date
        """
        self.ensure_one()
        tzinfo = timezone(tz)
        leave_domain = [
            ("time_type", "=", "leave"),
            ("company_id", "in", [False, company.id]),
        ]
        first = day + timedelta(days=1)
        for _window in range(WINDOWS):
            start, stop = (
                tzinfo.localize(datetime.combine(limit, time.min))
                for limit in (first, first + timedelta(days=WINDOW_DAYS))
            )
            # The two halves of the host's work intervals, because a person without a
            # calendar of his own, to whom this one is lent, counts there as always at work.
            attendances = self._attendance_intervals_batch(start, stop, tz=tzinfo)[
                False
            ]
            leaves = self._leave_intervals_batch(
                start, stop, resources=resource, domain=leave_domain, tz=tzinfo
            )[resource.id]
            for interval_start, _stop, _attendances in attendances - leaves:
                return interval_start.astimezone(tzinfo).date()
            first += timedelta(days=WINDOW_DAYS)
        return day + timedelta(days=1)
