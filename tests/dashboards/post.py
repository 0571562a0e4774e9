"""A post office for tests: pushes to send, channels that fail on command, and a running worker."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Event, Thread

from analytics.pushes import push_id
from analytics.wording import Voice
from dashboards.ports import NotSentError, PushStore, Sender
from dashboards.pushes import PushWorker
from haechi.alarms import AlarmState, Signal
from haechi.findings import Severity
from haechi.pushes import Alert, Channel, Push, PushPolicy, PushStatus
from ingest.stores.memory import MemoryStore

VOICE = Voice(zone=UTC, zone_name="UTC")
LONG_AGO = datetime(2026, 5, 1, tzinfo=UTC)


def channel(name: str, fallback: str = "", timeout_s: float = 20) -> Channel:
    """Return a channel of a kind that does not matter."""
    return Channel(name=name, type="console", fallback=fallback, timeout_s=timeout_s)


def policy(*channels: Channel, attempts: int = 3) -> PushPolicy:
    """Return a policy that tries again at once, this often before a fallback takes over."""
    return PushPolicy(channels=channels, rules=(), retry_s=(0.01,) * (attempts - 1))


def push(number: int, channel: str) -> Push:
    """Return a push that is due."""
    alert = Alert(
        id=push_id("alarm", number, channel),
        alarm="alarm",
        number=number,
        signal=Signal.OPENED,
        state=AlarmState.ACTIVE_UNACK,
        severity=Severity.MAJOR,
        site="busan",
        rule="overspeed",
        kind="overspeed",
        subject="mmsi:219000001",
        subject_name=None,
        zone=None,
        text="14 kn where 10 kn are allowed",
        since=LONG_AGO,
        until=None,
        at=LONG_AGO,
        lat=35.1,
        lon=129.1,
    )
    now = datetime.now(UTC)
    return Push(
        id=alert.id,
        alarm=alert.alarm,
        channel=channel,
        title=f"alarm {number}",
        body=f"key={alert.id};",
        severity=alert.severity,
        created_at=now,
        due_at=now,
        alert=alert,
    )


def put(store: MemoryStore, *pushes: Push) -> None:
    """Queue pushes as ingest does."""
    with store.writing() as writing:
        for each in pushes:
            writing.add_push(each)


def statuses(store: MemoryStore) -> dict[str, list[PushStatus]]:
    """Return what became of the pushes of each channel."""
    found: dict[str, list[PushStatus]] = {}
    for each in store.pushes():
        found.setdefault(each.channel, []).append(each.status)
    return found


class Postman:
    """A channel that refuses the first so many times, or hangs until let go."""

    def __init__(self, refusals: int = 0, *, hangs: bool = False) -> None:
        self.taken: list[Push] = []
        self.refusals = refusals
        self.free = Event()
        if not hangs:
            self.free.set()

    def send(self, push: Push) -> None:
        """Take it, or not."""
        self.free.wait()
        if self.refusals > 0:
            self.refusals -= 1
            raise NotSentError("the box is full")
        self.taken.append(push)

    def close(self) -> None:
        """Go home."""
        self.free.set()


@contextmanager
def working(
    store: PushStore, senders: Mapping[str, Sender], policy: PushPolicy
) -> Generator[PushWorker]:
    """Run a worker for a while."""
    worker, stop = PushWorker(store, senders, policy, VOICE), Event()
    thread = Thread(target=worker.run, args=(stop,), name="push-worker")
    thread.start()
    try:
        yield worker
    finally:
        stop.set()
        thread.join(10)
        assert not thread.is_alive()
