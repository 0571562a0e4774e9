"""From whom nothing is taken: the first act of a revocation, since the broker's own come later.

A file with one device a line, its name first, replaced whole by whoever revokes. It is looked at
with each batch, so what is taken after it was written is refused, and kept with the reason.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

from haechi.mqtt import Delivery
from ingest.decoding import Input, refused_whole
from ingest.ports import StoreUnavailableError

DENIED: Final = "denied"
"""Name of the file in the data directory."""

DEVICE_LEVEL: Final = 3
"""Of a topic: ``haechi/v1/site/device/...``."""


class DenyList:
    """The devices to refuse, as the file says now; a file that never was refuses nobody."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._stamp: tuple[int, int] | None = None
        self._reasons: dict[str, str] = {}

    def reasons(self) -> Mapping[str, str]:
        """Return why each denied device is; a file that has gone leaves what it said last.

        Raises:
            StoreUnavailableError: the file cannot be read, so nobody knows whom to refuse.
        """
        try:
            self._follow()
        except FileNotFoundError:
            pass
        except OSError as error:
            raise StoreUnavailableError(f"{self._path}: {error.strerror}") from error
        return self._reasons

    def _follow(self) -> None:
        if self._path is None:
            return
        seen = self._path.stat()
        stamp = (seen.st_ino, seen.st_mtime_ns)
        if stamp != self._stamp:
            lines = self._path.read_text(encoding="utf-8", errors="replace").splitlines()
            self._reasons = {line.split()[0]: f"denied: {line}" for line in lines if line.strip()}
            self._stamp = stamp


def refusal(delivery: Delivery, reasons: Mapping[str, str], now: datetime) -> Input | None:
    """Return a delivery refused whole if its topic is a denied device's; ``now`` it arrived."""
    if not reasons:
        return None
    levels = delivery.topic.split("/", DEVICE_LEVEL + 1)
    reason = reasons.get(levels[DEVICE_LEVEL]) if len(levels) > DEVICE_LEVEL else None
    return None if reason is None else refused_whole(delivery, now, reason)
