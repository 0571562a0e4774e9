"""A fault and a near miss for each of the fifteen questions, and what they are made of."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from msgspec.structs import replace

from analytics.crosscheck.facts import (
    AmendmentTried,
    AnyFact,
    CarrierCheck,
    DocumentUse,
    EtaReport,
    Landing,
    ManifestLine,
    Meeting,
    Move,
    MoveKind,
    Observed,
    PortVisit,
    SealOpened,
    SealRole,
    SealSeen,
    ShipSeen,
    Source,
    Weighing,
    observe,
)
from analytics.crosscheck.reasons import Code
from haechi.aci.shipment import Amendment, Change, Company, Role, Shipment
from haechi.aci.states import State
from haechi.aci.voyage import Voyage
from tests.analytics.crosscheck.sightings import (
    DAY,
    DISCHARGED_AT,
    HOUR,
    LAWFUL,
    LOADED_AT,
    OBSERVED,
    SINGAPORE,
    without,
)
from tests.haechi.aci.cargo import (
    ARRIVAL,
    CONTAINER,
    DEPARTURE,
    LOADING,
    SEAL,
    SHIPMENT,
    TAX_NUMBER,
    VOYAGE,
)
from tests.haechi.aci.test_policy import NOW, POLICIES

POLICY = POLICIES.at(NOW)
ETD_POLICY = POLICIES.using({"filing_anchor": "etd"}).at(NOW)
PILOT = POLICIES.at(date(2021, 5, 1))
SECOND = timedelta(seconds=1)
OTHER_TAX_NUMBER = "498847099"
OTHER_ACID = "5988470982026030017"


class Try(NamedTuple):
    """One attempt: a fault and the codes it must raise, or a near miss that must raise none."""

    number: int
    codes: set[Code]
    shipment: Shipment = SHIPMENT
    observed: Observed = OBSERVED
    voyage: Voyage = VOYAGE
    policy: Any = POLICY


def more(*facts: AnyFact, instead: type[AnyFact] | None = None) -> Observed:
    """Return the lawful facts with others, perhaps in the place of a kind."""
    return observe(without(instead) if instead else OBSERVED, *facts)


def carried(**fields: Any) -> Shipment:
    """Return the shipment with another journey."""
    return replace(SHIPMENT, transport=replace(SHIPMENT.transport, **fields))


def billed(**fields: Any) -> Shipment:
    """Return the shipment with another bill of lading."""
    return replace(SHIPMENT, bills=(replace(SHIPMENT.bills[0], **fields),))


def boxed(**fields: Any) -> Shipment:
    """Return the shipment with another container."""
    return replace(SHIPMENT, containers=(replace(SHIPMENT.containers[0], **fields),))


def amended(at: Any, role: Role, field: str) -> Shipment:
    """Return the shipment with one amendment."""
    record = Amendment(
        version=2, at=at, role=role, by=("kim", "lee"), reason="typo",
        changes=(Change(field=field, before="1", after="2"),),
    )  # fmt: skip
    return replace(SHIPMENT, amendments=(record,))


def line(**fields: Any) -> Observed:
    """Return the lawful facts with another line on the manifest."""
    return more(
        ManifestLine(at=LOADING, source=Source.MANIFEST, container=CONTAINER, **fields),
        instead=ManifestLine,
    )


def visit(port: str, at: Any, left: Any = None) -> PortVisit:
    """Return a visit as AIS saw it."""
    return PortVisit(at=at, source=Source.AIS, port=port, left=left)


def sailed(
    *, load_port: str = "KRPUS", berthed: Any = LOADING - DAY, arrival: Any = ARRIVAL
) -> Observed:
    """Return the lawful facts with another port of loading or time of arrival, as AIS saw it."""
    legs = [visit(load_port, berthed, DEPARTURE), visit("SGSIN", SINGAPORE, SINGAPORE + DAY)]
    landed = (Move, SealOpened)
    facts = [fact for fact in LAWFUL if not isinstance(fact, PortVisit)]
    kept = [fact for fact in facts if not (isinstance(fact, landed) and fact.at > DEPARTURE)]
    return observe(Observed(), *kept, *legs, visit("EGALY", arrival))


def meeting(at: Any, length: timedelta) -> Observed:
    """Return the lawful facts with a meeting."""
    return more(Meeting(at=at, source=Source.AIS, other="273000001", until=at + length))


def seen_seal(seal: str, role: SealRole, at: Any = LOADING) -> SealSeen:
    """Return a sight of a seal on the container."""
    return SealSeen(at=at, source=Source.GATE, container=CONTAINER, seal=seal, role=role)


def opened(at: Any, seal: str = SEAL, container: str = CONTAINER) -> Observed:
    """Return the lawful facts with an opening."""
    return more(SealOpened(at=at, source=Source.SEAL, seal=seal, container=container))


def weighed(kg: float, tare_kg: float | None = None) -> Observed:
    """Return the lawful facts with another weight."""
    fact = Weighing(at=LOADING, source=Source.SCALE, container=CONTAINER, kg=kg, tare_kg=tare_kg)
    return more(fact, instead=Weighing)


def loaded(at: Any, container: str = CONTAINER) -> Observed:
    """Return the lawful facts with another time of loading."""
    fact = Move(at=at, source=Source.TERMINAL, container=container, kind=MoveKind.LOADED,
                port="KRPUS")  # fmt: skip
    return more(fact, instead=Move)


def left_behind(at: Any) -> Observed:
    """Return nothing but a loading, months later."""
    return observe(Observed(), *(one for one in loaded(at).moves))


def checked(importer: str, kind: MoveKind) -> Observed:
    """Return the lawful facts with another importer in the carrier's file."""
    fact = CarrierCheck(at=LOADED_AT, source=Source.CARRIER, importer=importer, kind=kind)
    return more(fact, instead=CarrierCheck)


SAILED = observe(Observed(), *(fact for fact in LAWFUL if isinstance(fact, PortVisit)))
UNISSUED = replace(SHIPMENT, state=State.RISK_REVIEW, issued_at=None)
SLIPPED = timedelta(hours=POLICY.tolerance.eta_slip_h)
MINUTES = timedelta(minutes=POLICY.tolerance.meeting_min)
H48 = timedelta(hours=48)
TO_ORDER = Company(name="TO ORDER OF SHIPPER")
IMPORTER = Company(name="Nile Spinning", tax_number=TAX_NUMBER)
STRANGER = Company(name="Delta Yarn", tax_number=OTHER_TAX_NUMBER)
EXPIRES = LOADING - timedelta(days=12) + POLICY.validity

TRIES: tuple[Try, ...] = (
    Try(1, {Code.LOADED_WITHOUT_ACID, Code.DEPARTED_WITHOUT_ACID}, UNISSUED),
    Try(1, {Code.NO_ACID}, UNISSUED, observe(Observed(), *(
        fact for fact in LAWFUL if isinstance(fact, ManifestLine)))),
    Try(1, {Code.LOADED_WITHOUT_ACID}, replace(SHIPMENT, issued_at=LOADED_AT + SECOND)),
    Try(1, set(), replace(SHIPMENT, issued_at=LOADED_AT)),
    Try(1, {Code.LOADED_WITHOUT_ACID, Code.ACID_WITHDRAWN}, replace(SHIPMENT, state=State.VOID)),
    Try(1, set(), UNISSUED, policy=POLICIES.at(date(2021, 3, 31))),
    Try(2, {Code.VESSEL_MISMATCH}, carried(imo="9074729")),
    Try(2, {Code.VESSEL_MISMATCH}, observed=more(
        ShipSeen(at=DEPARTURE, source=Source.AIS, call_sign="D7AB2"))),
    Try(2, set(), observed=more(ShipSeen(at=DEPARTURE, source=Source.AIS, mmsi="440006460"))),
    Try(2, {Code.VOYAGE_MISMATCH}, observed=line(voyage="043W")),
    Try(2, set(), observed=line(voyage="042W")),
    Try(2, {Code.DISCHARGE_PORT_MISMATCH}, observed=line(discharge_port="EGPSD")),
    Try(2, {Code.LOAD_PORT_MISMATCH}, observed=sailed(
        load_port="KRINC", berthed=LOADED_AT)),
    Try(2, set(), observed=sailed(load_port="KRINC", berthed=LOADED_AT + SECOND)),
    Try(3, {Code.DEPARTED_WITHOUT_ACID, Code.LOADED_WITHOUT_ACID},
        replace(SHIPMENT, issued_at=DEPARTURE + SECOND)),
    Try(3, set(), replace(SHIPMENT, issued_at=DEPARTURE), without(Move)),
    Try(3, {Code.ACID_WITHDRAWN}, replace(SHIPMENT, state=State.VOID), SAILED),
    Try(3, set(), replace(SHIPMENT, state=State.RELEASED), SAILED),
    Try(3, {Code.DEPARTED_TOO_SOON}, replace(SHIPMENT, filed_at=LOADED_AT - H48 + SECOND)),
    Try(3, set(), replace(SHIPMENT, filed_at=LOADED_AT - H48)),
    Try(3, {Code.DEPARTED_TOO_SOON}, replace(SHIPMENT, filed_at=DEPARTURE - H48 + SECOND),
        policy=ETD_POLICY),
    Try(3, set(), replace(SHIPMENT, filed_at=DEPARTURE - H48), policy=ETD_POLICY),
    Try(4, {Code.AMENDED_AFTER_DEPARTURE}, amended(DEPARTURE, Role.IMPORTER, "goods")),
    Try(4, set(), amended(DEPARTURE - SECOND, Role.IMPORTER, "goods")),
    Try(4, set(), amended(DEPARTURE + DAY, Role.EXPORTER, "documents")),
    Try(4, set(), amended(DEPARTURE + DAY, Role.OPERATOR, "transport")),
    Try(4, {Code.AMENDED_AFTER_DEPARTURE}, observed=more(AmendmentTried(
        at=DEPARTURE, source=Source.CUSTOMS, role=Role.IMPORTER, fields=("goods",)))),
    Try(4, set(), observed=more(AmendmentTried(
        at=DEPARTURE - SECOND, source=Source.CUSTOMS, role=Role.CARRIER, fields=("goods",)))),
    Try(5, {Code.UNDECLARED_CALL}, observed=more(visit("LKCMB", SINGAPORE + 9 * DAY,
                                                       SINGAPORE + 10 * DAY))),
    Try(5, set(), observed=more(visit("LKCMB", DEPARTURE - 9 * DAY, DEPARTURE - 8 * DAY))),
    Try(5, set(), observed=more(visit("LKCMB", ARRIVAL + DAY))),
    Try(5, {Code.MEETING_AT_SEA}, observed=meeting(SINGAPORE + 3 * DAY, MINUTES)),
    Try(5, set(), observed=meeting(SINGAPORE + 3 * DAY, MINUTES - SECOND)),
    Try(5, set(), observed=meeting(SINGAPORE + HOUR, MINUTES)),
    Try(5, {Code.ETA_SLIP}, observed=sailed(arrival=ARRIVAL + SLIPPED + SECOND)),
    Try(5, set(), observed=sailed(arrival=ARRIVAL + SLIPPED)),
    Try(5, {Code.ETA_SLIP}, observed=observe(without(PortVisit, Meeting), EtaReport(
        at=SINGAPORE + 2 * DAY, source=Source.AIS, port="EGALY", eta=ARRIVAL + SLIPPED + SECOND))),
    Try(6, {Code.SEAL_NOT_ON_BILL}, observed=more(seen_seal("H9999999", SealRole.GATE))),
    Try(6, {Code.SEAL_NOT_ON_BILL}, boxed(seals=()), more(seen_seal("H9999999", SealRole.GATE))),
    Try(6, {Code.SEAL_NOT_ON_BILL}, boxed(seals=("H9999999",))),
    Try(6, set(), boxed(seals=())),
    Try(6, set(), boxed(seals=("H9999999", SEAL))),
    Try(6, set(), observed=more(seen_seal("H8888888", SealRole.RESEALED),
                                seen_seal("H8888888", SealRole.GATE, LOADING + HOUR))),
    Try(7, {Code.SEAL_OPENED_AT_SEA}, observed=opened(DEPARTURE + SECOND)),
    Try(7, {Code.SEAL_OPENED_AT_SEA}, observed=opened(ARRIVAL - SECOND)),
    Try(7, {Code.SEAL_OPENED_AT_SEA}, observed=opened(DEPARTURE + DAY, container="MSKU9070323")),
    Try(7, set(), observed=opened(DEPARTURE - SECOND)),
    Try(7, set(), observed=opened(ARRIVAL)),
    Try(7, set(), observed=opened(SINGAPORE + HOUR)),
    Try(7, set(), observed=opened(DEPARTURE + DAY, seal="H0000001", container="CSQU3054383")),
    Try(8, {Code.WEIGHT_MISMATCH}, observed=weighed(18_000 + 2_200 + 901, tare_kg=2_200)),
    Try(8, set(), observed=weighed(18_000 + 2_200 + 900, tare_kg=2_200)),
    Try(8, {Code.WEIGHT_MISMATCH}, observed=weighed(18_000 + 5_200 + 901)),
    Try(8, set(), observed=weighed(18_000 + 5_200 + 900)),
    Try(8, {Code.WEIGHT_MISMATCH}, observed=weighed(18_000 + 1_800 - 901)),
    Try(8, {Code.WEIGHT_MISMATCH}, observed=line(gross_kg=17_099)),
    Try(8, set(), observed=line(gross_kg=17_100)),
    Try(9, {Code.LANDED_SHORT}, observed=more(
        Landing(at=DISCHARGED_AT, source=Source.TERMINAL, quantity=Decimal(99)), instead=Landing)),
    Try(9, set(), observed=more(Landing(at=DISCHARGED_AT, source=Source.TERMINAL,
        quantity=Decimal(99), is_short_shipped=True), instead=Landing)),
    Try(9, set(), observed=more(Landing(at=DISCHARGED_AT - HOUR, source=Source.TERMINAL,
                                        quantity=Decimal(40)))),
    Try(10, {Code.TO_ORDER_NOTIFY}, billed(consignee=TO_ORDER)),
    Try(10, {Code.TO_ORDER_NOTIFY}, billed(consignee=TO_ORDER, notify=STRANGER)),
    Try(10, set(), billed(consignee=TO_ORDER, notify=IMPORTER)),
    Try(10, set(), billed(consignee=IMPORTER, notify=STRANGER)),
    Try(11, {Code.CONTAINER_NUMBER}, boxed(container="MSKU9070324")),
    Try(11, {Code.CONTAINER_NUMBER}, boxed(container="MSKA9070323")),
    Try(11, set(), boxed(container="TASU1170000")),
    Try(12, {Code.DOCUMENT_REUSED}, observed=more(DocumentUse(
        at=LOADING, source=Source.DOCUMENT, digest="a" * 64, acid=OTHER_ACID))),
    Try(12, set(), observed=more(DocumentUse(
        at=LOADING, source=Source.DOCUMENT, digest="f" * 64, acid=OTHER_ACID))),
    Try(13, {Code.TAX_NUMBER_MISMATCH}, replace(SHIPMENT, documents=(
        replace(SHIPMENT.documents[0], importer=OTHER_TAX_NUMBER), *SHIPMENT.documents[1:]))),
    Try(13, {Code.TAX_NUMBER_MISMATCH}, billed(consignee=STRANGER)),
    Try(13, set(), replace(SHIPMENT, documents=(
        replace(SHIPMENT.documents[0], importer=""), *SHIPMENT.documents[1:]))),
    Try(14, {Code.CARRIER_IMPORTER_MISMATCH}, observed=checked(OTHER_TAX_NUMBER, MoveKind.LOADED)),
    Try(14, {Code.CARRIER_IMPORTER_MISMATCH}, observed=checked("", MoveKind.DISCHARGED)),
    Try(14, {Code.CARRIER_IMPORTER_MISMATCH}, replace(
        SHIPMENT, carrier=replace(SHIPMENT.carrier, importer=OTHER_TAX_NUMBER))),
    Try(14, set(), observed=checked(TAX_NUMBER, MoveKind.DISCHARGED)),
    Try(15, {Code.ACID_EXPIRED}, observed=left_behind(EXPIRES + SECOND)),
    Try(15, set(), observed=left_behind(EXPIRES)),
)  # fmt: skip
