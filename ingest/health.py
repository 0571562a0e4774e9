"""How ingest is, in words for the person who must do something about it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from msgspec import Struct

SLOW_STORE_S: Final = 5
"""A transaction that takes longer is said to be stuck."""

RECENT_S: Final = 600
"""For how long something that happened once still counts."""

LAG_S: Final = 600
"""Event time further behind than this is worth a word."""


class State(StrEnum):
    """The worst of all reasons."""

    OK = "ok"
    DEGRADED = "degraded"
    FAILING = "failing"


class Health(Struct, frozen=True):
    """What ``/health`` says."""

    state: State
    reasons: tuple[str, ...]
    watermark: datetime | None = None
    """How far event time has passed, at the site that is furthest behind."""


@dataclass(kw_only=True)
class Vitals:
    """What the loop notes as it goes; read by other threads, one field at a time.

    Times are of the monotonic clock, in seconds; ``None`` where it is not so, or never was.
    """

    is_recovered: bool = False
    disconnected_since: float | None = 0.0
    disconnected_because: str = "not connected yet"
    busy_since: float | None = None
    store_failing_since: float | None = None
    store_error: str = ""
    queue_depth: int = 0
    queue_bound: int = 1
    dead_letter_at: float | None = None
    dead_letters: int = 0
    fault_at: float | None = None
    fault: str = ""
    broker_dropped: int | None = None
    broker_dropped_at: float | None = None
    watermark: datetime | None = None
    lag_s: dict[str, float] = field(default_factory=dict[str, float])
    complaints: tuple[str, ...] = ()

    def note_dropped(self, total: int, now: float) -> None:
        """Take the broker's count of messages that it threw away."""
        if self.broker_dropped is not None and total > self.broker_dropped:
            self.broker_dropped_at = now
        self.broker_dropped = total


def health(vitals: Vitals, now: float) -> Health:
    """Judge the vitals; ``now`` is of the monotonic clock.

    >>> health(Vitals(is_recovered=True, disconnected_since=None), now=9.0)
    Health(state=<State.OK: 'ok'>, reasons=(), watermark=None)
    """
    failing, degraded = [*_failing(vitals, now)], [*_degraded(vitals, now)]
    state = State.FAILING if failing else State.DEGRADED if degraded else State.OK
    return Health(state, (*failing, *degraded), vitals.watermark)


def _failing(vitals: Vitals, now: float) -> Iterator[str]:
    if vitals.store_failing_since is not None:
        yield (
            f"the store has refused everything for {now - vitals.store_failing_since:.0f} s "
            f"({vitals.store_error}). Nothing is lost: agents and broker keep it. "
            "Make room on the disk, or look at the data directory"
        )
    elif not vitals.is_recovered:
        yield "the rules are not restored from the store yet"


def _degraded(vitals: Vitals, now: float) -> Iterator[str]:
    if vitals.disconnected_since is not None:
        yield (
            f"no broker for {now - vitals.disconnected_since:.0f} s "
            f"({vitals.disconnected_because}). Agents keep their readings until it is back"
        )
    if vitals.busy_since is not None and now - vitals.busy_since > SLOW_STORE_S:
        yield (
            f"one transaction has taken {now - vitals.busy_since:.0f} s: the store is slow. "
            "Readings wait at the broker"
        )
    if vitals.queue_depth >= vitals.queue_bound:
        yield f"{vitals.queue_depth} deliveries wait: more arrives than is kept"
    if _is_recent(vitals.dead_letter_at, now):
        yield (
            f"{vitals.dead_letters} refused inputs are set aside, some within "
            f"{RECENT_S // 60} min. See the dead letters for their reasons"
        )
    if _is_recent(vitals.fault_at, now):
        yield f"a fault of this software: {vitals.fault}. See the log"
    if _is_recent(vitals.broker_dropped_at, now):
        yield (
            f"the broker threw messages away ({vitals.broker_dropped} since it started): a queue "
            "of it is full. Agents send them again; raise max_queued_messages"
        )
    for site, lag_s in sorted(vitals.lag_s.items()):
        if lag_s > LAG_S:
            yield f"{site}: rules have reached {lag_s:.0f} s before now"
    yield from vitals.complaints


def _is_recent(at: float | None, now: float) -> bool:
    return at is not None and now - at < RECENT_S
