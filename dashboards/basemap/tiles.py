# pyright: reportUnknownMemberType=false
# Shapely leaves the keywords of its functions untyped.
"""Cuts the map into vector tiles with the layers ``land``, ``border`` and ``port``."""

import gzip
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import mapbox_vector_tile  # type: ignore[import-untyped]  # the driver has none
import numpy as np
import shapely

from dashboards.basemap.coastline import Shapes
from dashboards.basemap.mercator import Box, Tile
from dashboards.basemap.ports import Port

EXTENT = 4096
"""Units along the side of a tile."""

MARGIN = 64
"""Units drawn beyond the side of a tile, so that a pen that follows its edge stays out of sight."""

LEAST_RING = 4
"""Positions of the smallest closed ring: a triangle, its first corner repeated."""

CUTS = (0.0, 0.5, 1.0)
"""Where on the unit square GSHHG cuts land: at 180°, and the Antarctic at 0° too."""

FIELDS = {
    "land": {},
    "border": {},
    "port": {
        "name": "String",
        "unlocode": "String",
        "country": "String",
        "rank": "Number",
        "min_zoom": "Number",
    },
}
"""The layers and their attributes, as the archive's metadata states them."""

Record = dict[str, object]
"""A feature or a layer, as the encoder wants it."""


@dataclass(frozen=True)
class Sheet:
    """What is drawn somewhere: polygons and lines on the unit square, and ports."""

    land: Shapes
    borders: Shapes
    ports: tuple[Port, ...]

    def clipped(self, box: Box) -> "Sheet":
        """Return what of the sheet lies in a box."""
        return Sheet(
            _clip(self.land, box),
            _clip(self.borders, box),
            tuple(port for port in self.ports if _holds(box, port)),
        )

    def simplified(self, tolerance: float, smallest: float) -> "Sheet":
        """Return a coarser sheet.

        Args:
            tolerance: How far an outline may move, on the unit square.
            smallest: Area under which an island is left out, on the unit square.
        """
        return replace(
            self,
            land=_uncrossed(
                _coarse_polygons(self.land[shapely.area(self.land) >= smallest], tolerance)
            ),
            borders=np.asarray(shapely.simplify(self.borders, tolerance), dtype=object),
        )

    @property
    def empty(self) -> bool:
        """Tell whether there is nothing to draw."""
        return not (self.ports or self.borders.size or self.land.size)


def cut(
    sheet: Sheet, root: Tile, zoom: int, wanted: Callable[[Tile], bool]
) -> Iterator[tuple[Tile, Sheet]]:
    """Yield the wanted tiles of one zoom below ``root``, each with its part of the sheet.

    Each step clips what the step above left, so that no outline is walked for every tile.
    """
    if not wanted(root):
        return
    part = sheet if sheet.empty else sheet.clipped(root.box.grown(MARGIN / EXTENT * root.side))
    if root.zoom == zoom:
        yield root, part
        return
    for child in root.children():
        yield from cut(part, child, zoom, wanted)


def round_world(land: Shapes, strip: float) -> Shapes:
    """Repeat beyond each side of the world a strip of its other side, for the margin of tiles."""
    east = _moved(_clip(land, Box(0, 0, strip, 1)), 1)
    west = _moved(_clip(land, Box(1 - strip, 0, 1, 1)), -1)
    return np.concatenate([land, east, west])


def encode(tile: Tile, sheet: Sheet) -> bytes:
    """Return the gzipped vector tile; the same sheet gives the same bytes.

    A tile of open sea is a tile without layers, not a missing one.
    """
    layers: list[Record] = [
        {"name": name, "features": features}
        for name, features in (
            ("land", _land(_placed(tile, _joined(tile, sheet.land)))),
            ("border", _borders(_placed(tile, sheet.borders))),
            ("port", [_port(tile, port) for port in sheet.ports if _holds(tile.box, port)]),
        )
        if features
    ]
    return gzip.compress(_message(layers), mtime=0)


def _message(layers: list[Record]) -> bytes:
    driver: Any = mapbox_vector_tile
    message: bytes = driver.encode(
        layers, default_options={"y_coord_down": True, "check_winding_order": False}
    )
    return message


def _joined(tile: Tile, land: Shapes) -> Shapes:
    """Return the land in one piece where GSHHG has cut it, so that no cut is taken for a shore."""
    if not any(tile.box.left <= cut <= tile.box.right for cut in CUTS):
        return land
    return shapely.get_parts(shapely.union_all(shapely.make_valid(land)))


def _placed(tile: Tile, shapes: Shapes) -> Shapes:
    """Return the simple parts of the shapes, on the whole units of the tile."""
    scale = EXTENT / tile.side
    parts = shapely.get_parts(shapes)
    return shapely.transform(parts, lambda xy: np.rint((xy - tile.box[:2]) * scale))


def _land(polygons: Shapes) -> list[Record]:
    """Return one feature of all polygons that rounding has left an area, wound as MVT asks."""
    wide = polygons[shapely.area(polygons) > 0]
    shape = shapely.multipolygons(shapely.orient_polygons(wide))
    return [{"geometry": shape, "properties": {}}] if wide.size else []


def _borders(lines: Shapes) -> list[Record]:
    long = lines[shapely.length(lines) > 0]
    return [{"geometry": shapely.multilinestrings(long), "properties": {}}] if long.size else []


def _moved(shapes: Shapes, x: float) -> Shapes:
    return shapely.transform(shapes, lambda xy: xy + np.array([x, 0]))


def _port(tile: Tile, port: Port) -> Record:
    x, y = ((np.array([port.x, port.y]) - tile.box[:2]) / tile.side * EXTENT).tolist()
    properties = {name: getattr(port, name) for name in FIELDS["port"]}
    return {"geometry": shapely.Point(round(x), round(y)), "properties": properties}


def _holds(box: Box, port: Port) -> bool:
    return box.left <= port.x < box.right and box.top <= port.y < box.bottom


def _clip(shapes: Shapes, box: Box) -> Shapes:
    """Return the parts that lie in a box; what lies wholly inside is not walked again."""
    left, top, right, bottom = shapely.bounds(shapes).reshape(-1, 4).T
    near = (left <= box.right) & (right >= box.left) & (top <= box.bottom) & (bottom >= box.top)
    inside = (left >= box.left) & (right <= box.right) & (top >= box.top) & (bottom <= box.bottom)
    parts = shapely.get_parts(shapely.clip_by_rect(shapes[near & ~inside], *box))
    return np.concatenate([shapes[inside], parts])


def _uncrossed(polygons: Shapes) -> Shapes:
    """Return the polygons, those that cross themselves mended: clipping may fill a box with one."""
    is_sound = shapely.is_valid(polygons)
    parts = shapely.get_parts(shapely.get_parts(shapely.make_valid(polygons[~is_sound])))
    areas = parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON]
    return np.concatenate([polygons[is_sound], areas])


def _coarse_polygons(polygons: Shapes, tolerance: float) -> Shapes:
    """Simplify ring by ring, dropping rings that collapse.

    Ten times as fast as keeping the topology, and what may then cross, crosses by less than a
    pixel.
    """
    rings, owners = shapely.get_rings(polygons, return_index=True)
    coarse = shapely.simplify(rings, tolerance, preserve_topology=False)
    alive = shapely.get_num_coordinates(coarse) >= LEAST_RING
    _, outer, polygon = np.unique(owners, return_index=True, return_inverse=True)
    alive &= alive[outer][polygon]
    coarse, owners = coarse[alive], owners[alive]
    ring_starts = np.cumsum([0, *shapely.get_num_coordinates(coarse)])
    polygon_starts = np.flatnonzero(np.diff(owners, prepend=-1, append=-1))
    return np.asarray(
        shapely.from_ragged_array(
            shapely.GeometryType.POLYGON,
            shapely.get_coordinates(coarse),
            (ring_starts, polygon_starts),
        ),
        dtype=object,
    )
