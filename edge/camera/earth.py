"""The ground as a camera sees it: places around it by distance and bearing on WGS 84."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SEMI_MAJOR_M: Final = 6_378_137.0
FLATTENING: Final = 1 / 298.257_223_563
"""WGS 84 (NGA.STND.0036, table 3.1)."""
ECCENTRICITY_SQUARED: Final = FLATTENING * (2 - FLATTENING)

STANDARD_REFRACTION: Final = 0.13
"""Curvature of a ray of light over that of the Earth (Gauss); over cold or hot water the day's
value may lie between about 0 and 0.25."""


def section_radius_m(lat: float, bearing_deg: Floats) -> Floats:
    """Return the radius of curvature of the ellipsoid in a direction, metres.

    Args:
        lat: Of the observer, degrees.
        bearing_deg: Any shape.

    Source:
        Euler's formula over the meridional and the prime vertical radius.

    >>> section_radius_m(0.0, np.array([0.0, 90.0])).round()
    array([6335439., 6378137.])
    """
    squared_sine = np.sin(np.radians(lat)) ** 2
    vertical = SEMI_MAJOR_M / np.sqrt(1 - ECCENTRICITY_SQUARED * squared_sine)
    meridional = vertical * (1 - ECCENTRICITY_SQUARED) / (1 - ECCENTRICITY_SQUARED * squared_sine)
    along, across = np.cos(np.radians(bearing_deg)) ** 2, np.sin(np.radians(bearing_deg)) ** 2
    radius: Floats = 1 / (along / meridional + across / vertical)
    return radius


def place_at(lat: float, lon: float, east_m: Floats, north_m: Floats) -> tuple[Floats, Floats]:
    """Return latitudes and longitudes of points around an observer.

    Args:
        lat: Of the observer, degrees.
        lon: Of the observer, degrees.
        east_m: Distance on the surface times the sine of the bearing, any shape.
        north_m: Distance on the surface times the cosine of the bearing.

    The observer's normal section is taken as an arc of a circle; within 100 km this is the
    geodesic to better than 2 cm (a test holds it against PROJ).

    >>> lat, lon = place_at(0.0, 10.0, np.array([111_319.5]), np.array([0.0]))
    >>> round(float(lon[0]), 4)
    11.0
    """
    distance = np.hypot(east_m, north_m)
    bearing = np.arctan2(east_m, north_m)
    radius = section_radius_m(lat, np.degrees(bearing))
    angle = distance / radius
    across = radius * np.sin(angle)
    local = np.stack(
        [across * np.sin(bearing), across * np.cos(bearing), -2 * radius * np.sin(angle / 2) ** 2]
    )
    axes = _axes(lat, lon)
    x, y, z = np.tensordot(axes, local, axes=1) + _centred(lat, lon).reshape(
        3, *([1] * distance.ndim)
    )
    return _latitude(np.hypot(x, y), z), np.degrees(np.arctan2(y, x))


def offset_of(lat: float, lon: float, lats: Floats, lons: Floats) -> tuple[Floats, Floats]:
    """Invert ``place_at``: return metres east and north of the observer.

    >>> east, north = offset_of(35.0, 129.0, np.array([35.01]), np.array([129.0]))
    >>> round(float(north[0]), 1)
    1109.4
    """
    origin = _centred(lat, lon).reshape(3, *([1] * lats.ndim))
    axes = _axes(lat, lon)
    east, north, _ = np.tensordot(axes.T, _centred_all(lats, lons) - origin, axes=1)
    across = np.hypot(east, north)
    bearing = np.arctan2(east, north)
    radius = section_radius_m(lat, np.degrees(bearing))
    distance = radius * np.arcsin(np.minimum(across / radius, 1.0))
    return distance * np.sin(bearing), distance * np.cos(bearing)


def _centred_all(lats: Floats, lons: Floats) -> Floats:
    """Return Earth-centred coordinates of places at height 0, shape ``(3, ...)``, metres."""
    phi, lam = np.radians(lats), np.radians(lons)
    vertical = SEMI_MAJOR_M / np.sqrt(1 - ECCENTRICITY_SQUARED * np.sin(phi) ** 2)
    return np.stack(
        [
            vertical * np.cos(phi) * np.cos(lam),
            vertical * np.cos(phi) * np.sin(lam),
            vertical * (1 - ECCENTRICITY_SQUARED) * np.sin(phi),
        ]
    )


def _centred(lat: float, lon: float) -> Floats:
    return _centred_all(np.array(lat), np.array(lon))


def _axes(lat: float, lon: float) -> Floats:
    """Return east, north and up of a place as columns in Earth-centred coordinates."""
    phi, lam = np.radians(lat), np.radians(lon)
    east = [-np.sin(lam), np.cos(lam), 0.0]
    north = [-np.sin(phi) * np.cos(lam), -np.sin(phi) * np.sin(lam), np.cos(phi)]
    up = [np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)]
    return np.array([east, north, up]).T


def _latitude(axial: Floats, z: Floats) -> Floats:
    """Return the geodetic latitude of points on the surface (Bowring 1976, exact there)."""
    return np.degrees(np.arctan2(z, axial * (1 - ECCENTRICITY_SQUARED)))
