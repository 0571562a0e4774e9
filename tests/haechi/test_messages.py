"""The door: what is not exactly a message is refused, and says where."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from haechi.messages import (
    MAX_PAYLOAD_BYTES,
    MSGPACK,
    MalformedMessageError,
    decode_ack,
    decode_message,
    decode_state,
    encode,
)

GOOD = (
    b'{"version":1,"device":"ais-1","boot":"b-1","readings":[{"seq":1,'
    b'"at":"2026-01-01T00:00:00Z","subject":"mmsi:440000001",'
    b'"content":{"type":"vessel_position","lat":35.0,"lon":129.0}}]}'
)


def test_a_message_comes_back_as_it_was_sent() -> None:
    """JSON and MessagePack say the same."""
    message = decode_message(GOOD)
    assert decode_message(encode(message)) == message
    assert decode_message(msgspec.msgpack.encode(message), MSGPACK) == message


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"{",
        GOOD + b"x",
        b"\xef\xbb\xbf" + GOOD,
        GOOD.replace(b"ais-1", b"\xff\xfe"),
        GOOD.replace(b"ais-1", b"\\ud800"),
        GOOD.replace(b"ais-1", b"ais-1\\n"),
        GOOD.replace(b"35.0", b"NaN"),
        GOOD.replace(b"35.0", b"1e999"),
        GOOD.replace(b"35.0", b'"35.0"'),
        GOOD.replace(b"35.0", b"90.1"),
        GOOD.replace(b'"seq":1', b'"seq":true'),
        GOOD.replace(b'"seq":1', b'"seq":0'),
        GOOD.replace(b'"seq":1', b'"seq":1e30'),
        GOOD.replace(b"00Z", b"00"),
        GOOD.replace(b'"version":1', b'"version":2'),
        GOOD.replace(b'"lat"', b'"latitude"'),
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b" " * (MAX_PAYLOAD_BYTES + 1),
    ],
)
def test_i1_i2_i3_i5_i11_bad_payloads_are_refused_with_a_reason(payload: bytes) -> None:
    """One clear error for every kind of damage."""
    with pytest.raises(MalformedMessageError, match=r".+"):
        decode_message(payload)


def test_i6_of_a_key_said_twice_the_last_counts() -> None:
    """For every reader alike, so that nobody checks one value and uses the other."""
    twice = GOOD.replace(b'"device":"ais-1"', b'"device":"ais-9","device":"ais-1"')
    assert twice != GOOD
    assert decode_message(twice) == decode_message(GOOD)


@given(st.binary(max_size=300))
def test_random_bytes_crash_no_decoder(payload: bytes) -> None:
    """They are refused, whatever they are."""
    for decode in (decode_message, decode_state, decode_ack):
        with pytest.raises(MalformedMessageError):
            decode(payload)
