"""The layout of a frame: nothing is rounded, and nothing else is taken for one."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.seal.frame import (
    ED25519_BYTES,
    HMAC_BYTES,
    LONGEST,
    SHORTEST,
    Frame,
    FrameError,
    Place,
    decode,
    encode,
)
from haechi.seals import SealEventKind
from tests.edge.seal.made import FRAMES, frame, raw

RECORDED = Frame(
    number="EG-0012345",
    counter=258,
    event=SealEventKind.UNLOCK,
    openings=1,
    at=datetime(2026, 1, 1, 12, 0, 0, 500_000, tzinfo=UTC),
    sealed=False,
    armed=True,
    battery_half_percent=199,
    place=Place(351_000_000, -1_290_000_001, 125),
    centicelsius=-1850,
    container="CSQU3054383",
)
RECORDED_BODY = bytes.fromhex(
    "e51801 45 1e 03 c7 00000102 0001 019b796dd7f4 0a"
    "45472d30303132333435 14ebd5c0 b31c297f 007d f8c6 4353515533303534333833"
)


def test_a_frame_is_exactly_these_bytes() -> None:
    """The layout is a contract with hardware: whoever changes it must see it here."""
    assert encode(RECORDED) == RECORDED_BODY
    assert decode(RECORDED_BODY + bytes(HMAC_BYTES)).frame == RECORDED


@given(FRAMES, st.sampled_from([HMAC_BYTES, ED25519_BYTES]))
def test_a_frame_comes_back_as_it_was_sent(sent: Frame, signature_bytes: int) -> None:
    """To the last unit, and the same content has only one form."""
    body = encode(sent, signature_bytes)
    whole = body + bytes(signature_bytes)
    got = decode(whole)
    assert (got.frame, got.body, got.signature) == (sent, body, bytes(signature_bytes))
    assert SHORTEST <= len(whole) <= LONGEST


@given(st.binary(max_size=200) | st.binary(max_size=120).map(lambda rest: b"\xe5\x18\x01" + rest))
def test_whatever_comes_is_a_frame_or_an_error(noise: bytes) -> None:
    """No other exception, and what is taken for a frame is the canonical form of its content."""
    try:
        got = decode(noise)
    except FrameError:
        return
    assert encode(got.frame, len(got.signature)) == got.body


@pytest.mark.parametrize(
    ("place", "value", "reason"),
    [
        (0, 0, "not a frame"),
        (2, 2, "unknown version"),
        (3, 41, "wrong length"),
        (4, 0x80, "unknown flag"),
        (4, 4, "too short"),
        (5, 12, "unknown flag, event"),
        (6, 201, "battery"),
        (13, 0xFF, "time"),
        (19, 9, "too long"),
        (20, 0x2D, "seal number"),
        (20, 0xFF, "seal number"),
    ],
)
def test_what_is_wrong_is_said(place: int, value: int, reason: str) -> None:
    """One byte of a good frame is another."""
    damaged = bytearray(raw())
    damaged[place] = value
    with pytest.raises(FrameError, match=reason):
        decode(bytes(damaged))


def test_values_out_of_range_are_refused() -> None:
    """They are no frame, though the signature were right."""
    wrongs: list[dict[str, Any]] = [
        {"place": Place(900_000_001, 0)},
        {"place": Place(0, 0, 11_001)},
        {"centicelsius": 20_001},
        {"container": "CSQU305438X"},
    ]
    for wrong in wrongs:
        with pytest.raises(FrameError):
            decode(raw(**wrong))
    with pytest.raises(FrameError):
        encode(frame(number="x"))
