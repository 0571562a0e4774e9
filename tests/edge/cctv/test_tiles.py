"""Small far objects."""

import numpy as np
import pytest

from edge.cctv.detector import FakeDetector, Found, find
from edge.cctv.frames import Pixels
from edge.cctv.tiles import OVERLAP, TiledDetector, tiles
from tests.edge.cctv.scenes import block, red_blocks


@pytest.mark.parametrize(("columns", "rows"), [(1, 1), (2, 1), (3, 2), (8, 8)])
def test_tiles_cover_the_picture_and_overlap(columns: int, rows: int) -> None:
    """Every pixel is in a tile, and neighbours share a fifth."""
    covered = np.zeros((1080, 1920), int)
    parts = tiles(1920, 1080, columns, rows)
    for part in parts:
        covered[part.top : part.bottom, part.left : part.right] += 1
    assert covered.min() == 1
    assert len(parts) == columns * rows
    if columns > 1:
        shared = parts[0].right - parts[1].left
        assert shared == pytest.approx(OVERLAP * (parts[0].right - parts[0].left), abs=2)


@pytest.mark.parametrize("x", [10, 65, 120])
def test_an_object_is_found_once_wherever_it_stands(x: int) -> None:
    """Whole in one tile, cut by the edge of another, and in the whole picture: one box."""
    detector = TiledDetector(FakeDetector(red_blocks, ("car",)), 2, 2)
    found = find(detector, block(x))
    assert found == [Found("car", 0.9, x, 40, x + 30, 60)]


def test_what_only_a_tile_shows_is_found_at_its_place() -> None:
    """A detector that sees nothing in large pictures, as real ones do with small objects."""

    def near_only(pixels: Pixels) -> list[Found]:
        return red_blocks(pixels) if pixels.shape[1] < 160 else []

    detector = TiledDetector(FakeDetector(near_only, ("car",)), 2, 2)
    assert find(detector, block(125))[0][2:] == (125, 40, 155, 60)
