"""Recordings as a source: files that can be read again and give the same readings again."""

import zlib
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from gzip import GzipFile
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, Final, cast

from edge.ais.lines import Lines
from edge.ais.nmea import MAX_LINE, Sentence, Stamp, UndecodableError, parse
from edge.ais.positions_csv import MAX_ROW, Columns, ColumnsError, PositionsReader
from edge.ais.reading import Counts, LineReader, NmeaReader
from edge.measured import Measured
from edge.replay import paced
from edge.sources import Keep, SourceError, forget

_CHUNK: Final = 65_536
_GZIP: Final = b"\x1f\x8b"
_UNDATED: Final = "no line says when it was received; say when the recording starts"
_FOREIGN: Final = (
    "no line of it is an AIS sentence (!AIVDM,…); the name of a table of positions ends in .csv or"
    " .csv.gz, or its columns are named"
)


class Recording:
    """One or more files, read one after the other: NMEA, or positions in CSV (``.csv``).

    Either may be compressed with gzip. Whoever drives it may take its time.
    """

    waits = True
    repeats = True
    failures = 0

    def __init__(
        self,
        paths: Sequence[Path],
        *,
        speed: float | None = None,
        start: datetime | None = None,
        columns: Columns | None = None,
        keep: Keep = forget,
        pace: Callable[..., Iterator[list[Measured]]] = paced,
    ) -> None:
        """Name the files; nothing is opened yet.

        Args:
            paths: In the order in which they shall be read.
            speed: 1 is as it happened; ``None`` is as fast as it goes.
            start: When a recording that mentions no time was made.
            columns: Of a CSV file, if its headers are unusual. It makes any file a CSV file.
            keep: Takes what cannot be decoded.
            pace: Holds readings back until they are due.
        """
        self.counts = Counts()
        self._paths = paths
        self._start = start
        self._columns = columns
        self._keep = keep
        self._pace = partial(pace, speed=speed) if speed else iter

    def batches(self) -> Iterator[list[Measured]]:
        """Return all readings, in the order of the files, a few hundred at a time.

        Raises:
            SourceError: a file cannot be read, has no time anywhere, or lacks a column.
        """
        return self._pace(self._unpaced())

    def _unpaced(self) -> Iterator[list[Measured]]:
        for path in self._paths:
            try:
                yield from self._file(path)
            except ColumnsError as error:
                raise SourceError(f"{path}: {error}") from error

    def _file(self, path: Path) -> Iterator[list[Measured]]:
        is_table = self._columns is not None or _is_table(path)
        reader = self._positions() if is_table else self._sentences(path)
        for lines in _lines(path, MAX_ROW if is_table else MAX_LINE):
            yield [reading for line in lines if (reading := reader.feed(line))]
        reader.close()

    def _positions(self) -> LineReader:
        return PositionsReader(self._columns, keep=self._keep, counts=self.counts)

    def _sentences(self, path: Path) -> LineReader:
        start = self._start or first_time(path)
        return NmeaReader(keep=self._keep, start=start, counts=self.counts)


def recording_boot(
    paths: Sequence[Path], *, start: datetime | None = None, columns: Columns | None = None
) -> str:
    """Return the boot of an agent that replays these files in this way.

    The same contents read in the same way are the same readings, whenever and wherever they are
    replayed, and so they get the same identities.

    Raises:
        SourceError: a file cannot be read.
    """
    digest = sha256(repr((start and start.isoformat(), columns and tuple(columns))).encode())
    for path in paths:
        contents = sha256()
        for chunk in _chunks(path):
            contents.update(chunk)
        digest.update(contents.digest() + bytes([_is_table(path)]))
    return f"rec-{digest.hexdigest()[:16]}"


def first_time(path: Path) -> datetime | None:
    """Return the first time that a recording mentions: what comes before it is dated with it.

    Returns:
        ``None`` for an empty file: in an hour in which nothing was heard there is nothing to date.

    Raises:
        SourceError: there is none, nothing in the file is AIS, or it cannot be read.
    """
    is_empty, has_ais = True, False
    for lines in _lines(path, MAX_LINE):
        for line in lines:
            said, is_empty = _said(line), False
            if said is not None and said.at is not None:
                return said.at
            has_ais |= isinstance(said, Sentence)
    if is_empty:
        return None
    raise SourceError(f"{path}: {_UNDATED if has_ais else _FOREIGN}")


def _said(line: bytes) -> Sentence | Stamp | None:
    try:
        parsed = parse(line)
    except UndecodableError:
        return None
    return parsed if isinstance(parsed, Sentence | Stamp) else None


def _is_table(path: Path) -> bool:
    return ".csv" in (suffix.lower() for suffix in path.suffixes[-2:])


def _lines(path: Path, limit: int) -> Iterator[list[bytes]]:
    lines = Lines(limit)
    for chunk in _chunks(path):
        yield lines.feed(chunk)
    yield lines.close()


def _chunks(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            if not file.seekable():
                raise SourceError(
                    f"{path}: a recording is read twice; save what is piped to a file"
                )
            packed = file.read(2) == _GZIP
            file.seek(0)
            plain = cast("BinaryIO", GzipFile(fileobj=file)) if packed else file
            yield from iter(partial(plain.read, _CHUNK), b"")
    except (OSError, EOFError, zlib.error) as error:
        raise SourceError(f"{path}: {error}") from error
