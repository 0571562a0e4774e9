"""Fixed cameras of a scenario as their agents see them, in the scenario's own time."""

from collections.abc import Iterator
from heapq import merge
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from typing import Final

from msgspec.structs import replace

from edge.cctv.agent import CctvSource
from edge.cctv.detector import Detector
from edge.cctv.evidence import evidence_in
from edge.cctv.frames import Frame
from edge.cctv.journal import Journal
from edge.cctv.onnx_detector import OnnxDetector
from edge.cctv.scene import Scene
from edge.measured import Measured
from firmware_sim.cast import Lookout
from firmware_sim.detector import WEIGHTS
from firmware_sim.filmed_day import Filmed
from firmware_sim.scenario import Scenario
from haechi.cameras import Detection

BOOT: Final = "scenario"
"""Of all agents; names of objects end with it and a number."""

Timed = tuple[float, str, Measured]
"""Second, device and reading."""


class Drawn:
    """What one camera shows, drawn picture by picture; no codec is between it and its agent."""

    waits = True

    def __init__(self, scenario: Scenario, lookout: Lookout) -> None:
        self._scenario = scenario
        self.filmed: Final = Filmed(scenario, lookout)

    def frames(self, stopped: Event) -> Iterator[Frame]:
        """Yield its pictures until the day is over."""
        for second, pixels in self.filmed.pictures(self._scenario.starts):
            if stopped.is_set():
                return
            yield Frame(self._scenario.at(second), pixels)


def readings(scenario: Scenario, detector: Detector | None = None) -> Iterator[Timed]:
    """Yield what the agents of all cameras that are scored send, in order of time.

    Args:
        scenario: The day.
        detector: Instead of the one that is shipped.
    """
    watching = [
        replace(lookout, fps=lookout.scored_fps)
        for lookout in scenario.camera
        if lookout.scored_fps
    ]
    seen = (_seen(scenario, each, detector or OnnxDetector(WEIGHTS)) for each in watching)
    return merge(*seen, key=lambda timed: timed[0])


def _seen(scenario: Scenario, lookout: Lookout, detector: Detector) -> Iterator[Timed]:
    film, scene = Drawn(scenario, lookout), lookout.watch
    with TemporaryDirectory() as folder:
        source = CctvSource(
            film,
            detector,
            film.filmed.camera,
            evidence_in(Path(folder)),
            Journal(Path(folder) / "followed.json"),
            device=lookout.name,
            boot=BOOT,
            scene=scene,
            fps=lookout.fps,
        )
        now = 0.0
        for batch in source.batches():
            for reading in batch:
                now = max(now, _second(scenario, scene, reading))
                yield now, lookout.name, reading
            source.kept()


def _second(scenario: Scenario, scene: Scene, reading: Measured) -> float:
    """Return when something is said: that an object has gone, once it was unseen for long."""
    second = (reading.at - scenario.starts).total_seconds()
    is_end = isinstance(reading.content, Detection) and reading.content.phase == "end"
    return min(second + scene.lost_s, scenario.lasts_s) if is_end else second
