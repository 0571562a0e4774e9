"""The latch: what breaks a seal for good, and which order lets it serve another journey."""

from datetime import datetime, timedelta

import pytest

from edge.seal.latch import Latch, RefusedError, heard, rearmed
from edge.seal.states import SealState
from haechi.commanding import Rearm
from haechi.seals import SealEventKind
from tests.edge.seal.made import NOON, NUMBER, frame

_E, _S = SealEventKind, SealState


def at(minute: float) -> datetime:
    """Return a moment so many minutes after noon."""
    return NOON + timedelta(minutes=minute)


def after(latch: Latch | None, *frames: tuple[float, SealEventKind], **stated: object) -> Latch:
    """Return what these frames, each made at a minute, make of a seal."""
    counter = 0 if latch is None else latch.counter
    for number, (minute, event) in enumerate(frames, start=counter + 1):
        told = frame(number, 60 * minute, event=event, **stated)
        latch = heard(latch, told, told.at)
    assert latch is not None
    return latch


def task(made: float, order: str = "O-2") -> Rearm:
    """Return an order that was made at a minute."""
    return Rearm(seal=NUMBER, order=order, bound_at=at(made))


OPENED = after(None, (0, _E.LOCK), (10, _E.UNLOCK))


@pytest.mark.parametrize(
    ("stated", "state"),
    [
        ({"event": _E.STATUS}, _S.SEALED),
        ({"event": _E.ARMED, "sealed": False}, _S.ARMED),
        ({"event": _E.STATUS, "sealed": False}, _S.ARMED),
        ({"event": _E.STATUS, "armed": False}, _S.IDLE),
        ({"event": _E.UNLOCK, "sealed": False}, _S.OPENED),
        ({"event": _E.TAMPERING}, _S.TAMPERED),
    ],
)
def test_a_seal_that_is_bound_anew_is_what_its_next_frame_says(
    stated: dict[str, object], state: SealState
) -> None:
    """Nobody assumes anything for it; openings that are known from before do not count."""
    again = rearmed(OPENED, task(20), at(21))
    assert (again.state, again.counter, again.bound_at) == (_S.REARMED, 2, at(20))
    assert heard(again, frame(3, 60 * 22, **stated), at(22)).state is state


def test_a_cut_bolt_never_seems_closed_again() -> None:
    """Armed and open as it says it is, whatever was ordered."""
    again = rearmed(OPENED, task(20), at(21))
    assert after(again, (22, _E.STATUS), (30, _E.STATUS), sealed=False).state is _S.ARMED


def test_what_was_stored_since_the_journey_before_breaks_no_new_one() -> None:
    """And what is dated after the order does, at the very moment it was made too."""
    again = rearmed(OPENED, task(20), at(21))
    assert after(again, (15, _E.TAMPERING)).state is _S.REARMED
    assert after(again, (20, _E.TAMPERING)).state is _S.TAMPERED


def test_a_seal_breaks_again_on_its_new_journey() -> None:
    """The latch is as sharp as before, for openings that nobody heard too."""
    serving = after(rearmed(OPENED, task(20), at(21)), (22, _E.STATUS))
    assert after(serving, (30, _E.DOOR)).state is _S.OPENED
    assert after(serving, (30, _E.STATUS), openings=1).state is _S.OPENED


@pytest.mark.parametrize(
    ("latch", "made", "why"),
    [
        (OPENED, 10, "was opened at 2026-01-01 12:10:00: look at it, and bind it anew"),
        (OPENED, 9, "was opened"),
        (after(OPENED, (30, _E.UNLOCK)), 20, "was opened at 2026-01-01 12:30:00"),
        (after(OPENED, (30, _E.REMOVING)), 20, "was removed"),
        (after(OPENED, (30, _E.STATUS), openings=1), 20, "was opened at 2026-01-01 12:30:00"),
        (after(rearmed(OPENED, task(20), at(21)), (30, _E.DOOR)), 20, "bind it anew"),
        (rearmed(OPENED, task(20), at(21)), 15, "before order O-2, by which the seal serves now"),
        (OPENED, 66, "one of the clocks is wrong"),
    ],
)
def test_an_order_that_mends_nothing_is_refused(latch: Latch, made: float, why: str) -> None:
    """S7: old, played again after another break, overtaken, or from the future."""
    with pytest.raises(RefusedError, match=why):
        rearmed(latch, task(made), at(60))


def test_an_order_that_comes_again_changes_nothing() -> None:
    """And one about a seal that is whole says only whose journey it is."""
    serving = rearmed(OPENED, task(20), at(21))
    assert rearmed(serving, task(20), at(25)) == serving
    whole = after(None, (0, _E.LOCK))
    assert rearmed(whole, task(20), at(21)) == whole._replace(bound_at=at(20), order="O-2")


def test_a_clock_that_is_a_little_fast_dates_no_order_into_the_future() -> None:
    """Else what breaks the seal until then would be of the journey before."""
    assert rearmed(OPENED, task(24), at(21)).bound_at == at(21)
