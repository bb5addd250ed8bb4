"""Order the stops of a day: appointments keep their times, the rest goes where it costs
the least way (V04). Plain functions on plain values: no database."""

from math import asin, cos, radians, sin, sqrt
from typing import NamedTuple

EARTH_RADIUS = 6371.0  # km


class Stop(NamedTuple):
    """A place to go to.

    :param key: whatever the caller knows it by
    :param time: moment of the appointment; ``None`` where it may be moved
    :param point: ``(latitude, longitude)`` in degrees; ``None`` where unknown
    """

    key: object
    time: object = None
    point: tuple | None = None


def get_distance(one, other):
    """Return the distance between two points in km, as the crow flies; 0 where one isn't
    known."""
    if not one or not other:
        return 0.0
    lat1, lon1, lat2, lon2 = map(radians, (*one, *other))
    chord = (
        sin((lat2 - lat1) / 2) ** 2
        + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    )
    return 2 * EARTH_RADIUS * asin(min(1.0, sqrt(chord)))


def get_length(stops, start=None, end=None):
    """Return the length in km of going from ``start`` over the stops to ``end``, leaving
    out what isn't known."""
    points = [start, *(stop.point for stop in stops), end]
    known = [point for point in points if point]
    return sum(map(get_distance, known, known[1:]))


def order_stops(stops, start=None, end=None):
    """Return the stops in the order to go.

    Those with a time keep the order of their times. Each other one is put where it makes
    the way the least longer, the one that does so the least first; then each is moved as
    long as that makes the way shorter. Those of unknown place come last.

    :param start: ``(latitude, longitude)`` where the day begins, or ``None``
    :param end: where it ends, or ``None``
    """
    route = sorted((stop for stop in stops if stop.time), key=lambda stop: stop.time)
    loose = [stop for stop in stops if not stop.time and stop.point]
    lost = [stop for stop in stops if not stop.time and not stop.point]

    def get_best(route, stop):
        """Return ``(length, index)`` of the best place for a stop."""
        return min(
            (get_length([*route[:index], stop, *route[index:]], start, end), index)
            for index in range(len(route) + 1)
        )

    todo = list(loose)
    while todo:
        (_length, index), stop = min(
            ((get_best(route, stop), stop) for stop in todo),
            key=lambda found: found[0],
        )
        route.insert(index, stop)
        todo.remove(stop)
    shorter = True
    while shorter:
        shorter = False
        for stop in loose:
            without = [other for other in route if other is not stop]
            length, index = get_best(without, stop)
            if length < get_length(route, start, end) - 1e-6:
                route = [*without[:index], stop, *without[index:]]
                shorter = True
    return route + lost
