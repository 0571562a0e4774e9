"""The session of one device: it publishes what waits and forgets only what ingest says it keeps."""

import threading
import time
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from queue import Empty, SimpleQueue
from random import Random
from typing import Final

import structlog

from edge.lane import VERDICTS, Flight, Lane, Pace, Verdict
from edge.link import Connect
from edge.outbox import ENVELOPE_BYTES, ROOM_BYTES, Batch, Outbox, Place
from edge.state_report import Speaker, StateReport
from haechi.messages import Ack, MalformedMessageError, decode_ack, encode
from haechi.mqtt import Callbacks, Delivery
from haechi.topics import Channel, Direction, Topic, state_topic

STATE_EVERY_S: Final = 30
_TICK_S: Final = 0.2

DENIED: Final = "not authorized"
UNREADABLE: Final = "unreadable to ingest"

log: structlog.stdlib.BoundLogger = structlog.get_logger()


class Uplink:
    """Publishes an outbox; ``start`` does so in a thread of its own until ``stop``.

    Everything that happens is queued and handled by one thread, in order. A test may instead
    leave out ``start`` and call ``step``.
    """

    def __init__(
        self,
        outbox: Outbox,
        connect: Connect,
        speaker: Speaker,
        *,
        pace: Pace | None = None,
        on_command: Callable[[bytes], object] | None = None,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        random: Random | None = None,
    ) -> None:
        """Prepare.

        Args:
            outbox: What is to be sent; shared with whoever appends to it.
            connect: Makes the link, see ``over_mqtt``.
            speaker: Who speaks: for topics and the state report.
            pace: How much at once, and how patiently.
            on_command: Takes what comes on ``down/command``, in the uplink's thread; the broker
                forgets it once this has returned.
            clock: Seconds that never go back; for pauses only.
            now: The date, for what the state report says of now.
            random: Jitter.
        """
        site, device = speaker.site, speaker.device
        self._outbox, self._device = outbox, device
        self._pace, self._clock = pace or Pace(), clock
        self.now: Final = now
        self._report = StateReport(outbox, speaker, now)
        random = random or Random()  # noqa: S311 - not for secrets
        self._lanes = [Lane(self._pace, random, urgent=urgent) for urgent in (True, False)]
        self._topics = {
            lane.urgent: str(Topic(site, device, Direction.UP, channel))
            for lane, channel in zip(self._lanes, (Channel.EVENT, Channel.TELEMETRY), strict=True)
        }
        self._on_command = on_command
        self._command_topic = str(Topic(site, device, Direction.DOWN, Channel.COMMAND))
        self._state_topic = state_topic(site, device)
        self._happened: SimpleQueue[Callable[[], object]] = SimpleQueue()
        self._by_mid: dict[int, tuple[Lane, Flight]] = {}
        self._suspects: deque[tuple[Lane, Flight]] = deque()
        self._acks: list[tuple[Ack, Delivery]] = []
        self._connected = self._stopping = False
        self._expires_at = self._report_at = 0.0
        self.faults = 0
        """Unforeseen exceptions so far; each is logged."""
        self._thread = threading.Thread(target=self._run, name=f"uplink-{device}", daemon=True)
        happened = self._queued
        self._link = connect(
            Callbacks(
                connected=happened(self._on_connected),
                disconnected=happened(self._on_disconnected),
                delivered=happened(self._on_delivered),
                published=happened(self._on_published),
                blamed=happened(self._on_blamed),
            ),
            (self._state_topic, encode(self._report.of_now(online=False))),
        )

    @property
    def is_connected(self) -> bool:
        """Whether there is a session now."""
        return self._connected

    @property
    def setbacks(self) -> int:
        """How often in a row nobody could take what was sent; 0 when it flows."""
        return max(lane.setbacks for lane in self._lanes)

    def start(self) -> None:
        """Connect and send until ``stop``."""
        self._link.start()
        self._thread.start()

    def stop(self) -> None:
        """Say that the device is offline, and disconnect; what waits stays in the outbox."""
        self._stopping = True
        self.wake()
        if self._thread.is_alive():
            self._thread.join()
        if self._connected:
            self._publish_state(online=False)
        self._link.stop()

    def wake(self) -> None:
        """Send what was appended now, rather than a moment later."""
        self._happened.put(_nothing)

    def promise(self, until: datetime) -> None:
        """Take the word that all that was measured up to a time has been appended to the outbox.

        Once that is empty it is ingest's too, which then need not wait for us.
        """
        self._report.promise(until)

    def step(self, wait_s: float = 0) -> None:
        """Handle what happened, waiting for it at most so long; then send what may be sent."""
        self._handle_all(wait_s)
        self._settle()
        now = self._clock()
        if now >= self._expires_at:
            self._expires_at = now + _TICK_S
            for lane in self._lanes:
                lane.expire(now)
        if self._connected:
            if now >= self._report_at:
                self._tell(now)
            self._send(now)

    def on_taken(self, flight: Flight) -> None:
        """Do nothing: that the broker has a message says nothing about ingest."""

    def _run(self) -> None:
        while not self._stopping:
            try:
                self.step(_TICK_S)
            except Exception:
                self.faults += 1
                log.exception("uplink step failed", device=self._device)

    def _handle_all(self, wait_s: float) -> None:
        try:
            self._happened.get(timeout=wait_s)() if wait_s else self._happened.get_nowait()()
            while True:
                self._happened.get_nowait()()
        except Empty:
            return

    def _queued(self, handle: Callable[..., object]) -> Callable[..., None]:
        # Callbacks come from the driver's thread, which holds its own locks meanwhile.
        return lambda *given: self._happened.put(partial(handle, *given))

    # What happened.

    def _on_connected(self, kept_session: bool) -> None:  # noqa: FBT001 - the session's callback
        log.info("connected", device=self._device, kept_session=kept_session)
        self._forget_outstanding()
        self._connected = True
        self._report.connected()
        self._report_at = 0
        for lane in self._lanes:
            lane.reconnected(self._clock(), kept_session=kept_session)

    def _on_disconnected(self, reason: str) -> None:
        log.warning("no broker; readings wait", device=self._device, reason=reason)
        self._connected = False
        self._forget_outstanding()

    def _on_blamed(self, code: int) -> None:
        """Find the culprit: if one publish was outstanding it is; else they go one by one."""
        accused = [*self._by_mid.values()]
        self._by_mid.clear()
        self._suspects = deque(one for one in self._suspects if one not in accused)
        if len(accused) == 1:
            self._condemn(*accused[0], f"refused by the broker ({code:#04x})")
        else:
            self._suspects.extend(accused)

    def _on_delivered(self, delivery: Delivery) -> None:
        if self._on_command is not None and delivery.topic == self._command_topic:
            self._on_command(delivery.payload)
            self._link.acknowledge(delivery)
            return
        try:
            self._acks.append((decode_ack(delivery.payload), delivery))
        except MalformedMessageError as error:
            log.warning("unreadable acknowledgement", device=self._device, error=str(error))
            self._link.acknowledge(delivery)

    def _on_published(self, mid: int, code: int) -> None:
        if mid not in self._by_mid:
            return
        lane, flight = self._by_mid.pop(mid)
        flight.mid = None
        if self._suspects and self._suspects[0][1] is flight:
            self._suspects.popleft()
        match VERDICTS.get(code, Verdict.POISON):
            case Verdict.TAKEN:
                lane.taken(flight)
                self.on_taken(flight)
            case Verdict.LATER:
                lane.set_back(self._clock())
                lane.again(flight, first=True)
            case Verdict.DENIED:
                lane.set_back(self._clock())
                self._deny(lane, flight)
            case Verdict.POISON:
                self._condemn(lane, flight, f"refused by the broker ({code:#04x})")

    def _deny(self, lane: Lane, flight: Flight) -> None:
        flight.refusals += 1
        log.error("publish denied", device=self._device, topic=self._topics[lane.urgent])
        if flight.refusals < self._pace.tries:
            lane.again(flight, first=True)
        else:
            self._give_up(lane, flight, DENIED)

    def _condemn(self, lane: Lane, flight: Flight, reason: str) -> None:
        """Halve what is refused for its bytes, until one reading is left to give up."""
        flight.refusals += 1
        if len(flight.seqs) > 1:
            self._suspects.extendleft((lane, half) for half in reversed(lane.halves(flight)))
        elif flight.refusals < self._pace.tries:
            self._suspects.appendleft((lane, flight))
        else:
            self._give_up(lane, flight, reason)

    def _give_up(self, lane: Lane, flight: Flight, reason: str) -> None:
        batch = self._reread(lane, flight)
        if batch is not None and not self._outbox.quarantine(batch, reason):
            lane.again(flight)
            return
        lane.done(flight)

    def _forget_outstanding(self) -> None:
        for lane, flight in self._by_mid.values():
            lane.again(flight)
        self._by_mid.clear()

    def _settle(self) -> None:
        acks, self._acks = self._acks, []
        if acks and self._outbox.settle([ack for ack, _ in acks]):
            for ack, _ in acks:
                self._settled(ack)
        for _, delivery in acks:  # even if not settled: what is sent again is answered again
            self._link.acknowledge(delivery)

    def _settled(self, ack: Ack) -> None:
        answered = [*ack.kept, *((refusal.seq, refusal.seq) for refusal in ack.refused)]
        for lane in self._lanes:
            lane.settled(ack.boot, answered)
        for refusal in ack.refused_payloads:
            self._refused_payload(refusal.digest, refusal.reason)

    def _refused_payload(self, digest: str, reason: str) -> None:
        found = [(a, f) for a in self._lanes for f in a.flights if f.digest == digest]
        for lane, flight in found:
            log.error("payload unreadable to ingest", device=self._device, reason=reason)
            flight.refusals = self._pace.tries
            self._condemn(lane, flight, UNREADABLE)

    # Sending.

    def _send(self, now: float) -> None:
        for lane in self._lanes:
            while len(self._by_mid) < self._link.window and self._send_next(lane, now):
                pass

    def _send_next(self, lane: Lane, now: float) -> bool:
        """Publish the next message of a lane; return whether there may be another."""
        if self._suspects:
            return self._send_suspect(now)
        outstanding = sum(one is lane for one, _ in self._by_mid.values())
        if not lane.may_send(now, outstanding):
            return False
        flight = lane.next_again()
        if flight is not None:
            return self._send_again(lane, flight, now)
        return lane.has_room() and self._send_new(lane, now)

    def _send_suspect(self, now: float) -> bool:
        if self._by_mid:
            return False
        lane, flight = self._suspects[0]
        if lane.carries(flight):
            self._send_again(lane, flight, now)
        if lane.carries(flight):
            return False
        self._suspects.popleft()
        return True

    def _send_again(self, lane: Lane, flight: Flight, now: float) -> bool:
        batch = self._reread(lane, flight)
        if batch is None:
            lane.done(flight)
            return True
        if batch.seqs != flight.seqs:
            lane.shrunk(flight, batch)
        return self._publish(lane, flight, batch, now)

    def _send_new(self, lane: Lane, now: float) -> bool:
        batch = self._outbox.batch(
            urgent=lane.urgent,
            after=lane.cursor,
            limit_readings=self._pace.batch,
            limit_bytes=self._room_bytes(),
        )
        return batch is not None and self._publish(lane, lane.began(batch), batch, now)

    def _reread(self, lane: Lane, flight: Flight) -> Batch | None:
        if not flight.seqs:
            return None
        return self._outbox.batch(
            urgent=lane.urgent,
            after=Place(flight.first.boot, flight.seqs[0] - 1),
            until=flight.last,
            limit_readings=len(flight.seqs),
            limit_bytes=self._room_bytes(),
        )

    def _publish(self, lane: Lane, flight: Flight, batch: Batch, now: float) -> bool:
        mid = None
        if self._outbox.mark_sent(batch):
            mid = self._link.publish(self._topics[lane.urgent], batch.payload)
        if mid is None:
            lane.again(flight)
            return False
        lane.sent(flight, mid, sha256(batch.payload).hexdigest(), now)
        self._by_mid[mid] = (lane, flight)
        return True

    def _room_bytes(self) -> int:
        return min(ROOM_BYTES, self._link.max_packet_bytes - ENVELOPE_BYTES)

    # Reports.

    def _tell(self, now: float) -> None:
        self._report_at = now + STATE_EVERY_S
        for state in self._report.of_earlier():
            self._link.publish(self._state_topic, encode(state))
        self._publish_state(online=True)

    def _publish_state(self, *, online: bool) -> None:
        self._link.publish(
            self._state_topic, encode(self._report.of_now(online=online)), retain=True
        )
        self._link.set_will(self._state_topic, encode(self._report.of_now(online=False)))


def _nothing() -> None:
    """Wake the thread."""
