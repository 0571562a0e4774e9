"""An agent of a live source says how far it has come, and says so only when it is true."""

import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from edge import agent
from edge.measured import Measured
from haechi.messages import Ack, decode_message
from tests.edge.rig import NOON, measured
from tests.edge.test_uplink_delivery import Rig

Entry = Sequence[Measured] | Callable[[], object]


class Script:
    """A live source that gives one batch after another; calls happen in between."""

    waits = repeats = False

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._entries = entries

    def batches(self) -> Iterator[Sequence[Measured]]:
        """Return batches."""
        for entry in self._entries:
            if callable(entry):
                entry()
            else:
                yield entry


class Recording(Script):
    """A source that gives the same readings in the same order whenever it is begun."""

    waits = repeats = True


def promised(rig: Rig, *entries: Entry, until_acknowledged: bool = True) -> datetime | None:
    """Return the last promise of an agent whose source gives this, at noon."""
    rig.connect()
    agent.run(
        Script(entries),
        rig.outbox,
        rig.uplink,
        threading.Event(),
        until_acknowledged=until_acknowledged,
    )
    return rig.link.states[-1].complete_until


def test_a_source_with_nothing_to_say_has_come_as_far_as_its_clock(tmp_path: Path) -> None:
    """Once ingest has what it said before; less what a sensor may need to make up its mind."""
    rig = Rig(tmp_path)
    acked = Ack(boot="boot-1", kept=((1, 3),))
    said = promised(rig, measured(3), lambda: rig.link.hear(acked), [])
    assert said == NOON - agent.REFLECTION


def test_what_waits_in_the_outbox_forbids_a_promise(tmp_path: Path) -> None:
    """It is not ingest's yet."""
    assert promised(Rig(tmp_path), measured(3), [], until_acknowledged=False) is None


def test_a_source_that_is_busy_or_tells_of_the_past_promises_nothing(tmp_path: Path) -> None:
    """Who always has more to say is no hindrance; a recording's next reading may be of any time."""
    ack = Ack(boot="boot-1", kept=((1, 3),))
    busy = Rig(tmp_path / "busy")
    assert promised(busy, measured(3), lambda: busy.link.hear(ack)) is None
    old = [
        Measured(each.at - timedelta(hours=1), each.subject, each.content) for each in measured(3)
    ]
    late = Rig(tmp_path / "late")
    assert promised(late, old, lambda: late.link.hear(ack), []) is None


def test_a_recording_that_is_begun_again_goes_on_after_what_was_numbered(tmp_path: Path) -> None:
    """What an agent had numbered before it was killed has its number, however it is cut up now."""
    batches = [measured(3), measured(4, start=3)], [measured(5), [], measured(4, start=5)]
    for given in batches:
        rig = Rig(tmp_path)
        agent.run(
            Recording(given),
            rig.outbox,
            rig.uplink,
            threading.Event(),
            until_acknowledged=False,
        )
    batch = Rig(tmp_path).outbox.batch(urgent=False)
    assert batch is not None
    numbered = decode_message(batch.payload).readings
    assert [(each.seq, each.at) for each in numbered] == [
        (place, each.at) for place, each in enumerate(measured(9), start=1)
    ]
