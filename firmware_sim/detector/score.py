"""How well boxes are found: average precision over held-out pictures, by the agent's detector."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from edge.cctv.detector import Detector, Found, find
from edge.cctv.frames import Pixels
from edge.cctv.heads import overlaps
from firmware_sim.detector.pictures import Picture, is_wanted, sides_px
from firmware_sim.renderer import Truth

ENOUGH_OVERLAP = 0.5


@dataclass(frozen=True)
class Score:
    """Of some pictures and labels."""

    wanted: int
    found: int
    """Of those wanted, at any score that the detector gives."""
    average_precision: float
    """Area below the precision that is reached at each recall, made to fall (PASCAL VOC 2010)."""


@dataclass(frozen=True)
class Judged:
    """A box, and whether it is on an object that was asked for."""

    score: float
    is_right: bool


def score(
    detector: Detector,
    pictures: Iterable[Picture],
    label: str,
    counts: Callable[[Truth, Pixels], bool] = lambda _, __: True,
    least: float = 0.0,
) -> Score:
    """Hold a detector against one label's truths.

    Args:
        detector: To be examined.
        pictures: With their truths.
        label: Of the truths.
        counts: Whether a truth in a frame is asked for.
        least: Score below which a box is not heard.
    """
    wanted, judged = judge(detector, pictures, label, counts)
    heard = [one for one in judged if one.score >= least]
    right = np.array([one.is_right for one in sorted(heard, key=lambda one: -one.score)], bool)
    precision = np.cumsum(right) / np.arange(1, len(right) + 1)
    best = np.maximum.accumulate(precision[::-1])[::-1]
    area = float(best[right].sum() / wanted) if wanted else 0.0
    return Score(wanted, int(right.sum()), area)


def judge(
    detector: Detector,
    pictures: Iterable[Picture],
    label: str,
    counts: Callable[[Truth, Pixels], bool] = lambda _, __: True,
) -> tuple[int, list[Judged]]:
    """Return how many objects were asked for, and every box on one or on nothing.

    The surest box takes an object first. A box on a truth that does not count, or is too small or
    faint, is neither right nor wrong.
    """
    wanted, judged = 0, list[Judged]()
    for picture in pictures:
        truths = [truth for truth in picture.truths if truth.label == label]
        asked = [
            is_wanted(truth, picture.frame) and counts(truth, picture.frame) for truth in truths
        ]
        found = [one for one in find(detector, picture.frame) if one.label == label]
        wanted += sum(asked)
        judged += _judged(found, truths, asked, picture)
    return wanted, judged


def longer_side_px(truth: Truth, frame: Pixels) -> float:
    """Return how large an object is on the detector's input."""
    return max(sides_px(truth, frame))


def _judged(
    found: list[Found], truths: list[Truth], asked: list[bool], picture: Picture
) -> list[Judged]:
    if not found or not truths:
        return [Judged(one.score, is_right=False) for one in found]
    rows, columns = picture.frame.shape[:2]
    boxes = np.array([truth.box for truth in truths]) * [columns, rows, columns, rows]
    shared = overlaps(np.array([one[2:] for one in found]), boxes)
    taken: set[int] = set()
    judged: list[Judged] = []
    for one, row in zip(found, shared, strict=True):
        free = [place for place in range(len(truths)) if asked[place] and place not in taken]
        best = max(free, key=lambda place: row[place], default=None)
        if best is not None and row[best] >= ENOUGH_OVERLAP:
            taken.add(best)
            judged.append(Judged(one.score, is_right=True))
        elif not any(row[place] >= ENOUGH_OVERLAP for place, ask in enumerate(asked) if not ask):
            judged.append(Judged(one.score, is_right=False))
    return judged
