"""Ways to a radio: datagrams, connections and lines of this machine."""

import os
import socket
from collections.abc import Generator

import pytest

from edge.drone.transport import Transport, TransportError, Udp, check_address, open_transport
from tests.conftest import Eventually

WAIT_S = 5


@pytest.fixture
def served() -> Generator[socket.socket]:
    """Return a socket that listens for connections."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def test_datagrams_come_with_their_origin_and_are_answered_there() -> None:
    """Two vehicles that know our port."""
    ours = Udp("127.0.0.1", 0, listens=True)
    with (
        socket.socket(type=socket.SOCK_DGRAM) as first,
        socket.socket(type=socket.SOCK_DGRAM) as two,
    ):
        for each, word in ((first, b"one"), (two, b"two")):
            each.settimeout(WAIT_S)
            each.sendto(word, ("127.0.0.1", ours.port))
        heard = dict(ours.receive(WAIT_S) + ours.receive(0.1))
        assert set(heard) == {b"one", b"two"}
        ours.send(b"answer", heard[b"two"])
        assert two.recv(100) == b"answer"
    ours.close()


def test_a_vehicle_that_is_not_there_yet_is_no_error() -> None:
    """An answer of the network that nobody listens is no reason to end."""
    with socket.socket(type=socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    ours = open_transport(f"udpout://127.0.0.1:{port}")
    for _ in range(3):
        ours.send(b"hello", None)
        assert ours.receive(0.05) == []
    ours.close()


def test_a_connection_carries_bytes_and_its_end_is_told(served: socket.socket) -> None:
    """Whoever reads it opens it again."""
    ours = open_transport(f"tcp://127.0.0.1:{served.getsockname()[1]}")
    theirs, _ = served.accept()
    theirs.sendall(b"hello")
    assert ours.receive(WAIT_S) == [(b"hello", None)]
    ours.send(b"answer", None)
    assert theirs.recv(100) == b"answer"
    theirs.close()
    with pytest.raises(ConnectionResetError):
        ours.receive(WAIT_S)
    ours.close()


def test_a_serial_line_passes_every_byte(eventually: Eventually) -> None:
    """Nothing is taken for a line's end or a signal."""
    outer, inner = os.openpty()
    ours: Transport = open_transport(f"serial://{os.ttyname(inner)}?baud=57600")
    every = bytes(range(256))
    os.write(outer, every)
    found = bytearray()

    def read_all() -> bool:
        found.extend(b"".join(data for data, _ in ours.receive(0.1)))
        return len(found) >= len(every)

    eventually(read_all)
    assert bytes(found) == every
    ours.send(every, None)
    assert os.read(outer, 1000) == every
    ours.close()
    os.close(inner)
    os.close(outer)


@pytest.mark.parametrize(
    "address", ["", "drone-1", "udp://127.0.0.1", "udp://127.0.0.1:99999", "http://127.0.0.1:80"]
)
def test_what_is_no_address_is_refused_with_examples(address: str) -> None:
    """Before anything is opened."""
    with pytest.raises(TransportError, match="serial:///dev/NAME"):
        check_address(address)


@pytest.mark.parametrize("tail", ["?baud=57601", "?baud=fast"])
def test_an_impossible_speed_is_refused(tail: str) -> None:
    """As a missing line is."""
    with pytest.raises(TransportError, match="serial:///dev/no-such-line"):
        open_transport(f"serial:///dev/no-such-line{tail}")
    with pytest.raises(TransportError, match="serial:///dev/NAME"):
        check_address(f"serial:///dev/no-such-line{tail}")
