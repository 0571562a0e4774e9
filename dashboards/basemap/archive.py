"""Writes tiles as one PMTiles archive, which a browser reads by ranges from a plain file."""

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer

from dashboards.basemap.mercator import NORTHERNMOST, Tile

SCALE = 10_000_000
"""PMTiles states degrees as whole ten-millionths."""


def write(out: Path, tiles: Mapping[Tile, bytes], metadata: Mapping[str, Any]) -> None:
    """Put gzipped vector tiles in an archive; ``out`` is either the old file or the whole new one.

    Tiles are laid down in the order of their ids, equal ones once.
    """
    part = out.with_name(out.name + ".part")
    try:
        with part.open("wb") as file:
            _fill(file, tiles, metadata)
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)


def _fill(file: BinaryIO, tiles: Mapping[Tile, bytes], metadata: Mapping[str, Any]) -> None:
    writer: Any = Writer(file)  # type: ignore[no-untyped-call]  # the driver states no types
    with contextlib.closing(writer.tile_f):
        for number, tile in sorted((zxy_to_tileid(*tile), tile) for tile in tiles):
            writer.write_tile(number, tiles[tile])
        writer.finalize(dict(_HEADER), dict(metadata))


_HEADER = {
    "tile_compression": Compression.GZIP,
    "tile_type": TileType.MVT,
    "min_lon_e7": -180 * SCALE,
    "min_lat_e7": round(-NORTHERNMOST * SCALE),
    "max_lon_e7": 180 * SCALE,
    "max_lat_e7": round(NORTHERNMOST * SCALE),
    "center_zoom": 0,
    "center_lon_e7": 0,
    "center_lat_e7": 0,
}
