"""Distances and angles on the sphere, for rules that look at one fix at a time."""

from math import asin, cos, hypot, radians, sin, sqrt

from haechi.units import EARTH_RADIUS, KNOT_IN_METRES_PER_SECOND, METRES_PER_DEGREE


def distance_m(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Return the great-circle distance in metres, on a sphere: up to 0.56 % off the ellipsoid.

    Source:
        The haversine formula, which is well conditioned for short distances.

    One minute of latitude is a nautical mile, and the shorter way counts:

    >>> round(distance_m(0, 0, 1 / 60, 0))
    1853
    >>> round(distance_m(0, 179.5, 0, -179.5) / 1000, 1)
    111.2
    """
    half_lat = sin(radians(other_lat - lat) / 2)
    half_lon = sin(radians(other_lon - lon) / 2)
    haversine = half_lat**2 + cos(radians(lat)) * cos(radians(other_lat)) * half_lon**2
    return 2 * EARTH_RADIUS * asin(min(1.0, sqrt(haversine)))


def span_m(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Return an upper bound of the distance in metres, at a quarter of its cost.

    >>> distance_m(55, 12, 55.01, 12.02) <= span_m(55, 12, 55.01, 12.02)
    True
    """
    return METRES_PER_DEGREE * hypot(other_lat - lat, eastward(lon, other_lon))


def eastward(lon: float, other_lon: float) -> float:
    """Return the degrees from one meridian to another the shorter way, east positive.

    >>> eastward(179, -179), eastward(-179, 179), eastward(10, 5)
    (2.0, -2.0, -5.0)
    """
    return (other_lon - lon + 180.0) % 360.0 - 180.0


def turn_deg(bearing: float, other: float) -> float:
    """Return the angle between two bearings, 0 to 180 degrees.

    >>> turn_deg(350, 20), turn_deg(20, 350)
    (30.0, 30.0)
    """
    return abs(eastward(bearing, other))


def speed_kn(distance: float, seconds: float) -> float:
    """Return the speed that covers ``distance`` metres in ``seconds``, which must be positive.

    >>> round(speed_kn(1852, 3600), 6)
    1.0
    """
    return distance / seconds / KNOT_IN_METRES_PER_SECOND
