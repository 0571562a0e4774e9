"""All zones at once: which contain a position, which are near, and which lie between two fixes."""

from collections.abc import Sequence
from hashlib import blake2b
from math import cos, inf, radians, sqrt
from sys import float_info
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import shapely
from shapely import affinity

from analytics.boxes import Box, Boxes
from analytics.geodesy import eastward
from analytics.rule import Event, Near
from analytics.vessels import position
from analytics.zone import Zone, read
from haechi.observations import Observation
from haechi.units import METRES_PER_DEGREE

Floats = npt.NDArray[np.float64]
Indexes = npt.NDArray[np.intp]

MARGIN_M: Final = 2000.0
"""How far outside a zone a position is still said to be near it, and how deep inside a distance is
still measured. Grown to twice the largest hysteresis where that is more."""

REACH_M: Final = 20_000.0
"""The longest way between two fixes over which a zone is said to have been crossed. A straight line
in degrees stays within 20 m of the great circle over this way up to 65 degrees of latitude."""

_FEW: Final = 4
"""So many positions are sooner looked at one by one than prepared for being looked at together."""
_MANY_EDGES: Final = 100
"""A longer boundary is sooner searched for what is near, even for one position."""
_TURN: Final = 360.0
_TINY: Final = float_info.min
"""Keeps an edge without length from dividing by zero."""
_LEAST_COSINE: Final = 2e-4
"""Keeps a pole from dividing by zero. Within 1.3 km of it distances east and west are too long."""


class Crossing(NamedTuple):
    """A zone on the straight way between two positions outside it."""

    zone: str
    entry: float
    """Where the way first meets the zone, as a fraction of its length."""
    exit: float
    """Where it last leaves it."""


class ZoneSet:
    """The zones of one file, indexed. Immutable."""

    def __init__(self, zones: Sequence[Zone], version: str) -> None:
        self.zones: Final = tuple(zones)
        self.version: Final = version
        self.by_id: Final = {zone.id: zone for zone in zones}
        widest = max((zone.rules.hysteresis_m for zone in zones), default=0.0)
        self.margin_m: Final = max(MARGIN_M, 2 * widest)
        self._pieces, self._owners = _unrolled(self.zones)
        piece_edges = [_edges_of(piece) for piece in self._pieces]
        self._edges, self._edge_owners = _joined(piece_edges, self._owners)
        self._large = frozenset(
            piece for piece, edges in enumerate(piece_edges) if len(edges) > _MANY_EDGES
        )
        self._few_edges: list[list[list[float]]] = [
            [] if piece in self._large else edges.reshape(-1, 4).tolist()
            for piece, edges in enumerate(piece_edges)
        ]
        shapely.prepare(self._pieces)
        grown = [_grown(piece, self.margin_m) for piece in self._pieces]
        self._grown_tree = shapely.STRtree(_rectangles(grown))
        self._piece_tree = shapely.STRtree(np.array(self._pieces, dtype=object))
        self._edge_tree = shapely.STRtree(np.asarray(shapely.linestrings(self._edges)))
        self._near = Boxes(grown)
        self._within_reach = Boxes([_grown(piece, REACH_M) for piece in self._pieces])

    @classmethod
    def parse(cls, text: str | bytes) -> "ZoneSet":
        """Read a GeoJSON feature collection.

        Raises:
            ZoneError: the text says which feature, what is wrong with it and what to do.
        """
        raw = text.encode() if isinstance(text, str) else text
        return cls(read(raw), blake2b(raw, digest_size=4).hexdigest())

    def locate(self, observations: Sequence[Observation]) -> list[Event]:
        """Return each observation with the zones that contain it or lie within the margin.

        Distances are metres to the nearest boundary, holes included, negative inside, measured on
        a plane at the position's own latitude: within 0.6 % of the ellipsoid below 85 degrees. Deep
        inside a zone the distance is ``-margin_m``. A position on the boundary is inside.
        """
        may_be_near = self._near.hold
        lats: list[float] = []
        lons: list[float] = []
        indexes: list[int] = []
        for index, observation in enumerate(observations):
            where = position(observation)
            if where is not None and may_be_near(*where):
                lats.append(where[0])
                lons.append(where[1])
                indexes.append(index)
        events = [Event(observation) for observation in observations]
        if indexes:
            found = self.near(np.array(lats), np.array(lons))
            for index, near in zip(indexes, found, strict=True):
                events[index] = Event(observations[index], near)
        return events

    def near(self, lat: Floats, lon: Floats) -> list[tuple[Near, ...]]:
        """Return for each position what ``locate`` says; arrays of shape ``(n,)`` in degrees."""
        if len(lat) <= _FEW:
            return [self._near_one(*each) for each in zip(lat.tolist(), lon.tolist(), strict=True)]
        return self._near_many(lat, lon)

    def _near_many(self, lat: Floats, lon: Floats) -> list[tuple[Near, ...]]:
        points, pieces = self._grown_tree.query(shapely.points(lon, lat))
        if len(points) == 0:
            return [()] * len(lat)
        inside = self._containing(lat, lon, points, pieces)
        # The tree answers point by point. ``np.unique`` imports ``numpy.ma`` when first called:
        # the first alarm would wait 80 ms for it.
        judged: Indexes = points[np.flatnonzero(np.diff(points, prepend=-1))]
        distances = self._boundary_distances(lat, lon, judged)
        near: list[tuple[Near, ...]] = [()] * len(lat)
        for key in sorted(inside | distances.keys()):
            point, zone = divmod(key, len(self.zones))
            distance = distances.get(key, self.margin_m)
            signed = 0.0 - distance if key in inside else distance
            near[point] = (*near[point], Near(self.zones[zone].id, signed))
        return near

    def containing(self, lat: float, lon: float) -> tuple[str, ...]:
        """Return the ids of the zones that contain a position."""
        (near,) = self.near(np.array([lat]), np.array([lon]))
        return tuple(place.zone for place in near if place.distance_m <= 0)

    def crossed(self, lat: float, lon: float, to_lat: float, to_lon: float) -> tuple[Crossing, ...]:
        """Return the zones on the straight way from one position to another, by entry.

        The way is a straight line in degrees, the shorter way round; ways longer than ``REACH_M``
        are not looked at beyond the neighbourhood of their start, so callers must not ask.
        """
        if not self._within_reach.hold(lat, lon):
            return ()
        way = shapely.LineString([(lon, lat), (lon + eastward(lon, to_lon), to_lat)])
        found: dict[str, Crossing] = {}
        for piece in map(int, self._piece_tree.query(way, predicate="intersects")):
            crossing = _crossing(way, self._pieces[piece], self.zones[int(self._owners[piece])].id)
            if crossing is not None:
                earlier = found.get(crossing.zone, crossing)
                found[crossing.zone] = Crossing(
                    crossing.zone,
                    min(earlier.entry, crossing.entry),
                    max(earlier.exit, crossing.exit),
                )
        return tuple(sorted(found.values(), key=lambda crossing: (crossing.entry, crossing.zone)))

    def _near_one(self, lat: float, lon: float) -> tuple[Near, ...]:
        """Return exactly what ``_near_many`` says of one position, sooner."""
        pieces = self._near.holding(lat, lon)
        if pieces is None or not self._large.isdisjoint(pieces):
            return self._near_many(np.array([lat]), np.array([lon]))[0]
        inside: set[int] = set()
        distances: dict[int, float] = {}
        for piece in pieces:
            zone = int(self._owners[piece])
            distance = _nearest_m(lat, lon, self._few_edges[piece])
            distances[zone] = min(distance, distances.get(zone, inf))
            if shapely.intersects_xy(self._pieces[piece], lon, lat):
                inside.add(zone)
        return tuple(
            Near(self.zones[zone].id, 0.0 - min(distance, self.margin_m))
            if zone in inside
            else Near(self.zones[zone].id, distance)
            for zone, distance in sorted(distances.items())
            if zone in inside or distance <= self.margin_m
        )

    def _containing(self, lat: Floats, lon: Floats, points: Indexes, pieces: Indexes) -> set[int]:
        order = np.argsort(pieces, kind="stable")
        points, pieces = points[order], pieces[order]
        bounds = np.flatnonzero(np.diff(pieces)) + 1
        starts = np.concatenate(([0], bounds))
        found: set[int] = set()
        for start, mine in zip(starts, np.split(points, bounds), strict=True):
            piece = int(pieces[start])
            within = shapely.intersects_xy(self._pieces[piece], lon[mine], lat[mine])
            found.update((mine[within] * len(self.zones) + self._owners[piece]).tolist())
        return found

    def _boundary_distances(self, lat: Floats, lon: Floats, judged: Indexes) -> dict[int, float]:
        """Return the distances up to the margin, by point and zone."""
        lat, lon = lat[judged], lon[judged]
        high = self.margin_m / METRES_PER_DEGREE
        shrink = np.array([_shrink(each) for each in lat.tolist()])
        wide: Floats = np.minimum(high / shrink, _TURN)
        boxes = shapely.box(lon - wide, lat - high, lon + wide, lat + high)
        points, edges = self._edge_tree.query(boxes)
        distance = _point_to_edge_m(lat[points], lon[points], shrink[points], self._edges[edges])
        keys: Indexes = judged[points] * len(self.zones) + self._edge_owners[edges]
        order = np.argsort(keys, kind="stable")
        keys, distance = keys[order], distance[order]
        starts = np.flatnonzero(np.diff(keys, prepend=-1))
        nearest = zip(keys[starts].tolist(), np.minimum.reduceat(distance, starts), strict=True)
        return {key: float(metres) for key, metres in nearest if metres <= self.margin_m}


def _shrink(lat: float) -> float:
    """Return how much shorter a degree of longitude is than one of latitude."""
    return max(cos(radians(lat)), _LEAST_COSINE)


def _unrolled(zones: Sequence[Zone]) -> tuple[list[shapely.Polygon], Indexes]:
    """Repeat every zone a turn to either side, so that no query ever has to wrap."""
    pieces: list[shapely.Polygon] = []
    owners: list[int] = []
    for owner, zone in enumerate(zones):
        copies = [affinity.translate(zone.area, turn) for turn in (-_TURN, 0.0, _TURN)]
        parts = shapely.get_parts(shapely.union_all(copies))
        pieces.extend(part for part in parts if isinstance(part, shapely.Polygon))
        owners.extend([owner] * (len(pieces) - len(owners)))
    return pieces, np.array(owners, dtype=np.intp)


def _edges_of(piece: shapely.Polygon) -> Floats:
    """Return the boundary as single edges, shape ``(n, 2, 2)``."""
    rings: list[Floats] = [
        shapely.get_coordinates(ring) for ring in (piece.exterior, *piece.interiors)
    ]
    return np.concatenate([np.stack([ring[:-1], ring[1:]], axis=1) for ring in rings])


def _joined(piece_edges: Sequence[Floats], owners: Indexes) -> tuple[Floats, Indexes]:
    """Return the edges of all pieces in one array, and the zone of each."""
    counts = [len(edges) for edges in piece_edges]
    return np.concatenate([np.empty((0, 2, 2)), *piece_edges]), np.repeat(owners, counts)


def _grown(piece: shapely.Polygon, margin_m: float) -> Box:
    """Return a box with the margin around a piece."""
    west, south, east, north = piece.bounds
    high = margin_m / METRES_PER_DEGREE
    poleward = min(max(abs(south), abs(north)) + high, 90.0)
    wide = min(high / _shrink(poleward), _TURN)
    return west - wide, south - high, east + wide, north + high


def _rectangles(boxes: Sequence[Box]) -> npt.NDArray[np.object_]:
    west, south, east, north = np.array(boxes).reshape(-1, 4).T
    return np.asarray(shapely.box(west, south, east, north), dtype=object)


def _nearest_m(lat: float, lon: float, edges: Sequence[Sequence[float]]) -> float:
    """Return what ``_point_to_edge_m`` says of the nearest of some edges, to the last bit."""
    shrink, least = _shrink(lat), inf
    for from_lon, from_lat, to_lon, to_lat in edges:
        start_x, start_y = (from_lon - lon) * shrink, from_lat - lat
        run_x, run_y = (to_lon - from_lon) * shrink, to_lat - from_lat
        length = max(run_x * run_x + run_y * run_y, _TINY)
        along = min(max(-(start_x * run_x + start_y * run_y) / length, 0.0), 1.0)
        x, y = start_x + along * run_x, start_y + along * run_y
        least = min(least, x * x + y * y)
    return METRES_PER_DEGREE * sqrt(least)


def _point_to_edge_m(lat: Floats, lon: Floats, shrink: Floats, edges: Floats) -> Floats:
    """Return the distance from each position to its edge, in metres, on the local plane."""
    start_x, start_y = (edges[:, 0, 0] - lon) * shrink, edges[:, 0, 1] - lat
    run_x, run_y = (edges[:, 1, 0] - edges[:, 0, 0]) * shrink, edges[:, 1, 1] - edges[:, 0, 1]
    length = np.maximum(run_x * run_x + run_y * run_y, _TINY)
    along = np.clip(-(start_x * run_x + start_y * run_y) / length, 0.0, 1.0)
    x, y = start_x + along * run_x, start_y + along * run_y
    distance: Floats = METRES_PER_DEGREE * np.sqrt(x * x + y * y)
    return distance


def _crossing(way: shapely.LineString, piece: shapely.Polygon, zone: str) -> Crossing | None:
    shared = shapely.get_coordinates(shapely.intersection(way, piece))
    if way.length == 0 or len(shared) == 0:
        return None
    along = [way.project(shapely.Point(place), normalized=True) for place in shared]
    return Crossing(zone, min(along), max(along))
