"""What a score is worth: stretched so that of the boxes scored 0.7, seven in ten are right."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from firmware_sim.detector.score import Judged

TURNS: Final = 25
CAUTION: Final = 1e-3
"""Keeps a few boxes that happen to be all right from being thought certain."""


class Stretch(NamedTuple):
    """A score's logit ``x`` becomes ``gain * x + shift``."""

    gain: float = 1.0
    shift: float = 0.0


def stretch(judged: Sequence[Judged]) -> Stretch:
    """Return the stretch that makes scores true of some judged boxes.

    Source:
        Platt scaling: logistic regression of right or wrong on the logit, by Newton's method.

    >>> boxes = [Judged(0.2, is_right=True)] * 3 + [Judged(0.2, is_right=False)]
    >>> boxes += [Judged(0.1, is_right=True)] + [Judged(0.1, is_right=False)] * 3
    >>> found = stretch(boxes)
    >>> [round(stretched(score, found), 2) for score in (0.1, 0.2)]
    [0.25, 0.75]
    """
    logits = np.array([_logit(one.score) for one in judged])
    right = np.array([one.is_right for one in judged], np.float64)
    columns = np.stack([logits, np.ones_like(logits)], axis=1)
    found = np.array([1.0, 0.0])
    for _ in range(TURNS):
        likely = 1 / (1 + np.exp(-columns @ found))
        slope = columns.T @ (likely - right) + CAUTION * found
        bend = (columns.T * (likely * (1 - likely))) @ columns + CAUTION * np.eye(2)
        found = found - np.linalg.solve(bend, slope)
    return Stretch(float(found[0]), float(found[1]))


def stretched(score: float, by: Stretch) -> float:
    """Return a score as it is said."""
    return float(1 / (1 + np.exp(-(by.gain * _logit(score) + by.shift))))


def _logit(score: float) -> float:
    within = min(max(score, 1e-6), 1 - 1e-6)
    return float(np.log(within / (1 - within)))
