"""How well boxes are found: average precision over held-out pictures, by the agent's detector."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from edge.cctv.detector import Detector, Found, find
from edge.cctv.heads import overlaps
from firmware_sim.detector.pictures import Picture, is_wanted
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
class _Judged:
    score: float
    is_right: bool


def score(
    detector: Detector,
    pictures: Iterable[Picture],
    label: str,
    counts: Callable[[Truth], bool] = lambda _: True,
) -> Score:
    """Hold a detector against one label's truths, box for box, the surest first.

    A box on a truth that does not count, or is too small or faint, is neither right nor wrong.
    """
    wanted, judged = 0, list[_Judged]()
    for picture in pictures:
        truths = [truth for truth in picture.truths if truth.label == label]
        asked = [is_wanted(truth, picture.frame) and counts(truth) for truth in truths]
        found = [one for one in find(detector, picture.frame) if one.label == label]
        wanted += sum(asked)
        judged += _judged(found, truths, asked, picture)
    right = np.array([one.is_right for one in sorted(judged, key=lambda one: -one.score)], bool)
    precision = np.cumsum(right) / np.arange(1, len(right) + 1)
    best = np.maximum.accumulate(precision[::-1])[::-1]
    area = float(best[right].sum() / wanted) if wanted else 0.0
    return Score(wanted, int(right.sum()), area)


def _judged(
    found: list[Found], truths: list[Truth], asked: list[bool], picture: Picture
) -> list[_Judged]:
    if not found or not truths:
        return [_Judged(one.score, is_right=False) for one in found]
    rows, columns = picture.frame.shape[:2]
    boxes = np.array([truth.box for truth in truths]) * [columns, rows, columns, rows]
    shared = overlaps(np.array([one[2:] for one in found]), boxes)
    taken: set[int] = set()
    judged: list[_Judged] = []
    for one, row in zip(found, shared, strict=True):
        free = [place for place in range(len(truths)) if asked[place] and place not in taken]
        best = max(free, key=lambda place: row[place], default=None)
        if best is not None and row[best] >= ENOUGH_OVERLAP:
            taken.add(best)
            judged.append(_Judged(one.score, is_right=True))
        elif not any(row[place] >= ENOUGH_OVERLAP for place, ask in enumerate(asked) if not ask):
            judged.append(_Judged(one.score, is_right=False))
    return judged
