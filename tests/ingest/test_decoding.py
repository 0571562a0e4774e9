"""Whatever arrives is kept, or refused with a reason; nothing that a device sends is fatal."""

import json
import random
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from haechi.messages import MAX_PAYLOAD_BYTES, MSGPACK
from haechi.observations import Flag
from ingest.decoding import ROLLOVER, Input, decode
from tests.ingest.observed import after, payload
from tests.ingest.rig import NOW, TOPIC, delivery

SKEW = timedelta(minutes=5)


def taken(body: bytes, *, topic: str = TOPIC, content_type: str | None = None) -> Input:
    """Return what becomes of a payload."""
    return decode(delivery(body, topic=topic, content_type=content_type), NOW, SKEW)


def changed(**fields: Any) -> bytes:
    """Return a message whose only reading has other fields."""
    message = json.loads(payload([1]))
    reading = message["readings"][0]
    for name, value in fields.items():
        place = reading["content"] if name in reading["content"] else reading
        place[name] = value
    return json.dumps(message).encode()


MALFORMED = {
    "empty": b"",
    "not JSON": b"{not json",
    "invalid UTF-8": payload([1]).replace(b"ais-1", b"ais\xff1"),
    "lone surrogate": payload([1]).replace(b"ais-1", b"\\ud800"),
    "byte order mark": b"\xef\xbb\xbf" + payload([1]),
    "trailing bytes": payload([1]) + b"}",
    "deep nesting": b"[" * 100_000,
    "deep object": payload([1]).replace(b'"speed_kn":10.0', b'"speed_kn":' + b'{"a":' * 100_000),
    "a list": b"[1,2]",
    "unknown version": payload([1]).replace(b'"version":1', b'"version":2'),
    "unknown field": payload([1])[:-1] + b',"more":1}',
    "name with a newline": payload([1]).replace(b"ais-1", b"ais-1\\n"),
    "too large": payload([1]) + b" " * MAX_PAYLOAD_BYTES,
    "reading without a number": payload([1]).replace(b'"seq":1', b'"seq":"one"'),
    "boot that is none": payload([1], boot="Boot 1"),
    "boot with a newline": payload([1], boot="boot-1\n"),
    "boot that is too long": payload([1], boot="b" * 49),
    "no readings": b'{"version":1,"device":"ais-1","boot":"boot-1","readings":[]}',
}


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED.keys())
def test_what_cannot_be_read_is_refused_whole(body: bytes) -> None:
    """I1, I3, I4, I5, I11: set aside with all its bytes, its reason, and a name for the agent."""
    refused = taken(body)
    assert (refused.observations, refused.refused) == ((), ())
    assert refused.refused_payload is not None
    [letter] = refused.letters
    assert letter.payload == body
    assert letter.reason.partition(":")[0] in {"schema", "size"}


REFUSED_ALONE = {
    "NaN": b"NaN",
    "infinity": b"Infinity",
    "1e999": b"1e999",
    "huge integer": b"9" * 400,
    "text as a number": b'"12.0"',
    "truth as a number": b"true",
    "negative": b"-1.0",
}


@pytest.mark.parametrize("subject", ["mmsi:", "MMSI:1", "mmsi:1\n", "mmsi: 1", "mmsi:" + "1" * 65])
def test_a_subject_that_is_none_is_refused_alone(subject: str) -> None:
    """However often it comes, and whatever sound one came before."""
    for _ in range(2):
        assert taken(payload([1])).observations
        refused = taken(changed(subject=subject))
        assert refused.observations == ()
        assert [each.reason.partition(":")[0] for each in refused.refused] == ["schema"]


@pytest.mark.parametrize("value", REFUSED_ALONE.values(), ids=REFUSED_ALONE.keys())
def test_numbers_that_are_none_are_refused(value: bytes) -> None:
    """I2: what is no JSON number spoils the payload, what is no speed its reading only."""
    body = payload([1, 2]).replace(b'"speed_kn":10.0', b'"speed_kn":' + value, 1)
    said = taken(body)
    assert 1 not in [o.seq for o in said.observations]
    assert said.letters
    assert said.refused_payload or [each.seq for each in said.refused] == [1]


@pytest.mark.parametrize(
    "topic",
    [
        "haechi/v1/busan/ais-1/up/gossip",
        "haechi/v1/busan/ais-1/down/ack",
        "haechi/v1/busan/AIS 1/up/telemetry",
        "haechi/v2/busan/ais-1/up/telemetry",
        "other",
        "/" * 300,
    ],
)
def test_a_topic_that_is_none_of_ours_gets_no_answer(topic: str) -> None:
    """Its payload is set aside; there is nobody to tell."""
    refused = taken(payload([1]), topic=topic)
    assert (refused.device, refused.refused_payload) == ("", None)
    assert refused.letters[0].reason.startswith("topic: ")


def test_identity_comes_from_the_topic() -> None:
    """I10: on state topics too."""
    state = (
        b'{"version":1,"device":"ais-2","boot":"boot-1","online":true,"at":"2026-01-01T00:00:00Z"}'
    )
    refused = taken(state, topic="haechi/v1/busan/ais-1/state")
    assert refused.state is None
    assert refused.letters[0].reason == "identity: ais-1 claims to be ais-2"


def test_messagepack_is_read_by_its_content_type() -> None:
    """The same message in the other form, good and bad readings alike."""
    plain = json.loads(payload([1, 2]))
    plain["readings"][1]["content"]["lat"] = 91.0
    said = taken(msgspec.msgpack.encode(plain), content_type=MSGPACK)
    assert [o.seq for o in said.observations] == [1]
    assert [each.seq for each in said.refused] == [2]


def test_times_become_utc() -> None:
    """One moment has one form, whatever zone it was written in."""
    said = taken(changed(at="2026-01-01T21:00:01+09:00"))
    assert said.observations[0].at == after(1)
    assert said.observations[0].at.utcoffset() == timedelta(0)


def test_a_time_outside_the_calendar_is_refused_alone() -> None:
    """Year 1 in a zone ahead of UTC has no UTC."""
    assert [each.seq for each in taken(changed(at="0001-01-01T00:00:00+09:00")).refused] == [1]


@pytest.mark.parametrize(
    ("at", "flags"),
    [
        (NOW, ()),
        (NOW + SKEW, ()),
        (NOW + SKEW + timedelta(seconds=1), (Flag.CLOCK_AHEAD,)),
        (NOW - ROLLOVER, (Flag.WEEK_ROLLOVER,)),
        (NOW - 2 * ROLLOVER - timedelta(days=3), (Flag.WEEK_ROLLOVER,)),
        (NOW - ROLLOVER + timedelta(hours=2), (Flag.WEEK_ROLLOVER, Flag.CLOCK_AHEAD)),
        (NOW - timedelta(days=3650), ()),
        (NOW - ROLLOVER - timedelta(days=20), ()),
    ],
)
def test_doubtful_times_are_flagged(at: Any, flags: tuple[Flag, ...]) -> None:
    """T1, T2: kept with a flag; a GPS week rollover is repaired, and what was said is kept."""
    [observation] = taken(changed(at=at.isoformat())).observations
    assert observation.flags == flags
    rolled = Flag.WEEK_ROLLOVER in flags
    assert observation.stated_at == (at if rolled else None)
    assert (observation.at - at) % ROLLOVER == timedelta(0)


def test_null_island_is_flagged() -> None:
    """I8: exactly 0, 0 is a receiver without a fix, far more often than a ship."""
    assert taken(changed(lat=0.0, lon=-0.0)).observations[0].flags == (Flag.NULL_ISLAND,)
    assert taken(changed(lat=0.0)).observations[0].flags == ()


def test_a_hundred_thousand_random_payloads_break_nothing() -> None:
    """Half noise, half a good message with some bytes replaced."""
    chance = random.Random(20261122)  # noqa: S311 - repeatable noise
    good = payload([1, 2])
    for _ in range(50_000):
        noise = chance.randbytes(chance.randrange(60))
        spoiled = bytearray(good)
        for _ in range(chance.randrange(1, 6)):
            spoiled[chance.randrange(len(spoiled))] = chance.randrange(256)
        for body in (noise, bytes(spoiled)):
            said = taken(body, content_type=chance.choice([None, MSGPACK]))
            assert said.observations or said.letters
