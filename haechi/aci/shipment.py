"""A shipment as it was declared: everything that one ACID stands for, and what became of it."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from haechi.aci.states import HOLDS_ACID, State, Step
from haechi.fields import AcidNumber, Digest, Moment

TaxNumber = Annotated[str, Meta(pattern=r"^[0-9]{9}\Z")]
Number = Annotated[str, Meta(max_length=35)]
"""Somebody's number for something, as printed."""
Name = Annotated[str, Meta(max_length=256)]
Prose = Annotated[str, Meta(max_length=2000)]
Place = Annotated[str, Meta(pattern=r"^([A-Z]{2}[A-Z0-9]{3})?\Z")]
"""UN/LOCODE; empty if unknown."""
Amount = Decimal
"""Of money or of goods; exact, and written as text in JSON."""
Kilograms = Annotated[float, Meta(ge=0, le=1e9)]
Currency = Annotated[str, Meta(pattern=r"^([A-Z]{3})?\Z")]


class Mode(StrEnum):
    """How goods travel."""

    SEA = "sea"
    AIR = "air"


class Role(StrEnum):
    """Who acts."""

    IMPORTER = "importer"
    EXPORTER = "exporter"
    CARRIER = "carrier"
    CUSTOMS = "customs"
    OPERATOR = "operator"


class Lane(StrEnum):
    """How thoroughly a declaration is looked at."""

    RED = "red"
    YELLOW = "yellow"
    GREEN = "green"


class BillKind(StrEnum):
    """Kinds of bills of lading."""

    MASTER = "MBL"
    HOUSE = "HBL"
    DIRECT = "DBL"


class Origin(StrEnum):
    """Where a line of goods comes from."""

    MANUAL = "manual"
    EXPORTER = "exporter"


class Part(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, gc=False
):
    """What all parts of a shipment share; none can contain itself."""


class Importer(Part, frozen=True, kw_only=True):
    """Who receives the goods and asked for the ACID."""

    tax_number: TaxNumber
    name: Name = ""
    email: Name = ""


class Exporter(Part, frozen=True, kw_only=True):
    """Who sends the goods."""

    number: Number
    """In the form of ``haechi.aci.identifiers.ExporterNumber``."""
    name: Name = ""
    email: Name = ""
    cargox_id: Number = ""


class GoodsLine(Part, frozen=True, kw_only=True):
    """One line of the invoice."""

    line: Annotated[int, Meta(ge=1)]
    hs: Number = ""
    description: Prose = ""
    quantity: Amount
    unit: Number = ""
    packages: Annotated[int, Meta(ge=0)] | None = None
    gross_kg: Kilograms | None = None
    value: Amount = Decimal(0)
    currency: Currency = ""
    duty: Amount = Decimal(0)
    """Customs duty on the whole line."""
    other_taxes: Amount = Decimal(0)
    """Other taxes due on the whole line."""
    origin: Origin = Origin.MANUAL


class Document(Part, frozen=True, kw_only=True):
    """One file, and what it shows."""

    id: Number
    type: Number
    digest: Digest
    version: Annotated[int, Meta(ge=1)] = 1
    is_draft: bool = False
    acid: Number = ""
    """ACID printed on it."""
    importer: Number = ""
    """Importer's tax number printed on it."""
    exporter: Number = ""
    """Exporter's number printed on it."""
    notarised_by: tuple[Number, ...] = ()
    transferred_at: Moment | None = None
    """When its sealed envelope went to customs."""
    cosigned_at: Moment | None = None


class Company(Part, frozen=True, kw_only=True):
    """A company on a bill of lading."""

    name: Name = ""
    tax_number: Number = ""

    @property
    def is_to_order(self) -> bool:
        """Whether nobody is named, so that the holder of the bill receives the goods.

        >>> Company(name="To order of Bank of Alexandria").is_to_order
        True
        """
        return self.name.upper().split()[:2] == ["TO", "ORDER"]


class Bill(Part, frozen=True, kw_only=True):
    """One bill of lading."""

    number: Number
    kind: BillKind = BillKind.DIRECT
    issued_on: date | None = None
    is_draft: bool = False
    acids: tuple[Number, ...] = ()
    """Every ACID printed on it; exactly one is right."""
    consignee: Company = Company()
    notify: Company = Company()


class Packing(Part, frozen=True, kw_only=True):
    """One container with goods of this shipment."""

    container: Number
    """As declared; a wrong check digit is flagged and kept."""
    bill: Number = ""
    seals: tuple[Number, ...] = ()
    gross_kg: Kilograms | None = None
    """Declared gross weight of the goods and packing in it."""


class Transport(Part, frozen=True, kw_only=True):
    """The planned journey of the goods."""

    mode: Mode = Mode.SEA
    vessel: Name = ""
    imo: Number = ""
    mmsi: Number = ""
    call_sign: Number = ""
    voyage: Number = ""
    load_port: Place = ""
    discharge_port: Place = ""
    planned_loading: Moment | None = None
    etd: Moment | None = None
    """Expected departure from the port of loading."""
    eta: Moment | None = None
    """Expected arrival at the port of discharge."""


class CarrierFile(Part, frozen=True, kw_only=True):
    """What the carrier was told, and when."""

    importer: Number = ""
    """Tax number of the importer as the carrier holds it."""
    register: Number = ""
    """Digest or number of the copy of the importer's commercial register."""
    data_at: Moment | None = None
    papers_at: Moment | None = None


class Approval(Part, frozen=True, kw_only=True):
    """The authority's act without which there is no ACID."""

    by: Name
    at: Moment
    case: Number = ""


class DepartureSource(StrEnum):
    """Who says that the carrier has left the port of loading."""

    CARRIER = "carrier"
    """The carrier's actual time of departure."""
    COARRI = "coarri"
    """The terminal's report that loading is complete."""
    AIS = "ais"
    """The vessel left the geofence of the port."""


class Departure(Part, frozen=True, kw_only=True):
    """When the carrier left the port of loading, and who said so first."""

    at: Moment
    source: DepartureSource


class Passage(Part, frozen=True, kw_only=True):
    """One step of a life."""

    at: Moment
    step: Step
    before: State
    after: State
    by: Name
    reason: Prose = ""


class Change(Part, frozen=True, kw_only=True):
    """One field of an amendment; both values as JSON."""

    field: Name
    before: str
    after: str


class Amendment(Part, frozen=True, kw_only=True):
    """One version of what was declared, and why it differs from the one before."""

    version: int
    at: Moment
    role: Role
    by: tuple[Name, ...]
    """One person, or two for an operator's correction."""
    reason: Prose
    changes: tuple[Change, ...]


class Shipment(Part, frozen=True, kw_only=True):
    """One ACID's worth of goods, documents and journey."""

    reference: Number
    """The platform's own number, from the first draft on."""
    acid: AcidNumber | None = None
    state: State = State.DRAFT
    importer: Importer
    exporter: Exporter
    goods: tuple[GoodsLine, ...] = ()
    documents: tuple[Document, ...] = ()
    transport: Transport = Transport()
    bills: tuple[Bill, ...] = ()
    containers: tuple[Packing, ...] = ()
    carrier: CarrierFile = CarrierFile()
    filed_at: Moment | None = None
    """When data and documents first were complete with customs."""
    requested_at: Moment | None = None
    """When the ACID was last asked for: the issuing time runs from here."""
    issued_at: Moment | None = None
    approval: Approval | None = None
    departed: Departure | None = None
    lane: Lane | None = None
    lane_model: Name = ""
    """Version of what chose the lane."""
    version: int = 1
    amendments: tuple[Amendment, ...] = ()
    history: tuple[Passage, ...] = ()

    @property
    def has_acid(self) -> bool:
        """Whether its ACID was issued and stands."""
        return self.acid is not None and self.state in HOLDS_ACID

    @property
    def rules_date(self) -> date | None:
        """The day whose rules apply: the bill's, else the expected departure, else the request."""
        signed = [bill.issued_on for bill in self.bills if bill.issued_on is not None]
        if signed:
            return min(signed)
        at = self.transport.etd or self.transport.planned_loading or self.requested_at
        return at and at.date()
