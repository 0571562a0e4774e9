"""The stream: nobody waits for a slow page, and a page that comes back gets what it missed."""

import asyncio
import contextlib
import json
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from analytics.raising import after_findings
from dashboards.backlog import Backlog
from dashboards.health import Health
from dashboards.stream import chunks
from dashboards.views import HealthView
from haechi.alarms import AlarmPolicy
from haechi.kept import Latest
from haechi.observations import Observation
from haechi.vessels import VesselPosition
from ingest.stores.sqlite import SqliteStore
from tests.conftest import Eventually
from tests.ingest.observed import found

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
HOST = "127.0.0.1"


def latest(number: int, position: int) -> Latest:
    """Return where a vessel is as of a log position."""
    subject = f"mmsi:{440_000_000 + number}"
    return Latest(position=position, subject=subject, site="busan", at=NOON, lat=35.0, lon=129.0)


def test_w10_a_backlog_is_bounded_by_the_number_of_vessels() -> None:
    """However much changes, a page that does not read has the newest of each waiting."""
    backlog = Backlog()
    for position in range(1, 1001):
        backlog.offer_vessels(position, [latest(number, position) for number in range(5)])
    assert len(backlog) == 5
    rows = json.loads(backlog.vessels().split(b"data: ")[1])
    assert {row["position"] for row in rows} == {1000}


def test_an_alarm_frame_has_no_id_while_vessels_wait() -> None:
    """The page resumes from what it has really been told."""
    backlog = Backlog()
    backlog.offer_alarms(9, [])
    backlog.offer_vessels(9, [latest(1, 9)])
    backlog.offer_health(HealthView.of(Health(state="ok")))
    assert b"id:" not in backlog.urgent()
    assert backlog.vessels().startswith(b"id: 9\n")


def test_a_page_is_as_current_as_the_slower_of_its_readers() -> None:
    """Vessels and alarms are read apart: what one has not reached yet is not passed over."""
    backlog = Backlog()
    backlog.offer_alarms(4, [])
    backlog.offer_vessels(9, [latest(1, 9)])
    assert backlog.vessels().startswith(b"id: 4\n")


def test_vessels_are_conflated_and_health_is_not_delayed() -> None:
    """The second round of vessels waits for its turn; the heartbeat goes at once."""

    async def told() -> list[bytes]:
        backlog, said = Backlog(), list[bytes]()
        stream = chunks(backlog)
        backlog.offer_vessels(1, [latest(1, 1)])
        said.append(await anext(stream))
        backlog.offer_vessels(2, [latest(1, 2)])
        backlog.offer_health(HealthView.of(Health(state="ok")))
        said.extend([await anext(stream), await anext(stream)])
        await stream.aclose()  # type: ignore[attr-defined]  # an async generator
        return said

    kinds = [chunk.split(b"event: ")[1].split(b"\n")[0] for chunk in asyncio.run(told())]
    assert kinds == [b"vessels", b"health", b"vessels"]


SERVER = """
import sys
from pathlib import Path
import dashboards.hub
from analytics.alarms import AlarmPolicy
from dashboards.desk import Console
from dashboards.health import Health
from dashboards.service import serve
from ingest.ports import StoreUnavailableError
from ingest.stores.memory import MemoryStore
from ingest.stores.sqlite import SqliteStore
folder = Path(sys.argv[1])
for look_s in ("VESSELS_LOOK_S", "ALARMS_LOOK_S", "IDLE_LOOK_S"):
    setattr(dashboards.hub, look_s, float(sys.argv[2]))
console = Console(
    open_store=lambda: SqliteStore(folder / "haechi.db"),
    unavailable=StoreUnavailableError,
    health=lambda: Health(state="ok"),
    zones_geojson="{}",
    alarm_policy=AlarmPolicy(),
    pushes_after=lambda _: [],
    site="busan",
    static=folder,
)
serve(console, host="127.0.0.1", port=0, bell=folder / "console.wake",
      ready=lambda address: print(address, flush=True))
"""


@dataclass
class Page:
    """A page of sorts: reads frames in a thread of its own, or stops reading."""

    port: int
    last_event_id: str = ""
    frames: list[tuple[str, str, Any]] = field(default_factory=list[tuple[str, str, Any]])

    def open(self) -> "Page":
        """Connect and begin to read."""
        self.socket = socket.create_connection((HOST, self.port))
        self.socket.sendall(
            f"GET /api/stream HTTP/1.1\r\nHost: {HOST}:{self.port}\r\n"
            f"Last-Event-ID: {self.last_event_id}\r\n\r\n".encode()
        )
        threading.Thread(target=self._read, daemon=True).start()
        return self

    def close(self) -> None:
        """Go away."""
        with contextlib.suppress(OSError):  # the server may have gone first
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()

    def positions(self) -> list[int]:
        """Return the log positions of all vessels told so far."""
        return [
            row["position"] for kind, _, rows in self.frames if kind == "vessels" for row in rows
        ]

    def newest(self) -> int:
        """Return the last of these, 0 before the first."""
        told = (rows for kind, _, rows in reversed(self.frames) if kind == "vessels")
        return int(next(told, [{"position": 0}])[-1]["position"])

    def _read(self) -> None:
        ident = kind = ""
        with self.socket.makefile("rb") as lines:
            for line in lines:
                key, _, value = line.decode().strip().partition(": ")
                if key == "id":
                    ident = value
                elif key == "event":
                    kind = value
                elif key == "data":
                    self.frames.append((kind, ident, json.loads(value)))


@dataclass
class Running:
    """A console process over a real store, which the test writes to as ingest does."""

    folder: Path
    look_s: float

    def __post_init__(self) -> None:
        self.store = SqliteStore(self.folder / "haechi.db", keeper=True)
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVER, str(self.folder), str(self.look_s)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        address = self.process.stdout.readline()
        self.port = int(address.rstrip("/\n").rsplit(":", 1)[1])
        self.seq = 0

    def move(self, vessels: int = 1) -> None:
        """Keep one new position of each vessel."""
        self.seq += 1
        at = NOON + timedelta(seconds=self.seq)
        with self.store.writing() as writing:
            writing.keep([self._observation(number, at) for number in range(vessels)])

    def alarm(self) -> None:
        """Keep an alarm, and ring."""
        with self.store.writing() as writing:
            raised = after_findings(
                [found()], site="busan", alarms=self.store, now=NOON, policy=AlarmPolicy()
            )
            for alarm, event in raised:
                writing.put_alarm(alarm, event)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as bell:
            bell.sendto(b"", str(self.folder / "console.wake"))

    def _observation(self, number: int, at: datetime) -> Observation:
        return Observation(
            device=f"ais-{number}",
            boot="b-1",
            seq=self.seq,
            site="busan",
            subject=f"mmsi:{440_000_000 + number}",
            at=at,
            received_at=at,
            content=VesselPosition(lat=35.0, lon=129.0, speed_kn=9.0),
        )

    def stop(self) -> int:
        """End the process as an operator would."""
        self.process.send_signal(signal.SIGTERM)
        self.store.close()
        status = self.process.wait(20)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return status


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    """Return a console that looks at the store often."""
    console = Running(tmp_path, 0.05)
    yield console
    if console.process.poll() is None:
        console.stop()


def test_the_bell_brings_an_alarm_without_waiting_for_the_next_look(
    tmp_path: Path, eventually: Eventually
) -> None:
    """With an hour between looks, an alarm is on the page at once, ahead of the vessels."""
    console = Running(tmp_path, 3600.0)
    page = Page(console.port).open()
    eventually(lambda: page.frames, what="the first heartbeat")
    console.move()
    console.alarm()
    eventually(lambda: [kind for kind, _, _ in page.frames][-1] == "alarms", what="the alarm")
    assert page.frames[-1][1] == "0", "the page is not current beyond the vessels it was told of"
    assert page.positions() == []
    page.close()
    console.stop()


def test_a_page_that_comes_back_gets_exactly_what_it_missed(
    running: Running, eventually: Eventually
) -> None:
    """Last-Event-ID is a log position, so nothing is kept per page on the server."""
    running.move(3)
    page = Page(running.port).open()
    eventually(lambda: len(page.positions()) == 3, what="three vessels")
    page.close()
    last = next(ident for kind, ident, _ in reversed(page.frames) if kind == "vessels")
    running.move(1)
    again = Page(running.port, last_event_id=last).open()
    eventually(again.positions, what="the missed change")
    assert again.positions() == [2]
    again.close()


def test_a_page_that_knows_another_store_begins_anew(
    running: Running, eventually: Eventually
) -> None:
    """A position that this store never reached is not believed."""
    running.move(2)
    page = Page(running.port, last_event_id="999").open()
    eventually(lambda: len(page.positions()) == 2, what="everything")
    page.close()


@pytest.mark.slow
def test_w10_a_browser_that_stops_reading_costs_the_others_nothing(
    running: Running, eventually: Eventually
) -> None:
    """Five pages see the last of 400 rounds of 500 vessels; a sixth reads nothing at all."""
    stopped = socket.create_connection((HOST, running.port))
    stopped.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    stopped.sendall(f"GET /api/stream HTTP/1.1\r\nHost: {HOST}:1\r\n\r\n".encode())
    pages = [Page(running.port).open() for _ in range(5)]
    status = Path(f"/proc/{running.process.pid}/status")
    for _ in range(400):
        running.move(500)
    eventually(lambda: all(page.newest() == 400 for page in pages), what="the last round")
    resident_kb = int(status.read_text().split("VmRSS:")[1].split()[0])
    assert resident_kb < 200_000, "a backlog grew"
    for page in pages:
        page.close()
    stopped.close()


def test_it_ends_in_order_while_pages_are_open(running: Running, eventually: Eventually) -> None:
    """SIGTERM closes the streams and removes the bell."""
    page = Page(running.port).open()
    eventually(lambda: page.frames, what="the first heartbeat")
    assert running.stop() in {0, -signal.SIGTERM}
    page.close()
    assert not (running.folder / "console.wake").exists()
