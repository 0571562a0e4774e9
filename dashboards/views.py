"""What the console's API says: the vocabulary's values as pages and programs read them."""

from datetime import UTC, datetime

from msgspec import UNSET, Struct, UnsetType, structs

from analytics.saying import read
from analytics.words import Language
from dashboards.health import Health
from haechi.alarms import Alarm, AlarmEvent, AlarmState
from haechi.findings import Finding, Saying, Severity
from haechi.kept import DeadLetter, Latest
from haechi.ledger import Account
from haechi.messages import DeviceState, place
from haechi.observations import Observation
from haechi.pushes import Push
from haechi.vessels import VesselParticulars, VesselPosition, VesselStatic

SHOWN_PAYLOAD_BYTES = 2048


class Words(Struct, frozen=True):
    """One sentence in the languages of the operators."""

    en: str
    ko: str
    ar: str

    @classmethod
    def of(cls, text: str, saying: Saying | UnsetType) -> "Words":
        """Return what was stored in English as each of them reads it."""
        return cls(*(read(text, saying, language) for language in Language))


class AlarmView(Struct, frozen=True, kw_only=True):
    """An alarm with its state spelt out."""

    id: str
    site: str
    rule: str
    subject: str
    zone: str | None
    kind: str
    severity: Severity
    text: str
    """In English."""
    words: Words
    """The same for each reader."""
    status: AlarmState
    is_open: bool
    active: bool
    acknowledged: bool
    since: datetime
    until: datetime | None
    raised_at: datetime
    updated_at: datetime
    findings: tuple[str, ...]
    """Ids of what it rests on, oldest first."""
    fired: int
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    cleared_at: datetime | None
    cleared_by: str | None
    shelved_until: datetime | None
    shelved_by: str | None
    assignee: str | None
    lat: float | None
    lon: float | None
    subject_name: str | None
    retracted: bool


_SAME = frozenset(AlarmView.__struct_fields__) & frozenset(Alarm.__struct_fields__)


def alarm_view(alarm: Alarm) -> AlarmView:
    """Return an alarm as pages read it."""
    return AlarmView(
        **{name: getattr(alarm, name) for name in _SAME},
        **alarm.key._asdict(),
        words=Words.of(alarm.text, alarm.saying),
        status=alarm.status,
        is_open=alarm.is_open,
        findings=tuple(basis.finding for basis in alarm.basis),
    )


class FindingView(Finding, frozen=True, kw_only=True, gc=False):
    """A finding with its sentence for each reader."""

    words: Words

    @classmethod
    def of(cls, finding: Finding) -> "FindingView":
        """Return it as pages read it."""
        stated = structs.asdict(structs.replace(finding, saying=UNSET))
        return cls(**stated, words=Words.of(finding.text, finding.saying))


class EventView(AlarmEvent, frozen=True, kw_only=True):
    """A line of an alarm's history; what rules noted is there for each reader."""

    words: Words

    @classmethod
    def of(cls, event: AlarmEvent) -> "EventView":
        """Return it as pages read it."""
        stated = structs.asdict(structs.replace(event, saying=UNSET))
        return cls(**stated, words=Words.of(event.note, event.saying))


class HealthView(Struct, frozen=True, kw_only=True):
    """How the platform is, and when that was said: the heartbeat of the stream."""

    state: str
    reasons: tuple[str, ...]
    watermark: datetime | None
    now: datetime

    @classmethod
    def of(cls, health: Health) -> "HealthView":
        """Return it as of now."""
        return cls(**structs.asdict(health), now=datetime.now(UTC))


class Snapshot(Struct, frozen=True, kw_only=True):
    """Everything a page needs to begin; the stream goes on from ``position``."""

    position: int
    now: datetime
    site: str
    time_zone: str
    language: str
    vessels: list[Latest]
    alarms: list[AlarmView]


class VesselView(Struct, frozen=True, kw_only=True):
    """One vessel: where it is, what it says it is, what was found."""

    vessel: Latest
    particulars: VesselParticulars
    findings: list[FindingView]
    alarms: list[AlarmView]


class Track(Struct, frozen=True, kw_only=True):
    """Positions of a subject, oldest first: longitude, latitude, time, speed in knots."""

    subject: str
    points: list[tuple[float, float, datetime, float | None]]


class AlarmDetail(Struct, frozen=True, kw_only=True):
    """One alarm with its history, what it rests on, and who was told."""

    alarm: AlarmView
    events: list[EventView]
    findings: list[FindingView]
    pushes: list[Push]


class AccountView(Struct, frozen=True, kw_only=True):
    """One line of the loss ledger, added up, while readings go on arriving.

    An agent states how far it has counted every half minute, so ingest may hold more than that:
    ``missing`` is then below 0, which is no loss.
    """

    device: str
    boot: str
    numbered: int
    kept: int
    duplicate: int
    rejected: dict[str, int]
    thinned: int
    in_flight: int
    sent: int
    missing: int
    balances: bool

    @classmethod
    def of(cls, account: Account) -> "AccountView":
        """Add up one account."""
        return cls(
            **structs.asdict(account),
            sent=account.sent,
            missing=account.missing,
            balances=account.missing <= 0,
        )


class DeviceView(Struct, frozen=True, kw_only=True):
    """How a device last said it is."""

    site: str
    state: DeviceState


class DeadLetterView(Struct, frozen=True, kw_only=True):
    """What was set aside, its payload made printable and cut short."""

    topic: str
    payload: str
    payload_bytes: int
    reason: str
    received_at: datetime
    device: str
    boot: str
    seq: int

    @classmethod
    def of(cls, letter: DeadLetter) -> "DeadLetterView":
        """Show the beginning; whatever is not a printable ASCII sign is escaped."""
        begins = letter.payload[:SHOWN_PAYLOAD_BYTES].decode("ascii", "backslashreplace")
        shown = "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in begins)
        return cls(
            topic=letter.topic,
            payload=shown,
            payload_bytes=len(letter.payload),
            reason=letter.reason,
            received_at=letter.received_at,
            device=letter.device,
            boot=letter.boot,
            seq=letter.seq,
        )


def particulars(observations: list[Observation]) -> VesselParticulars:
    """Return what a vessel last said of each of its particulars."""
    said: dict[str, object] = {}
    for observation in observations:
        match observation.content:
            case (
                VesselStatic(particulars=stated)
                | VesselPosition(particulars=VesselParticulars() as stated)
            ):
                values = structs.asdict(stated)
                said |= {name: value for name, value in values.items() if value is not None}
            case _:
                pass
    return VesselParticulars(**said)  # type: ignore[arg-type]  # the fields of such structs


def points(observations: list[Observation]) -> list[tuple[float, float, datetime, float | None]]:
    """Return the positions among observations."""
    return [
        (where[1], where[0], observation.at, getattr(observation.content, "speed_kn", None))
        for observation in observations
        if (where := place(observation.content)) is not None
    ]
