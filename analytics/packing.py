"""A timeline and a watermark as bytes: what is kept between two processes, and while idle.

Events are not packed, for the store has them; every other checkpoint is, so that a late event after
a restart costs a piece of history and not all of it. A state that no event has changed is left out.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec
from msgspec import Raw, Struct

from analytics.panel import Panel
from analytics.timeline import Checkpoint, Timeline
from analytics.wakes import Late
from analytics.watermark import Heard
from haechi.findings import Finding

FORMAT: Final = b"\x02"
"""First byte of everything packed; raised when the layout below changes."""


class PackedCheckpoint(Struct, frozen=True, array_like=True):
    """A checkpoint; ``states`` are what ``Panel.changed`` says."""

    at: datetime
    position: int
    states: Raw
    wakes: tuple[datetime | None, ...]
    undo: dict[str, Finding | None]


class PackedTimeline(Struct, frozen=True, array_like=True):
    """A timeline without its events."""

    rules: str
    """Fingerprint of the rules that made the states."""
    position: int
    frontier: datetime
    woken: datetime
    states: Raw
    wakes: tuple[datetime | None, ...]
    checkpoints: tuple[PackedCheckpoint, ...]
    findings: tuple[Finding, ...]
    forgotten_until: datetime
    late: Late | None = None


_timeline = msgspec.msgpack.Decoder(PackedTimeline)
_states = msgspec.msgpack.Decoder(dict[int, Raw])
_heard = msgspec.msgpack.Decoder(Heard)
_encode = msgspec.msgpack.Encoder().encode


def pack(timeline: Timeline, panel: Panel) -> bytes:
    """Return a timeline as bytes; just the format if it must be folded again in any case."""
    if timeline.need is not None:
        return FORMAT
    timeline.catch_up()
    packed = PackedTimeline(
        rules=panel.fingerprint,
        position=timeline.position,
        frontier=timeline.frontier,
        woken=timeline.woken,
        states=Raw(_encode(panel.changed(timeline.states))),
        wakes=tuple(timeline.wakes),
        checkpoints=_packed(timeline.checkpoints, panel),
        findings=tuple(timeline.statements.reported.values()),
        forgotten_until=timeline.statements.forgotten_until,
        late=timeline.late,
    )
    return FORMAT + _encode(packed)


def unpack(packed: bytes, empty: Timeline, panel: Panel) -> Timeline:
    """Return the timeline, made in ``empty``; what does not fit the rules asks for history."""
    stored = _timeline.decode(packed[1:]) if packed[:1] == FORMAT and packed[1:] else None
    if stored is None or stored.rules != panel.fingerprint:
        empty.ask_everything()
        return empty
    return _filled(empty, stored, panel)


def pack_heard(heard: Heard) -> bytes:
    """Return what a watermark remembers."""
    return FORMAT + _encode(heard)


def unpack_heard(packed: bytes) -> Heard:
    """Return what a watermark remembers; nothing, if the format is another."""
    return _heard.decode(packed[1:]) if packed[:1] == FORMAT else Heard()


def _packed(checkpoints: Sequence[Checkpoint], panel: Panel) -> tuple[PackedCheckpoint, ...]:
    """Return every other checkpoint counted from the newest, and the oldest."""
    packed: list[PackedCheckpoint] = []
    undo: dict[str, Finding | None] = {}
    for age, checkpoint in enumerate(reversed(checkpoints)):
        undo |= checkpoint.undo  # what was said by the earlier one counts
        if age % 2 and checkpoint is not checkpoints[0]:
            continue
        if not checkpoint.packed_states:
            checkpoint.packed_states = _encode(panel.changed(checkpoint.states))
        packed.append(
            PackedCheckpoint(
                at=checkpoint.at,
                position=checkpoint.position,
                states=Raw(checkpoint.packed_states),
                wakes=checkpoint.wakes,
                undo=undo,
            )
        )
        undo = {}
    return tuple(reversed(packed))


def _filled(timeline: Timeline, stored: PackedTimeline, panel: Panel) -> Timeline:
    timeline.first = stored.position
    timeline.frontier = stored.frontier
    timeline.woken = stored.woken
    timeline.states = panel.restored(_states.decode(stored.states))
    timeline.wakes = list(stored.wakes)
    timeline.late = stored.late
    timeline.checkpoints = [
        Checkpoint(
            checkpoint.at,
            checkpoint.position,
            tuple(panel.restored(_states.decode(checkpoint.states))),
            checkpoint.wakes,
            checkpoint.undo,
        )
        for checkpoint in stored.checkpoints
    ]
    timeline.resume(stored.findings, stored.forgotten_until)
    return timeline
