"""A reading that was kept: what everything after the store works on."""

from collections.abc import Hashable
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from msgspec import Struct

from haechi.messages import Content


class Flag(StrEnum):
    """What is doubtful about an observation. Flags stand beside the record, never in its place."""

    CLOCK_AHEAD = "clock_ahead"
    """Dated later than it arrived plus the skew limit: judged by rules about clocks only."""
    WEEK_ROLLOVER = "week_rollover"
    """Dated a multiple of 1024 weeks ago and repaired; ``stated_at`` holds what was said."""
    NULL_ISLAND = "null_island"
    """A position of exactly 0, 0: a receiver without a fix, far more often than a ship."""


class Identity(NamedTuple):
    """The name of one reading for ever."""

    device: str
    boot: str
    seq: int


class Observation(Struct, frozen=True, kw_only=True, gc=False):
    """One reading, kept once and never changed."""

    device: str
    boot: str
    seq: int
    site: str
    subject: str
    at: datetime
    """When it was true (event time, UTC)."""
    received_at: datetime
    """When ingest took it (UTC); no rule looks at it."""
    content: Content
    flags: tuple[Flag, ...] = ()
    stated_at: datetime | None = None
    """The time as the device stated it, where ``at`` was repaired."""

    @property
    def identity(self) -> Identity:
        """The key under which it is kept."""
        return Identity(self.device, self.boot, self.seq)

    @property
    def order(self) -> tuple[datetime, str, str, int]:
        """Its place among the observations of its subject: total, and the same everywhere."""
        return (self.at, self.device, self.boot, self.seq)

    @property
    def sameness(self) -> Hashable:
        """Equal for two observations that say the same thing of the same subject and moment."""
        return (self.at, self.content)
