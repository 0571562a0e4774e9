"""What a device says of itself: its books of each boot, and how far its readings have come."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from edge.outbox import BootAccount, Outbox
from haechi.messages import DeviceState


def _none() -> int:
    """Return that there were none."""
    return 0


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who speaks, and what it knows of itself beside the books of its outbox."""

    site: str
    """Part of all topics."""
    device: str
    software: str = ""
    """Kind and version."""
    undecodable: Callable[[], int] = _none
    """Inputs that no decoder understood so far."""
    source_failures: Callable[[], int] = _none
    """How often the source broke off or could not be opened so far."""


class StateReport:
    """Made of an outbox and of what the uplink tells it; sends nothing."""

    def __init__(self, outbox: Outbox, speaker: Speaker, now: Callable[[], datetime]) -> None:
        """Begin before the first connection.

        Args:
            outbox: Whose books are told.
            speaker: Who speaks.
            now: The date.
        """
        self._outbox, self._speaker, self._now = outbox, speaker, now
        self._connections = 0
        self._told: dict[str, BootAccount] = {}
        self._all_carried_until: datetime | None = None

    def connected(self) -> None:
        """Count a connection; on each of them everything is told anew."""
        self._connections += 1
        self._told.clear()

    def promise(self, until: datetime) -> None:
        """Take the word that all that was measured up to a time has been appended to the outbox."""
        self._all_carried_until = until

    def of_now(self, *, online: bool) -> DeviceState:
        """Return the state of this boot; what was promised is said once the outbox is empty."""
        until = self._all_carried_until  # read before looking: more may be appended meanwhile
        complete = None if self._outbox.pending else until
        *_, current = (a for a in self._outbox.accounts() if a.boot == self._outbox.boot)
        return self._state_of(current, online=online, complete_until=complete)

    def of_earlier(self) -> Iterator[DeviceState]:
        """Give the state of each earlier boot that this connection has not carried as it is."""
        for account in self._outbox.accounts():
            earlier = account.boot != self._outbox.boot
            if earlier and self._told.get(account.boot) != account:
                self._told[account.boot] = account
                yield self._state_of(account, online=False)

    def _state_of(
        self, account: BootAccount, *, online: bool, complete_until: datetime | None = None
    ) -> DeviceState:
        return DeviceState(
            device=self._speaker.device,
            boot=account.boot,
            online=online,
            at=self._now(),
            numbered=account.numbered,
            in_flight=account.in_flight,
            thinned=account.thinned,
            quarantined=account.quarantined,
            undecodable=self._speaker.undecodable(),
            source_failures=self._speaker.source_failures(),
            reconnects=max(0, self._connections - 1),
            outbox_bytes=self._outbox.size_bytes,
            damaged_outboxes=self._outbox.damaged_files,
            agent=self._speaker.software,
            complete_until=complete_until,
        )
