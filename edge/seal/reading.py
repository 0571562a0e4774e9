"""From frames to readings: what is signed keeps its own time, and what is not is only evidence."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple

import structlog

from edge.measured import Measured
from edge.seal.frame import Frame, FrameError, Signed, decode
from edge.seal.keys import KeysOf, authenticity
from edge.seal.latch import heard as latch_after
from edge.seal.latch import was_opened_since
from edge.seal.latches import Latches
from edge.seal.repeats import Repeats
from edge.seal.states import BROKEN, SealState
from edge.seal.stream import Piece
from edge.sources import Keep
from haechi.seals import Authenticity, SealEventKind, SealReport

log: structlog.stdlib.BoundLogger = structlog.get_logger()


@dataclass(slots=True)
class Counts:
    """What was heard so far: ``frames = repeats + readings``."""

    frames: int = 0
    repeats: int = 0
    """Copies heard shortly after the first."""
    readings: Counter[Authenticity] = field(default_factory=Counter[Authenticity])
    junk: int = 0
    """Runs of bytes that are no frame."""


class SealReader:
    """Makes readings of the frames of one source, in the order in which they were heard."""

    def __init__(
        self,
        keys_of: KeysOf,
        keep: Keep,
        repeats: Repeats | None = None,
        latches: Latches | None = None,
    ) -> None:
        """Begin.

        Args:
            keys_of: The keys of seals.
            keep: Takes what is no frame.
            repeats: What was reported lately; in memory, and by the times at which frames were
                heard, unless given.
            latches: What is known of seals; nothing, and in memory, unless given.
        """
        self.counts = Counts()
        self.repeats: Final = Repeats() if repeats is None else repeats
        self._keys_of, self._keep = keys_of, keep
        self._latches = Latches() if latches is None else latches

    def state_of(self, number: str) -> SealState | None:
        """Return what this gateway makes of a seal, ``None`` if it never heard it."""
        known = self._latches.find(number)
        return None if known is None else known.state

    def keep(self) -> None:
        """Put on disk what was learned of the last readings; called before they are handed on."""
        self._latches.keep()
        self.repeats.keep()

    def datagram(self, raw: bytes, heard: datetime | None) -> list[Measured]:
        """Read a datagram, which holds one frame."""
        try:
            return self.pieces([decode(raw)], heard)
        except FrameError as error:
            self._refuse(raw, str(error), heard)
            return []

    def pieces(self, pieces: Iterable[Piece], heard: datetime | None) -> list[Measured]:
        """Read what was cut from a stream; ``heard`` is ``None`` for a file of long ago."""
        readings: list[Measured] = []
        for piece in pieces:
            if isinstance(piece, bytes):
                self._refuse(piece, "not a frame", heard)
            elif (reading := self._frame(piece, heard)) is not None:
                readings.append(reading)
        return readings

    def _frame(self, signed: Signed, heard: datetime | None) -> Measured | None:
        self.counts.frames += 1
        if self.repeats.is_repeat(signed.raw, heard):
            self.counts.repeats += 1
            return None
        found = authenticity(signed, self._keys_of)
        self.counts.readings[found] += 1
        at = signed.frame.at if heard is None else min(signed.frame.at, heard)
        is_urgent = found is Authenticity.VALID and self._is_news(signed.frame, at)
        return measured(signed, found, heard, urgent=is_urgent)

    def _is_news(self, frame: Frame, at: datetime) -> bool:
        """Advance the latch of a seal; return whether people must hear of it first."""
        known = self._latches.find(frame.number)
        is_told = frame.event is not SealEventKind.STATUS
        if known is not None and frame.counter <= known.counter:
            return is_told  # stored, or a copy: it changes nothing
        latch = latch_after(known, frame, at)
        self._latches.note(frame.number, latch)
        if latch.state in BROKEN and (known is None or known.state is not latch.state):
            log.warning("seal broken", seal=frame.number, state=latch.state, at=str(frame.at))
        return is_told or (known is not None and was_opened_since(known, frame))

    def _refuse(self, raw: bytes, reason: str, heard: datetime | None) -> None:
        self.counts.junk += 1
        self._keep((raw,), reason, heard)


def measured(
    signed: Signed, found: Authenticity, heard: datetime | None, *, urgent: bool = False
) -> Measured:
    """Return the reading of one frame.

    A genuine frame is dated with its own time, so that what a seal stored for hours keeps its
    place; but never later than it was heard, since no clock of a seal is ahead of the truth. Any
    other frame is dated with when it was heard.
    """
    frame = signed.frame
    is_believed = heard is None or (found is Authenticity.VALID and frame.at <= heard)
    at = frame.at if heard is None or is_believed else heard
    place = frame.place or _NOWHERE
    report = SealReport(
        event=frame.event,
        counter=frame.counter,
        openings=frame.openings,
        authenticity=found,
        sealed=frame.sealed,
        armed=frame.armed,
        battery_percent=_scaled(frame.battery_half_percent, 2),
        temperature_c=_scaled(frame.centicelsius, 100),
        lat=_scaled(place.lat_e7, 10_000_000),
        lon=_scaled(place.lon_e7, 10_000_000),
        speed_kn=_scaled(place.speed_dkn, 10),
        container=frame.container,
        heard_at=heard,
        stated_at=None if at == frame.at else frame.at,
        frame=signed.raw.hex(),
    )
    return Measured(at, f"seal:{frame.number}", report, urgent)


class _Unplaced(NamedTuple):
    lat_e7: int | None = None
    lon_e7: int | None = None
    speed_dkn: int | None = None


_NOWHERE: Final = _Unplaced()


def _scaled(value: int | None, per_unit: int) -> float | None:
    return None if value is None else value / per_unit
