"""Ingest without a broker: a link that remembers, a rule that is easy to trigger, a pipeline."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count

from msgspec import Struct

from analytics.rule import Event, Step
from analytics.wording import Voice
from haechi.alarms import AlarmPolicy, Signal
from haechi.commands import rulebook
from haechi.findings import Finding, Severity, Status, finding_id
from haechi.messages import Ack, decode_ack
from haechi.mqtt import Delivery
from haechi.observations import Observation
from haechi.pushes import Channel, PushPolicy, PushRule
from haechi.settings import load
from haechi.vessels import VesselPosition
from ingest.alarming import Alarming
from ingest.judging import Judging
from ingest.pipeline import Pipeline
from ingest.ports import Store
from ingest.saving import Saving
from tests.ingest.observed import NOON

TOPIC = "haechi/v1/busan/ais-1/up/telemetry"
NOW = NOON + timedelta(hours=1)


class Since(Struct, frozen=True):
    """When a vessel began to be fast, and by when it must be heard again."""

    at: datetime | None = None
    heard: datetime | None = None


@dataclass(frozen=True)
class Fast:
    """Finds vessels at 30 kn or more, and silences of ten minutes."""

    name: str = "fast"
    version: str = "1"
    state_type: type[Since] = Since
    accepts: tuple[type, ...] = (VesselPosition,)

    def start(self) -> Since:
        """Return that nothing was seen."""
        return Since()

    def on_event(self, state: Since, event: Event) -> Step[Since]:
        """Begin or end an episode."""
        wake_at = event.at + timedelta(minutes=10)
        content = event.content
        speed = content.speed_kn or 0 if isinstance(content, VesselPosition) else 0
        if speed >= 30 and state.at is None:
            found = (self._finding("fast", event.subject, event.at, None),)
            return Step(Since(event.at, event.at), found, wake_at)
        if speed < 30 and state.at is not None:
            found = (self._finding("fast", event.subject, state.at, event.at),)
            return Step(Since(None, event.at), found, wake_at)
        return Step(Since(state.at, event.at), (), wake_at)

    def on_wake(self, state: Since, now: datetime) -> Step[Since]:
        """Say that it has been silent."""
        heard = state.heard or now
        return Step(state, (self._finding("silence", "mmsi:219000001", heard, None),))

    def _finding(self, kind: str, subject: str, since: datetime, until: datetime | None) -> Finding:
        return Finding(
            id=finding_id(self.name, subject, f"{kind} {since.isoformat()}"),
            rule=self.name,
            kind=kind,
            rule_version=self.version,
            subject=subject,
            severity=Severity.MAJOR,
            since=since,
            until=until,
            text="30 kn or more",
            values={},
            thresholds={},
            status=Status.OPEN if until is None else Status.ENDED,
        )


@dataclass
class Trace:
    """A link, a bell and a witness of steps that write down what happened, in order."""

    lines: list[str] = field(default_factory=list[str])
    acks: list[Ack] = field(default_factory=list[Ack])
    topics: list[str] = field(default_factory=list[str])

    def ring(self) -> None:
        """Remember."""
        self.lines.append("ring")

    def passing(self, place: str) -> None:
        """Remember the place, of those where tests may end the process."""
        self.lines.append(place)

    def acknowledge_all(self, deliveries: Iterable[Delivery]) -> None:
        """Remember."""
        self.lines += [f"puback {delivery.mid}" for delivery in deliveries]

    def publish(self, topic: str, payload: bytes) -> int | None:
        """Remember."""
        self.lines.append("ack")
        self.topics.append(topic)
        self.acks.append(decode_ack(payload))
        return 1


PUSHES = PushPolicy(
    channels=(Channel(name="console", type="console"),),
    rules=(PushRule(name="all", channels=("console",), on=(Signal.OPENED,)),),
)


def judging(locate_fails: bool = False) -> Judging:  # noqa: FBT001, FBT002 - a switch of a test
    """Return the rule in its shell."""

    def locate(observations: Sequence[Observation]) -> list[Event]:
        if locate_fails:
            raise ZeroDivisionError
        return [Event(observation) for observation in observations]

    return Judging(
        [Fast()],
        locate,
        allowance=timedelta(seconds=30),
        idle_limit=timedelta(minutes=10),
    )


def alarming() -> Alarming:
    """Return alarms with one console."""
    return Alarming(AlarmPolicy(), PUSHES, Voice(zone=UTC, zone_name="UTC"))


def pipeline(store: Store, link: Trace) -> Pipeline:
    """Return a pipeline at work."""
    judge = judging()
    built = Pipeline(
        store=store,
        judging=judge,
        alarming=alarming(),
        saving=Saving(judge, 1.0),
        link=link,
        ring=link.ring,
        skew_limit=timedelta(minutes=5),
    )
    built.recover(NOW)
    return built


def reborn(store: Store, now: datetime, spread_s: float) -> Pipeline:
    """Return a pipeline as a new live process makes it, with the default rules.

    Its clock goes on with each look, so that something is saved with nearly every batch.
    """
    settings = load(site="busan")
    judge = rulebook.judging(settings, lagging=True)
    seconds = count()
    built = Pipeline(
        store=store,
        judging=judge,
        alarming=rulebook.alarming(settings),
        saving=Saving(judge, spread_s, lambda: float(next(seconds))),
        link=Trace(),
        ring=lambda: None,
        skew_limit=timedelta(minutes=5),
    )
    built.recover(now)
    return built


def delivery(
    payload: bytes, *, topic: str = TOPIC, mid: int = 1, content_type: str | None = None
) -> Delivery:
    """Return what a broker hands over."""
    return Delivery(topic, payload, False, content_type, mid, 1)  # noqa: FBT003 - not retained
