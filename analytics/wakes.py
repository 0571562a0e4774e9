"""Who wants to be woken when, at nearly no cost while everybody keeps talking."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from typing import Final

from msgspec import Struct

NEVER: Final = datetime.max.replace(tzinfo=UTC)


class Late(Struct, frozen=True, array_like=True):
    """The newest reading of a subject came late, and more may follow it: its wakes wait."""

    device: str
    """Who told it, and was behind the time of the site itself."""
    at: datetime
    """When it was true."""
    by: timedelta
    """How far the watermark was beyond that when it came."""


class Wakes:
    """The earliest wake of each subject.

    A rule that waits for silence moves its wake with every event. So a subject is armed once, for
    the earliest wake it had; when that comes it is asked again and armed for what it says then.

    >>> wakes, noon = Wakes(), datetime(2026, 1, 1, 12, tzinfo=UTC)
    >>> wakes.arm("mmsi:219000001", noon)
    >>> list(wakes.due(noon)), list(wakes.due(noon))
    (['mmsi:219000001'], [])
    """

    def __init__(self) -> None:
        self._armed: dict[str, datetime] = {}
        self._heap: list[tuple[datetime, str]] = []

    def arm(self, subject: str, at: datetime) -> None:
        """Have the subject named at ``at``, unless it is named earlier anyway."""
        if at < self._armed.get(subject, NEVER):
            self._armed[subject] = at
            heappush(self._heap, (at, subject))

    def due(self, watermark: datetime) -> Iterator[str]:
        """Name subjects armed for ``watermark`` or before, and disarm them."""
        while self._heap and self._heap[0][0] <= watermark:
            at, subject = heappop(self._heap)
            if self._armed.get(subject) == at:
                del self._armed[subject]
                yield subject
