"""The truth about the four cars that drive through ``car-detection.mp4``.

Boxes in pixels of 768 by 432, at every third frame or so, straight lines between. They come from a
second detector (YOLOv8n), kept where a person who looked at the frames agrees, whatever it called
the cars; the first of the red car are measured by eye.
"""

from bisect import bisect_right
from collections.abc import Iterable
from datetime import datetime
from typing import Final, NamedTuple

import numpy as np

from edge.cctv.detector import Detector, find
from edge.cctv.frames import Frame
from edge.cctv.heads import overlaps
from edge.cctv.tracking import Tracker
from tests.edge.cctv.scenes import NOON

COVERED: Final = 0.4
"""Intersection over union by which a track is on a car."""

FPS: Final = 12.5
Box = tuple[float, float, float, float]

CARS: Final[dict[str, dict[int, Box]]] = {
    "white": {
        60: (284, 333, 481, 429),
        66: (277, 246, 482, 429),
        72: (270, 162, 470, 427),
        75: (269, 127, 457, 420),
        81: (268, 63, 434, 321),
        87: (275, 5, 419, 226),
        93: (281, 1, 407, 150),
        99: (284, 2, 399, 87),
        103: (286, 0, 397, 50),
    },
    "teal": {
        186: (150, 2, 264, 65),
        192: (135, 2, 269, 136),
        198: (116, 1, 262, 224),
        204: (98, 36, 257, 329),
        210: (76, 116, 248, 427),
        216: (60, 203, 244, 426),
        222: (63, 302, 238, 429),
        225: (66, 356, 233, 429),
    },
    "red": {
        194: (317, 312, 490, 430),
        200: (316, 222, 487, 430),
        207: (316, 129, 483, 425),
        213: (310, 61, 466, 320),
        219: (306, 6, 455, 231),
        225: (308, 2, 441, 156),
        231: (307, 2, 428, 84),
        234: (305, 1, 418, 53),
    },
    "porsche": {
        318: (195, 1, 317, 52),
        324: (164, 2, 325, 170),
        330: (138, 16, 313, 310),
        336: (112, 130, 304, 427),
        339: (105, 196, 301, 425),
        345: (113, 348, 297, 428),
    },
}


class Following(NamedTuple):
    """How well the cars were followed."""

    visible: int
    """Boxes of cars in all pictures."""
    followed: int
    """Of these, under a track."""
    switches: int
    """As CLEAR MOT counts them: a car that was followed under one number, and now is under another
    while nobody follows it under the first."""


def following(detector: Detector, frames: Iterable[Frame]) -> Following:
    """Return how a tracker follows what a detector finds in the clip, whatever it is called.

    Args:
        detector: Any.
        frames: Of the clip, the first at noon.
    """
    tracker, current = Tracker(), dict[str, int]()
    visible = followed = switches = 0
    for frame in frames:
        tracker.see(frame.at, find(detector, frame.pixels))
        for name, box in cars_at((frame.at - NOON).total_seconds()).items():
            numbers = _on(tracker, box, frame.at)
            visible += 1
            followed += bool(numbers)
            switches += bool(numbers) and current.get(name, numbers[0]) not in numbers
            if numbers and current.get(name) not in numbers:
                current[name] = numbers[0]
    return Following(visible, followed, switches)


def cars_at(seconds: float) -> dict[str, Box]:
    """Return the box of every car that is in the picture."""
    boxes = {name: _between(marks, seconds * FPS) for name, marks in CARS.items()}
    return {name: box for name, box in boxes.items() if box is not None}


def _on(tracker: Tracker, box: Box, at: datetime) -> list[int]:
    """Return the tracks of this moment that are on a box, the best first."""
    tracks = [track for track in tracker.tracks if track.seen_at == at]
    if not tracks:
        return []
    over = overlaps(np.array([track.last[2:] for track in tracks]), np.array([box]))[:, 0]
    best: list[int] = np.argsort(-over, kind="stable").tolist()
    return [tracks[place].number for place in best if over[place] >= COVERED]


def _between(marks: dict[int, Box], frame: float) -> Box | None:
    frames = [*marks]
    place = bisect_right(frames, frame)
    if place == 0 or frame > frames[-1]:
        return None
    before, after = frames[place - 1], frames[min(place, len(frames) - 1)]
    share = (frame - before) / max(1, after - before)
    one, other = np.array(marks[before]), np.array(marks[after])
    left, top, right, bottom = (one + share * (other - one)).tolist()
    return left, top, right, bottom
