"""The detector's recipe: its pictures are repeatable, and its examination is just."""

from pathlib import Path

import numpy as np
import pytest

from edge.cctv.detector import FakeDetector, Found
from edge.cctv.frames import Pixels
from firmware_sim.detector import pictures
from firmware_sim.detector.score import score

PICTURES = tuple(pictures.pictures("test", 7, cameras=1))


def told(shift_px: float = 0.0) -> FakeDetector:
    """Return a detector that knows the truth, a little beside it."""

    def finds(frame: Pixels) -> list[Found]:
        (picture,) = (one for one in PICTURES if one.frame is frame)
        rows, columns = frame.shape[:2]
        return [
            Found(truth.label, 0.9, *truth.box)
            .scaled(columns, rows)
            ._replace(
                left=truth.box[0] * columns + shift_px, right=truth.box[2] * columns + shift_px
            )
            for truth in picture.truths
        ]

    return FakeDetector(finds, pictures.LABELS)


def test_the_same_seed_gives_the_same_pictures() -> None:
    """Who repeats the recipe trains on the same bytes."""
    again = next(pictures.pictures("test", 7, cameras=1))
    other = next(pictures.pictures("test", 8, cameras=1))
    assert np.array_equal(again.frame, PICTURES[0].frame)
    assert not np.array_equal(again.frame, other.frame)


def test_who_says_the_truth_has_full_marks() -> None:
    """Boxes on truths that are too small are not held against the detector."""
    got = score(told(), PICTURES, "boat")
    assert got.wanted == got.found > 0
    assert got.average_precision == 1.0


def test_boxes_beside_the_truth_have_none() -> None:
    """A box that is a frame away overlaps with nothing."""
    assert score(told(5_000.0), PICTURES, "boat").average_precision == 0.0


def test_label_files_hold_a_line_for_each_wanted_object(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All that is written lies within the input."""
    monkeypatch.setitem(pictures.SPLITS, "val", 1)
    data = pictures.write(tmp_path / "data", 7, ("val",))
    rows = [
        [float(word) for word in line.split()]
        for file in (tmp_path / "data/labels/val").iterdir()
        for line in file.read_text().splitlines()
    ]
    assert "2: person" in data.read_text()
    assert rows
    assert all(x - w / 2 + 1e-5 >= 0 and x + w / 2 <= 1 + 1e-5 for _, x, _, w, _ in rows)
