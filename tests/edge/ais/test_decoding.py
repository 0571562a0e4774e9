"""Payloads: what is stated, what is not available, and what cannot be."""

import math
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyais.encode import encode_dict

from edge.ais.bits import number, unarmour
from edge.ais.decoding import OTHERS, POSITIONS, decode
from edge.ais.nmea import Sentence, UndecodableError, parse
from haechi.messages import Message, Reading, decode_message, encode
from haechi.units import EPOCH
from haechi.vessels import AisContent, AisOther, VesselParticulars, VesselPosition, VesselStatic

MMSI = "219000001"


def armoured(bits: str) -> tuple[bytes, int]:
    """Return payload and fill of a row of bits."""
    fill = -len(bits) % 6
    row = bits + "0" * fill
    values = [int(row[place : place + 6], 2) for place in range(0, len(row), 6)]
    return bytes(value + 48 if value < 40 else value + 56 for value in values), fill


def message(length: int, fields: dict[int, tuple[int, int]]) -> AisContent:
    """Decode a message of zeros in which some fields are set: start -> (width, value)."""
    bits = ["0"] * length
    for start, (width, value) in {8: (30, int(MMSI)), **fields}.items():
        bits[start : start + width] = f"{value % 2**width:0{width}b}"
    payload, fill = armoured("".join(bits))
    subject, content = decode(payload, fill, ("!sentence",))
    assert subject == f"mmsi:{int(''.join(bits[8:38]), 2):09}"
    return content


def encoded(fields: dict[str, Any]) -> AisContent:
    """Encode with another library, then decode."""
    parts: list[Sentence] = []
    for line in encode_dict({"mmsi": MMSI, **fields}):
        parsed = parse(line.encode())
        assert isinstance(parsed, Sentence)
        parts.append(parsed)
    payload = b"".join(part.payload for part in parts)
    return decode(payload, parts[-1].fill, ())[1]


def position(content: AisContent) -> VesselPosition:
    """Return a position, which the content must be."""
    assert isinstance(content, VesselPosition)
    return content


def particulars(content: AisContent) -> VesselParticulars:
    """Return what a vessel says it is."""
    assert isinstance(content, VesselStatic)
    return content.particulars


CLASS_A_NOTHING = {
    0: (6, 1), 38: (4, 15), 42: (8, -128), 50: (10, 1023), 61: (28, 181 * 600_000),
    89: (27, 91 * 600_000), 116: (12, 3600), 128: (9, 511),
}  # fmt: skip


def test_not_available_is_none() -> None:
    """Class A says "not available" with a number of its own for each field."""
    found = position(message(168, CLASS_A_NOTHING))
    assert found == VesselPosition(ais_type=1, navigation_status=15, accurate=False)


def test_not_available_from_aircraft_and_over_long_range() -> None:
    """Their fields are coarser, so their numbers are others."""
    aircraft = {
        0: (6, 9), 38: (12, 4095), 50: (10, 1023), 61: (28, 181 * 600_000),
        89: (27, 91 * 600_000), 116: (12, 3600),
    }  # fmt: skip
    assert message(168, aircraft) == VesselPosition(ais_type=9, accurate=False)
    far = {0: (6, 27), 40: (4, 15), 44: (18, 181 * 600), 62: (17, 91 * 600), 79: (6, 63)}
    found = message(96, {**far, 85: (9, 511)})
    assert found == VesselPosition(ais_type=27, accurate=False, navigation_status=15)


def test_an_empty_voyage_report_says_nothing() -> None:
    """Zeros, at signs and the date of no day are all "not available"."""
    assert particulars(message(424, {0: (6, 5)})) == VesselParticulars()
    assert particulars(message(424, {0: (6, 5), 283: (5, 24), 288: (6, 60)})).eta is None


def test_the_day_of_arrival_may_stand_without_an_hour() -> None:
    """Hour 24 and minute 60 are kept as sent: the date still says something."""
    arrival = {274: (4, 11), 278: (5, 13), 283: (5, 24), 288: (6, 60)}
    assert particulars(message(424, {0: (6, 5), **arrival})).eta == "11-13 24:60"


@pytest.mark.parametrize(
    ("start", "width", "value", "reason"),
    [
        (61, 28, 180 * 600_000 + 1, "longitude out of range"),
        (61, 28, -180 * 600_000 - 1, "longitude out of range"),
        (89, 27, 90 * 600_000 + 1, "latitude out of range"),
        (116, 12, 3601, "course out of range"),
        (128, 9, 360, "heading out of range"),
        (0, 6, 0, "unknown message type"),
        (0, 6, 29, "unknown message type"),
        (8, 30, 10**9, "MMSI of more than nine digits"),
    ],
)
def test_values_that_cannot_be(start: int, width: int, value: int, reason: str) -> None:
    """The standard has no such value: the message is set aside for a person, whole."""
    with pytest.raises(UndecodableError, match=reason):
        message(168, {**CLASS_A_NOTHING, start: (width, value)})


@pytest.mark.parametrize(
    ("start", "width", "value", "name", "expected"),
    [
        (61, 28, 180 * 600_000, "lon", 180.0),
        (61, 28, -180 * 600_000, "lon", -180.0),
        (89, 27, -90 * 600_000, "lat", -90.0),
        (50, 10, 1022, "speed_kn", 102.2),
        (116, 12, 3599, "course_deg", 359.9),
        (128, 9, 359, "heading_deg", 359.0),
        (42, 8, 126, "turn_deg_min", (126 / 4.733) ** 2),
        (42, 8, -126, "turn_deg_min", -((126 / 4.733) ** 2)),
        (42, 8, 127, "turn_deg_min", None),
        (42, 8, -127, "turn_deg_min", None),
        (42, 8, 0, "turn_deg_min", 0.0),
    ],
)
def test_values_at_the_limits(
    start: int, width: int, value: int, name: str, expected: float | None
) -> None:
    """The last lawful value is taken; a turn without an indicator has a side but no rate."""
    found = message(168, {**CLASS_A_NOTHING, start: (width, value)})
    assert getattr(found, name) == expected


def test_the_two_parts_of_a_static_report() -> None:
    """Part A is a name; part B the rest; an auxiliary craft names its mother ship, not a size."""
    assert (
        particulars(encoded({"msg_type": 24, "partno": 0, "shipname": "HAECHI"})).name == "HAECHI"
    )
    body = {"msg_type": 24, "partno": 1, "callsign": "DSAB1", "ship_type": 137, "to_bow": 12}
    part_b = particulars(encoded({**body, "to_stern": 3}))
    assert part_b == VesselParticulars(callsign="DSAB1", ship_type=137, length_m=15)
    auxiliary = message(168, {0: (6, 24), 8: (30, 982_190_001), 38: (2, 1), 132: (30, 219_000_001)})
    assert particulars(auxiliary) == VesselParticulars()


def test_a_part_that_does_not_exist() -> None:
    """Type 24 has parts A and B only."""
    with pytest.raises(UndecodableError, match="unknown part"):
        message(168, {0: (6, 24), 38: (2, 2)})


def test_class_b_with_its_particulars_is_one_reading() -> None:
    """Type 19 says where and what at once."""
    found = position(
        encoded({"msg_type": 19, "shipname": "NOBODY", "lat": 35.1, "lon": 129.05, "ship_type": 37})
    )
    assert (found.lat, found.lon) == pytest.approx((35.1, 129.05), abs=1e-6)
    assert found.particulars == VesselParticulars(name="NOBODY", ship_type=37)


def test_the_name_of_an_aid_goes_on_behind_the_message() -> None:
    """Only if the twenty characters are full, and with the space that may end them."""
    name = "NORTH CARDINAL BUOY 7 EAST"
    found = encoded({"msg_type": 21, "name": name[:20], "name_ext": name[20:], "lat": 1, "lon": 2})
    assert isinstance(found, AisOther)
    assert found.name == name
    short = encoded({"msg_type": 21, "name": "BUOY", "name_ext": "IGNORED", "lat": 1, "lon": 2})
    assert isinstance(short, AisOther)
    assert short.name == "BUOY"


def test_other_messages_are_kept_whole() -> None:
    """What is not understood can be read later: the sentences are all there."""
    found = message(80, {0: (6, 14)})
    assert found == AisOther(ais_type=14, sentences=("!sentence",))


@pytest.mark.parametrize(
    ("kind", "bits"),
    [*((kind, layout.bits) for kind, layout in (POSITIONS | OTHERS).items()), (5, 420)],
)
def test_a_message_that_is_cut_off(kind: int, bits: int) -> None:
    """Each type has a shortest length; one bit less is undecodable, one more is enough."""
    assert message(bits, {0: (6, kind)}).ais_type == kind
    assert message(bits + 1, {0: (6, kind)}).ais_type == kind
    with pytest.raises(UndecodableError, match="too short"):
        message(bits - 1, {0: (6, kind)})


def test_a_voyage_report_without_its_last_bits() -> None:
    """Senders that forget the fill bits cut the last character, which then does not count."""
    letters = {302 + 6 * place: (6, 1) for place in range(20)}
    whole = particulars(message(424, {0: (6, 5), **letters}))
    cut = particulars(message(420, {0: (6, 5), **dict(list(letters.items())[:19])}))
    assert (whole.destination, cut.destination) == ("A" * 20, "A" * 19)


def test_an_empty_payload() -> None:
    """Some receivers send sentences with nothing in them."""
    with pytest.raises(UndecodableError, match="empty payload"):
        decode(b"", 0, ())


ARMOUR = st.sampled_from([*range(48, 88), *range(96, 120)])


@given(st.lists(ARMOUR, max_size=80), st.integers(0, 5), st.integers(1, 28))
def test_any_payload_is_lawful_on_the_wire_or_undecodable(
    characters: list[int], fill: int, kind: int
) -> None:
    """Whatever the bits, the reading satisfies the wire schema, or there is none."""
    first = kind + 48
    try:
        subject, content = decode(bytes([first, *characters]), fill, ("!AIVDM",))
    except UndecodableError:
        return
    reading = Reading(seq=1, at=EPOCH, subject=subject, content=content)
    whole = Message(device="ais-1", boot="boot-1", readings=(reading,))
    assert decode_message(encode(whole)) == whole


SIX_BIT = st.text(st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 !#$%&'()*+,-./:;<=>?[]^_"))


@given(
    lat=st.floats(-90, 90),
    lon=st.floats(-180, 180),
    speed=st.integers(0, 1022),
    course=st.integers(0, 3599),
    heading=st.integers(0, 359),
    status=st.integers(0, 15),
    kind=st.sampled_from([1, 3, 18]),
)
def test_what_another_library_encodes_is_read(
    *, lat: float, lon: float, speed: int, course: int, heading: int, status: int, kind: int
) -> None:
    """Positions come back within half a unit of the standard, numbers exactly."""
    found = position(
        encoded(
            {"msg_type": kind, "lat": lat, "lon": lon, "speed": speed / 10, "course": course / 10,
             "heading": heading, "status": status, "turn": 0}
        )
    )  # fmt: skip
    assert found.lat is not None
    assert found.lon is not None
    assert math.isclose(found.lat, lat, abs_tol=0.5001 / 600_000)
    assert math.isclose(found.lon, lon, abs_tol=0.5001 / 600_000)
    assert (found.speed_kn, found.course_deg) == pytest.approx((speed / 10, course / 10), abs=0.11)
    assert found.heading_deg == heading
    if kind != 18:
        assert found.navigation_status == status


@given(name=SIX_BIT, destination=SIX_BIT, callsign=SIX_BIT, imo=st.integers(0, 2**30 - 1))
def test_texts_come_back(name: str, destination: str, callsign: str, imo: int) -> None:
    """Cut to what fits, without the spaces around them; nothing is ``None``."""
    found = particulars(
        encoded(
            {"msg_type": 5, "shipname": name, "destination": destination, "callsign": callsign,
             "imo": imo}
        )
    )  # fmt: skip
    assert found.name == (name[:20].strip() or None)
    assert found.destination == (destination[:20].strip() or None)
    assert found.callsign == (callsign[:7].strip() or None)
    assert found.imo == (imo or None)


@given(st.lists(ARMOUR, min_size=1, max_size=40), st.integers(0, 5))
def test_bits_are_those_of_the_characters(characters: list[int], fill: int) -> None:
    """Six bits a character, most significant first, as the standard's table has them."""
    values = [sign - 48 if sign < 88 else sign - 56 for sign in characters]
    row = "".join(f"{value:06b}" for value in values)
    row = row[: len(row) - fill]
    bits = unarmour(bytes(characters), fill)
    assert (bits.value, bits.length) == (int(row or "0", 2), len(row))
    assert number(bits, 0, len(row)) == bits.value


def test_a_text_of_an_ill_sender_is_made_plain() -> None:
    """Six-bit text cannot hold more than printable ASCII: markup stays text."""
    found = particulars(encoded({"msg_type": 5, "shipname": "<B>X</B>"}))
    assert found.name == "<B>X</B>"
    assert msgspec.json.encode(found) == b'{"name":"<B>X</B>"}'
