"""An agent that carries a recording slowly, to be killed: FILE DEVICE end-to-end|puback.

Settings come from the environment, as for every process of the platform. The second way believes
a PUBACK: it is the control that must lose.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from threading import Event

from edge.agent import run, stopping_on_signals
from edge.ais.recording import Recording, recording_boot
from edge.lane import Pace
from edge.link import over_mqtt
from edge.measured import Measured
from edge.state_report import Speaker
from edge.uplink import Uplink
from haechi.commands import agents, places
from haechi.settings import load
from tests.edge.puback_uplink import PubackUplink

SLICE = 20
AHEAD = 400
"""Readings that may wait before the recording is read on: so kills meet reading as well."""

PACE = Pace(batch=SLICE, window_messages=20, first_s=1, longest_s=2)
WAYS = {"end-to-end": Uplink, "puback": PubackUplink}


class Slowly:
    """A recording, a few readings at a time, never far ahead of what is acknowledged."""

    waits = repeats = True

    def __init__(self, recording: Recording, pending: Callable[[], int], stopped: Event) -> None:
        self._recording, self._pending, self._stopped = recording, pending, stopped

    def batches(self) -> Iterator[Sequence[Measured]]:
        """Return all of it."""
        for batch in self._recording.batches():
            for start in range(0, len(batch), SLICE):
                while self._pending() > AHEAD and not self._stopped.wait(0.01):
                    yield ()
                yield batch[start : start + SLICE]


def main(file: str, device: str, way: str) -> None:
    """Run until everything is acknowledged."""
    settings, paths = load(), [Path(file)]
    waiting = agents.outbox(settings, device, recording_boot(paths))
    connect = over_mqtt(places.endpoint(settings), settings.site, device)
    uplink = WAYS[way](waiting, connect, Speaker(settings.site, device), pace=PACE)
    with stopping_on_signals() as stopped:
        run(Slowly(Recording(paths), lambda: waiting.pending, stopped), waiting, uplink, stopped)


if __name__ == "__main__":
    main(*sys.argv[1:])
