"""The ingest process: one durable session, one loop, one transaction after another.

The session's thread puts deliveries into the inbox; the loop takes all that is there. So a batch
grows while the store is slow, and when nothing more is acknowledged the broker stops sending.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog

from haechi.mqtt import Callbacks, Delivery, Endpoint, Session
from haechi.settings import Settings
from ingest.alarming import Alarming
from ingest.decoding import refused_whole
from ingest.denied import DENIED, DenyList
from ingest.health import Health, Vitals, health
from ingest.inbox import Batch, Inbox
from ingest.judging import Judging
from ingest.lull import Lull
from ingest.metrics import Metrics, Page
from ingest.pipeline import Pipeline, Settled
from ingest.ports import Store, StoreUnavailableError
from ingest.saving import Saving

TURN_S: Final = 0.2
"""The loop looks at its clocks this often, whether anything arrives or not."""

FORGET_EVERY_S: Final = 3600
LOOK_EVERY_S: Final = 5
RETRY_S: Final = (0.2, 0.5, 1, 2, 5)

log = structlog.stdlib.get_logger("haechi.ingest")


def utc_now() -> datetime:
    """Return the wall clock's time."""
    return datetime.now(UTC)


class Service:
    """Owns the session and the loop; the composition root gives it everything else.

    Args:
        settings: Limits and times.
        endpoint: The broker.
        store: Opened as its keeper, in the thread that calls ``run``.
        judging: Rules.
        alarming: Alarms and pushes.
        ring: Wakes the console after a commit.
        sites: Shards that this process owns; ``settings.site`` if not given.
        ticking: Whether the wall clock may say that nobody speaks. Not in a replay, where event
            time is not now.
        clock: The wall clock.
    """

    def __init__(
        self,
        *,
        settings: Settings,
        endpoint: Endpoint,
        store: Store,
        judging: Judging,
        alarming: Alarming,
        ring: Callable[[], None] = lambda: None,
        sites: tuple[str, ...] = (),
        ticking: bool = True,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._settings, self._store, self._judging = settings, store, judging
        self._ticking, self._clock = ticking, clock
        self._allowance = timedelta(seconds=settings.lateness_allowance_s)
        sites = sites or (settings.site,)
        states = [f"haechi/v1/{site}/+/state" for site in sites]
        self._inbox = Inbox(4 * settings.batch_limit)
        self._work: deque[Batch] = deque()
        self._suspect: Batch | None = None
        self._answering = 0
        self._session = Session(
            endpoint,
            f"haechi-ingest-{'-'.join(sites)}",
            Callbacks(
                connected=self._on_connected,
                disconnected=self._on_disconnected,
                delivered=self._on_delivered,
            ),
            subscriptions=tuple(filter(None, (*states, settings.mqtt_dropped_topic))),
            live_subscriptions=tuple(f"haechi/v1/{site}/+/up/#" for site in sites),
            receive_maximum=2 * settings.batch_limit,
        )
        self._pipeline = Pipeline(
            store=store,
            judging=judging,
            alarming=alarming,
            saving=Saving(judging, settings.snapshot_every_s),
            link=self,
            ring=ring,
            skew_limit=timedelta(seconds=settings.skew_limit_s),
            is_live=ticking,
            deny_list=DenyList(settings.data_dir / DENIED),
        )
        self.vitals = Vitals(queue_bound=2 * settings.batch_limit)
        self.metrics = Metrics()
        self._page = Page(self.metrics, self.health, settings.metrics_port)
        self._stopping = threading.Event()
        self._failures = 0
        self._lull = Lull(time.monotonic())
        self._look_at = self._forget_at = self._woke_at = 0.0

    @property
    def metrics_port(self) -> int:
        """Where ``/metrics`` and ``/health`` are, on loopback."""
        return self._page.port

    def health(self) -> Health:
        """Return how this process is; from any thread."""
        self.vitals.queue_depth = self._inbox.depth
        return health(self.vitals, time.monotonic())

    def run(self) -> None:
        """Work until ``stop``; then keep a last snapshot and leave the session at the broker."""
        self._session.start()
        try:
            while not self._stopping.is_set():
                self._guarded_turn()
        finally:
            self._session.stop()
            self._inbox.close()
            self._leave()
            self._page.close()

    def stop(self) -> None:
        """End ``run`` after the transaction in progress; from any thread or a signal handler."""
        self._stopping.set()

    def acknowledge_all(self, deliveries: Iterable[Delivery]) -> None:
        """Let the broker forget deliveries, unless they came over a connection that is gone."""
        if self._answering == self._inbox.connection:
            self._session.acknowledge_all(deliveries)

    def publish(self, topic: str, payload: bytes) -> int | None:
        """Send an acknowledgement; one that is lost is given again when the agent repeats."""
        return self._session.publish(topic, payload)

    def _guarded_turn(self) -> None:
        try:
            self._turn()
        except StoreUnavailableError as error:
            self._fail(str(error))
        except Exception as error:  # noqa: BLE001 - the outermost loop: counted, logged, shown
            self._blame(error)

    def _turn(self) -> None:
        now = self._clock()
        if not self.vitals.is_recovered:
            self._pipeline.recover(now)
            self._recovered()
        if not self._work:
            self._work.append(self._inbox.take(self._settings.batch_limit, TURN_S))
        if self._work[0].deliveries:
            self._take(self._work[0])
        else:
            self._pipeline.save_due()
        self._work.popleft()
        self._keep_house()

    def _take(self, batch: Batch) -> None:
        self._suspect, self._answering = batch, batch.connection
        began = self.vitals.busy_since = time.monotonic()
        settled = self._pipeline.take(batch.deliveries, self._clock())
        self._suspect = None
        self._count(settled, began)

    def _count(self, settled: Settled, began: float) -> None:
        now = time.monotonic()
        self.vitals.busy_since = None
        self._committed()
        self.metrics.count(settled, now - began)
        if any(each.observations for each in settled.inputs):
            self._lull.end()
        for each in settled.inputs:
            for letter in each.letters:
                self.vitals.dead_letter_at = now
                log.warning("set aside", topic=letter.topic, seq=letter.seq, reason=letter.reason)

    def _keep_house(self) -> None:
        """Do what clocks ask for; every part is short."""
        now = time.monotonic()
        self._listen(now)
        if now - self._look_at >= LOOK_EVERY_S:
            self._look_at = now
            self._look()
        if now - self._woke_at >= TURN_S:
            self._woke_at = now
            self._wake_alarms()
        if now >= self._forget_at:
            self._forget(now)

    def _wake_alarms(self) -> None:
        if self._pipeline.wake_alarms(self._clock()):
            self._committed()

    def _listen(self, now: float) -> None:
        """Tick once everybody has been quiet for a while, and we have listened all that while."""
        has_lasted = self._lull.has_lasted(now)
        if not self._session.is_connected or self._inbox.depth:
            self._lull.end()
        elif has_lasted and self._ticking:
            self._tick()

    def _tick(self) -> None:
        watermark = self._clock() - self._allowance
        behind = [s for s, reached in self._judging.watermarks().items() if reached < watermark]
        if behind:
            began = self.vitals.busy_since = time.monotonic()
            settled = self._pipeline.tick([(site, watermark) for site in behind], self._clock())
            self._count(settled, began)
            self.metrics.ticks.inc(len(behind))

    def _forget(self, now: float) -> None:
        """Delete a little of what is too old; go on in the next turn while there is more."""
        oldest = self._clock() - timedelta(days=self._settings.retention_days)
        forgotten = self._store.forget(oldest)
        self.metrics.forgotten.inc(forgotten)
        if not forgotten:
            self._forget_at = now + FORGET_EVERY_S

    def _look(self) -> None:
        """Refresh the numbers that cost something to know."""
        now, vitals = self._clock(), self.vitals
        vitals.complaints = tuple(self._store.complaints())
        vitals.dead_letters = self._store.dead_letter_count()
        reached = self._judging.watermarks()
        vitals.watermark = min(reached.values(), default=None)
        vitals.lag_s = {
            site: (now - watermark).total_seconds() if self._ticking else 0.0
            for site, watermark in reached.items()
        }
        self.metrics.dead_letters.set(vitals.dead_letters)
        self.metrics.queue_depth.set(self._inbox.depth)
        for site, lag_s in vitals.lag_s.items():
            self.metrics.lag.labels(site).set(lag_s)
        for site, metrics in self._judging.metrics().items():
            self.metrics.show_engine(site, metrics)

    def _recovered(self) -> None:
        self.vitals.is_recovered = True
        self._committed()
        log.info("rules restored", position=self._store.position())

    def _committed(self) -> None:
        self._failures = 0
        self.vitals.store_failing_since = None

    def _fail(self, error: str) -> None:
        """Note that the store is not there, and wait: whatever was taken is taken again."""
        now = time.monotonic()
        self.vitals.busy_since, self.vitals.is_recovered = None, False
        self.vitals.store_failing_since = self.vitals.store_failing_since or now
        self.vitals.store_error = error
        self.metrics.store_failures.inc()
        log.error("store unavailable", error=error)
        self._stopping.wait(RETRY_S[min(self._failures, len(RETRY_S) - 1)])
        self._failures += 1

    def _blame(self, error: Exception) -> None:
        """Note a fault of ours, and narrow it down: halves of a batch, at last one delivery."""
        self.vitals.busy_since, self.vitals.is_recovered = None, False
        self.vitals.fault_at, self.vitals.fault = time.monotonic(), type(error).__name__
        self.metrics.faults.inc()
        suspect, self._suspect = self._suspect, None
        topics = [] if suspect is None else sorted({each.topic for each in suspect.deliveries})
        log.error("fault", topics=topics[:5], exc_info=error)
        if suspect is None:
            self._stopping.wait(RETRY_S[-1])
        elif len(suspect.deliveries) == 1:
            self._refuse(suspect.deliveries[0], error)
        else:
            middle = len(suspect.deliveries) // 2
            halves = (suspect.deliveries[:middle], suspect.deliveries[middle:])
            self._work.popleft()
            self._work.extendleft(Batch(suspect.connection, half) for half in reversed(halves))

    def _refuse(self, delivery: Delivery, error: Exception) -> None:
        """Set aside, whole, what this software cannot digest; the rest must not wait for it."""
        now = self._clock()
        reason = f"fault: {type(error).__name__}: {error}"
        with suppress(StoreUnavailableError):
            self._pipeline.settle([delivery], (refused_whole(delivery, now, reason),), now)
            self._work.popleft()

    def _leave(self) -> None:
        if self.vitals.is_recovered:
            with suppress(StoreUnavailableError):
                self._pipeline.save_all()

    def _on_connected(self, session_present: bool) -> None:  # noqa: FBT001 - as the session calls it
        self._lull.end()
        self.vitals.disconnected_since = None
        self.metrics.reconnects.inc()
        self.metrics.connected.set(1)
        log.info("broker connected", session_present=session_present)

    def _on_disconnected(self, reason: str) -> None:
        self._inbox.renew()
        if self.vitals.disconnected_since is None:
            self.vitals.disconnected_since = time.monotonic()
        self.vitals.disconnected_because = reason
        self.metrics.connected.set(0)
        if not self._stopping.is_set():
            log.warning("broker gone", reason=reason)

    def _on_delivered(self, delivery: Delivery) -> None:
        if delivery.topic != self._settings.mqtt_dropped_topic:
            self._inbox.put(delivery)
            return
        with suppress(ValueError):
            self.vitals.note_dropped(int(delivery.payload), time.monotonic())
            self.metrics.broker_dropped.set(self.vitals.broker_dropped or 0)
        self._session.acknowledge(delivery)
