"""What a gateway makes of a seal: a latch, which no frame of the seal ever takes back.

The platform's rules judge anew with orders, places and every other gateway; this is for the field
engineer beside the gateway, and for what must be sent first.
"""

from enum import StrEnum
from typing import Final

from edge.seal.frame import Frame
from haechi.seals import SealEventKind


class SealState(StrEnum):
    """What the frames heard so far amount to."""

    IDLE = "idle"
    """In stock: nothing hangs on it."""
    ARMED = "armed"
    """It watches, and is not locked yet."""
    SEALED = "sealed"
    RELEASED = "released"
    """Disarmed before anything was opened."""
    OPENED = "opened"
    REMOVED = "removed"
    TAMPERED = "tampered"
    REARMED = "rearmed"
    """Was broken, and is bound to another journey by order: its next frame says how it stands."""


_S, _E = SealState, SealEventKind

_OPENING: Final = {_E.UNLOCK: _S.OPENED, _E.DOOR: _S.OPENED}
_BREAKING: Final = {
    _E.REMOVING: _S.REMOVED,
    _E.TAMPERING: _S.TAMPERED,
    _E.POWER_CUT: _S.TAMPERED,
}

TRANSITIONS: Final[dict[SealState, dict[SealEventKind, SealState]]] = {
    _S.IDLE: {_E.ARMED: _S.ARMED, _E.TAMPERING: _S.TAMPERED},
    _S.ARMED: {_E.LOCK: _S.SEALED, _E.DISARMED: _S.RELEASED, **_OPENING, **_BREAKING},
    _S.SEALED: {_E.DISARMED: _S.RELEASED, **_OPENING, **_BREAKING},
    _S.RELEASED: {_E.ARMED: _S.ARMED, _E.TAMPERING: _S.TAMPERED},
    _S.OPENED: _BREAKING,
    _S.REMOVED: {_E.TAMPERING: _S.TAMPERED},
    _S.TAMPERED: {},
    _S.REARMED: {},
}
"""What frames do; ``docs/seals.md`` shows it. What has no row changes nothing."""

BROKEN: Final = frozenset({_S.OPENED, _S.REMOVED, _S.TAMPERED})
"""States that no frame ends, only an order."""


def first(frame: Frame) -> SealState:
    """Return what a frame says of a seal of which nothing was heard before.

    An armed seal that is not closed has been opened, or was never locked: the worse is assumed,
    unless it says that it was armed just now.
    """
    if frame.event is SealEventKind.ARMED:
        return SealState.ARMED
    if not frame.armed:
        return after(_S.IDLE, frame)
    return after(_S.SEALED if frame.sealed else _S.OPENED, frame)


def first_of_journey(frame: Frame) -> SealState:
    """Return what a frame says of a seal that was bound to another journey since the one before.

    Armed and not closed it waits for its lock: the registry has said that it begins anew.
    """
    waits = frame.armed and not frame.sealed and not breaks(frame)
    return SealState.ARMED if waits else first(frame)


def breaks(frame: Frame) -> bool:
    """Return whether a frame says that something happened to a seal that was closed."""
    return TRANSITIONS[_S.SEALED].get(frame.event) in BROKEN


def after(state: SealState, frame: Frame) -> SealState:
    """Return the state after a frame that is genuine and new."""
    return TRANSITIONS[state].get(frame.event, state)
