"""What the tables of the policy file hold; the file itself says what each figure rests on."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from haechi.aci.shipment import Mode, Role


class Obligation(StrEnum):
    """Whether goods need an ACID."""

    NOT_REQUIRED = "not_required"
    PILOT = "pilot"
    """Old and new ways run side by side: a missing ACID is a warning."""
    MANDATORY = "mandatory"
    """Without one the carrier refuses to load."""


class Anchor(StrEnum):
    """The moment from which a deadline is counted."""

    PLANNED_LOADING = "planned_loading"
    ETD = "etd"
    DEPARTURE = "departure"
    """The actual departure, or the expected one while nobody has seen it."""
    REQUESTED = "requested"


class Duty(StrEnum):
    """What has to be done by a deadline."""

    FILED = "filed"
    CARRIER_DATA = "carrier_data"
    CARRIER_PAPERS = "carrier_papers"
    ENVELOPE = "envelope"
    FINAL_BILL = "final_bill"
    DECISION = "decision"


class Group(StrEnum):
    """Groups of fields that are amended under one right."""

    PARTIES = "parties"
    GOODS = "goods"
    CARRIAGE = "carriage"
    DOCUMENTS = "documents"


class Phase(StrEnum):
    """How far a shipment has come, as far as amendments care."""

    DRAFT = "draft"
    REQUESTED = "requested"
    ISSUED = "issued"
    DEPARTED = "departed"


class Option(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One side of a contradiction."""

    name: str
    source: str


class Choice(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A contradiction between sources, and which side is taken."""

    name: str
    use: str
    about: str
    option: Annotated[tuple[Option, ...], Meta(min_length=2)]


class Row(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every rule says of itself."""

    valid_from: date
    valid_to: date | None = None
    """Last day; ``None`` while it holds."""
    mode: Mode | None = None
    """``None`` for all."""
    when: dict[str, str] = {}
    """Choices under which it exists at all."""
    legal_ref: str = ""
    source: str


class ObligationRow(Row, frozen=True, kw_only=True):
    """From when to when an ACID is needed."""

    status: Obligation


class DeadlineRow(Row, frozen=True, kw_only=True):
    """By when something has to be done."""

    code: str
    what: Duty
    anchor: Anchor
    offset_h: float
    """Hours after the anchor; negative before it."""
    is_hard: bool = True
    """Missing it has consequences; else it is advice."""
    hard_when: dict[str, str] = {}
    """Choices under which it is hard at all."""


class ValidityRow(Row, frozen=True, kw_only=True):
    """How long an ACID holds."""

    days: int


class AmendmentRow(Row, frozen=True, kw_only=True):
    """Who may change one group of fields in one phase, and how."""

    group: Group
    phase: Phase
    by: tuple[Role, ...]
    persons: int = 1
    needs_reason: bool = False
    needs_envelope: bool = False
    """Sealed documents never change: a new envelope replaces them."""
    restarts_issuing: bool = False
    remedy: str = ""
    """What to do instead where it is refused."""


class DocumentRow(Row, frozen=True, kw_only=True):
    """One type of document."""

    type: str
    name: str
    is_mandatory: bool = False
    is_forbidden: bool = False
    shows: tuple[str, ...] = ("acid",)
    """Numbers that must be printed on it."""


class CertificationRow(Row, frozen=True, kw_only=True):
    """Goods whose documents somebody must have certified."""

    hs_prefix: str
    by: tuple[str, ...]


class IdTypeRow(Row, frozen=True, kw_only=True):
    """One kind of number by which an exporter is known."""

    code: str
    name: str


class TariffRow(Row, frozen=True, kw_only=True):
    """What filing documents costs, in credits."""

    name: str
    filing_credits: int
    document_credits: int
    document_cap_credits: int | None = None
    """Most that the documents of one ACID cost; ``None`` without limit."""
    verification_credits: int
    first_purchase_credits: int
    card_from_credits: int | None = None
    """Least that can be bought by card; ``None`` if cards are not taken."""
    card_fee_percent: float = 0


class PenaltyRow(Row, frozen=True, kw_only=True):
    """What a fault costs by law."""

    code: str
    share_of_exposed_duty: Decimal


class ConsolidationRow(Row, frozen=True, kw_only=True):
    """How bills of lading and ACIDs may share."""

    acids_per_bill: int
    are_bills_shared: bool
    """Whether several bills may show one ACID."""


class ToleranceRow(Row, frozen=True, kw_only=True):
    """What the cross-check lets pass."""

    eta_slip_h: float
    weight_percent: float
    weight_kg: float
    """A weight differs when it does so by both."""
    tare_min_kg: float
    tare_max_kg: float
    """What an empty container can weigh."""
    meeting_min: float
    """Vessels that were close for less than this did not meet."""


class WarningRow(Row, frozen=True, kw_only=True):
    """When people are warned of a deadline."""

    amber_h: float
