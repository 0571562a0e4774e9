"""What others than the declarant say about a shipment, each with when and by whom.

Facts come late and in any order, so none replaces another: they are a set, and every conclusion
is drawn anew from all of them.
"""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from operator import attrgetter
from typing import Final

from msgspec import Struct, json
from msgspec.structs import replace

from haechi.aci.shipment import Role


class Source(StrEnum):
    """Who says something."""

    DECLARATION = "declaration"
    VOYAGE = "voyage"
    POLICY = "policy"
    CUSTOMS = "customs"
    AIS = "ais"
    MANIFEST = "manifest"
    CARRIER = "carrier"
    TERMINAL = "terminal"
    SEAL = "seal"
    GATE = "gate"
    SCALE = "scale"
    DOCUMENT = "document"


class SealRole(StrEnum):
    """Why a seal was looked at."""

    ARMED = "armed"
    GATE = "gate"
    RESEALED = "resealed"
    """Put on by authority in the place of another (DCSA ``RSEA``): lawful from then on."""


class MoveKind(StrEnum):
    """What happened to a container, in DCSA's words."""

    LOADED = "LOAD"
    DISCHARGED = "DISC"
    GATE_IN = "GTIN"
    GATE_OUT = "GTOT"


class Fact(Struct, frozen=True, kw_only=True, gc=False):
    """What all facts share."""

    at: datetime
    """When it was so."""
    source: Source
    reference: str = ""
    """Finding, message or file that says it."""


class ShipSeen(Fact, frozen=True, kw_only=True, gc=False):
    """The names under which the vessel that is tracked reports herself; empty if not heard."""

    mmsi: str = ""
    imo: str = ""
    call_sign: str = ""


class PortVisit(Fact, frozen=True, kw_only=True, gc=False):
    """The vessel was inside the geofence of a port from ``at`` on."""

    port: str
    left: datetime | None = None
    """``None`` while she is there."""


class Meeting(Fact, frozen=True, kw_only=True, gc=False):
    """The vessel was close to another at sea."""

    other: str
    until: datetime


class EtaReport(Fact, frozen=True, kw_only=True, gc=False):
    """When she says she will arrive."""

    port: str
    eta: datetime


class Move(Fact, frozen=True, kw_only=True, gc=False):
    """A container was loaded, discharged, or passed a gate."""

    container: str
    kind: MoveKind
    port: str = ""


class LoadingComplete(Fact, frozen=True, kw_only=True, gc=False):
    """The terminal has reported that all is aboard."""

    port: str


class ManifestLine(Fact, frozen=True, kw_only=True, gc=False):
    """A container on a carrier's list of what is aboard; what it leaves out is empty."""

    container: str
    imo: str = ""
    call_sign: str = ""
    voyage: str = ""
    load_port: str = ""
    discharge_port: str = ""
    gross_kg: float | None = None


class SealSeen(Fact, frozen=True, kw_only=True, gc=False):
    """A seal hung on a container."""

    container: str
    seal: str
    role: SealRole


class SealBound(Fact, frozen=True, kw_only=True, gc=False):
    """The registry has ordered a seal onto a container under the number that documents name."""

    container: str
    seal: str
    number: str


class SealOpened(Fact, frozen=True, kw_only=True, gc=False):
    """A seal was opened."""

    seal: str
    container: str


class Weighing(Fact, frozen=True, kw_only=True, gc=False):
    """A container was weighed as a whole (verified gross mass)."""

    container: str
    kg: float
    tare_kg: float | None = None
    """Weight of the empty box, if known."""


class Landing(Fact, frozen=True, kw_only=True, gc=False):
    """What was discharged in the end."""

    quantity: Decimal
    is_short_shipped: bool = False
    """The rest was left behind at the port of loading, and the carrier has said so."""


class CarrierCheck(Fact, frozen=True, kw_only=True, gc=False):
    """The importer that the carrier had on file when a container was loaded or discharged."""

    importer: str
    kind: MoveKind


class DocumentUse(Fact, frozen=True, kw_only=True, gc=False):
    """A file with this content was handed in under an ACID."""

    digest: str
    acid: str


class AmendmentTried(Fact, frozen=True, kw_only=True, gc=False):
    """Somebody tried to change what was declared, and was refused."""

    role: Role
    fields: tuple[str, ...]


AnyFact = (
    ShipSeen
    | PortVisit
    | Meeting
    | EtaReport
    | Move
    | LoadingComplete
    | ManifestLine
    | SealSeen
    | SealBound
    | SealOpened
    | Weighing
    | Landing
    | CarrierCheck
    | DocumentUse
    | AmendmentTried
)


class Observed(Struct, frozen=True, kw_only=True, gc=False):
    """All facts about one shipment, each kind in the order of time."""

    ships: tuple[ShipSeen, ...] = ()
    visits: tuple[PortVisit, ...] = ()
    """Of the vessel that carries it."""
    meetings: tuple[Meeting, ...] = ()
    etas: tuple[EtaReport, ...] = ()
    moves: tuple[Move, ...] = ()
    completions: tuple[LoadingComplete, ...] = ()
    manifest: tuple[ManifestLine, ...] = ()
    seals: tuple[SealSeen, ...] = ()
    bindings: tuple[SealBound, ...] = ()
    openings: tuple[SealOpened, ...] = ()
    weighings: tuple[Weighing, ...] = ()
    landings: tuple[Landing, ...] = ()
    carrier_checks: tuple[CarrierCheck, ...] = ()
    document_uses: tuple[DocumentUse, ...] = ()
    attempts: tuple[AmendmentTried, ...] = ()


_at = attrgetter("at")

FIELDS: Final[dict[type, str]] = {
    ShipSeen: "ships",
    PortVisit: "visits",
    Meeting: "meetings",
    EtaReport: "etas",
    Move: "moves",
    LoadingComplete: "completions",
    ManifestLine: "manifest",
    SealSeen: "seals",
    SealBound: "bindings",
    SealOpened: "openings",
    Weighing: "weighings",
    Landing: "landings",
    CarrierCheck: "carrier_checks",
    DocumentUse: "document_uses",
    AmendmentTried: "attempts",
}
"""Where each kind of fact is kept."""


def observe(observed: Observed, *facts: AnyFact) -> Observed:
    """Return ``observed`` with more facts; the same facts give the same value in any order.

    A visit that has ended takes the place of the same visit while it went on.
    """
    fresh: dict[type, list[AnyFact]] = {}
    for fact in facts:
        fresh.setdefault(type(fact), []).append(fact)
    fields = ((FIELDS[kind], more) for kind, more in fresh.items())
    return replace(
        observed, **{field: _merged([*getattr(observed, field), *more]) for field, more in fields}
    )


def _merged(facts: list[AnyFact]) -> tuple[AnyFact, ...]:
    """Return facts of one kind, each once, in the order of time; what is written decides a tie."""
    if len(facts) == 1:
        return (*facts,)
    facts.sort(key=_at)
    if any(one.at == later.at for one, later in pairwise(facts)):
        over = {replace(one, left=None) for one in facts if isinstance(one, PortVisit) and one.left}
        facts = sorted({*facts} - over, key=json.encode)
        facts.sort(key=_at)
    return (*facts,)
