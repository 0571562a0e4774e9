"""Films of a camera that is not there are read back by the agent's own reader."""

from datetime import timedelta
from pathlib import Path
from threading import Event

import msgspec
import numpy as np
import pytest

from edge.cctv.films import Folder, Recorded
from firmware_sim.cctv import TRUTH_NAME, Row, film, invented, write_film, write_folder
from firmware_sim.renderer import render
from firmware_sim.scene import DAY
from tests.firmware_sim.harbour_scene import CAMERA, NOON

SCENE = invented(CAMERA, NOON, DAY, vessels=5, seed=3)


def rows(file: Path) -> list[Row]:
    """Return the truth of a film."""
    return [msgspec.json.decode(line, type=Row) for line in file.read_bytes().splitlines()]


def test_a_folder_is_lossless(tmp_path: Path) -> None:
    """Every picture is the rendered one to the byte, and the truth names it."""
    folder = tmp_path / "pictures"
    assert write_folder(film(SCENE, CAMERA, NOON, seconds=1, fps=3), folder) == 3
    frames = list(Folder(folder, start=NOON, fps=3).frames(Event()))
    truth = rows(folder / TRUTH_NAME)
    assert [row.frame for row in truth] == ["000001.png", "000002.png", "000003.png"]
    for frame, row in zip(frames, truth, strict=True):
        rendered = render(SCENE, CAMERA, row.at)
        assert np.array_equal(frame.pixels, rendered.frame)
        assert row.truths == rendered.truths
        assert abs(frame.at - row.at) < timedelta(milliseconds=1)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_a_film_says_when_it_begins(suffix: str, tmp_path: Path) -> None:
    """Its frames are at the truth's moments, and nearly the rendered ones."""
    file = tmp_path / f"film{suffix}"
    assert write_film(film(SCENE, CAMERA, NOON, seconds=2, fps=2), file, fps=2) == 4
    frames = list(Recorded(file).frames(Event()))
    truth = rows(tmp_path / f"film{suffix}.{TRUTH_NAME}")
    assert [frame.at for frame in frames] == [row.at for row in truth]
    difference = frames[0].pixels.astype(float) - render(SCENE, CAMERA, NOON).frame
    assert np.abs(difference).mean() < 4


def test_traffic_is_in_view_when_it_begins() -> None:
    """Most of it shows, at the places that its tracks say."""
    truths = render(SCENE, CAMERA, NOON).truths
    assert len(truths) >= 4
    lat, lon, _ = SCENE.actors[0].stance(NOON)
    assert any((truth.lat, truth.lon) == (lat, lon) for truth in truths)


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    """Neither folder nor film; and a film of no known kind is refused."""
    pictures = film(SCENE, CAMERA, NOON, seconds=1, fps=1)
    (tmp_path / "film.mkv").touch()
    with pytest.raises(FileExistsError):
        write_folder(pictures, tmp_path)
    with pytest.raises(FileExistsError):
        write_film(pictures, tmp_path / "film.mkv", fps=1)
    with pytest.raises(ValueError, match=r"must end with .mp4 or .mkv"):
        write_film(pictures, tmp_path / "film.avi", fps=1)
