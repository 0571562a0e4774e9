"""From frames to readings: look, follow, place, prove, say."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Event
from typing import Final

from msgspec.structs import replace

from edge.cctv.detector import Detector
from edge.cctv.evidence import FRAME_EVERY_S, Evidence
from edge.cctv.films import Film
from edge.cctv.frames import Frame
from edge.cctv.journal import Journal
from edge.cctv.life import Statement, Watch
from edge.cctv.placing import Camera, Placing
from edge.cctv.reader import Reader, Seen
from edge.cctv.scene import Scene
from edge.cctv.scribe import Reading, Scribe
from edge.measured import Measured
from haechi.cameras import ContainerRead, Detection

VIEW_EVERY: Final = timedelta(minutes=5)
WAIT_S: Final = 0.2
"""How long an empty batch takes."""

AHEAD: Final = 4
"""Frames that wait to be written to disk; then the camera waits for the disk."""


class CctvSource:
    """One camera as a source of readings, see ``edge.agent``.

    A recording is looked at frame by frame and gives the same readings each time. Of a live camera
    only the newest frame counts.
    """

    def __init__(
        self,
        film: Film,
        detector: Detector,
        camera: Camera,
        evidence: Evidence,
        journal: Journal,
        *,
        device: str,
        boot: str,
        scene: Scene | None = None,
        fps: float = 5,
        scribe: Scribe | None = None,
        asked: Event | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare; nothing is opened yet.

        Args:
            film: Where frames come from.
            detector: Finds objects.
            camera: Says where on the ground a pixel is.
            evidence: Keeps pictures.
            journal: Knows who was announced before a kill.
            device: Name of the camera.
            boot: Of the agent; its end makes names of objects unlike those of other boots.
            scene: What is wanted.
            fps: Frames a second that the film gives.
            scribe: Reads container numbers, where that is wanted.
            asked: Set by somebody else to end early; everybody followed then gets an ``end``.
            clock: Seconds that never go back.
        """
        self.waits: Final = film.waits
        self.repeats: Final = film.waits
        self.over: Final = Event()
        """Set when the last reading was taken."""
        self._film, self._detector, self._camera = film, detector, camera
        self._evidence, self._journal, self._scribe = evidence, journal, scribe
        self._device, self._token = device, boot[-8:].lstrip("-")
        self._scene = scene or Scene()
        self._watch = Watch(self._scene, fps=fps)
        self._placing = Placing(camera)
        self._asked, self._clock = asked or Event(), clock
        self._last: dict[int, Detection] = {}
        self._said: Sequence[Measured] = ()
        self._viewed_at: datetime | None = None
        self._framed_at: datetime | None = None
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="evidence")
        self._writing: list[Future[bool]] = []

    def batches(self) -> Iterator[Sequence[Measured]]:
        """Return readings as they come; an empty batch while nothing does."""
        try:
            if not self.repeats:
                yield self._passed(self._journal.left_open())
            with Reader(self._film, self._detector) as reader:
                yield from self._watched(reader)
            if not (self.repeats and self._asked.is_set()):  # else the next run goes on from here
                yield self._passed(self._ended())
        finally:
            self._writer.shutdown()
            self.over.set()

    def kept(self) -> None:
        """Take note that the last batch is on disk."""
        said, self._said = self._said, ()
        self._journal.settle(said)

    def _watched(self, reader: Reader) -> Iterator[Sequence[Measured]]:
        heard = self._clock()
        while not self._asked.is_set():
            seen = reader.next(WAIT_S)
            if seen is not None:
                heard = self._clock()
                yield self._passed(self._looked(seen))
            elif reader.is_over:
                return
            elif self._clock() - heard > self._scene.lost_s:
                yield self._passed(self._ended())
            else:
                yield self._passed(self._read())

    def _passed(self, said: Sequence[Measured]) -> Sequence[Measured]:
        self._said = said
        self._journal.announce(said)
        return said

    def _looked(self, seen: Seen) -> list[Measured]:
        frame = seen.frame
        shares = [one.scaled(1 / frame.width, 1 / frame.height) for one in seen.found]
        said = self._watch.see(frame.at, shares)
        cited = any(one.at == frame.at for one in said)
        proof = self._prove(frame) if cited or self._is_due(frame) else None
        if self._scribe is not None:
            self._scribe.offer(frame)
        readings = [
            *self._view(frame),
            *(self._detection(one, frame, seen.dropped) for one in said),
            *self._read(),
        ]
        if cited and proof is not None:
            proof.result()  # what is said has its proof on disk, whenever we are killed
        return readings

    def _view(self, frame: Frame) -> Iterator[Measured]:
        """Say where the camera looks, as long as it does: without frames it sees nothing."""
        if self._viewed_at is None or frame.at - self._viewed_at >= VIEW_EVERY:
            self._viewed_at = frame.at
            yield Measured(frame.at, f"camera:{self._device}", self._camera.view())

    def _ended(self) -> list[Measured]:
        return [self._detection(one, None, 0) for one in self._watch.end()]

    def _detection(self, said: Statement, frame: Frame | None, dropped: int) -> Measured:
        """Return a statement as a reading; an ``end`` repeats place and proof of the last."""
        number = said.track.number
        if said.phase == "end" or frame is None:
            content = self._farewell(said, self._last.pop(number))
            self._placing.forget(number)
        else:
            content = self._last[number] = self._sighting(said, frame, dropped)
        urgent = said.phase != "update" or bool(said.crossed)
        return Measured(said.at, f"object:{self._device}.{self._token}-{number}", content, urgent)

    def _sighting(self, said: Statement, frame: Frame, dropped: int) -> Detection:
        place = self._placing.place(said.track.number, said.at, said.box)
        return Detection(
            phase=said.phase,
            camera=self._device,
            label=said.label,
            score=round(said.score, 4),
            box=said.box,
            frame=frame.digest,
            crop=self._evidence.crop(frame, said.box),
            lat=place and place.lat,
            lon=place and place.lon,
            ellipse=place and place.ellipse,
            speed_kn=place and place.speed_kn,
            course_deg=place and place.course_deg,
            zones=said.zones,
            crossed=said.crossed,
            loitering=said.loitering,
            first_seen=said.track.begun_at,
            frames=said.track.frames,
            dropped_frames=dropped,
        )

    def _farewell(self, said: Statement, last: Detection) -> Detection:
        return replace(
            last,
            phase="end",
            zones=said.zones,
            crossed=said.crossed,
            loitering=said.loitering,
            frames=said.track.frames,
        )

    def _read(self) -> list[Measured]:
        readings = [] if self._scribe is None else self._scribe.taken()
        return [_container_read(self._device, reading) for reading in readings]

    def _is_due(self, frame: Frame) -> bool:
        """Return whether it is time to keep a frame that nobody cites."""
        last = self._framed_at
        return last is None or (frame.at - last).total_seconds() >= FRAME_EVERY_S

    def _prove(self, frame: Frame) -> Future[bool]:
        """Have a frame kept by a thread of its own."""
        self._framed_at = frame.at
        self._writing = [writing for writing in self._writing if not writing.done()]
        if len(self._writing) >= AHEAD:
            self._writing.pop(0).result()
        proof = self._writer.submit(self._evidence.frame, frame)
        self._writing.append(proof)
        return proof


def _container_read(device: str, reading: Reading) -> Measured:
    number = reading.number
    content = ContainerRead(
        camera=device,
        number=number.number,
        check_digit_read=number.check_digit_read,
        score=number.score,
        text=number.text,
        box=number.box,
        frame=reading.frame,
    )
    return Measured(reading.at, f"container:{number.number}", content)
