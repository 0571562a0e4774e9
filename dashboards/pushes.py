"""Sends the pushes that are due: at least once each, over whichever channel still works."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import Final

import structlog
from msgspec.structs import replace

from analytics.alarms import urgency
from analytics.pushes import after_failure, after_success
from analytics.wording import Voice
from analytics.words import LABELS, Label, say
from dashboards.ports import NotSentError, PushStore, Sender
from haechi.alarms import AlarmState, Signal
from haechi.findings import Severity
from haechi.pushes import Alert, Push, PushPolicy
from haechi.units import EPOCH

BATCH: Final = 200
"""Due pushes looked at in one go."""

POLL_S: Final = 0.25
"""How long a new push waits at most until it is seen."""

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


def utc_now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


@dataclass
class _Lane:
    """The one thread of a channel, so that a channel that hangs holds up nobody else."""

    name: str
    sender: Sender
    timeout: timedelta
    results: "SimpleQueue[tuple[_Lane, Push, str | None]]"
    inbox: "SimpleQueue[Push | None]" = field(default_factory=SimpleQueue["Push | None"])
    push: Push | None = None
    """What it is busy with, as last kept: a push that hangs goes on being counted."""
    since: datetime = EPOCH
    is_stuck: bool = False

    def start(self) -> None:
        Thread(target=self._work, name=f"push-{self.name}", daemon=True).start()

    def give(self, push: Push, now: datetime) -> None:
        self.push, self.since, self.is_stuck = push, now, False
        self.inbox.put(push)

    def _work(self) -> None:
        while (push := self.inbox.get()) is not None:
            error: str | None = None
            try:
                self.sender.send(push)
            except NotSentError as not_sent:
                error = str(not_sent)
            except Exception as unforeseen:  # noqa: BLE001 - outermost loop of the thread; it is counted as an attempt and kept with the push
                error = f"the channel broke: {unforeseen!r}"
            self.results.put((self, push, error))


class PushWorker:
    """Takes due pushes from the store, gives each to its channel, and keeps what came of it."""

    def __init__(
        self,
        store: PushStore,
        senders: Mapping[str, Sender],
        policy: PushPolicy,
        voice: Voice,
        *,
        clock: Callable[[], datetime] = utc_now,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._store, self._policy, self._voice = store, policy, voice
        self._clock, self._chance = clock, chance
        self._results: SimpleQueue[tuple[_Lane, Push, str | None]] = SimpleQueue()
        self._lanes = {
            channel.name: _Lane(
                channel.name,
                senders[channel.name],
                timedelta(seconds=channel.timeout_s),
                self._results,
            )
            for channel in policy.channels
        }
        self._unkept: dict[str, tuple[Push, Push | None]] = {}
        self._limit = BATCH
        self.sent = self.failed = self.errors = 0
        """Pushes that arrived, attempts that failed, and rounds that broke."""

    def run(self, stop: Event) -> None:
        """Work until told to stop, in the thread that opened the store."""
        self.open()
        while not stop.is_set():
            try:
                self.work(POLL_S)
            except Exception:  # noqa: BLE001 - outermost loop of the thread; counted and logged
                self.errors += 1
                _log.exception("pushes are not being sent; trying again")
                stop.wait(POLL_S * 4)
        self.close()

    def open(self) -> None:
        """Start the channels."""
        for lane in self._lanes.values():
            lane.start()

    def close(self) -> None:
        """End the channels; one that hangs is left to the end of the process."""
        for lane in self._lanes.values():
            lane.inbox.put(None)
            lane.sender.close()

    def work(self, wait_s: float) -> None:
        """Do one round: hear what came of what was sent, keep it, send what is due."""
        self._hear(wait_s)
        now = self._clock()
        for lane in self._lanes.values():
            if lane.push and not lane.is_stuck and now - lane.since > lane.timeout:
                lane.is_stuck = True
                error = f"no answer within {lane.timeout.total_seconds():g} s"
                lane.push = self._fail(lane.push, error, now)
        self._keep()
        self._send_due(now)
        self._keep()

    def _hear(self, wait_s: float) -> None:
        try:
            heard = [self._results.get(timeout=wait_s)]
        except Empty:
            return
        while not self._results.empty():
            heard.append(self._results.get())
        for lane, given, error in heard:
            push, was_stuck = lane.push or given, lane.is_stuck
            lane.push, lane.is_stuck = None, False
            if error is None:
                self.sent += 1
                self._unkept[push.id] = (after_success(push, self._clock()), None)
            elif not was_stuck:  # else it was counted when the time was up
                self._fail(push, error, self._clock())

    def _send_due(self, now: datetime) -> None:
        due = self._store.due_pushes(now, self._limit)
        if any(push.is_open for push in due):
            due = self._closed(now)
        # A channel that is slow, such as mail, tells the most urgent first.
        due.sort(key=lambda push: -urgency(push.severity))
        moved = [self._give_out(push, now) for push in due]
        # Those that wait for a busy channel must not hide the others behind them.
        waits = len(due) == self._limit and not any(moved)
        self._limit = self._limit * 2 if waits else BATCH

    def _closed(self, now: datetime) -> list[Push]:
        """Return what is due, digests closed in the transaction that read them.

        So no alarm joins one that is on its way already, whatever time ingest believes it is.
        """
        with self._store.writing() as writing:
            for push in self._store.due_pushes(now, self._limit):
                if push.is_open:
                    writing.put_push(replace(push, is_open=False))
            return self._store.due_pushes(now, self._limit)

    def _give_out(self, push: Push, now: datetime) -> bool:
        lane = self._lanes.get(push.channel)
        if lane is None:
            self._fail(push, f"the pushes file has no channel {push.channel!r}", now)
        elif lane.is_stuck:
            failed = self._fail(push, f"the channel hangs since {lane.since:%F %H:%M:%SZ}", now)
            if lane.push is not None and lane.push.id == push.id:
                lane.push = failed
        elif lane.push is None:
            lane.give(push, now)
        else:
            return False
        return True

    def _fail(self, push: Push, error: str, now: datetime) -> Push:
        self.failed += 1
        fate = after_failure(
            push, error, self._policy, now, chance=self._chance(), voice=self._voice
        )
        _log.warning(
            "push not sent",
            push=push.id,
            channel=push.channel,
            attempts=fate[0].attempts,
            error=error,
            instead=fate[1] and fate[1].channel,
        )
        self._unkept[push.id] = fate
        return fate[0]

    def _keep(self) -> None:
        """Write what is not kept yet; it stays here until the store has taken it."""
        if not self._unkept:
            return
        with self._store.writing() as writing:
            for push, instead in self._unkept.values():
                writing.put_push(push)
                if instead is not None:
                    writing.add_push(instead)
        self._unkept.clear()


def send_test(sender: Sender, channel: str, *, site: str, voice: Voice) -> Push:
    """Send a message that says that it is a test; return it.

    Raises:
        NotSentError: the channel did not take it; the text says why.
    """
    now, words = utc_now(), say(LABELS[Label.TEST], voice.language)
    alert = Alert(
        id=f"test-{now:%Y%m%dT%H%M%S%f}",
        alarm="test",
        number=1,
        signal=Signal.COMMENTED,
        state=AlarmState.CLEARED_ACK,
        severity=Severity.INDETERMINATE,
        site=site,
        rule="test",
        kind="test",
        subject=f"channel:{channel}",
        subject_name=None,
        zone=None,
        text=words,
        since=now,
        until=now,
        at=now,
        lat=None,
        lon=None,
    )
    push = Push(
        id=alert.id,
        alarm=alert.alarm,
        channel=channel,
        title=f"Haechi, {site}: {channel}",
        body=words,
        severity=alert.severity,
        created_at=now,
        due_at=now,
        alert=alert,
    )
    sender.send(push)
    return push
