"""A timeline and a watermark as bytes: what is kept between two processes, and while idle.

Events are not packed, for the store has them; checkpoints are, so that a late event after a
restart costs a piece of history and not all of it.
"""

from datetime import datetime
from typing import Final

import msgspec
from msgspec import Raw, Struct

from analytics.panel import Panel
from analytics.timeline import Checkpoint, Timeline
from analytics.watermark import Heard
from haechi.findings import Finding

FORMAT: Final = b"\x01"
"""First byte of everything packed; raised when the layout below changes."""


class PackedCheckpoint(Struct, frozen=True, array_like=True):
    """A checkpoint; ``states`` is a tuple in the order of the rules."""

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


_timeline = msgspec.msgpack.Decoder(PackedTimeline)
_heard = msgspec.msgpack.Decoder(Heard)
_encode = msgspec.msgpack.Encoder().encode


def pack(timeline: Timeline, panel: Panel) -> bytes:
    """Return a timeline as bytes; just the format if it must be folded again in any case."""
    if timeline.need is not None:
        return FORMAT
    packed = PackedTimeline(
        rules=panel.fingerprint,
        position=timeline.position,
        frontier=timeline.frontier,
        woken=timeline.woken,
        states=Raw(_encode(tuple(timeline.states))),
        wakes=tuple(timeline.wakes),
        checkpoints=tuple(map(_packed, timeline.checkpoints)),
        findings=tuple(timeline.statements.reported.values()),
        forgotten_until=timeline.statements.forgotten_until,
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


def _packed(checkpoint: Checkpoint) -> PackedCheckpoint:
    checkpoint.packed_states = checkpoint.packed_states or _encode(checkpoint.states)
    return PackedCheckpoint(
        at=checkpoint.at,
        position=checkpoint.position,
        states=Raw(checkpoint.packed_states),
        wakes=checkpoint.wakes,
        undo=checkpoint.undo,
    )


def _filled(timeline: Timeline, stored: PackedTimeline, panel: Panel) -> Timeline:
    timeline.first = stored.position
    timeline.frontier = stored.frontier
    timeline.woken = stored.woken
    timeline.states = list(panel.states_decoder.decode(stored.states))
    timeline.wakes = list(stored.wakes)
    timeline.checkpoints = [
        Checkpoint(
            checkpoint.at,
            checkpoint.position,
            panel.states_decoder.decode(checkpoint.states),
            checkpoint.wakes,
            checkpoint.undo,
        )
        for checkpoint in stored.checkpoints
    ]
    timeline.resume(stored.findings, stored.forgotten_until)
    return timeline
