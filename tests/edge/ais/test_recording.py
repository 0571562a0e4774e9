"""Files as a source."""

import gzip
import os
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from edge.ais.positions_csv import Columns
from edge.ais.recording import Recording, recording_boot
from edge.measured import Measured
from edge.sources import SourceError
from haechi.ids import BOOT_PATTERN
from tests.conftest import Recording as Finder

START = datetime(2020, 1, 1, tzinfo=UTC)
SENTENCE = b"!BSVDM,1,1,,A,13mb9U0P00PRk8fT5nw>4?wj2006,0*5D\n"
TAGGED = b"\\c:1565218798*53\\" + SENTENCE
TABLE = b"time,mmsi,lat,lon\n2024-01-01,219000001,1,2\nnonsense\n"


def written(folder: Path, name: str, contents: bytes) -> Path:
    """Write a file and return its path."""
    path = folder / name
    path.write_bytes(contents)
    return path


def readings(source: Recording) -> list[Measured]:
    """Return all readings of a recording."""
    return [reading for batch in source.batches() for reading in batch]


def test_packed_or_plain_is_the_same(tmp_path: Path) -> None:
    """Compression is recognised by what is in the file."""
    plain = written(tmp_path, "a.nmea", TAGGED * 3)
    packed = written(tmp_path, "b.nmea", gzip.compress(TAGGED * 3))
    assert readings(Recording([plain])) == readings(Recording([packed]))
    assert len(readings(Recording([plain, packed]))) == 6


def test_a_table_is_read_by_its_name_or_its_columns(tmp_path: Path) -> None:
    """``.csv`` or ``.csv.gz``, or any name if the columns are given."""
    columns = Columns("mmsi", "time", "lat", "lon")
    paths = [
        written(tmp_path, "a.csv", TABLE),
        written(tmp_path, "a.csv.gz", gzip.compress(TABLE)),
    ]
    source = Recording(paths)
    assert len(readings(source)) == 2
    assert source.counts.undecodable.total() == 2
    assert len(readings(Recording([written(tmp_path, "a.txt", TABLE)], columns=columns))) == 1


def test_a_recording_without_any_time_needs_a_start(tmp_path: Path) -> None:
    """It says so before it gives anything; with a start, all is dated with it."""
    path = written(tmp_path, "a.nmea", SENTENCE)
    with pytest.raises(SourceError, match="say when the recording starts"):
        readings(Recording([path]))
    assert [reading.at for reading in readings(Recording([path], start=START))] == [START]


def test_what_comes_before_the_first_time_is_dated_with_it(tmp_path: Path) -> None:
    """A recording may begin in the middle."""
    found = readings(Recording([written(tmp_path, "a.nmea", SENTENCE + TAGGED)]))
    assert found[0] == found[1]


def test_an_hour_in_which_nothing_was_heard_is_an_empty_recording(tmp_path: Path) -> None:
    """Among the files of a day it stops nobody."""
    paths = [written(tmp_path, "00.nmea", b""), written(tmp_path, "01.nmea", TAGGED)]
    assert readings(Recording(paths[:1])) == []
    assert len(readings(Recording(paths))) == 1


@pytest.mark.parametrize("contents", [b"Once upon a time\n", b"\n", bytes(5000), b"\xff\xfe!\0A\0"])
def test_a_file_in_which_nothing_is_ais_says_so(tmp_path: Path, contents: bytes) -> None:
    """To ask when it was recorded would lead nowhere."""
    with pytest.raises(SourceError, match="no line of it is an AIS sentence"):
        readings(Recording([written(tmp_path, "a.txt", contents)]))


def test_what_is_piped_in_cannot_be_replayed_and_that_is_said(tmp_path: Path) -> None:
    """A recording is read once for its name and once for what it holds."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = os.open(pipe, os.O_RDWR)
    try:
        with pytest.raises(SourceError, match="save what is piped to a file"):
            recording_boot([pipe])
    finally:
        os.close(writer)


@pytest.mark.parametrize(
    ("name", "contents"),
    [
        ("absent", None),
        ("cut.gz", gzip.compress(TAGGED * 1000, mtime=0)[:-20]),
        ("ill.gz", gzip.compress(TAGGED * 1000, mtime=0)[:40] + b"\xff" * 40),
        ("table.csv", b"one,two\n1,2\n"),
    ],
)
def test_a_file_that_cannot_be_read(tmp_path: Path, name: str, contents: bytes | None) -> None:
    """The error names the file."""
    path = tmp_path / name if contents is None else written(tmp_path, name, contents)
    with pytest.raises(SourceError, match=name):
        readings(Recording([path]))


def test_the_same_contents_are_the_same_boot(tmp_path: Path) -> None:
    """Replaying again, from anywhere, gives the same identities; read otherwise, others."""
    here, there = (written(tmp_path, name, SENTENCE) for name in ("a.nmea", "b.nmea"))
    other = written(tmp_path, "c.nmea", TAGGED)
    boot = recording_boot([here])
    assert boot == recording_boot([there])
    different = {
        recording_boot([other]),
        recording_boot([here, here]),
        recording_boot([here, other]),
        recording_boot([other, here]),
        recording_boot([here], start=START),
        recording_boot([here], columns=Columns("a", "b", "c", "d")),
    }
    assert len(different | {boot}) == 7
    assert re.fullmatch(BOOT_PATTERN, boot)


def test_the_pace_is_asked_for(tmp_path: Path) -> None:
    """At a speed, readings go through the pace; without one, they do not."""
    asked: list[float] = []

    def pace(batches: Iterable[list[Measured]], speed: float) -> Iterator[list[Measured]]:
        asked.append(speed)
        return iter(batches)

    path = written(tmp_path, "a.nmea", TAGGED)
    assert len(readings(Recording([path], speed=4, pace=pace))) == 1
    assert len(readings(Recording([path], pace=pace))) == 1
    assert asked == [4]


def test_unfinished_messages_are_given_up_at_the_end(recording: Finder) -> None:
    """No part of them is forgotten."""
    source = Recording([recording("ais/pyais_nmea_data_sample.txt")], start=START)
    assert len(readings(source)) == 778
    assert source.counts.incomplete == 20
