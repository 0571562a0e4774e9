"""A timeline as bytes is small, and the timeline again."""

import msgspec

from analytics.changes import Bounds
from analytics.packing import FORMAT, PackedTimeline, pack, unpack
from analytics.panel import Panel
from analytics.timeline import Tally, Timeline
from tests.analytics.shell import RULES, VESSEL, fix

PANEL = Panel(RULES)


def timeline(readings: int) -> Timeline:
    """Return a timeline with a checkpoint at every other reading."""
    made = Timeline(VESSEL, PANEL, Bounds(spacing=2), Tally())
    made.take([fix(minute, 12) for minute in range(readings)])
    return made


def test_states_that_no_event_has_changed_are_left_out() -> None:
    """Most rules are about few subjects: those about names and clocks have heard of none here."""
    made = timeline(3)
    packed = msgspec.msgpack.decode(pack(made, PANEL)[len(FORMAT) :], type=PackedTimeline)
    assert set(msgspec.msgpack.decode(packed.states)) == {0, 1, 2}
    assert unpack(pack(made, PANEL), timeline(0), PANEL).states == made.states


def test_every_other_checkpoint_is_packed() -> None:
    """The newest and the oldest are among them, and what is to be undone is in one of them."""
    made = timeline(12)
    again = unpack(pack(made, PANEL), timeline(0), PANEL)
    assert [point.position for point in made.checkpoints] == [0, 4, 6, 8, 10]
    assert [point.position for point in again.checkpoints] == [0, 6, 10, 12], "12: it goes on here"
    undone = [{key for point in each.checkpoints for key in point.undo} for each in (made, again)]
    assert undone[0] == undone[1]
    assert undone[0]
