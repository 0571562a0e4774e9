"""One ground station for many simulated drones: greets each once a second, counts positions."""

import select
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import contextmanager

from edge.drone.mavlink import Writer, message

_POSITION = 33


class Counts:
    """Positions heard, by port."""

    def __init__(self) -> None:
        self.positions: Counter[int] = Counter()
        self._news = threading.Condition()

    def wait_for(self, condition: Callable[[], bool], *, within_s: float = 30) -> None:
        """Return once the condition holds."""
        with self._news:
            assert self._news.wait_for(condition, within_s)

    def add(self, port: int, positions: int) -> None:
        """Count."""
        with self._news:
            self.positions[port] += positions
            self._news.notify_all()


@contextmanager
def listening(ports: list[int]) -> Generator[Counts]:
    """Count what drones on these ports say until the end of the block."""
    counts, stopped = Counts(), threading.Event()
    ours = socket.socket(type=socket.SOCK_DGRAM)
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * 2**20)
    writer = Writer(255, 190)
    hello = message(
        "HEARTBEAT",
        type=6,
        autopilot=8,
        base_mode=0,
        custom_mode=0,
        system_status=4,
        mavlink_version=3,
    )

    def run() -> None:
        greet_at = 0.0
        while not stopped.is_set():
            if time.monotonic() >= greet_at:
                greet_at = time.monotonic() + 1
                for port in ports:
                    ours.sendto(writer.pack(hello), ("127.0.0.1", port))
            if select.select([ours], [], [], 0.1)[0]:
                data, origin = ours.recvfrom(65_536)
                counts.add(origin[1], _positions(data))

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield counts
    finally:
        stopped.set()
        thread.join()
        ours.close()


def _positions(data: bytes) -> int:
    """Count positions by walking over the frames, without decoding them (MAVLink 2, unsigned)."""
    found = at = 0
    while at + 10 <= len(data):
        found += int.from_bytes(data[at + 7 : at + 10], "little") == _POSITION
        at += 12 + data[at + 1]
    return found
