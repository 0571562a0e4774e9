"""The fast reader and writer agree with the driver's own, or leave it to the driver."""

from typing import Any

import paho.mqtt.client as paho
import pytest
from hypothesis import given
from hypothesis import strategies as st
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from haechi.frames import Delivery, Receipt, is_cut_off, packets, publish
from haechi.mqtt import Callbacks, Driver, Endpoint, Session
from haechi.readahead import ReadAhead

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)


class Wire:
    """A socket with these bytes, in these pieces."""

    def __init__(self, data: bytes, piece: int) -> None:
        self.data, self._piece = data, piece

    def recv(self, size: int) -> bytes:
        """Return the next piece."""
        if not self.data:
            raise BlockingIOError
        size = min(size, self._piece)
        part, self.data = self.data[:size], self.data[size:]
        return part

    def close(self) -> None:
        """Do nothing."""

    def fileno(self) -> int:
        """Return nobody's descriptor."""
        return -1


@st.composite
def published(draw: st.DrawFn) -> bytes:
    """Build PUBLISH packets with the driver's own encoder of properties."""
    topic = draw(TEXT.filter(bool)).encode()
    properties: Any = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
    if draw(st.booleans()):
        properties.ContentType = draw(TEXT)
    if draw(st.booleans()):
        properties.MessageExpiryInterval = draw(st.integers(0, 2**32 - 1))
    for _ in range(draw(st.integers(0, 2))):
        properties.UserProperty = (draw(TEXT), draw(TEXT))
    if draw(st.booleans()):
        properties.SubscriptionIdentifier = draw(st.integers(1, 2**28 - 1))
    if draw(st.booleans()):
        properties.CorrelationData = draw(st.binary(max_size=9))
    mid = draw(st.integers(1, 65_535)).to_bytes(2)
    packed: bytes = properties.pack()
    rest = mid + packed + draw(st.binary(max_size=200))
    body = len(topic).to_bytes(2) + topic + rest
    first = 0x32 | draw(st.sampled_from([0, 1, 8, 9]))
    return bytes([first]) + _varint(len(body)) + body


def _varint(value: int) -> bytes:
    parts = bytearray()
    while True:
        value, part = value >> 7, value & 0x7F
        parts.append(part | (0x80 if value else 0))
        if not value:
            return bytes(parts)


def read_by(stream: bytes, piece: int, *, fast: bool) -> list[Delivery]:
    """Return what a session is handed when these bytes arrive."""
    seen: list[Delivery] = []
    session = Session(Endpoint(), "test", Callbacks(delivered=seen.append))
    client: Any = session._client  # pyright: ignore[reportPrivateUsage] - to hand it a socket
    wire = Wire(stream, piece)
    client._sock = ReadAhead(wire) if fast else wire
    while wire.data:
        (Driver if fast else paho.Client).loop_read(client)
    return seen


@given(st.lists(published(), min_size=1, max_size=5), st.integers(1, 300))
def test_both_readers_hand_over_the_same(stream: list[bytes], piece: int) -> None:
    """Whatever the properties, and wherever the network cuts the bytes."""
    data = b"".join(stream)
    assert read_by(data, piece, fast=True) == read_by(data, piece, fast=False)
    assert len(read_by(data, piece, fast=True)) == len(stream)


@given(st.binary(max_size=200))
def test_no_bytes_make_it_fail(data: bytes) -> None:
    """What it cannot read it leaves where it is."""
    found, taken = packets(data)
    assert 0 <= taken <= len(data)
    assert (taken == 0) == (not found)
    assert isinstance(is_cut_off(data[taken:]), bool)


@pytest.mark.parametrize(
    "left",
    [
        b"\x30\x05\x00\x01a\x00x",  # QoS 0
        b"\x34\x07\x00\x01a\x00\x01\x00x",  # QoS 2
        b"\x32\x08\x00\x01a\x00\x07\x00h",  # cut off
        b"\x32\x06\x00\x01a\x00\x00\x00",  # packet id 0
        b"\x32\x07\x00\x02\xff\xff\x00\x01\x00",  # topic that is not UTF-8
        b"\x32\x08\x00\x01a\x00\x01\x02\x7f\x00",  # unknown property
        b"\x32\xff\xff\xff\xff\x00",  # length of five bytes
        b"\xd0\x00",  # PINGRESP
        b"\x40\x02\x00\x00",  # PUBACK of packet id 0
        b"\x40\x01\x00",  # PUBACK without one
        b"\x40\x02\x00",  # cut off
    ],
)
def test_what_is_not_ordinary_is_left_to_the_driver(left: bytes) -> None:
    """An ordinary packet before it is still taken."""
    ordinary = b"\x32\x08\x00\x01a\x00\x07\x00hi"
    taken = [Delivery("a", b"hi", retain=False, content_type=None, mid=7, qos=1)]
    assert packets(ordinary + left) == (taken, len(ordinary))


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"\x40\x02\x01\x02", 0),
        (b"\x40\x03\x01\x02\x10", 0x10),
        (b"\x40\x0a\x01\x02\x87\x06\x1f\x00\x03why", 0x87),
    ],
)
def test_a_puback_is_read_with_or_without_a_reason(answer: bytes, reason: int) -> None:
    """Its properties, such as a reason in words, are for nobody."""
    assert packets(answer + b"\xd0\x00") == ([Receipt(0x102, reason)], len(answer))


@given(
    TEXT.filter(bool),
    st.binary(max_size=20_000),
    st.integers(1, 65_535),
)
def test_what_is_written_is_read_by_the_driver(topic: str, payload: bytes, mid: int) -> None:
    """Payloads of every length of length; the driver knows the rules best."""
    retain = bool(mid & 1)
    packet = publish(topic.encode(), payload, mid, retain=retain, content_type=b"application/json")
    expected = [Delivery(topic, payload, retain, "application/json", mid, 1)]
    assert read_by(packet, len(packet), fast=False) == expected
    assert packets(packet) == (expected, len(packet))


@given(published(), st.integers(0, 300))
def test_only_a_part_of_a_packet_is_cut_off(packet: bytes, end: int) -> None:
    """What is not whole waits for the rest, and is never shown to the driver."""
    assert is_cut_off(packet[:end]) == (end < len(packet))
