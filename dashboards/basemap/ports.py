"""The names of ports, from the data of ``searoute``, and the zoom at which each may appear."""

from dataclasses import dataclass
from importlib import resources

import msgspec
import numpy as np

from dashboards.basemap.mercator import Floats, project

SPACING = 128 / 512
"""How far apart two names stand at least when both appear, in sides of a tile (128 of 512 px)."""

MINOR_FROM_ZOOM = 7
"""A port from which no country is reached (the data names none) stays hidden on smaller maps."""

NEVER = 99
"""The first zoom of a port that stands where a better connected one stands."""


@dataclass(frozen=True, kw_only=True)
class Port:
    """One port; ``rank`` 0 is the best connected one, ``(x, y)`` lies on the unit square."""

    name: str
    unlocode: str
    country: str
    rank: int
    min_zoom: int
    x: float
    y: float


class _Properties(msgspec.Struct):
    name: str
    port: str
    cty: str
    to_cty: list[str] | None = None


class _Point(msgspec.Struct):
    coordinates: tuple[float, float]


class _Feature(msgspec.Struct):
    properties: _Properties
    geometry: _Point


class _Collection(msgspec.Struct):
    features: list[_Feature]


def read_ports(deepest: int) -> tuple[Port, ...]:
    """Return the ports from the best connected down, without those too close to a better one.

    Args:
        deepest: The zoom beyond which no port is kept back; two ports that collide even there
            are one harbour under two names, and only the better connected one stays.
    """
    found = sorted(_features(), key=_importance)
    places = project(np.array([each.geometry.coordinates for each in found], dtype=np.float64))
    zooms = first_zooms(places)
    return tuple(
        _port(each, rank, max(zoom, _least_zoom(each)), place)
        for rank, (each, zoom, place) in enumerate(zip(found, zooms, places, strict=True))
        if zoom <= deepest
    )


def first_zooms(places: Floats) -> list[int]:
    """Return for each place the first zoom at which it clears every place before it.

    Args:
        places: Shape ``(n, 2)`` on the unit square, the most important first.

    The second stands half a world from the first, the third an eighth of a tile side of zoom 1:

    >>> first_zooms(np.array([[0.0, 0.5], [0.5, 0.5], [0.5625, 0.5]]))
    [0, 0, 2]
    """
    return [0, *(_first_zoom(places[:index], places[index]) for index in range(1, len(places)))]


def _first_zoom(before: Floats, place: Floats) -> int:
    nearest = float(np.hypot(*(before - place).T).min())
    if nearest == 0:
        return NEVER
    return max(0, int(np.ceil(np.log2(SPACING / nearest))))


def _features() -> list[_Feature]:
    raw = (resources.files("searoute") / "data" / "ports.geojson").read_bytes()
    features = msgspec.json.decode(raw, type=_Collection).features
    return [each for each in features if each.properties.name]


def _importance(feature: _Feature) -> tuple[int, str, str]:
    properties = feature.properties
    return -len(properties.to_cty or ()), properties.port, properties.name


def _least_zoom(feature: _Feature) -> int:
    return 0 if feature.properties.to_cty else MINOR_FROM_ZOOM


def _port(feature: _Feature, rank: int, min_zoom: int, place: Floats) -> Port:
    x, y = place.tolist()
    properties = feature.properties
    return Port(
        name=properties.name,
        unlocode=properties.port,
        country=properties.cty,
        rank=rank,
        min_zoom=min_zoom,
        x=x,
        y=y,
    )
