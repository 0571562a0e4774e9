"""Messages of several sentences: which parts belong together, and when to stop waiting."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from edge.ais.nmea import Sentence

PART_LIMIT: Final = timedelta(seconds=10)
"""Parts further apart are of different messages that share a sequence number: there are only ten
numbers per channel, and a receiver emits all parts at once."""

OPEN_LIMIT: Final = 256
"""Unfinished messages held; the oldest is given up for a new one."""

_Key = tuple[bytes, int, bytes, bytes, bytes]


@dataclass(slots=True)
class _Unfinished:
    heard: datetime
    stated: datetime | None
    parts: dict[int, Sentence]

    @property
    def at(self) -> datetime:
        return self.stated or self.heard

    def is_apart(self, heard: datetime, stated: datetime | None) -> bool:
        """Compare times of one clock: that of the receiver may be far from ours."""
        if stated is not None and self.stated is not None:
            return abs(stated - self.stated) > PART_LIMIT
        return abs(heard - self.heard) > PART_LIMIT


class Assembly:
    """Joins parts in whatever order they come; parts of other messages may stand between them.

    It waits without a clock: a message is given up when a part shows that its number is in use
    again, when too many are open, or at the end. So the same lines always give the same result.
    """

    def __init__(self, give_up: Callable[[tuple[Sentence, ...], datetime], None]) -> None:
        self._give_up = give_up
        self._open: dict[_Key, _Unfinished] = {}

    def add(
        self, part: Sentence, heard: datetime, stated: datetime | None = None
    ) -> tuple[tuple[Sentence, ...], datetime] | None:
        """Return all parts in order and their time, once all are here.

        Args:
            part: One of several.
            heard: When it arrived, or as near to that as is known.
            stated: When it was received, if anybody says so: often of the first part alone. The
                first time stated is the message's, else when the first part was heard.
        """
        key = _key(part)
        waiting = self._open.get(key)
        if waiting and (part.number in waiting.parts or waiting.is_apart(heard, stated)):
            self._abandon(key)
            waiting = None
        if waiting is None:
            waiting = self._begin(key, heard, stated)
        waiting.stated = waiting.stated or stated
        waiting.parts[part.number] = part
        if len(waiting.parts) < part.total:
            return None
        del self._open[key]
        return tuple(waiting.parts[number] for number in range(1, part.total + 1)), waiting.at

    def close(self) -> None:
        """Give up whatever is unfinished."""
        for key in list(self._open):
            self._abandon(key)

    def _begin(self, key: _Key, heard: datetime, stated: datetime | None) -> _Unfinished:
        if len(self._open) >= OPEN_LIMIT:
            self._abandon(next(iter(self._open)))
        self._open[key] = _Unfinished(heard, stated, {})
        return self._open[key]

    def _abandon(self, key: _Key) -> None:
        given_up = self._open.pop(key)
        self._give_up(tuple(given_up.parts.values()), given_up.at)


def _key(part: Sentence) -> _Key:
    """A tag block group names a message by itself; only its first part need name the station."""
    return (part.talker, part.total, part.sequence, part.channel, part.group or part.station)
