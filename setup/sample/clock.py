"""Moments of the sample's time, told as offsets from the day of loading."""

import re
from datetime import date, datetime, time, timedelta

import freezegun
import pytz

NOTATION = re.compile(
    r"^@(?:(?P<days>[+-]\d+)d|w(?P<weeks>[+-]\d+)|m(?P<months>[+-]\d+))"
    r"(?P<working>[<>]?)"
    r"(?: (?P<hour>\d\d):(?P<minute>\d\d))?$"
)
SATURDAY = 5


def is_moment(text):
    """Say whether a cell is written in the notation of :func:`parse`."""
    return text.startswith("@")


def parse(text, today):
    """Return the date or local datetime that ``text`` means on the day ``today``.

    ``@-120d`` is 120 days before, ``@+2d 09:30`` at half past nine in two days,
    ``@w+1`` next week's Monday, ``@m-1`` the first day of last month. ``>`` after the
    day moves a weekend to the Monday after it, ``<`` to the Friday before it:
    ``@-30d> 14:00``.

    :raises ValueError: when the text isn't written like this
    """
    match = NOTATION.match(text)
    if not match:
        raise ValueError(f"{text!r} is no moment such as @-120d or @-30d> 09:30")
    if match["days"]:
        day = today + timedelta(days=int(match["days"]))
    elif match["weeks"]:
        day = today + timedelta(weeks=int(match["weeks"]), days=-today.weekday())
    else:
        month = today.year * 12 + today.month - 1 + int(match["months"])
        day = date(month // 12, month % 12 + 1, 1)
    if match["working"] and day.weekday() >= SATURDAY:
        after = 7 - day.weekday()
        day += timedelta(days=after if match["working"] == ">" else after - 3)
    if match["hour"] is None:
        return day
    return datetime.combine(day, time(int(match["hour"]), int(match["minute"])))


def to_utc(moment, timezone):
    """Return a local moment as a naive one in UTC."""
    return timezone.localize(moment).astimezone(pytz.utc).replace(tzinfo=None)


class Clock:
    """The injected clock: the host believes that it is the moment last set."""

    def __init__(self, timezone):
        self.timezone = pytz.timezone(timezone)
        self._freezer = freezegun.freeze_time(datetime(2000, 1, 1))
        self._frozen = None

    def __enter__(self):
        self._frozen = self._freezer.start()
        return self

    def __exit__(self, *exception):
        self._freezer.stop()

    def set(self, env, moment):
        """Let it be the local ``moment`` for Python and for this transaction.

        The host takes the dates of creation from the transaction's timestamp; a
        commit forgets it, so this has to be called again for each transaction.
        """
        utc = to_utc(moment, self.timezone)
        self._frozen.move_to(utc)
        env.cr._now = utc  # what Cursor.now() remembers of the transaction
