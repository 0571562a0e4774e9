"""An agent as a process of its own, to be killed, stopped and lied to about the time.

python -m tests.edge.agent_process FOLDER PORT BOOT READINGS
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from edge.agent import run, stopping_on_signals
from edge.lane import Pace
from edge.link import over_mqtt
from edge.measured import Measured
from edge.state_report import Speaker
from edge.uplink import Uplink
from haechi.mqtt import Endpoint
from tests.edge.rig import DEVICE, SITE, measured, outbox_in


class Numbers:
    """A recording of readings, 20 at a time."""

    waits = repeats = True

    def __init__(self, count: int) -> None:
        self._count = count

    def batches(self) -> Iterator[list[Measured]]:
        """Return all of it."""
        for start in range(0, self._count, 20):
            yield measured(min(20, self._count - start), start=start)


def main(folder: str, port: str, boot: str, count: str) -> None:
    """Run until ingest has everything."""
    outbox = outbox_in(Path(folder), boot)
    connect = over_mqtt(Endpoint(port=int(port)), SITE, DEVICE)
    pace = Pace(batch=100, first_s=1, longest_s=2)
    uplink = Uplink(outbox, connect, Speaker(SITE, DEVICE), pace=pace)
    with stopping_on_signals() as stopped:
        run(Numbers(int(count)), outbox, uplink, stopped)


if __name__ == "__main__":
    main(*sys.argv[1:])
