"""What a gateway knows of one seal: a latch that frames only close, and the registry's order opens.

A seal breaks for good: no frame of its own takes that back, since whoever has opened it can make it
say that all is well. A lock that is made to be used again serves the next journey once the registry
has bound it anew, and then by what it says itself from then on; a bolt that was cut never says
again that it is closed.
"""

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from edge.seal.frame import Frame
from edge.seal.states import BROKEN, SealState, after, breaks, first, first_of_journey
from haechi.commanding import Rearm

CLOCKS_APART: Final = timedelta(minutes=5)
"""An order from the future is one of a wrong clock, ours or theirs, if by more than this."""


class RefusedError(Exception):
    """An order is not carried out; the text says why, and what to do."""


class Latch(NamedTuple):
    """What is known of a seal."""

    state: SealState
    counter: int
    """Of the newest frame."""
    openings: int
    broken_at: datetime | None = None
    """When it was last opened, removed or tampered with, by the frame that said so."""
    bound_at: datetime | None = None
    """When the order was made by which it serves again."""
    order: str = ""
    """The number of that order."""


def heard(latch: Latch | None, frame: Frame, at: datetime) -> Latch:
    """Return what a genuine frame with a new number makes of a seal.

    Args:
        latch: What was known of it; ``None`` if it was never heard.
        frame: What it says.
        at: When the frame was made, as far as that is believed.
    """
    if latch is None:
        state = first(frame)
        return Latch(state, frame.counter, frame.openings, at if state in BROKEN else None)
    later = latch._replace(counter=frame.counter, openings=frame.openings)
    if latch.bound_at is not None and at < latch.bound_at:
        return later  # stored since the journey before, of which there is nothing left to say
    if latch.state is SealState.REARMED:
        state = first_of_journey(frame)
        return later._replace(state=state, broken_at=at if state in BROKEN else latch.broken_at)
    state, was_opened = after(latch.state, frame), was_opened_since(latch, frame)
    if was_opened and state not in BROKEN and state is not SealState.RELEASED:
        state = SealState.OPENED  # and closed again, unheard
    if state in BROKEN and (was_opened or breaks(frame)):
        later = later._replace(broken_at=at)
    return later._replace(state=state)


def was_opened_since(latch: Latch, frame: Frame) -> bool:
    """Return whether a seal counts more openings than it did."""
    return frame.openings > latch.openings


def rearmed(latch: Latch, task: Rearm, now: datetime) -> Latch:
    """Return a seal that serves the journey of an order; its next frame says how it stands.

    An order counts from when it was made, not from when it arrives, so that none that was made
    before a seal was broken, however late or often it comes, hides that.

    Raises:
        RefusedError: the order does not mend this seal.
    """
    made = f"order {task.order} was made at {task.bound_at:%Y-%m-%d %H:%M:%S} UTC"
    if task.bound_at > now + CLOCKS_APART:
        raise RefusedError(f"{made}, and here it is {now:%H:%M:%S}: one of the clocks is wrong")
    if latch.state in BROKEN and latch.broken_at is not None and task.bound_at <= latch.broken_at:
        broken = f"seal {task.seal} was {latch.state} at {latch.broken_at:%Y-%m-%d %H:%M:%S}"
        raise RefusedError(f"{made}, and {broken}: look at it, and bind it anew")
    if latch.bound_at is not None and task.bound_at < latch.bound_at:
        raise RefusedError(f"{made}, before order {latch.order}, by which the seal serves now")
    state = SealState.REARMED if latch.state in BROKEN else latch.state
    return latch._replace(state=state, bound_at=min(task.bound_at, now), order=task.order)
