"""Invented days of vessels that misbehave, reported late: logs for tests of whole processes."""

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import NamedTuple

DAWN = datetime(2026, 1, 1, tzinfo=UTC)
REPORT_S = 10
LEG_S = 1500
"""A vessel sails to and fro off Busan, through the anchorage and the customs line there."""

HEADER = ("mmsi", "timestamp", "lat", "lon", "sog", "cog")


class Row(NamedTuple):
    """One report, as it stands in a positions file."""

    mmsi: int
    at: datetime
    lat: float
    lon: float
    speed_kn: float
    course_deg: float


def day(seed: int, *, vessels: int, reports: int) -> list[Row]:
    """Return a log in the order of arrival.

    Every vessel crosses zones; one in three falls silent for 40 minutes, one in three jumps far
    away and back, one in three says it is much too fast. Every vessel is out of reach for a while
    and delivers that part later, backwards; some reports are heard twice.
    """
    random = Random(seed)  # noqa: S311 - a test's, seeded
    arrivals = [
        (arrival, row)
        for number in range(vessels)
        for arrival, row in _late(_voyage(number, reports, random), random)
    ]
    twice = random.sample(arrivals, len(arrivals) // 50)
    return [row for _, row in sorted([*arrivals, *twice])]


def write(path: Path, rows: list[Row]) -> Path:
    """Write a positions file."""
    with path.open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(HEADER)
        table.writerows((row.mmsi, f"{row.at:%FT%T.%fZ}", *row[2:]) for row in rows)
    return path


def _voyage(number: int, reports: int, random: Random) -> list[Row]:
    lon = random.uniform(129.04, 129.105)
    begins = random.randrange(reports // 4, reports // 2)
    rows = [_row(number, index, lon) for index in range(reports)]
    match number % 3:
        case 0:  # the transponder is off
            return rows[:begins] + rows[begins + 2400 // REPORT_S :]
        case 1:  # a forged position, and back
            far = rows[begins]._replace(lat=34.0, lon=lon + 1)
            return [*rows[:begins], far, *rows[begins + 1 :]]
        case _:
            fast = [row._replace(speed_kn=80.0) for row in rows[begins : begins + 30]]
            return [*rows[:begins], *fast, *rows[begins + 30 :]]


def _row(number: int, index: int, lon: float) -> Row:
    leg, into = divmod(index * REPORT_S, LEG_S)
    share = into / LEG_S if leg % 2 == 0 else 1 - into / LEG_S
    lat = round(34.98 + 0.1 * share, 6)
    at = DAWN + timedelta(seconds=index * REPORT_S + number / 10)
    return Row(440_200_000 + number, at, lat, round(lon, 6), 14.4, 0.0 if leg % 2 == 0 else 180.0)


def _late(rows: list[Row], random: Random) -> list[tuple[datetime, Row]]:
    lost = random.randrange(len(rows) - 150)
    found = rows[lost + 149].at
    return [
        (found + (found - row.at) / 100, row)  # the newest of what was missed comes first
        if lost <= index < lost + 150
        else (row.at + timedelta(seconds=random.uniform(0, 90)), row)
        for index, row in enumerate(rows)
    ]
