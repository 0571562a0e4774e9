"""How many frames a second a camera's agent looks at, against the bare model with as many threads.

The bare model is given the clip's frames as it takes them, prepared before: it decodes, scales,
follows, places and proves nothing. The agent does all of that, dated as if the camera gave as many
frames a second as the model can take, so that evidence is kept as often as in service. Its readings
are taken as an outbox takes them. Beside it the adapter alone, whose three steps follow one another
on frames decoded before, as for a caller with a single thread. All in this process, in turn, in
short rounds, so that whatever else the machine does meets all; all from their first frame on.

Then what an agent holds in memory after an hour of somebody passing all the time, against a sixth
of it: small painted pictures, so that an hour passes in less than a minute.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from statistics import median
from threading import Event
from typing import Any, Final

import numpy as np
import psutil

from bench.measure import Figure, folder, in_turn, median_ratio
from edge.camera.camera import Camera, Lens, Pose
from edge.cctv.agent import CctvSource
from edge.cctv.detector import Detector, FakeDetector, Found, find
from edge.cctv.evidence import evidence_in
from edge.cctv.films import Film, Recorded
from edge.cctv.frames import Frame, Pixels
from edge.cctv.journal import Journal
from edge.cctv.onnx_detector import OnnxDetector
from edge.cctv.scene import Scene

SHARED: Final = Path(__file__).resolve().parents[2] / "shared/data"
MODEL: Final = SHARED / "models/FastestDet.onnx"
CLIP: Final = SHARED / "video/one-by-one-person-detection.mp4"
FPS: Final = 100
FRAMES: Final = 150
SHORT_ROUNDS: Final = 15
HOUR: Final = 18_000
"""Frames, at the five a second at which a live camera is looked at."""

START: Final = datetime(2026, 1, 1, tzinfo=UTC)
CAMERA: Final = Camera(
    pose=Pose(lat=35.1, lon=129.04, height_m=6, bearing_deg=90, tilt_deg=-30),
    lens=Lens.of_view(768, 432, 60),
)

Rate = tuple[float, float]
"""Frames a second, and milliseconds of the processors a frame."""


class Hurried:
    """The clip as a camera of ``FPS`` frames a second would have filmed it."""

    waits = True

    def frames(self, stopped: Event) -> Iterator[Frame]:
        """Return its frames."""
        for number, frame in enumerate(Recorded(CLIP, start=START).frames(stopped)):
            yield Frame(START + timedelta(seconds=number / FPS), frame.pixels)


class Counted:
    """A detector that knows how many pictures it has looked at."""

    def __init__(self, detector: Detector) -> None:
        self.looked = 0
        self.labels: Final = detector.labels
        self.prepare, self.run, self._found = detector.prepare, detector.run, detector.found

    def found(self, given: Any) -> list[Found]:
        """Return what is in one more picture."""
        self.looked += 1
        return self._found(given)


class Passing:
    """A white block that passes again and again through small grey pictures."""

    waits = True

    def frames(self, stopped: Event) -> Iterator[Frame]:
        """Return an hour of them."""
        for number in range(HOUR):
            if stopped.is_set():
                return
            yield Frame(START + timedelta(seconds=number / 5), _painted(number % 40 * 5))


def measure() -> list[Figure]:
    """Return the ratios; that of the model only where model and clip are on this machine."""
    speed = against_bare() if MODEL.exists() and CLIP.exists() else []
    return [*speed, after_an_hour()]


def against_bare() -> list[Figure]:
    """Return the rates of the agent and of the adapter over that of the bare model."""
    detector = OnnxDetector(MODEL)
    name = detector.session.get_inputs()[0].name
    pictures = [frame.pixels for frame in _some(Hurried())]
    tensors = [{name: detector.prepare(pixels).tensor} for pixels in pictures]
    rounds = in_turn(
        SHORT_ROUNDS,
        partial(agent_rate, detector),
        partial(alone_rate, partial(find, detector), pictures),
        partial(alone_rate, partial(detector.session.run, None), tensors),
    )
    return [
        _against("camera agent", [(agent, bare) for agent, _, bare in rounds], at_least=0.9),
        _against(
            "detector's adapter on decoded frames, its steps one after another",
            [(adapter, bare) for _, adapter, bare in rounds],
        ),
    ]


def after_an_hour() -> Figure:
    """Return the memory at the end of an hour over that after a sixth of it."""
    taken: list[int] = []
    with folder() as kept:
        source = _source(Passing(), FakeDetector(_white, ("person",)), kept, fps=5)
        for number, _ in enumerate(source.batches(), 1):
            source.kept()
            if number in {HOUR // 6, HOUR}:
                taken.append(psutil.Process().memory_info().rss)
    early, late = (each / 2**20 for each in taken)
    return Figure(
        what="memory of a camera agent after an hour, against after ten minutes",
        ratio=late / early,
        at_most=1.05,
        parts=f"RSS {late:.0f} / {early:.0f} MiB; {HOUR:,} frames of 160x120, painted objects",
    )


def agent_rate(detector: Detector) -> Rate:
    """Return the rate of the whole agent over the clip."""
    counted = Counted(detector)
    with folder() as kept:
        source = _source(Hurried(), counted, kept, fps=FPS)
        batches = source.batches()

        def look() -> None:
            before = counted.looked
            while counted.looked == before:  # a batch without a frame says only that none came
                next(batches)
                source.kept()

        look()
        return _rate(look, FRAMES)


def alone_rate(look: Callable[[Any], object], given: Sequence[Any]) -> Rate:
    """Return the rate of whatever looks at one thing after another."""
    look(given[0])
    rest = iter(given[1:])
    return _rate(lambda: look(next(rest)), FRAMES)


def _against(what: str, rounds: list[tuple[Rate, Rate]], at_least: float | None = None) -> Figure:
    (fps, ms), (bare_fps, bare_ms) = (
        [median(each[who][part] for each in rounds) for part in (0, 1)] for who in (0, 1)
    )
    return Figure(
        what=f"{what}, frames a second against the bare model",
        ratio=median_ratio((one[0], bare[0]) for one, bare in rounds),
        at_least=at_least,
        parts=f"{fps:.0f} / {bare_fps:.0f} (medians); of all processors {ms:.1f} and "
        f"{bare_ms:.1f} ms a frame; FastestDet, one thread, 768x432 H.264",
    )


def _rate(work: Callable[[], object], times: int) -> Rate:
    begun, busy = time.perf_counter(), time.process_time()
    for _ in range(times):
        work()
    return (
        times / (time.perf_counter() - begun),
        (time.process_time() - busy) / times * 1000,
    )


def _some(film: Film) -> list[Frame]:
    return [*islice(film.frames(Event()), FRAMES + 1)]


def _source(film: Film, detector: Detector, kept: Path, *, fps: float) -> CctvSource:
    return CctvSource(
        film,
        detector,
        CAMERA,
        evidence_in(kept),
        Journal(kept / "followed.json"),
        device="cctv-1",
        boot="rec-bench",
        scene=Scene(),
        fps=fps,
    )


def _painted(left: int) -> Pixels:
    pixels = np.full((120, 160, 3), 90, np.uint8)
    pixels[40:80, left : left + 20] = 255
    return pixels


def _white(pixels: Pixels) -> list[Found]:
    across = np.flatnonzero(pixels[60, :, 0] == 255)
    if not across.size:
        return []
    return [Found("person", 0.9, float(across[0]), 40.0, float(across[-1]) + 1, 80.0)]
