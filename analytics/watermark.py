"""How far event time has passed, as far as the sources that still speak can tell."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from msgspec import Struct

EARLIEST: Final = datetime.min.replace(tzinfo=UTC)


class Heard(Struct, frozen=True):
    """All that a watermark remembers."""

    latest: dict[str, datetime] = {}
    """The newest event time of each source that is alive."""
    newest: datetime | None = None
    """The newest event time of all, ticks included."""
    reached: datetime | None = None
    """The watermark."""


class Watermark:
    """The time before which nothing more is waited for; it never goes back.

    It is the smallest, over the sources alive, of the newest event time less the allowance. A
    source is alive unless it is more than ``idle_limit`` behind the newest event time of all.

    >>> start, minute = datetime(2026, 1, 1, tzinfo=UTC), timedelta(minutes=1)
    >>> watermark = Watermark(allowance=minute, idle_limit=60 * minute)
    >>> watermark.hear({"ais-1": start + 30 * minute, "ais-2": start + 10 * minute})
    >>> f"{watermark.advance():%H:%M}"
    '00:09'
    >>> watermark.hear({"ais-1": start + 71 * minute})
    >>> f"{watermark.advance():%H:%M}"
    '01:10'
    """

    def __init__(self, *, allowance: timedelta, idle_limit: timedelta) -> None:
        self._allowance = allowance
        self._idle_limit = idle_limit
        self._latest: dict[str, datetime] = {}
        self.newest: datetime | None = None
        self.reached: datetime | None = None

    @property
    def heard(self) -> Heard:
        """What must be kept to go on after a restart."""
        return Heard(dict(self._latest), self.newest, self.reached)

    def resume(self, heard: Heard) -> None:
        """Go on from what another remembered."""
        self._latest = dict(heard.latest)
        self.newest, self.reached = heard.newest, heard.reached

    def hear(self, latest: Mapping[str, datetime]) -> None:
        """Take the newest event time of each source in a batch."""
        for source, at in latest.items():
            self._latest[source] = max(at, self._latest.get(source, at))
            self.newest = max(at, self.newest or at)

    def tick(self, watermark: datetime) -> None:
        """Take the shell's word that nothing older is waited for."""
        self.newest = max(watermark, self.newest or watermark)
        self.reached = max(watermark, self.reached or watermark)

    def advance(self) -> datetime | None:
        """Return how far time has passed; ``None`` until anything was heard.

        Idle sources are forgotten, which changes nothing: the newest event time only grows, so
        nothing such a source said before can bring it back to life.
        """
        if self.newest is None:
            return None
        horizon = self.newest - self._idle_limit
        slowest = min(self._latest.values(), default=None)  # of thousands, after every batch
        if slowest is not None and slowest < horizon:
            self._latest = {source: at for source, at in self._latest.items() if at >= horizon}
            slowest = min(self._latest.values(), default=None)
        if slowest is not None:
            passed = slowest - self._allowance
            self.reached = max(passed, self.reached or passed)
        return self.reached

    def given(self, promises: Mapping[str, datetime]) -> datetime | None:
        """Return how far time has passed if sources keep promises; ``tick`` then makes it so.

        A promise is that a source has nothing more to say of a time and what was before, so it
        needs no allowance. It only ends waiting: readings alone say how late it is, and a source
        that is idle does not come back to life by a promise.

        >>> start, minute = datetime(2026, 1, 1, tzinfo=UTC), timedelta(minutes=1)
        >>> watermark = Watermark(allowance=minute, idle_limit=60 * minute)
        >>> watermark.hear({"ais-1": start + 30 * minute, "seal-1": start})
        >>> f"{watermark.given({'seal-1': start + 45 * minute}):%H:%M}"
        '00:29'
        """
        if self.newest is None:
            return None
        passed = self.newest - self._allowance
        if self.reached is not None and passed <= self.reached:
            return self.reached  # nobody holds it back: this is asked after every batch
        for source, at in self._latest.items():
            passed = min(passed, max(at - self._allowance, promises.get(source, EARLIEST)))
        return max(passed, self.reached or passed)
