"""How many frames a second a camera's agent looks at, against the bare model with as many threads.

The bare session is given one prepared picture again and again: it decodes, scales, follows, places
and proves nothing. The agent does all of that over the clip, dated as if the camera gave as many
frames a second as the model can take, so that evidence is kept as often as in service. Its readings
are taken as an outbox takes them. Both in this process, in turn.
"""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Event
from typing import Final

from bench.measure import ROUNDS, Figure, folder, in_turn, median_ratio
from edge.camera.camera import Camera, Lens, Pose
from edge.cctv.agent import CctvSource
from edge.cctv.evidence import evidence_in
from edge.cctv.films import Recorded
from edge.cctv.frames import Frame
from edge.cctv.journal import Journal
from edge.cctv.onnx_detector import OnnxDetector
from edge.cctv.scene import Scene

SHARED: Final = Path(__file__).resolve().parents[2] / "shared/data"
MODEL: Final = SHARED / "models/FastestDet.onnx"
CLIP: Final = SHARED / "video/one-by-one-person-detection.mp4"
FPS: Final = 100
FRAMES: Final = 600
START: Final = datetime(2026, 1, 1, tzinfo=UTC)
CAMERA: Final = Camera(
    pose=Pose(lat=35.1, lon=129.04, height_m=6, bearing_deg=90, tilt_deg=-30),
    lens=Lens.of_view(768, 432, 60),
)


class Hurried:
    """The clip as a camera of ``FPS`` frames a second would have filmed it."""

    waits = True

    def frames(self, stopped: Event) -> Iterator[Frame]:
        """Return its frames."""
        for number, frame in enumerate(Recorded(CLIP, start=START).frames(stopped)):
            yield Frame(START + timedelta(seconds=number / FPS), frame.pixels)


def measure() -> list[Figure]:
    """Return the ratio; nothing where model or clip are not on this machine."""
    if not (MODEL.exists() and CLIP.exists()):
        return []
    detector = OnnxDetector(MODEL)
    pairs = in_turn(ROUNDS, partial(agent_fps, detector), partial(bare_fps, detector))
    rates = [(one, other) for one, other in pairs]
    agent, bare = rates[-1]
    return [
        Figure(
            what="camera agent, frames a second against the bare model",
            ratio=median_ratio(rates),
            at_least=0.9,
            parts=f"{agent:.0f} / {bare:.0f} (last round), FastestDet, one thread, 768x432 H.264",
        )
    ]


def agent_fps(detector: OnnxDetector) -> float:
    """Return the rate of the whole agent over the clip."""
    with folder() as kept:
        source = CctvSource(
            Hurried(),
            detector,
            CAMERA,
            evidence_in(kept),
            Journal(kept / "followed.json"),
            device="cctv-1",
            boot="rec-bench",
            scene=Scene(),
            fps=FPS,
        )
        frames, begun = 0, time.perf_counter()
        for _ in source.batches():
            source.kept()
            frames += 1
            if frames == FRAMES:
                break
        return frames / (time.perf_counter() - begun)


def bare_fps(detector: OnnxDetector, runs: int = FRAMES) -> float:
    """Return the rate of the session alone."""
    frame = next(iter(Recorded(CLIP, start=START).frames(Event())))
    prepared = detector.prepare(frame.pixels)
    name = detector.session.get_inputs()[0].name
    begun = time.perf_counter()
    for _ in range(runs):
        detector.session.run(None, {name: prepared.tensor})
    return runs / (time.perf_counter() - begun)
