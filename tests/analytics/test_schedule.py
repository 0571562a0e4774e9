"""Weekly hours in local time, over the days on which clocks and calendars do odd things."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.schedule import DAYS, Day, Schedule, Window


def schedule(zone: str, opens: str, closes: str, *days: Day) -> Schedule:
    """Return a schedule of one window."""
    return Schedule(
        time_zone=zone, windows=(Window(days=days or DAYS, opens=opens, closes=closes),)
    )


def moment(text: str) -> datetime:
    """Return a time in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "hours", "change"),
    [
        ("2026-03-28 00:30", schedule("Europe/Copenhagen", "01:00", "04:00"), "2026-03-28 03:00"),
        ("2026-03-29 00:30", schedule("Europe/Copenhagen", "01:00", "04:00"), "2026-03-29 02:00"),
        ("2026-10-25 00:00", schedule("Europe/Copenhagen", "01:00", "04:00"), "2026-10-25 03:00"),
        ("2026-10-25 00:00", schedule("Europe/Copenhagen", "02:30", "05:00"), "2026-10-25 00:30"),
        ("2026-10-25 00:40", schedule("Europe/Copenhagen", "01:00", "02:30"), "2026-10-25 01:30"),
        ("2026-04-24 20:00", schedule("Africa/Cairo", "00:30", "02:00"), "2026-04-24 21:30"),
        ("2028-02-28 23:00", schedule("UTC", "00:00", "24:00", Day.TUE), "2028-02-29 00:00"),
        ("2028-02-29 12:00", schedule("UTC", "00:00", "24:00", Day.TUE), "2028-03-01 00:00"),
        ("2026-12-31 15:30", schedule("Asia/Seoul", "23:00", "02:00", Day.THU), "2026-12-31 17:00"),
    ],
    ids=[
        "ordinary night",
        "one hour shorter",
        "one hour longer",
        "opens at the first 02:30",
        "closes at the last 02:30",
        "Cairo's summer time",
        "leap day opens",
        "leap day closes",
        "over the year end",
    ],
)
def test_t3_the_next_change_is_right_on_odd_days(at: str, hours: Schedule, change: str) -> None:
    """Daylight saving, leap day, midnight and year end."""
    assert hours.next_change(moment(at)) == moment(change)


@settings(deadline=None)  # correctness, not speed
@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2028, 12, 31)),  # noqa: DTZ001 - made aware below
    st.sampled_from(["UTC", "Asia/Seoul", "Africa/Cairo", "Europe/Copenhagen", "Pacific/Apia"]),
    st.sampled_from(["00:00", "01:30", "02:00", "12:00", "23:59"]),
    st.sampled_from(["24:00", "00:30", "02:30", "18:00"]),
    st.sets(st.sampled_from(DAYS), min_size=1),
)
def test_t3_nothing_changes_before_the_next_change(
    naive: datetime, zone: str, opens: str, closes: str, days: set[Day]
) -> None:
    """Between now and the next change it stays as it is; at the change it is not."""
    at = naive.replace(tzinfo=UTC)
    hours = schedule(zone, opens, closes, *sorted(days))
    change = hours.next_change(at)
    until = at + timedelta(days=7) if change is None else change
    now = hours.is_open(at)
    for share in (0.1, 0.5, 0.999):
        assert hours.is_open(at + share * (until - at)) is now
    assert change is None or hours.is_open(change) is not now


def test_windows_that_touch_are_one() -> None:
    """All day, every day never changes."""
    assert schedule("Asia/Seoul", "00:00", "24:00").next_change(moment("2026-01-01 00:00")) is None
    halves = (Window(opens="00:00", closes="12:00"), Window(opens="12:00", closes="24:00"))
    assert Schedule(time_zone="UTC", windows=halves).next_change(moment("2026-01-01 03:00")) is None


def test_a_window_includes_its_opening_and_not_its_closing() -> None:
    """So that two that touch never overlap."""
    hours = schedule("UTC", "08:00", "09:00")
    assert hours.is_open(moment("2026-01-01 08:00"))
    assert not hours.is_open(moment("2026-01-01 09:00"))
