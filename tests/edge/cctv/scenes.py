"""What tests of cameras share: pictures with coloured blocks, and a detector that finds them."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from threading import Event

import numpy as np

from edge.cctv.detector import FakeDetector, Found
from edge.cctv.frames import Frame, Pixels

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
WIDTH, HEIGHT = 160, 120
RED = (220, 30, 30)
CAMERA_TOML = f"""
[pose]
lat = 35.1
lon = 129.04
height_m = 12
bearing_deg = 90
tilt_deg = -20
[lens]
width_px = {WIDTH}
height_px = {HEIGHT}
horizontal_view_deg = 60
[sigma]
bearing_deg = 0.5
tilt_deg = 0.5
"""


def after(seconds: float) -> datetime:
    """Return noon and so many seconds."""
    return NOON + timedelta(seconds=seconds)


def car(x: float, y: float = 0.5, *, score: float = 0.9, label: str = "car") -> Found:
    """Return a box a tenth of the picture wide and high, around a point, in shares."""
    return Found(label, score, x - 0.05, y - 0.05, x + 0.05, y + 0.05)


def block(x: int, y: int = 40) -> Pixels:
    """Return a grey picture with a red block of 30 by 20 pixels at a place."""
    pixels = np.full((HEIGHT, WIDTH, 3), 90, np.uint8)
    pixels[y : y + 20, max(0, x) : max(0, x + 30)] = RED
    return pixels


def passing(frames: int = 40) -> list[Pixels]:
    """Return pictures in which a block passes from left to right, after and before nothing."""
    return [block(n * 6 - 40) for n in range(frames)]


def red_blocks(pixels: Pixels) -> list[Found]:
    """Find the block, as far as a lossy stream leaves it red."""
    is_red = (pixels[:, :, 0] > 150) & (pixels[:, :, 1] < 110)
    down, across = np.nonzero(is_red)
    if len(across) < 100:
        return []
    edges = (across.min(), down.min(), across.max() + 1, down.max() + 1)
    return [Found("car", 0.9, *map(float, edges))]


def red_detector() -> FakeDetector:
    """Return a detector of red blocks."""
    return FakeDetector(red_blocks, ("car",))


class FilmOf:
    """A film of given frames."""

    def __init__(self, frames: Sequence[Frame], *, waits: bool = True) -> None:
        self.waits = waits
        self._frames = frames

    def frames(self, stopped: Event) -> Iterator[Frame]:
        """Return them."""
        return takewhile(lambda _: not stopped.is_set(), self._frames)


def filmed(pictures: Sequence[Pixels], fps: float = 10) -> list[Frame]:
    """Return pictures as frames from noon on."""
    return [Frame(after(number / fps), pixels) for number, pixels in enumerate(pictures)]
