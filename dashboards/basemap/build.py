"""Composes the base map: the world in coarse tiles, the areas of operation in fine ones."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from importlib import resources
from itertools import chain
from pathlib import Path

import msgspec

from dashboards.basemap import archive
from dashboards.basemap.coastline import Resolution, read_borders, read_land
from dashboards.basemap.mercator import Box, Tile, box_of, covering
from dashboards.basemap.ports import Port, read_ports
from dashboards.basemap.tiles import EXTENT, FIELDS, MARGIN, Sheet, cut, encode, round_world

ATTRIBUTION = "Coastline and borders: GSHHG/WDBII (LGPL-3.0). Ports: searoute (Apache-2.0)."

WORLD = Tile(0, 0, 0)

COARSENESS = 4
"""How far an outline may move, in units of its tile: half a pixel of 512."""

FINENESS = 1
"""The same at the deepest zoom of the world and of the areas, which is also drawn enlarged."""


class Area(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rectangle that operators watch closely, degrees."""

    name: str
    west: float
    south: float
    east: float
    north: float

    @property
    def box(self) -> Box:
        """The rectangle on the unit square."""
        return box_of(west=self.west, south=self.south, east=self.east, north=self.north)


class Plan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the map holds: ``areas.toml``."""

    world_zoom: int
    detail_zoom: int
    area: tuple[Area, ...]


Report = Callable[[str], None]
Tiles = dict[Tile, bytes]


def default_plan() -> Plan:
    """Read the list of areas that stands beside this module."""
    text = (resources.files("dashboards.basemap") / "areas.toml").read_bytes()
    return msgspec.toml.decode(text, type=Plan)


def build(out: Path, plan: Plan, report: Report) -> None:
    """Make the archive; ``report`` is told of each finished zoom in one line.

    Raises:
        DataMissingError: The coastline is not installed.
    """
    ports = read_ports(plan.detail_zoom)
    tiles = world_tiles(plan, ports, report) | detail_tiles(plan, ports, report)
    archive.write(out, tiles, _metadata(plan))
    report(f"{out}: {len(tiles)} tiles, {out.stat().st_size / 1e6:.1f} MB")


def world_tiles(plan: Plan, ports: tuple[Port, ...], report: Report) -> Tiles:
    """Cut the world from the deepest zoom up, each zoom from the outlines of the one below it."""
    sheet = _read(Resolution.HIGH, [WORLD.box], ports)
    sheet = replace(sheet, land=round_world(sheet.land, MARGIN / EXTENT))
    tiles: Tiles = {}
    for zoom in range(plan.world_zoom, -1, -1):
        sheet = _coarser(sheet, zoom, plan.world_zoom)
        part = _encoded(cut(_labelled(sheet, ports, zoom, plan.world_zoom), WORLD, zoom, _always))
        tiles |= part
        report(_line("world", zoom, part))
    return tiles


def detail_tiles(plan: Plan, ports: tuple[Port, ...], report: Report) -> Tiles:
    """Cut each area of operation between the two zooms from the full coastline."""
    roots = [covering(area.box, plan.world_zoom + 1) for area in plan.area]
    frames = [_frame(tiles) for tiles in roots]
    whole = _read(Resolution.FULL, frames, ports)
    tiles: Tiles = {}
    for area, frame, starts in zip(plan.area, frames, roots, strict=True):
        tiles |= _area_tiles(plan, area, whole.clipped(frame), starts, report)
    return tiles


def _area_tiles(
    plan: Plan, area: Area, sheet: Sheet, roots: Iterable[Tile], report: Report
) -> Tiles:
    tiles: Tiles = {}
    wanted = partial(_touched, area.box)
    for zoom in range(plan.detail_zoom, plan.world_zoom, -1):
        sheet = _coarser(sheet, zoom, plan.detail_zoom)
        labelled = _labelled(sheet, sheet.ports, zoom, plan.detail_zoom)
        part = _encoded(chain.from_iterable(cut(labelled, root, zoom, wanted) for root in roots))
        tiles |= part
        report(_line(area.name, zoom, part))
    return tiles


def _read(resolution: Resolution, within: Sequence[Box], ports: tuple[Port, ...]) -> Sheet:
    return Sheet(read_land(resolution, within), read_borders(resolution, within), ports)


def _coarser(sheet: Sheet, zoom: int, deepest: int) -> Sheet:
    unit = 2.0**-zoom / EXTENT
    if zoom == deepest:
        return sheet.simplified(FINENESS * unit, 0)
    return sheet.simplified(COARSENESS * unit, (2 * COARSENESS * unit) ** 2)


def _labelled(sheet: Sheet, ports: Iterable[Port], zoom: int, deepest: int) -> Sheet:
    """Keep the ports of this zoom; the deepest one holds all, for it is drawn enlarged."""
    shown = tuple(port for port in ports if zoom == deepest or port.min_zoom <= zoom)
    return replace(sheet, ports=shown)


def _encoded(parts: Iterable[tuple[Tile, Sheet]]) -> Tiles:
    return {tile: encode(tile, part) for tile, part in parts}


def _frame(tiles: Iterable[Tile]) -> Box:
    left, top, right, bottom = zip(*(tile.box for tile in tiles), strict=True)
    frame = Box(min(left), min(top), max(right), max(bottom))
    return frame.grown((right[0] - left[0]) * MARGIN / EXTENT)


def _always(_: Tile) -> bool:
    return True


def _touched(box: Box, tile: Tile) -> bool:
    return tile.box.touches(box)


def _line(name: str, zoom: int, tiles: Tiles) -> str:
    size = sum(map(len, tiles.values()))
    return f"{name}, zoom {zoom}: {len(tiles)} tiles, {size / 1e3:.0f} kB"


def _metadata(plan: Plan) -> dict[str, object]:
    return {
        "name": "Haechi base map",
        "attribution": ATTRIBUTION,
        "vector_layers": [
            {"id": layer, "fields": fields, "minzoom": 0, "maxzoom": plan.detail_zoom}
            for layer, fields in FIELDS.items()
        ],
    }
