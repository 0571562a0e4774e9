"""Background traffic: AIS stations that report as their agents do, a few readings at a time.

``python -m bench.traffic PORT SITE`` publishes until it is ended, a thousand readings a second. It
is a process of its own, so that whoever measures is not kept from the processor by it.
"""

import math
import os
import sys
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from subprocess import Popen
from typing import Final

from haechi.messages import Message, Reading, encode
from haechi.mqtt import Callbacks, Endpoint, Session
from haechi.vessels import VesselPosition
from ingest.broker import tied

READINGS_PER_S: Final = 1000
STATIONS: Final = 20
READINGS_IN_MESSAGE: Final = 5
"""A busy station hears 50 messages a second; its agent publishes about ten times a second."""

VESSELS: Final = 2000
DESCRIPTION: Final = (
    f"{READINGS_PER_S:,} readings/s of {VESSELS:,} vessels from {STATIONS} stations in messages of "
    f"{READINGS_IN_MESSAGE}"
)


def main(port: int, site: str) -> None:
    """Publish at an even pace, until ended."""
    sessions = [_station(port, number) for number in range(STATIONS)]
    messages = _messages()
    interval_s = READINGS_IN_MESSAGE / READINGS_PER_S
    due = time.monotonic()
    for number, (device, payload) in enumerate(messages):
        sessions[number % STATIONS].publish(f"haechi/v1/{site}/{device}/up/telemetry", payload)
        due += interval_s
        time.sleep(max(0.0, due - time.monotonic()))


@contextmanager
def traffic(port: int, site: str) -> Generator[Popen[bytes]]:
    """Run it as a process."""
    tie = [sys.executable, "-I", "-S", tied.__file__, str(os.getpid())]
    with Popen([*tie, sys.executable, "-m", "bench.traffic", str(port), site]) as process:
        try:
            yield process
        finally:
            process.terminate()


def _station(port: int, number: int) -> Session:
    session = Session(Endpoint(port=port), f"station-{number}", Callbacks(), max_inflight=1000)
    session.start()
    while not session.is_connected:
        time.sleep(0.01)
    return session


def _messages() -> Iterator[tuple[str, bytes]]:
    """Yield messages of the stations in turn, each with its next readings, dated now."""
    seqs = [0] * STATIONS
    boot, number, began = f"boot-{time.time_ns()}", 0, time.monotonic()
    while True:
        station = number // READINGS_IN_MESSAGE % STATIONS
        now = datetime.now(UTC)
        readings = tuple(
            _reading(
                seqs[station] + place + 1,
                (number + place) % VESSELS,
                now + timedelta(microseconds=place),
                time.monotonic() - began,
            )
            for place in range(READINGS_IN_MESSAGE)
        )
        seqs[station] += READINGS_IN_MESSAGE
        number += READINGS_IN_MESSAGE
        device = f"station-{station}"
        yield device, encode(Message(device=device, boot=boot, readings=readings))


def _reading(seq: int, vessel: int, at: datetime, elapsed_s: float) -> Reading:
    """Return a report of a vessel on a course of its own, south of all zones."""
    course = (vessel * 37) % 360
    way = elapsed_s * 12 / 3600 / 60  # degrees at 12 kn
    return Reading(
        seq=seq,
        at=at,
        subject=f"mmsi:{441000000 + vessel}",
        content=VesselPosition(
            lat=round(33.9 + vessel % 50 / 60 + way * math.cos(math.radians(course)), 6),
            lon=round(128.0 + vessel // 50 / 25 + way * math.sin(math.radians(course)), 6),
            speed_kn=12.0,
            course_deg=float(course),
            heading_deg=float(course),
            navigation_status=0,
            ais_type=1,
        ),
    )


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
