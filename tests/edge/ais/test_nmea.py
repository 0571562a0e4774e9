"""Lines of receivers, well and ill."""

from contextlib import suppress
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.ais.nmea import MAX_LINE, Passed, Sentence, Stamp, UndecodableError, checksum, parse

RECEIVED = datetime(2019, 8, 7, 22, 59, 58, tzinfo=UTC)


def signed(line: bytes) -> bytes:
    """Return a sentence with its checksum."""
    return line + b"*%02X" % checksum(line[1:])


SENTENCE = signed(b"!AIVDM,1,1,,B,13mb9U0P00PRk8fT5nw>4?wj2006,0")


def tagged(body: bytes, sentence: bytes = SENTENCE) -> bytes:
    """Return a sentence behind a tag block with the right checksum."""
    return b"\\%s*%02X\\%s" % (body, checksum(body), sentence)


def sentence(line: bytes) -> Sentence:
    """Return the sentence of a line that has one."""
    parsed = parse(line)
    assert isinstance(parsed, Sentence)
    return parsed


@pytest.mark.parametrize("talker", ["AI", "AB", "BS", "SA", "--", "X1"])
@pytest.mark.parametrize("kind", ["VDM", "VDO"])
def test_any_talker_is_heard(talker: str, kind: str) -> None:
    """Stations use talkers that no list knows; own-ship sentences count as well."""
    line = f"!{talker}{kind},1,1,,A,13mb9U0P00PRk8fT5nw>4?wj2006,0".encode()
    assert sentence(signed(line)).talker == talker.encode()


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (SENTENCE[:-2] + b"00", "wrong checksum"),
        (SENTENCE[:-3], "malformed AIS sentence"),
        (SENTENCE.replace(b"13mb", b"13\x00b"), "not NMEA"),
        (SENTENCE.replace(b"13mb", b"13\xffb"), "not NMEA"),
        (b"x" + SENTENCE, "not NMEA"),
        (SENTENCE[1:], "not NMEA"),
        (SENTENCE + b"#", "not NMEA"),
        (SENTENCE + b" " * MAX_LINE + b"x", "line too long"),
        (b"\\c:1565218798*53" + SENTENCE, "tag block without end"),
        (b"$GPGGA,092750,5321.6802,N*00", "wrong checksum"),
        (signed(b"$PGHP,1,2013,13,12,12,0,0,11,219,,2190067,1,62"), "malformed time line"),
        (signed(b"$PGHP,1,2013,11"), "malformed time line"),
        (signed(b"!AIVDM,2,3,1,A,55,0"), "part number beyond the total"),
        (b"\xff\xfe", "not NMEA"),
    ],
)
def test_an_ill_line_is_refused_with_its_reason(line: bytes, reason: str) -> None:
    """Nothing is repaired: a person sees the line as it came."""
    with pytest.raises(UndecodableError, match=reason):
        parse(line)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"", Passed.BLANK),
        (b" \t\r\n", Passed.BLANK),
        (b"# a note !AIVDM", Passed.COMMENT),
        (b"$PSTT,30A,20131112,120000*6D", Passed.OTHER),
        (b"$GPGGA,without,checksum", Passed.OTHER),
    ],
)
def test_a_line_without_ais_is_passed_over(line: bytes, expected: Passed) -> None:
    """What is well but not ours is no fault."""
    assert parse(line) is expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (tagged(b"c:1565218798"), RECEIVED),
        (tagged(b"c:1565218798000"), RECEIVED),
        (tagged(b"s:2573535,c:1565218798,n:7"), RECEIVED),
        (tagged(b"s:2573535", tagged(b"c:1565218798")), RECEIVED),
        (SENTENCE + b",b003669794,1565218798", RECEIVED),
        (SENTENCE + b",d-093,S2212,t225958.00,T58.00,r09STOL1,1565218798,1565218700", RECEIVED),
        (SENTENCE + b",1565218798", RECEIVED),
        (tagged(b"c:1565218798") + b",b003669794,1272412827", RECEIVED),
        (tagged(b"c:9"), None),
        (tagged(b"c:0"), None),
        (tagged(b"c:99999999999999999999"), None),
        (b"\\c:1565218798*00\\" + SENTENCE, None),
        (b"\\c:1565218798\\" + SENTENCE, None),
        (SENTENCE, None),
    ],
)
def test_a_sentence_says_when_it_was_received(line: bytes, expected: datetime | None) -> None:
    """In a tag block whose checksum is right, in seconds or milliseconds, or behind it."""
    assert sentence(line).at == expected


def test_a_wrong_tag_block_does_not_spoil_the_sentence() -> None:
    """The sentence has a checksum of its own."""
    assert sentence(b"\\c:1565218798*00\\" + SENTENCE).payload == b"13mb9U0P00PRk8fT5nw>4?wj2006"


def test_lines_that_only_say_a_time() -> None:
    """The time line of Gatehouse has milliseconds; a tag block may stand alone."""
    line = b"$PGHP,1,2013,11,12,12,0,0,11,219,,2190067,1,62*26\r"
    assert parse(line) == Stamp(datetime(2013, 11, 12, 12, 0, 0, 11_000, tzinfo=UTC))
    assert parse(tagged(b"c:1565218798", b"")) == Stamp(RECEIVED)
    assert parse(b"\\si:AISD*3F\\\r") == Stamp(None)


def test_station_and_group_tell_receivers_apart() -> None:
    """They come from the tag block or from the fields behind the sentence."""
    both = sentence(tagged(b"g:1-2-1234,s:r003669945"))
    assert (both.group, both.station) == (b"1234", b"r003669945")
    assert sentence(SENTENCE + b",b003669794,1272412827").station == b"b003669794"


def test_a_sentence_is_kept_without_what_stands_before_it() -> None:
    """The text is what the receiver heard, with what the station appended."""
    line = tagged(b"c:1565218798") + b",b003669794,1272412827\r\n"
    assert sentence(line).text == SENTENCE.decode() + ",b003669794,1272412827"


@given(st.binary(max_size=600))
def test_no_line_is_too_strange(line: bytes) -> None:
    """A line is understood, passed over or refused; nothing else can happen."""
    with suppress(UndecodableError):
        assert isinstance(parse(line), Sentence | Stamp | Passed)


def test_a_hundred_thousand_random_lines_crash_nothing() -> None:
    """Noise on a serial line looks like this, sometimes with the beginning of a sentence."""
    chance = np.random.default_rng(20131112)
    beginnings = [b"", b"!AIVDM,", b"\\c:15*", b"$PGHP,1,", b"!AIVDM,1,1,,A,", SENTENCE[:-2]]
    refused = 0
    for _ in range(100_000):
        line = beginnings[chance.integers(6)] + chance.bytes(int(chance.integers(40)))
        try:
            parse(line)
        except UndecodableError:
            refused += 1
    assert 90_000 < refused < 100_000
