"""Readings as JSON lines: what is taken, and what is refused with its reason."""

from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.ais.reading import Counts
from edge.measured import Measured
from edge.readings import JsonReader
from haechi.ground import VehiclePosition

LINE = (
    b'{"at": "2026-01-01T12:00:00Z", "subject": "truck:80a1234", "content":'
    b' {"type": "vehicle_position", "lat": 35.1, "lon": 129.0}, "urgent": true}\r\n'
)
TRUCK = Measured(
    datetime(2026, 1, 1, 12, tzinfo=UTC),
    "truck:80a1234",
    VehiclePosition(lat=35.1, lon=129.0),
    urgent=True,
)


class Kept(list[str]):
    """The reasons of what was not understood."""

    def keep(self, lines: tuple[bytes, ...], reason: str, at: datetime | None) -> None:
        """Keep the reason."""
        del lines, at
        self.append(reason)


def test_a_line_is_a_reading() -> None:
    """And what is written as a reading is read as the same."""
    reader = JsonReader(Kept().keep, Counts())
    assert reader.feed(LINE) == TRUCK
    assert reader.feed(msgspec.json.encode(TRUCK)) == TRUCK
    assert (reader.counts.lines, reader.counts.readings) == (2, 2)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b"35.1", b"95.1", "lat"),
        (b"12:00:00Z", b"12:00:00", "timezone"),
        (b"vehicle_position", b"spaceship", "spaceship"),
        (b"truck:80a1234", b"80a1234", "subject"),
        (b'"urgent"', b'"hurry"', "hurry"),
    ],
)
def test_a_line_that_is_no_reading_is_kept_with_its_reason(
    old: bytes, new: bytes, reason: str
) -> None:
    """The path and the value are named."""
    kept = Kept()
    reader = JsonReader(kept.keep, Counts())
    assert reader.feed(LINE.replace(old, new)) is None
    assert reason in kept[0]
    assert reader.counts.undecodable == {"no reading": 1}


@given(st.binary(max_size=100))
def test_any_bytes_are_blank_or_kept(line: bytes) -> None:
    """Nothing is raised, and nothing goes uncounted."""
    kept = Kept()
    reader = JsonReader(kept.keep, Counts())
    assert reader.feed(line) is None
    assert reader.counts.blank + len(kept) == 1
