"""Lines out of chunks."""

from hypothesis import given
from hypothesis import strategies as st

from edge.ais.lines import Lines
from edge.ais.nmea import MAX_LINE


@given(st.lists(st.binary(max_size=40), max_size=30), st.integers(1, 17))
def test_chunks_do_not_matter(lines: list[bytes], size: int) -> None:
    """However the stream is cut, the same lines come out."""
    lines = [line.replace(b"\n", b"") for line in lines]
    stream = b"".join(line + b"\n" for line in lines)
    cutter = Lines()
    found: list[bytes] = []
    for place in range(0, len(stream), size):
        found += cutter.feed(stream[place : place + size])
    assert found + cutter.close() == lines


def test_an_endless_line_takes_no_memory() -> None:
    """Its beginning is kept, and longer than allowed, so that it is refused as too long."""
    cutter = Lines()
    for _ in range(1000):
        assert cutter.feed(b"x" * 10_000) == []
    first, second = cutter.feed(b"\nnext\n")
    assert MAX_LINE < len(first) < 2 * MAX_LINE
    assert second == b"next"
