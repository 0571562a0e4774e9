"""What a cargo document says, whatever its format: the one shape all imports end in.

A manifest holds claims, not facts: numbers that fail their check digit stay as they were written,
and a :class:`Problem` says so. Whoever judges the claims reads the problems too.
"""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from haechi.fields import Latitude, Longitude, Moment

Code = Annotated[str, Meta(max_length=35)]
"""A number or a code as the document has it; UN/EDIFACT allows most of them 35 signs."""
Name = Annotated[str, Meta(max_length=256)]
Prose = Annotated[str, Meta(max_length=2000)]
Kilograms = Annotated[float, Meta(ge=0, le=1e9)]
Pieces = Annotated[int, Meta(ge=0, le=10**9)]
EventId = Annotated[str, Meta(max_length=100)]
Pair = tuple[Code, Name]
"""What kind of reference, and its value."""


class ProblemKind(StrEnum):
    """What is wrong, for programs; people read the reason."""

    CHARSET = "charset"
    SYNTAX = "syntax"
    COUNT = "count"
    """A stated number of parts is not the number that came."""
    MESSAGE = "message"
    """The type of the message is missing or not one that is read."""
    IDENTIFIER = "identifier"
    """A container, ship, place, seal or shipment number that cannot be right."""
    VALUE = "value"
    TIME = "time"
    MISSING = "missing"
    UNKNOWN = "unknown"
    """A qualifier, column or code nobody told us about."""


class Problem(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing wrong with a document that was read all the same."""

    kind: ProblemKind
    at: int
    """Number of the segment, line, row or item, from 1; 0 is the document as a whole."""
    part: Name
    """Its tag, column or path."""
    reason: Prose
    kept: Prose
    """What stands in the result instead."""

    def __str__(self) -> str:
        place = " ".join(filter(None, (str(self.at) if self.at else "", self.part)))
        return f"{place or 'document'}: {self.reason}; {self.kept}"


class _Claim(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Settings all parts of a manifest share."""


class Source(_Claim, frozen=True, kw_only=True):
    """Where a manifest comes from."""

    format: Code
    """Such as ``CUSCAR``, ``BAPLIE``, ``DCSA events``, ``CSV``."""
    version: Code = ""
    sender: Name = ""
    reference: Code = ""
    function: Code = ""
    """UN/EDIFACT 1225: 9 original, 5 replaces, 4 changes, 1 cancels."""
    made_at: Moment | None = None


class Vessel(_Claim, frozen=True, kw_only=True):
    """A ship as a document names it; an empty text is a number that is not given."""

    name: Name = ""
    call_sign: Code = ""
    imo: Code = ""
    flag: Code = ""


class Call(_Claim, frozen=True, kw_only=True):
    """One call at a port; which times are known depends on the document."""

    place: Code
    """UN/LOCODE where the document has one."""
    name: Name = ""
    role: Code = ""
    """``departure``, ``next``, ``arrival``, ``loading``, ``discharge`` or ``call``."""
    terminal: Code = ""
    arrival_planned: Moment | None = None
    arrival_actual: Moment | None = None
    departure_planned: Moment | None = None
    departure_actual: Moment | None = None


class Party(_Claim, frozen=True, kw_only=True):
    """A company named in a document."""

    role: Code
    """UN/EDIFACT 3035: ``CZ`` shipper, ``CN`` consignee, ``N1`` notify, ``MS`` sender."""
    name: Name = ""
    address: Name = ""
    number: Code = ""
    """How the sender of the document numbers it."""
    tax_number: Code = ""

    @property
    def is_to_order(self) -> bool:
        """Whether nobody is named: the holder of the bill is the consignee.

        >>> Party(role="CN", name="TO ORDER OF SHIPPER").is_to_order
        True
        """
        return self.name.upper().split()[:2] == ["TO", "ORDER"]


class Goods(_Claim, frozen=True, kw_only=True):
    """One item of a consignment, in the containers named."""

    number: Code = ""
    description: Prose = ""
    hs_code: Code = ""
    packages: Pieces | None = None
    package_kind: Code = ""
    gross_kg: Kilograms | None = None
    containers: tuple[Code, ...] = ()


class Consignment(_Claim, frozen=True, kw_only=True):
    """What one bill of lading covers."""

    bill: Code
    master_bill: Code = ""
    acids: tuple[Code, ...] = ()
    """Numbers stated as ACIDs. A bill has one; none or several is for a rule to judge."""
    load_port: Code = ""
    discharge_port: Code = ""
    parties: tuple[Party, ...] = ()
    goods: tuple[Goods, ...] = ()
    references: tuple[Pair, ...] = ()

    def party(self, role: str) -> Party | None:
        """Return the first party of a role."""
        return next((party for party in self.parties if party.role == role), None)

    @property
    def containers(self) -> tuple[str, ...]:
        """Containers its goods are in, each once, in the order they are named."""
        return tuple(dict.fromkeys(name for item in self.goods for name in item.containers))

    @property
    def gross_kg(self) -> float | None:
        """Sum of the stated weights, kilograms; ``None`` if there is none."""
        weights = [item.gross_kg for item in self.goods if item.gross_kg is not None]
        return sum(weights) if weights else None

    @property
    def packages(self) -> int | None:
        """Sum of the stated packages; ``None`` if there is none."""
        numbers = [item.packages for item in self.goods if item.packages is not None]
        return sum(numbers) if numbers else None


class SealClaim(_Claim, frozen=True, kw_only=True):
    """A seal's number and, as DCSA has it, who put it on: ``CAR``, ``SHI``, ``CUS`` and so on."""

    number: Code
    source: Code = ""


class Equipment(_Claim, frozen=True, kw_only=True):
    """One container."""

    container: Code
    """As written, without spaces; a check digit may be wrong, which is then a problem."""
    iso_type: Code = ""
    is_full: bool | None = None
    gross_kg: Kilograms | None = None
    vgm_kg: Kilograms | None = None
    """Verified gross mass (SOLAS VI/2)."""
    stowage: Code = ""
    """Bay, row and tier: ``BBBRRTT``."""
    load_port: Code = ""
    discharge_port: Code = ""
    operator: Code = ""
    seals: tuple[SealClaim, ...] = ()
    bills: tuple[Code, ...] = ()


class EventType(StrEnum):
    """DCSA's kinds of events, and steps of clearance."""

    EQUIPMENT = "EQUIPMENT"
    TRANSPORT = "TRANSPORT"
    SHIPMENT = "SHIPMENT"
    IOT = "IOT"
    CLEARANCE = "CLEARANCE"


class Event(_Claim, frozen=True, kw_only=True):
    """Something that happened or is expected, in DCSA's words."""

    type: EventType
    code: Code
    """``LOAD``, ``DISC``, ``GTIN``, ``GTOT``, ``ARRI``, ``DEPA``, ``ISSU``, ``DRO`` …"""
    at: Moment
    classifier: Code = "ACT"
    """``ACT`` happened, ``PLN`` planned, ``EST`` expected."""
    id: EventId = ""
    created: Moment | None = None
    container: Code = ""
    is_empty: bool | None = None
    document: Pair | None = None
    """Kind and number of the document a shipment event is about."""
    place: Code = ""
    facility: Code = ""
    lat: Latitude | None = None
    lon: Longitude | None = None
    voyage: Code = ""
    vessel: Vessel | None = None
    seals: tuple[SealClaim, ...] = ()
    references: tuple[Pair, ...] = ()
    note: Name = ""


class Manifest(_Claim, frozen=True, kw_only=True):
    """All that one message says about one voyage."""

    source: Source
    vessel: Vessel = Vessel()
    voyage: Code = ""
    carrier: Name = ""
    calls: tuple[Call, ...] = ()
    parties: tuple[Party, ...] = ()
    consignments: tuple[Consignment, ...] = ()
    equipment: tuple[Equipment, ...] = ()
    events: tuple[Event, ...] = ()
    retracted: tuple[EventId, ...] = ()
    """Ids of events that their publisher has taken back."""

    @property
    def standing_events(self) -> tuple[Event, ...]:
        """Events that nobody has taken back."""
        return tuple(
            event for event in self.events if not event.id or event.id not in self.retracted
        )

    @property
    def containers(self) -> tuple[str, ...]:
        """Every container that is named, each once, in the order they are named."""
        listed = (unit.container for unit in self.equipment)
        packed = (name for one in self.consignments for name in one.containers)
        moved = (event.container for event in self.events if event.container)
        return tuple(dict.fromkeys((*listed, *packed, *moved)))


class Document(_Claim, frozen=True, kw_only=True):
    """One file, read to its end: what it says, and what is wrong with it."""

    name: Name = ""
    digest: Annotated[str, Meta(pattern=r"^([0-9a-f]{64})?\Z")] = ""
    """SHA-256 of its bytes, by which the same file is known again."""
    manifests: tuple[Manifest, ...] = ()
    problems: tuple[Problem, ...] = ()
    unlisted_problems: int = 0
    """How many more there are beyond those that are listed."""
