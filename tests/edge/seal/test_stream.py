"""Frames out of a stream: all of them, whatever stands between and however it is cut."""

from hypothesis import given
from hypothesis import strategies as st

from edge.seal.frame import MARK, Signed
from edge.seal.stream import JUNK_LIMIT, Frames, Piece
from tests.edge.seal.made import PRIVATE, raw

NOISE = st.binary(max_size=30) | st.just(MARK) | st.just(MARK + b"\x01\x7f")
SOUND = st.sampled_from([raw(n, key=PRIVATE) if n % 2 else raw(n) for n in range(1, 6)])


def cut(stream: bytes, sizes: list[int]) -> list[Piece]:
    """Return what comes of a stream in chunks of these sizes."""
    frames, found = Frames(), list[Piece]()
    for size in sizes:
        found += frames.feed(stream[:size])
        stream = stream[size:]
    return [*found, *frames.feed(stream), *frames.close()]


@given(st.lists(st.tuples(NOISE, SOUND), max_size=5), NOISE, st.lists(st.integers(0, 90)))
def test_no_byte_is_lost(parts: list[tuple[bytes, bytes]], tail: bytes, sizes: list[int]) -> None:
    """Frames and junk together are the stream, in order, and every frame sent is among them."""
    stream = b"".join(noise + sound for noise, sound in parts) + tail
    pieces = cut(stream, sizes)
    assert b"".join(p.raw if isinstance(p, Signed) else p for p in pieces) == stream
    assert [p.raw for p in pieces if isinstance(p, Signed)] == [sound for _, sound in parts]


@given(st.integers(0, 60), st.integers(0, 255))
def test_a_damaged_frame_costs_only_itself(place: int, value: int) -> None:
    """Even where its length is damaged: the frames behind it are found."""
    damaged, sound = bytearray(raw(1)), raw(2)
    damaged[place % len(damaged)] = value
    found = [p.raw for p in cut(bytes(damaged) + sound * 3, []) if isinstance(p, Signed)]
    assert found[-3:] == [sound] * 3


def test_endless_noise_takes_no_memory() -> None:
    """It is given up piece by piece."""
    frames = Frames()
    pieces = [piece for _ in range(100) for piece in frames.feed(bytes(1000))]
    assert len(pieces) >= 100_000 // (JUNK_LIMIT + 1000)
    assert sum(len(piece) for piece in pieces if isinstance(piece, bytes)) >= 100_000 - JUNK_LIMIT
