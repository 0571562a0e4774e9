"""Live sources, over real sockets and a real pipe."""

import os
import socket
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from functools import partial

import pytest
from structlog.testing import capture_logs

from edge.ais.nmea import checksum
from edge.ais.sources import LONGEST_DELAY_S, Batches, PipeSource, TcpSource, UdpSource
from edge.measured import Measured
from edge.sources import SourceError
from tests.conftest import Eventually

NOW = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
SENTENCE = b"!BSVDM,1,1,,A,13mb9U0P00PRk8fT5nw>4?wj2006,0*5D\r\n"
OWN_TIME = b"\\c:1565218798*53\\" + SENTENCE


def now() -> datetime:
    """Return a time that does not move."""
    return NOW


def gathered(batches: Batches, found: list[Measured]) -> Callable[[], int]:
    """Return a function that takes one more batch and says how many readings there are."""

    def more() -> int:
        found.extend(next(batches))
        return len(found)

    return more


def no_delay(_: float, __: float) -> float:
    """Return no time at all."""
    return 0


def test_datagrams_are_read(eventually: Eventually) -> None:
    """One datagram may hold several lines, and its last needs no end; undated means now."""
    source, found = UdpSource(port=0, now=now), list[Measured]()
    with closing(source.batches()) as batches, socket.socket(type=socket.SOCK_DGRAM) as sender:
        sender.sendto(SENTENCE + OWN_TIME.strip(), ("127.0.0.1", source.port))
        sender.sendto(b"\xff" * 2000, ("127.0.0.1", source.port))
        sender.sendto(SENTENCE, ("127.0.0.1", source.port))
        more = gathered(batches, found)
        eventually(lambda: more() == 3)
    assert [reading.at.year for reading in found] == [2024, 2019, 2024]
    assert source.counts.junk == 1


def test_an_idle_source_lets_the_loop_go_on() -> None:
    """An empty batch comes when nothing else does."""
    source = UdpSource(port=0)
    with closing(source.batches()) as batches:
        assert next(batches) == []


def test_an_address_that_is_taken() -> None:
    """The error names it."""
    first = UdpSource(port=0)
    with pytest.raises(SourceError, match="udp://127"):
        UdpSource(port=first.port)
    first.close()


def test_a_receiver_is_connected_to_again(eventually: Eventually) -> None:
    """When it goes away, in the middle of a line, the next connection begins a new line."""
    found: list[Measured] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        source = TcpSource("127.0.0.1", server.getsockname()[1], now=now, jitter=no_delay)
        batches = source.batches()
        more = gathered(batches, found)
        server.settimeout(0.01)
        for times in (1, 2):
            receiver = accepted(server, more, eventually)
            with receiver:
                receiver.sendall(SENTENCE + SENTENCE[:20])
                eventually(partial(reached, more, times))
        batches.close()
    assert source.connections == 2
    assert source.counts.undecodable == {"malformed AIS sentence": source.counts.junk}


def reached(more: Callable[[], int], times: int) -> bool:
    """Return whether so many readings have come."""
    return more() == times


def accepted(
    server: socket.socket, more: Callable[[], int], eventually: Eventually
) -> socket.socket:
    """Let the source connect and return the receiver's end."""
    ends: list[socket.socket] = []

    def connected() -> bool:
        more()
        try:
            ends.append(server.accept()[0])
        except TimeoutError:
            return False
        return True

    eventually(connected)
    return ends[0]


def test_chunks_cut_lines_anywhere(eventually: Eventually) -> None:
    """A stream has no messages, only bytes."""
    found: list[Measured] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        source = TcpSource("127.0.0.1", server.getsockname()[1], now=now)
        batches = source.batches()
        more = gathered(batches, found)
        server.settimeout(0.01)
        with accepted(server, more, eventually) as receiver:
            for place in range(0, len(SENTENCE), 7):
                receiver.sendall(SENTENCE[place : place + 7])
                more()
            eventually(lambda: more() == 1)
        batches.close()


def test_a_receiver_that_is_not_there_is_tried_ever_more_rarely() -> None:
    """The delay doubles up to a limit, and chance spreads many agents."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = int(server.getsockname()[1])
    delays: list[float] = []

    def jitter(_: float, longest: float) -> float:
        delays.append(longest)
        return 0

    source = TcpSource("127.0.0.1", port, jitter=jitter)
    batches = source.batches()
    with capture_logs() as logged:
        for _ in range(9):
            assert next(batches) == []
    assert [(each["what"], each["address"]) for each in logged] == [
        ("source", f"tcp://127.0.0.1:{port}")
    ]
    assert source.failures == 9
    assert delays == [1, 2, 4, 8, 16, *[LONGEST_DELAY_S] * 4]
    assert source.connections == 0


def test_a_silent_connection_is_given_up(eventually: Eventually) -> None:
    """The other end may be gone without a word, so silence ends a connection."""
    moment = [0.0]

    def clock() -> float:
        moment[0] += 100
        return moment[0]

    found: list[Measured] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = int(server.getsockname()[1])
        source = TcpSource("127.0.0.1", port, jitter=no_delay, clock=clock)
        batches = source.batches()
        more = gathered(batches, found)
        eventually(lambda: more() == 0 and source.connections == 2)
        batches.close()


def test_a_pipe_is_read_to_its_end() -> None:
    """What stands behind the last line end counts; a message without its parts is given up."""
    body = b"AIVDM,2,1,1,A,55,0"
    half = b"!%s*%02X\n" % (body, checksum(body))
    reader, writer = os.pipe()
    source = PipeSource(reader, now=now)
    batches = source.batches()
    assert next(batches) == []
    os.write(writer, SENTENCE + half + SENTENCE.strip())
    os.close(writer)
    found = [reading for batch in batches for reading in batch]
    os.close(reader)
    assert len(found) == 2
    assert source.counts.incomplete == 1


def test_a_host_that_is_no_name_is_tried_again_like_one_that_is_away() -> None:
    """The resolver refuses such names with an error of its own kind."""
    source = TcpSource("a..b", 5631, jitter=lambda _low, _high: 0.0)
    batches = source.batches()
    assert [next(batches) for _ in range(3)] == [[], [], []]
    batches.close()


def test_a_flood_of_empty_lines_is_taken_a_little_at_a_time() -> None:
    """Whoever drives the source gets to look at the clock and at signals in between."""
    source = UdpSource("127.0.0.1", 0)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for _ in range(3):
            sender.sendto(b"\n" * 600, ("127.0.0.1", source.port))
    batches = source.batches()
    seen: list[int] = []
    for _ in range(3):
        next(batches)
        seen.append(source.counts.lines)
    batches.close()
    assert seen == [600, 1200, 1800]
