"""What the engine and its shell say to each other."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct

from analytics.rule import Event
from haechi.findings import Finding

LATENESS_S: Final = (1, 10, 60, 600, 3600, 86400)
"""Upper ends, inclusive, of the buckets of ``Metrics.lateness``; one more bucket lies above."""


class Bounds(Struct, frozen=True, kw_only=True):
    """What is held in memory. Whatever it is, findings are the same; only the store is asked more.

    Ages are event time behind the newest that the site has heard of.
    """

    observations: int = 256
    """Of one subject; those since its last checkpoint are held in any case."""
    age: timedelta = timedelta(hours=6)
    """Of an observation held."""
    spacing: int = 16
    """Observations between two fresh checkpoints; old ones stand further apart."""
    checkpoints: int = 12
    """Of one subject."""
    reach: timedelta = timedelta(days=30)
    """Age of a checkpoint. Keep it below the store's retention: to go back to a checkpoint all
    observations since are needed."""
    findings: int = 256
    """Of one subject, open ones apart, before the oldest checkpoints are given up for them."""
    idle: timedelta = timedelta(hours=1)
    """A subject silent for longer is packed into bytes until it speaks or is woken."""


class NeedHistory(Struct, frozen=True):
    """A subject cannot be judged until the store's observations of it are supplied."""

    subject: str
    since: datetime | None
    """Supply what is at or after this time; ``None`` for everything."""


class History(Struct, frozen=True):
    """The answer to ``NeedHistory``."""

    subject: str
    events: Sequence[Event]
    """At or after ``since``, in any order, with those just fed."""
    findings: Sequence[Finding]
    """All findings of the subject in the store, with all changes that were reported before."""


class Changes(Struct, frozen=True):
    """What follows from what the engine was given."""

    findings: tuple[Finding, ...] = ()
    """Opened, revised, ended or retracted, in report order, each id at most once."""
    needs: tuple[NeedHistory, ...] = ()
    """To be answered by ``supply``, in one call or several; by subject."""


class Metrics(Struct, frozen=True, kw_only=True):
    """How the engine is, counted since it was made."""

    subjects: int
    """In memory."""
    resting: int
    """Packed into bytes because they are idle."""
    observations: int
    """In memory."""
    rewinds: int
    deepest_rewind: int
    """Most observations that one rewind folded again."""
    lateness: tuple[int, ...]
    """Late observations by how far they were behind their subject, in ``LATENESS_S``."""
    histories: int
    """Times that memory did not reach back far enough."""
    evictions: int
    waiting: int = 0
    """Subjects whose wakes wait for a device that delivers late."""
    too_late_for_pairs: int = 0
    """Fixes that came behind the window of the second stage, since its start."""
    watermark: datetime | None
