"""Recorded flights as a source: they can be read again and give the same readings again."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

from edge.drone import dataflash, ulog
from edge.drone.identity import Identity, Verdict
from edge.drone.mavlink import Message, logged
from edge.drone.vehicle import Vehicle
from edge.measured import Measured
from edge.replay import paced
from edge.sources import SourceError

BATCH: Final = 500

Said = Iterator[tuple[float, Message]]


class Flights:
    """One or more logs of one drone: ``.tlog`` of a ground station, ``.ulg``, ``.bin``."""

    waits = True
    repeats = True

    def __init__(
        self,
        paths: Sequence[Path],
        vehicle: Vehicle,
        *,
        system: int | None = None,
        speed: float | None = None,
    ) -> None:
        """Name the files; nothing is opened yet.

        Args:
            paths: In the order in which they were flown.
            vehicle: What becomes of the messages.
            system: The drone's system id in a log with several; ``None`` takes the first.
            speed: 1 is as it happened; ``None`` is as fast as it goes.
        """
        self._paths, self._vehicle, self._system = paths, vehicle, system
        self._pace = partial(paced, speed=speed) if speed else iter
        self.unreadable = 0
        """Stretches of a log that were no message."""

    def batches(self) -> Iterator[list[Measured]]:
        """Return all readings, a few hundred at a time.

        Raises:
            SourceError: a file cannot be read.
        """
        return self._pace(self._unpaced())

    def _unpaced(self) -> Iterator[list[Measured]]:
        batch: list[Measured] = []
        for path in self._paths:
            for at, message in self._opened(path):
                batch += self._vehicle.hear(message, datetime.fromtimestamp(at, UTC))
                if len(batch) >= BATCH:
                    yield batch
                    batch = []
        yield batch

    def _opened(self, path: Path) -> Said:
        read = {".tlog": self._telemetry_log, **ON_BOARD}.get(path.suffix.lower())
        if read is None:
            raise SourceError(f"{path}: no flight log; known are .tlog, {', '.join(ON_BOARD)}")
        try:
            yield from read(path)
        except (OSError, ulog.FlightLogError) as error:
            raise SourceError(f"{path}: {error}") from error

    def _telemetry_log(self, path: Path) -> Said:
        """Yield what our drone says in what a ground station heard, and said."""
        identity = Identity(self._system or _first_system(path))
        for at, message in logged(path):
            if message.get_type() == "BAD_DATA":
                self.unreadable += 1
            elif identity.judge(message, None, at) is Verdict.OURS:
                yield at, message


def _first_system(path: Path) -> int | None:
    """Return the first autopilot's system id: a log may begin between two heartbeats."""
    identity = Identity()
    for at, message in logged(path):
        identity.judge(message, None, at)
        if identity.is_found:
            break
    return identity.system


ON_BOARD: Final[dict[str, Callable[[Path], Said]]] = {".ulg": ulog.said, ".bin": dataflash.said}
"""Logs of one vehicle, by the ending of their names."""
