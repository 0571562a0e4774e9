"""Tables of decoded positions."""

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.ais.positions_csv import MAX_ROW, Columns, ColumnsError, PositionsReader
from edge.measured import Measured
from haechi.vessels import VesselPosition
from tests.conftest import Recording

HEADER = b"Time,MMSI,Latitude_degrees,Longitude_degrees,COG_degrees,SOG_knots"
ROW = b"2016-01-12 13:02:11.218,235070762,50.7730133333333,-1.092935,157.8,5.9"


def read(*rows: bytes, header: bytes = HEADER, columns: Columns | None = None) -> list[Measured]:
    """Return the positions of a table."""
    reader = PositionsReader(columns)
    return [*filter(None, map(reader.feed, (header, *rows)))]


def refused(row: bytes) -> dict[str, int]:
    """Return why one row was refused."""
    reader = PositionsReader()
    reader.feed(HEADER)
    assert reader.feed(row) is None
    return dict(reader.counts.undecodable)


def test_a_row_is_a_position() -> None:
    """Time without a zone is UTC; the vessel is named by its MMSI."""
    at = datetime(2016, 1, 12, 13, 2, 11, 218_000, tzinfo=UTC)
    position = VesselPosition(
        lat=50.7730133333333, lon=-1.092935, speed_kn=5.9, course_deg=157.8
    )  # fmt: skip
    assert read(ROW + b"\r") == [Measured(at, "mmsi:235070762", position)]


def test_a_time_without_a_zone_is_utc_on_any_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a recording says does not depend on where it is replayed."""
    there = read(ROW)
    monkeypatch.setenv("TZ", "Asia/Seoul")
    time.tzset()
    try:
        assert read(ROW) == there
    finally:
        monkeypatch.undo()
        time.tzset()


def test_the_whole_solent_recording(recording: Recording) -> None:
    """Every row of the real table is a reading."""
    reader = PositionsReader()
    lines = recording("ais/solent_2016-01-12.csv").read_bytes().splitlines()
    readings = [*filter(None, map(reader.feed, lines))]
    assert len(readings) == reader.counts.messages == len(lines) - 1 == 18_623
    assert len({reading.subject for reading in readings}) == 91
    assert not reader.counts.undecodable


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2016-01-12T13:02:11Z", datetime(2016, 1, 12, 13, 2, 11, tzinfo=UTC)),
        ("2016-01-12T22:02:11+09:00", datetime(2016, 1, 12, 13, 2, 11, tzinfo=UTC)),
        ("2016-01-12 13:02", datetime(2016, 1, 12, 13, 2, tzinfo=UTC)),
        ("1452603731", datetime(2016, 1, 12, 13, 2, 11, tzinfo=UTC)),
        ("1452603731500", datetime(2016, 1, 12, 13, 2, 11, 500_000, tzinfo=UTC)),
    ],
)
def test_times_with_and_without_a_zone(text: str, expected: datetime) -> None:
    """ISO 8601 or seconds or milliseconds since 1970."""
    assert read(f"{text},235070762,50,1,,".encode())[0].at == expected


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (b"yesterday,235070762,50,1,,", "no time"),
        (b"2016-01-12,someone,50,1,,", "no identity"),
        (b"2016-01-12,2350707621,50,1,,", "no identity"),
        (b"2016-01-12,235070762,nan,1,,", "lat is no number"),
        (b"2016-01-12,235070762,50,1e999,,", "lon is no number"),
        (b"2016-01-12,235070762,5_0,1,,", "lat is no number"),
        (b"2016-01-12,235070762,90.1,1,,", "lat out of range"),
        (b"2016-01-12,235070762,50,-181,,", "lon out of range"),
        (b"2016-01-12,235070762,50,1,,-1", "speed out of range"),
        (b"2016-01-12,235070762,50,1,361,", "course out of range"),
        (b"2016-01-12,235070762", "too few columns"),
        (b"x" * (MAX_ROW + 1), "line too long"),
        (b'2016-01-12,"235070762,50,1,,', "too few columns"),
        (b"0001-01-01T00:00+23:00,235070762,50,1,,", "no time"),
    ],
)
def test_an_ill_row_is_refused_with_its_reason(row: bytes, reason: str) -> None:
    """The rows around it are read."""
    assert refused(row) == {reason: 1}


def test_not_available_is_none() -> None:
    """An empty cell, and the numbers by which AIS says it, in exports that keep them."""
    assert read(b"2016-01-12,235070762,50,1,,")[0].content == VesselPosition(lat=50, lon=1)
    assert read(b"2016-01-12,235070762,91,181,360,102.3")[0].content == VesselPosition()


def test_columns_can_be_named() -> None:
    """Any order, any names, other separators; a subject may name its kind."""
    columns = Columns.parse("id=Ship,time=When,lat=Y,lon=X")
    found = read(b"2;1;vehicle:14;2024-01-01", header=b"X;Y;Ship;When", columns=columns)
    assert [(each.subject, each.content) for each in found] == [
        ("vehicle:14", VesselPosition(lat=1, lon=2))
    ]


@pytest.mark.parametrize(
    "header",
    [b"MMSI,BaseDateTime,LAT,LON,SOG,COG", b"# Timestamp,MMSI,Latitude,Longitude,SOG,COG"],
)
def test_headers_of_public_archives_are_known(header: bytes) -> None:
    """Those of the United States and of Denmark, and the like, with a byte order mark or not."""
    names = header.decode().split(",")
    values = {"MMSI": "219000001", "LAT": "1", "Latitude": "1", "LON": "2", "Longitude": "2"}
    row = ",".join(
        values.get(name, "3" if name in {"SOG", "COG"} else "2024-01-01") for name in names
    )
    found = read(row.encode(), header=b"\xef\xbb\xbf" + header)
    assert found[0].content == VesselPosition(lat=1, lon=2, speed_kn=3, course_deg=3)


@pytest.mark.parametrize(
    "mapping",
    ["", "id=a,time=b,lat=c", "id=a,time=b,lat=c,lon=d,colour=e", "id", "id=,time=,lat=,lon="],
)
def test_a_mapping_that_is_none(mapping: str) -> None:
    """The text says what is missing or unknown, and how to give it."""
    with pytest.raises(ColumnsError, match="give them as"):
        Columns.parse(mapping)


@pytest.mark.parametrize("columns", [None, Columns("a", "b", "c", "d")])
def test_a_table_without_the_columns(columns: Columns | None) -> None:
    """It cannot be read at all, and says so at once."""
    with pytest.raises(ColumnsError):
        read(header=b"one,two", columns=columns)


def test_a_header_that_is_not_understood_is_shown() -> None:
    """Whoever has to name the columns sees which there are."""
    with pytest.raises(
        ColumnsError, match=r"no \['id', 'time'\] .*\['ship', 'lat', 'lon'\]; give them"
    ):
        read(header=b"ship,lat,lon")


def test_a_table_in_another_encoding_says_so() -> None:
    """Some spreadsheets save text as UTF-16, in which no column would be found."""
    with pytest.raises(ColumnsError, match="not UTF-8"):
        read(header=HEADER.decode().encode("utf-16"))


@given(st.lists(st.binary(max_size=80)))
def test_no_row_is_too_strange(rows: list[bytes]) -> None:
    """Each is a reading, blank, or counted with a reason."""
    reader = PositionsReader()
    reader.feed(HEADER)
    readings = [*filter(None, map(reader.feed, rows))]
    assert reader.counts.messages == len(readings) + reader.counts.undecodable.total()
    assert reader.counts.messages + reader.counts.blank == len(rows)
