"""One line of a receiver's output: what kind of line it is, and what it says about AIS.

Sentences are of NMEA 0183 (IEC 61162-1), tag blocks of NMEA 0183 4.10 (IEC 61162-450). A line
that claims to be one of them and is not is refused with a reason, and never repaired.
"""

import re
from datetime import UTC, datetime
from enum import Enum, auto
from functools import lru_cache
from typing import Final, NamedTuple

MAX_LINE: Final = 512
"""Bytes in a line. The standard allows 82 in a sentence; receivers put tags and fields around it,
and the messages that keep sentences whole (``AisOther``) allow no more."""

_EARLIEST_S: Final = 631_152_000
"""1990-01-01, before AIS: a receiver that says so has not yet found the time."""

_LATEST_S: Final = 4_102_444_800
"""2100-01-01."""

_AIS = re.compile(
    rb"!(?P<talker>[!-)+\--~]{2})VD[MO],(?P<total>[1-9]),(?P<number>[1-9]),(?P<sequence>\d{0,2}),"
    rb"(?P<channel>[0-9A-Za-z]?),(?P<payload>[0-W`-w]*),(?P<fill>[0-5])"
    rb"\*(?P<checksum>[0-9A-Fa-f]{2})(?P<trailer>[, ][ -~]*)?"
)
_OTHER = re.compile(rb"[$!](?P<body>[ -)+-~]*)(?:\*(?P<checksum>[0-9A-Fa-f]{2})(?:[, ][ -~]*)?)?")
_TAGS = re.compile(rb"(?P<body>[ -)+-~]*)\*(?P<checksum>[0-9A-Fa-f]{2})")
_GROUP = re.compile(rb"\d{1,2}-\d{1,2}-(\w{1,15})")
_EPOCH = re.compile(rb"\d{9,10}(?:\.\d{1,6})?|\d{12,13}")


class UndecodableError(ValueError):
    """The input cannot be read. The text is the reason, one of few so that they can be counted."""


class Passed(Enum):
    """Lines that are well and carry no AIS."""

    BLANK = auto()
    COMMENT = auto()
    OTHER = auto()
    """Another NMEA sentence."""


class Stamp(NamedTuple):
    """A line that only says when the next sentence was received: ``$PGHP`` or a lone tag block."""

    at: datetime | None


class Sentence(NamedTuple):
    """One AIVDM or AIVDO sentence of any talker, its checksum right."""

    talker: bytes
    total: int
    number: int
    sequence: bytes
    channel: bytes
    payload: bytes
    fill: int
    """Bits at the end of the payload that mean nothing."""
    text: str
    """The sentence without what stands before it, printable ASCII."""
    at: datetime | None
    """When it was received, if the line says so."""
    station: bytes
    group: bytes
    """Tag block group and station: they keep apart what several receivers heard at once."""


Line = Sentence | Stamp | Passed


class _Tags(NamedTuple):
    """What a tag block says that matters here."""

    at: datetime | None = None
    station: bytes = b""
    group: bytes = b""


_NO_TAGS: Final = _Tags()


def parse(line: bytes) -> Line:
    r"""Return what a line says.

    Raises:
        UndecodableError: too long, no NMEA, a wrong checksum, or a malformed sentence. A wrong tag
            block is not an error, for the sentence behind it proves itself: the tags are ignored.

    >>> parse(rb"\s:2573535,c:1671533231*08\!BSVDM,1,1,,B,13mb9U0P00PRk8fT5nw>4?wj2006,0*5E").number
    1
    >>> parse(b"$GPGGA,092750,5321.6802,N")
    <Passed.OTHER: 3>
    """
    line = line.strip()
    if len(line) > MAX_LINE:
        raise UndecodableError("line too long")
    tags, sentence = _split(line)
    match = _AIS.fullmatch(sentence)
    if match:
        return _sentence(match, tags)
    if not sentence:
        return Passed.BLANK if tags is _NO_TAGS else Stamp(tags.at)
    return Passed.COMMENT if sentence.startswith(b"#") else _no_ais(sentence)


def checksum(body: bytes) -> int:
    """Return the exclusive or of all bytes.

    >>> f"{checksum(b'AIVDM,1,1,,B,,0'):02X}"
    '25'
    """
    total = 0
    for byte in body:
        total ^= byte
    return total


def _split(line: bytes) -> tuple["_Tags", bytes]:
    tags = _NO_TAGS
    while line.startswith(b"\\"):
        block, closed, line = line[1:].partition(b"\\")
        if not closed:
            raise UndecodableError("tag block without end")
        tags = _tags(block) if tags is _NO_TAGS else _joined(tags, _tags(block))
    return tags, line


def _joined(first: "_Tags", second: "_Tags") -> "_Tags":
    """Combine two blocks before one sentence; what the second says again wins."""
    return _Tags(
        second.at or first.at, second.station or first.station, second.group or first.group
    )


@lru_cache(maxsize=1024)
def _tags(block: bytes) -> "_Tags":
    """Read what stands between two backslashes. Many lines of one second carry the same."""
    match = _TAGS.fullmatch(block)
    if match is None or checksum(match["body"]) != int(match["checksum"], 16):
        return _Tags()
    pairs = (field.partition(b":") for field in match["body"].split(b","))
    stated = {key: value for key, _, value in pairs}
    group = _GROUP.fullmatch(stated.get(b"g", b""))
    return _Tags(
        epoch_time(stated.get(b"c", b"")), stated.get(b"s", b""), group[1] if group else b""
    )


def _sentence(match: re.Match[bytes], tags: "_Tags") -> Sentence:
    talker, total, number, sequence, channel, payload, fill, stated, trailer = match.groups()
    if checksum(match.string[1 : match.end("fill")]) != int(stated, 16):
        raise UndecodableError("wrong checksum")
    if number > total:
        raise UndecodableError("part number beyond the total")
    at, station, group = tags
    if trailer:
        at, station = at or _trailing_time(trailer), station or _trailing_station(trailer)
    return Sentence(
        talker, int(total), int(number), sequence, channel, payload, int(fill),
        match.string.decode("ascii"), at, station, group,
    )  # fmt: skip


def _no_ais(sentence: bytes) -> Line:
    match = _OTHER.fullmatch(sentence)
    if match is None:
        raise UndecodableError("not NMEA")
    body, stated = match["body"], match["checksum"]
    if stated is not None and checksum(body) != int(stated, 16):
        raise UndecodableError("wrong checksum")
    if body[2:5] in {b"VDM", b"VDO"}:
        raise UndecodableError("malformed AIS sentence")
    if body.startswith(b"PGHP,1,"):
        return Stamp(_gatehouse_time(body))
    return Passed.OTHER


def _gatehouse_time(body: bytes) -> datetime:
    """Read ``PGHP,1,year,month,day,hour,minute,second,millisecond,...,checksum``.

    The last field repeats the checksum of the sentence on the next line, of all its parts
    combined. In recordings it is 00 before every own-ship sentence, so the place decides.
    """
    try:
        *parts, thousandths = map(int, body.split(b",")[2:9])
        at = datetime(*parts, microsecond=thousandths * 1000, tzinfo=UTC)  # type: ignore[misc,arg-type]  # six numbers, or TypeError
    except (ValueError, TypeError, OverflowError) as error:
        raise UndecodableError("malformed time line") from error
    return at


def _trailing_time(trailer: bytes) -> datetime | None:
    """Return the first epoch of the fields that coast stations append, ``,b0036,1272412827``."""
    return next(filter(None, map(epoch_time, trailer.split(b","))), None)


def _trailing_station(trailer: bytes) -> bytes:
    """Return the station (``b`` base, ``r`` receiver) of the appended fields."""
    fields = trailer.split(b",")
    return next((field for field in fields if field[:1] in {b"b", b"r"}), b"")


def epoch_time(text: bytes) -> datetime | None:
    """Read seconds or milliseconds since 1970; ``None`` if it is neither, or not in AIS times.

    >>> epoch_time(b"1671533231") == epoch_time(b"1671533231000")
    True
    """
    if _EPOCH.fullmatch(text) is None:
        return None
    seconds = float(text)
    if seconds > _LATEST_S:
        seconds /= 1000
    if not _EARLIEST_S <= seconds < _LATEST_S:
        return None
    return datetime.fromtimestamp(seconds, UTC)
