"""Distances on the earth, without a database."""

from math import asin, cos, radians, sin, sqrt

EARTH_RADIUS = 6_371_008.8  # metres, mean
MAX_LATITUDE, MAX_LONGITUDE = 90, 180


def is_position(latitude, longitude):
    """Tell whether two values, of whatever type, are degrees of a point on the earth."""
    return all(
        isinstance(degrees, int | float)
        and not isinstance(degrees, bool)
        and abs(degrees) <= limit
        for degrees, limit in ((latitude, MAX_LATITUDE), (longitude, MAX_LONGITUDE))
    )


def is_accuracy(metres):
    """Tell whether a value, of whatever type, is a distance on the earth in metres."""
    return isinstance(metres, int | float) and 0 <= metres <= EARTH_RADIUS


def get_distance(latitude, longitude, other_latitude, other_longitude):
    """Return the great-circle distance of two points in metres; degrees are given."""
    phi, other_phi = radians(latitude), radians(other_latitude)
    half_phi = (other_phi - phi) / 2
    half_lambda = radians(other_longitude - longitude) / 2
    chord = sin(half_phi) ** 2 + cos(phi) * cos(other_phi) * sin(half_lambda) ** 2
    return 2 * EARTH_RADIUS * asin(min(1.0, sqrt(chord)))
