"""From lines to readings: every message is accounted for, and dated by the recording."""

import gzip
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.ais.nmea import checksum
from edge.ais.reading import Counts, NmeaReader
from tests.conftest import Recording

START = datetime(2020, 1, 1, tzinfo=UTC)
RECEIVED = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
TAGGED_AT = datetime(2019, 8, 7, 22, 59, 58, tzinfo=UTC)
SENTENCE = b"!BSVDM,1,1,,A,13mb9U0P00PRk8fT5nw>4?wj2006,0*5D"
TAGGED = b"\\c:1565218798*53\\" + SENTENCE
GATEHOUSE = b"$PGHP,1,2013,11,12,12,0,0,11,219,,2190067,1,62*26"
PARTS = (
    b"!AIVDM,2,1,1,A,55?MbV02;H;s<HtKR20EHE:0@T4@Dn2222222216L961O5Gf0NSQEp6ClRp8,0*1C",
    b"!AIVDM,2,2,1,A,88888888880,2*25",
)
FIRST = b"\\g:1-2-1234,c:1565218798*57\\!BSVDM,2,1,3,A,%s,0*%02X"


def lines_of(path: Path) -> list[bytes]:
    """Return the lines of a recording."""
    contents = path.read_bytes()
    return (gzip.decompress(contents) if path.suffix == ".gz" else contents).splitlines()


def balances(counts: Counts) -> bool:
    """Return whether every line and every message is in exactly one place."""
    seen = counts.blank + counts.comments + counts.stamps + counts.others
    return (
        counts.lines == seen + counts.sentences + counts.junk
        and counts.messages == counts.readings + counts.undecodable_messages
    )


@pytest.mark.parametrize(
    ("name", "lines", "messages", "incomplete", "undecodable"),
    [
        ("ais/ais-sample.txt.gz", 80_246, 26_077, 0, {}),
        ("ais/dma_stream_example.txt", 8_551, 4_051, 0, {}),
        ("ais/kystverket_Ais1000Lines.nm4", 1_000, 877, 0, {}),
        ("ais/pyais_nmea_data_sample.txt", 898, 878, 20, {"empty payload": 100}),
        ("ais/libais/tagblock.nmea", 5, 4, 0, {}),
        (
            "ais/libais/test.aivdm",
            345,
            261,
            0,
            {
                "MMSI of more than nine digits": 11,
                "too short": 11,
                "longitude out of range": 5,
                "latitude out of range": 3,
                "course out of range": 2,
            },
        ),
        (
            "ais/libais/typeexamples.nmea",
            26,
            26,
            0,
            {
                "MMSI of more than nine digits": 3,
                "latitude out of range": 2,
                "longitude out of range": 1,
            },
        ),
    ],
)
def test_every_message_of_a_recording_is_accounted_for(
    *,
    name: str,
    lines: int,
    messages: int,
    incomplete: int,
    undecodable: dict[str, int],
    recording: Recording,
) -> None:
    """Each is a reading or is kept for a person with a reason: nothing is passed over."""
    kept: Counter[str] = Counter()
    reader = NmeaReader(keep=lambda _, reason, __: kept.update([reason]), start=START)
    readings = [*filter(None, map(reader.feed, lines_of(recording(name))))]
    reader.close()
    counts = reader.counts
    expected = Counter(undecodable)
    expected["parts missing"] = incomplete
    assert balances(counts)
    assert (counts.lines, counts.messages, counts.incomplete) == (lines, messages, incomplete)
    assert len(readings) == counts.readings == messages - sum(undecodable.values())
    assert kept == counts.undecodable == +expected


def at(lines: list[bytes], start: datetime | None = None) -> list[datetime]:
    """Return when each sentence of a recording was received."""
    reader = NmeaReader(start=start)
    return [reading.at for reading in map(reader.feed, lines) if reading]


def test_a_recording_says_when() -> None:
    """A line's own time comes first, then the line before it, then the last that was mentioned."""
    gatehouse = datetime(2013, 11, 12, 12, 0, 0, 11_000, tzinfo=UTC)
    assert at([TAGGED]) == [TAGGED_AT]
    assert at([GATEHOUSE, SENTENCE]) == [gatehouse]
    assert at([GATEHOUSE, TAGGED]) == [TAGGED_AT]
    assert at([TAGGED, SENTENCE]) == [TAGGED_AT] * 2
    assert at([SENTENCE, TAGGED, SENTENCE], start=START) == [START, TAGGED_AT, TAGGED_AT]


def test_a_time_line_belongs_to_the_next_sentence_only() -> None:
    """A live sentence without a time of its own was received when it came."""
    reader = NmeaReader()
    other = b"$PSTT,30A,20131112,120000*6D"
    lines = [GATEHOUSE, SENTENCE, SENTENCE, GATEHOUSE, other, SENTENCE]
    readings = [reading for line in lines if (reading := reader.feed(line, RECEIVED))]
    assert [reading.at.year for reading in readings] == [2013, 2024, 2024]


@pytest.mark.parametrize("stamp", [(GATEHOUSE,), (b"\\c:1565218798*53\\",)])
def test_a_receiver_whose_clock_is_not_ours_loses_no_message_in_parts(
    stamp: tuple[bytes, ...],
) -> None:
    """It dates the first part alone, years from when we hear it: the second belongs to it."""
    reader = NmeaReader()
    found = [reader.feed(line, RECEIVED) for line in (*stamp, *PARTS)]
    reader.close()
    alone = NmeaReader()
    alone.feed(stamp[0], RECEIVED)
    dated = alone.feed(SENTENCE, RECEIVED)
    assert reader.counts.undecodable == {}
    assert found[-1] is not None
    assert dated is not None
    assert found[-1].at == dated.at != RECEIVED


def test_without_any_time_a_message_cannot_be_dated() -> None:
    """A source must give a time somehow; if none does, a person sees the sentence."""
    reader = NmeaReader()
    assert reader.feed(SENTENCE) is None
    assert reader.counts.undecodable == {"no time": 1}
    assert balances(reader.counts)


def test_what_cannot_be_read_is_kept_whole() -> None:
    """With its reason and the time when it came."""
    kept: list[tuple[tuple[bytes, ...], str, datetime | None]] = []
    reader = NmeaReader(keep=lambda lines, reason, at: kept.append((lines, reason, at)))
    reader.feed(b"\x00noise", RECEIVED)
    reader.feed(SENTENCE[:-2] + b"00", RECEIVED)
    assert kept == [
        ((b"\x00noise",), "not NMEA", RECEIVED),
        ((SENTENCE[:-2] + b"00",), "wrong checksum", RECEIVED),
    ]


def test_a_message_in_parts_is_kept_with_all_its_parts() -> None:
    """Type 14 is not understood: its sentences are kept, in their order."""
    bodies = (b"AIVDM,2,1,1,A,>5?Per18=HB1U:1@E=B0m<L,0", b"AIVDM,2,2,1,A,53nPnh800000,2")
    parts = [b"!%s*%02X" % (body, checksum(body)) for body in bodies]
    reader = NmeaReader(start=START)
    assert reader.feed(parts[1]) is None
    reading = reader.feed(parts[0])
    assert reading
    assert getattr(reading.content, "sentences", None) == tuple(part.decode() for part in parts)


def test_reading_twice_gives_the_same(recording: Recording) -> None:
    """A recording has no clock and no chance in it."""
    lines = lines_of(recording("ais/kystverket_Ais1000Lines.nm4"))
    first, second = ([*map(NmeaReader().feed, lines)] for _ in range(2))
    assert first == second


@given(st.lists(st.sampled_from([SENTENCE, TAGGED, GATEHOUSE, b"", b"#", b"!AIVDM", b"\xff"])))
def test_the_account_balances_whatever_comes(lines: list[bytes]) -> None:
    """Every line is in exactly one place."""
    reader = NmeaReader(start=START)
    readings = [*filter(None, map(reader.feed, lines))]
    reader.close()
    assert balances(reader.counts)
    assert len(readings) == lines.count(SENTENCE) + lines.count(TAGGED)
    assert all(START - timedelta(days=3000) < reading.at for reading in readings)
