"""MAVLink: what is sound is read, what is not is counted."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.drone import phrases
from edge.drone.mavlink import ARDUPILOT, PX4, Message, Reader, Writer, message, mode

FRAME = Writer(7, 1).pack(phrases.position(350_000_000, 1_290_000_000, 54, 50))


@given(st.binary(max_size=600))
@settings(max_examples=300, deadline=None)
def test_no_bytes_break_the_reader(noise: bytes) -> None:
    """Whatever comes in a datagram, the next sound one is read."""
    reader = Reader()
    reader.datagram(noise)
    (heard,) = reader.datagram(FRAME)
    assert (heard.get_srcSystem(), heard.lat) == (7, 350_000_000)


def test_noise_is_counted() -> None:
    """Random bytes of a fixed seed, ten thousand datagrams of them."""
    reader, noise = Reader(), random.Random(1)  # noqa: S311 - not for secrets
    found = [
        m for _ in range(10_000) for m in reader.datagram(noise.randbytes(noise.randrange(80)))
    ]
    assert found == []
    assert reader.unreadable > 9_000


@given(st.integers(0, len(FRAME) - 1), st.integers(1, 255))
@settings(max_examples=200, deadline=None)
def test_a_damaged_message_is_never_taken_for_a_sound_one(place: int, change: int) -> None:
    """Any one byte changed: the checksum, or the length, gives it away."""
    damaged = bytearray(FRAME)
    damaged[place] ^= change
    reader = Reader()
    assert reader.datagram(bytes(damaged)) == []


def test_a_stream_may_be_cut_anywhere() -> None:
    """Messages span parts, as on a serial line."""
    reader = Reader()
    found: list[Message] = []
    for number in range(0, len(FRAME) * 3, 5):
        found += reader.stream((FRAME * 3)[number : number + 5])
    assert [heard.get_type() for heard in found] == ["GLOBAL_POSITION_INT"] * 3
    assert reader.unreadable == 0


def test_a_line_whose_parts_never_end_with_a_message_takes_no_memory() -> None:
    """Nor does noise: what has been read is let go of."""
    reader = Reader()
    for _ in range(1000):
        reader.stream(FRAME[5:] + FRAME[:5])
        assert len(reader._parser.buf) < 300  # pyright: ignore[reportPrivateUsage] - what takes the memory
    noise = random.Random(2)  # noqa: S311 - not for secrets
    for _ in range(1000):
        reader.stream(noise.randbytes(100))
        assert len(reader._parser.buf) < 300  # pyright: ignore[reportPrivateUsage] - as above


@pytest.mark.parametrize(
    ("autopilot", "kind", "custom", "expected"),
    [
        (PX4, 2, 4 << 16 | 5 << 24, "RTL"),
        (PX4, 2, 3 << 16, "POSCTL"),
        (PX4, 2, 99 << 16, "MODE 99"),
        (ARDUPILOT, 1, 15, "GUIDED"),
        (ARDUPILOT, 2, 6, "RTL"),
        (ARDUPILOT, 2, 77, "MODE 77"),
        (0, 2, 3, "MODE 3"),
    ],
)
def test_modes_have_their_makers_names(
    autopilot: int, kind: int, custom: int, expected: str
) -> None:
    """A number alone means something else to each autopilot."""
    heartbeat = phrases.heartbeat(autopilot, custom, armed=False, status=4, vehicle=kind)
    assert mode(heartbeat) == expected


def test_a_writer_numbers_its_messages() -> None:
    """The receiver counts what was lost by it."""
    writer, reader = Writer(1, 1), Reader()
    made = message("MISSION_ACK", target_system=1, target_component=1, type=0)
    numbers = [reader.stream(writer.pack(made))[0].get_seq() for _ in range(258)]
    assert numbers == [*range(256), 0, 1]
