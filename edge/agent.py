"""The loop of every agent: from a source into the outbox, while the uplink empties it."""

import signal
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from threading import Event
from typing import Final, Protocol

from edge.measured import Measured
from edge.outbox import Outbox
from edge.uplink import Uplink

PENDING_LIMIT: Final = 20_000
"""Readings that wait before a source that can wait is left waiting."""

CURRENT: Final = timedelta(seconds=30)
"""A source whose last readings were older tells of the past: nobody knows how far it has come."""

REFLECTION: Final = timedelta(seconds=10)
"""Longer than a sensor thinks before it says what was: a camera takes 5 s to see that one left."""

_LOOK_S: Final = 0.05


class Source(Protocol):
    """Where readings come from."""

    @property
    def waits(self) -> bool:
        """Whether it loses nothing while nobody reads it; else the outbox must choose."""
        ...

    @property
    def repeats(self) -> bool:
        """Whether, begun again, it gives the same readings in the same order."""
        ...

    def batches(self) -> Iterable[Sequence[Measured]]:
        """Return readings as they come; an empty batch, several times a second, if none do."""
        ...


def _nothing() -> None:
    """Do nothing after a batch."""


def run(
    source: Source,
    outbox: Outbox,
    uplink: Uplink,
    stopped: Event,
    *,
    kept: Callable[[], object] = _nothing,
    until_acknowledged: bool = True,
) -> None:
    """Carry readings until the source ends and all is acknowledged, or somebody stops us.

    Afterwards the device has said that it is offline, and the outbox is closed with what is left.

    Args:
        source: Where readings come from. If it ``repeats`` and the boot is the same as before a
            crash, what was numbered then is passed over.
        outbox: Where they wait.
        uplink: What empties it; started and stopped here.
        stopped: Set by somebody else to end early.
        kept: Called after each batch that is on disk, for a source that has books of its own.
        until_acknowledged: Whether to stay, once the source has ended, until ingest has all.
    """
    uplink.start()
    try:
        _carry(source, outbox, uplink, stopped, kept)
        while until_acknowledged and outbox.pending and not stopped.is_set():
            stopped.wait(_LOOK_S)
    finally:
        uplink.stop()
        outbox.close()


@contextmanager
def stopping_on_signals() -> Generator[Event]:
    """Give an event that SIGTERM and SIGINT set, instead of ending the process."""
    stopped = Event()

    def stop(*_: object) -> None:
        stopped.set()

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _carry(
    source: Source, outbox: Outbox, uplink: Uplink, stopped: Event, kept: Callable[[], object]
) -> None:
    place = 1
    for batch in _promising(source.batches(), uplink):
        if batch:
            outbox.append(batch, first=place if source.repeats else None)
            uplink.wake()
        place += len(batch)
        kept()
        while source.waits and outbox.pending > PENDING_LIMIT and not stopped.is_set():
            stopped.wait(_LOOK_S)
        if stopped.is_set():
            return


def _promising(
    batches: Iterable[Sequence[Measured]], uplink: Uplink
) -> Iterator[Sequence[Measured]]:
    """Pass batches on; where a live source has nothing to say, that is worth saying."""
    is_current, asked_at = False, uplink.now()
    for batch in batches:
        if batch:
            is_current = asked_at - max(each.at for each in batch) <= CURRENT
        elif is_current:
            uplink.promise(asked_at - REFLECTION)
        yield batch
        asked_at = uplink.now()
