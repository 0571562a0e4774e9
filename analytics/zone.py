"""One zone, and the GeoJSON it is read from."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfoNotFoundError

import msgspec
import shapely
from msgspec import Meta, Struct
from shapely import affinity
from shapely.geometry.base import BaseGeometry

from analytics.schedule import Schedule
from haechi.findings import Severity

MAX_HYSTERESIS_M: Final = 5000
_HALF_TURN: Final = 180.0
_POLE: Final = 90.0
_BEYOND_POLE: Final = 100.0
"""A zone that reaches a pole is continued past it: the pole is a point, not a boundary."""

Seconds = Annotated[float, Meta(ge=0, le=604_800)]
ZoneId = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,47}\Z")]


class ZoneError(ValueError):
    """A zones file cannot be used; the text says which feature, what is wrong, what to do."""


class Report(StrEnum):
    """What a zone has reported about it."""

    ENTER = "enter"
    EXIT = "exit"
    INSIDE = "inside"
    CROSSED = "crossed"


class Properties(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The properties of a zone's GeoJSON feature."""

    name: Annotated[str, Meta(min_length=1, max_length=80)]
    kind: Annotated[str, Meta(pattern=r"^[a-z][a-z_-]{1,31}\Z")]
    """What it is for, such as ``forbidden``, ``anchorage`` or ``port``."""
    severity: Severity = Severity.WARNING
    report: frozenset[Report] = frozenset(Report)
    """Which findings are wanted."""
    enter_dwell_s: Seconds = 0
    """How long a subject must be inside before it counts as having entered."""
    exit_dwell_s: Seconds = 0
    """How long it must be outside before it counts as having left."""
    hysteresis_m: Annotated[float, Meta(ge=0, le=MAX_HYSTERESIS_M)] = 50
    """How far beyond the boundary it must go to count as outside again."""
    speed_limit_kn: Annotated[float, Meta(gt=0, le=1100)] | None = None
    schedule: Schedule | None = None
    """When it is in force; always if absent."""
    comment: str = ""


class _Geometry(Struct, frozen=True):
    type: str
    coordinates: list[Any]


class _Feature(Struct, frozen=True):
    id: ZoneId
    properties: Properties
    geometry: _Geometry


class _Collection(Struct, frozen=True):
    type: str
    features: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Zone:
    """A named area with what is wanted of it."""

    id: str
    rules: Properties
    area: BaseGeometry
    """Polygons in degrees, longitude first, in one unbroken frame: a zone over the antimeridian
    has longitudes beyond 180. The boundary belongs to the zone."""

    @property
    def name(self) -> str:
        """What people call it."""
        return self.rules.name


def read(text: str | bytes) -> tuple[Zone, ...]:
    """Return the zones of a GeoJSON feature collection, by id.

    A zone over the antimeridian is written with longitudes beyond 180 (or below -180), or cut
    there into a MultiPolygon as RFC 7946 §3.1.9 says: both give the same zone.

    Raises:
        ZoneError: no such collection, or a feature that is not a zone.
    """
    try:
        collection = msgspec.json.decode(text, type=_Collection)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ZoneError(f"zones: {error}; write a GeoJSON FeatureCollection (RFC 7946)") from error
    if collection.type != "FeatureCollection":
        raise ZoneError(
            f"zones: type is {collection.type!r}; wrap the zones in a FeatureCollection"
        )
    zones = [_zone(number, feature) for number, feature in enumerate(collection.features, start=1)]
    _refuse_duplicates(zones)
    return tuple(sorted(zones, key=lambda zone: zone.id))


def _zone(number: int, feature: dict[str, Any]) -> Zone:
    where = f"zones: feature {number} (id {feature.get('id')!r})"
    try:
        stated = msgspec.convert(feature, _Feature)
        if stated.properties.schedule is not None:
            _ = stated.properties.schedule.place
        return Zone(stated.id, stated.properties, _area(stated.geometry))
    except (ZoneInfoNotFoundError, msgspec.ValidationError, ValueError) as error:
        raise ZoneError(f"{where}: {_plain(error)}") from error


def _plain(error: Exception) -> str:
    if isinstance(error, ZoneInfoNotFoundError):
        return f"{error.args[0]}; use an IANA name such as Asia/Seoul"
    if "unknown field" in str(error):
        return f"{error}; known are {', '.join(Properties.__struct_fields__)}"
    return str(error)


def _refuse_duplicates(zones: Sequence[Zone]) -> None:
    seen: set[str] = set()
    for zone in zones:
        if zone.id in seen:
            raise ZoneError(f"zones: id {zone.id!r} is used twice; give every zone its own id")
        seen.add(zone.id)


def _area(geometry: _Geometry) -> BaseGeometry:
    parts = {"Polygon": [geometry.coordinates], "MultiPolygon": geometry.coordinates}
    if geometry.type not in parts:
        raise ZoneError(f"geometry is a {geometry.type}; only Polygon and MultiPolygon are zones")
    polygons = [_polygon(rings) for rings in parts[geometry.type]]
    if not polygons:
        raise ZoneError("geometry is empty; give at least one polygon")
    frame = polygons[0].centroid.x
    united = shapely.union_all([_moved_near(polygon, frame) for polygon in polygons])
    return shapely.union_all([united, *_polar_caps(united)])


def _polygon(rings: Any) -> shapely.Polygon:
    try:
        outer, *holes = [[_corner(corner) for corner in ring] for ring in rings]
        polygon = shapely.Polygon(outer, holes)
        is_closed = outer[0] == outer[-1]
    except (TypeError, ValueError, IndexError, OverflowError, shapely.GEOSException) as error:
        raise ZoneError(
            f"coordinates: {error}; each ring is a list of [longitude, latitude] that ends where"
            " it began"
        ) from error
    if not is_closed:
        raise ZoneError("coordinates: a ring does not end where it began; repeat its first corner")
    if not polygon.is_valid or polygon.is_empty:
        raise ZoneError(f"coordinates: {shapely.is_valid_reason(polygon)}; redraw the outline")
    _refuse_long_edges(outer)
    return polygon


def _corner(corner: Any) -> tuple[float, float]:
    lon, lat = float(corner[0]), float(corner[1])
    if not -_POLE <= lat <= _POLE:
        raise ValueError(f"latitude {lat:g} is not within -90 and 90 (longitude comes first)")
    if abs(lon) > 2 * _HALF_TURN:
        raise ValueError(f"longitude {lon:g} is not within -360 and 360")
    return lon, lat


def _refuse_long_edges(ring: Sequence[tuple[float, float]]) -> None:
    for (lon, _), (other_lon, lat) in pairwise(ring):
        if _HALF_TURN < abs(other_lon - lon) < 2 * _HALF_TURN and abs(lat) != _POLE:
            raise ZoneError(
                f"an edge runs from longitude {lon:g} to {other_lon:g}; to cross the antimeridian"
                " go on counting past 180 or cut the zone there"
            )


def _moved_near(polygon: shapely.Polygon, frame: float) -> BaseGeometry:
    turns = round((frame - polygon.centroid.x) / 360)
    return affinity.translate(polygon, 360 * turns) if turns else polygon


def _polar_caps(area: BaseGeometry) -> Iterator[BaseGeometry]:
    """Yield what continues an area past the poles along the edges that lie on them."""
    for pole, beyond in ((_POLE, _BEYOND_POLE), (-_POLE, -_BEYOND_POLE)):
        along = shapely.intersection(area, shapely.LineString([(-720, pole), (720, pole)]))
        for edge in shapely.get_parts(along):
            west, _, east, _ = edge.bounds
            if east > west:
                yield shapely.box(west, min(pole, beyond), east, max(pole, beyond))
