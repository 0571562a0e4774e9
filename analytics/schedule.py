"""When a zone is in force: weekly windows in the local time of a place."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Annotated
from zoneinfo import ZoneInfo

from msgspec import Meta, Struct

_DAY = timedelta(days=1)
_HORIZON_DAYS = 9
"""A week repeats after seven days; one more on each side for windows over midnight."""

ClockTime = Annotated[str, Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]\Z|^24:00\Z")]


class Day(StrEnum):
    """Days of the week, Monday first."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


DAYS = tuple(Day)


class Window(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Hours that recur weekly; a window that closes at or before it opens ends the next day."""

    days: tuple[Day, ...] = DAYS
    opens: ClockTime
    closes: ClockTime


class Schedule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, dict=True):
    """Weekly windows in the local time of a place.

    On the day a clock goes back a window opens at the first and closes at the last occurrence of
    its hour; on the day it goes forward an hour that does not exist counts as one hour later.

    >>> night = Schedule(time_zone="Asia/Seoul", windows=(Window(opens="22:00", closes="05:00"),))
    >>> night.is_open(datetime(2026, 1, 1, 13, 0, tzinfo=UTC))
    True
    >>> night.next_change(datetime(2026, 1, 1, 13, 0, tzinfo=UTC)).isoformat()
    '2026-01-01T20:00:00+00:00'
    """

    time_zone: str
    """Name in the IANA time zone database."""
    windows: Annotated[tuple[Window, ...], Meta(min_length=1)]

    @cached_property
    def place(self) -> ZoneInfo:
        """The local clock.

        Raises:
            ZoneInfoNotFoundError: no such name, or no time zone database on this machine.
            ValueError: not a name.
        """
        return ZoneInfo(self.time_zone)

    def is_open(self, at: datetime) -> bool:
        """Return whether the zone is in force; a window includes its opening, not its closing."""
        return any(opens <= at < closes for opens, closes in self._spans(at))

    def next_change(self, at: datetime) -> datetime | None:
        """Return when it next opens or closes after ``at``; ``None`` if it never does."""
        now = self.is_open(at)
        edges = sorted({edge for span in self._spans(at) for edge in span if edge > at})
        return next((edge for edge in edges if self.is_open(edge) is not now), None)

    def _spans(self, at: datetime) -> Iterator[tuple[datetime, datetime]]:
        today = at.astimezone(self.place).date()
        for offset in range(-1, _HORIZON_DAYS):
            day = today + offset * _DAY
            for window in self.windows:
                if DAYS[day.weekday()] in window.days:
                    yield self._span(day, window)

    def _span(self, day: date, window: Window) -> tuple[datetime, datetime]:
        over_midnight = window.closes <= window.opens
        return (
            self._moment(day, window.opens, fold=0),
            self._moment(day + _DAY if over_midnight else day, window.closes, fold=1),
        )

    def _moment(self, day: date, clock: str, *, fold: int) -> datetime:
        hours, minutes = divmod(int(clock[:2]) * 60 + int(clock[3:]), 60)
        day, hours = (day + _DAY, 0) if clock == "24:00" else (day, hours)
        local = datetime.combine(day, time(hours, minutes, fold=fold), self.place)
        return local.astimezone(UTC)
