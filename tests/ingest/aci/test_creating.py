"""Documents make shipments and voyages: what is missing is added, and every line says what came."""

import csv
from collections.abc import Mapping
from datetime import datetime, timedelta
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from msgspec.structs import replace

from analytics.crosscheck.intake import taken
from analytics.crosscheck.register import (
    Act,
    Import,
    ImportState,
    KeptShipment,
    KeptVoyage,
    Party,
    Question,
    Register,
    terms_of,
)
from analytics.crosscheck.reports import BillAnswer, Outcome
from haechi.aci import lifecycle
from haechi.aci.manifest import (
    Call,
    Consignment,
    Document,
    Equipment,
    Event,
    EventType,
    Goods,
    Manifest,
    SealClaim,
    Source,
    Vessel,
)
from haechi.aci.policy import read_policies
from haechi.aci.shipment import Departure, DepartureSource, Role, Shipment, Transport
from haechi.aci.states import State
from haechi.settings import DEFAULTS
from ingest.aci.database import Database
from ingest.aci.register import SqlRegister
from ingest.aci.sqlite import SqliteDatabase
from ingest.documents.columns import COLUMNS
from ingest.documents.reading import read
from tests.haechi.aci.cargo import (
    ACID,
    BILL,
    CONTAINER,
    DEPARTURE,
    LOADING,
    SEAL,
    SHIPMENT,
    TAX_NUMBER,
    VOYAGE,
)

POLICIES = read_policies((DEFAULTS / "aci_policy.toml").read_text(encoding="utf-8"))
IMPORTER = Party(Role.IMPORTER, TAX_NUMBER)
CARRIER = Party(Role.CARRIER, "HXLU")
OTHER_BOX = "CSQU3054383"
BARE = replace(
    SHIPMENT,
    state=State.ISSUED,
    transport=Transport(planned_loading=LOADING),
    bills=(),
    containers=(),
)
LISTED = Manifest(
    source=Source(format="CUSCAR"),
    vessel=Vessel(name="HAECHI STAR", imo="9811000"),
    voyage="042W",
    calls=(Call(place="KRPUS", departure_planned=DEPARTURE), Call(place="EGALY")),
    consignments=(
        Consignment(
            bill=BILL,
            acids=(ACID,),
            load_port="KRPUS",
            discharge_port="EGALY",
            goods=(Goods(packages=100, containers=(CONTAINER,)),),
        ),
    ),
    equipment=(Equipment(container=CONTAINER, seals=(SealClaim(number=SEAL),)),),
)


class Desk:
    """A register into which documents come."""

    def __init__(self, database: Database) -> None:
        self.register: Register = SqlRegister(database)
        self.count = 0

    def put(self, shipment: Shipment, carrier: str = "HXLU") -> None:
        """Write a shipment."""
        self.put_version(KeptShipment(shipment=shipment, carrier=carrier))

    def put_version(self, kept: KeptShipment) -> None:
        """Write a shipment over the revision that was read."""
        act = Act(party=IMPORTER, by="Mona", at=LOADING, what="create")
        policy = POLICIES.at(LOADING.date())
        with self.register.writing() as writing:
            writing.put_shipment(kept, act, terms_of(kept.shipment, policy))

    def take(self, *manifests: Manifest, party: Party = CARRIER) -> Import:
        """Take a document in of which shipments are to be made; return the report."""
        self.count += 1
        begun = Import(
            id=f"{self.count:016x}", owner=party, name="m.edi", at=LOADING, by="Kim", creates=True
        )
        document = Document(manifests=manifests)
        return taken(self.register, begun, document, LOADING, policies=POLICIES)

    def line(self, manifest: Manifest = LISTED, party: Party = CARRIER) -> BillAnswer:
        """Take one bill in; return what came of it."""
        (answer,) = self.take(manifest, party=party).bills
        return answer

    def shipment(self, reference: str = "S-1") -> Shipment:
        """Return a shipment that is there."""
        kept = self.register.shipment(reference)
        assert kept is not None
        return kept.shipment


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Return an empty register."""
    return Desk(SqliteDatabase(tmp_path / "aci.db"))


def test_a_manifest_ties_acid_bill_container_seal_and_vessel(desk: Desk) -> None:
    """By the right of the carrier, with who, when and why; a second time changes nothing."""
    desk.put(BARE)
    answer = desk.line()
    assert (answer.outcome, answer.shipment) == (Outcome.LINKED, "S-1")
    assert answer.linked == (
        "vessel HAECHI STAR",
        "IMO number 9811000",
        "voyage 042W",
        "port of loading KRPUS",
        "port of discharge EGALY",
        "departure 2026-03-11 06:00Z",
        f"bill {BILL}",
        f"container {CONTAINER}",
        f"{CONTAINER}: seal {SEAL}",
    )
    found = desk.shipment()
    assert (found.transport.imo, found.bills[0].acids) == ("9811000", (ACID,))
    assert [(box.container, box.bill, box.seals) for box in found.containers] == [
        (CONTAINER, BILL, (SEAL,))
    ]
    (amendment,) = found.amendments
    assert (amendment.role, amendment.by) == (Role.CARRIER, ("Kim",))
    again = desk.line()
    assert (again.outcome, again.linked) == (Outcome.UNCHANGED, ())
    assert desk.shipment() == found


def test_what_was_declared_is_never_replaced(desk: Desk) -> None:
    """A seal, a port and a voyage that differ stay for the cross-check, and are told."""
    desk.put(replace(SHIPMENT, state=State.ISSUED))
    unit = Equipment(container=CONTAINER, seals=(SealClaim(number="X9"),))
    (bill,) = LISTED.consignments
    other = replace(bill, discharge_port="EGDAM")
    answer = desk.line(replace(LISTED, voyage="043W", consignments=(other,), equipment=(unit,)))
    assert answer.outcome is Outcome.UNCHANGED
    assert answer.left == (
        "voyage 043W: declared is 042W",
        "port of discharge EGDAM: declared is EGALY",
        f"{CONTAINER}: seal X9: declared is {SEAL}",
    )
    assert desk.shipment() == replace(SHIPMENT, state=State.ISSUED)


@pytest.mark.statement("1F")
@pytest.mark.parametrize(
    ("shipment", "party", "why"),
    [
        (BARE, Party(Role.OPERATOR, "kim"), "the operator may not change carriage"),
        (replace(BARE, state=State.REQUESTED), CARRIER, "the carrier may not change carriage"),
        (
            replace(BARE, departed=Departure(at=DEPARTURE, source=DepartureSource.AIS)),
            CARRIER,
            "may not change carriage when departed",
        ),
        (replace(BARE, state=State.CANCELLED), IMPORTER, "is an end"),
    ],
)
def test_who_may_change_what_when_holds_for_files_too(
    desk: Desk, shipment: Shipment, party: Party, why: str
) -> None:
    """The line is left with the reason, and nothing is written."""
    desk.put(shipment)
    answer = desk.line(party=party)
    assert answer.outcome is Outcome.LEFT
    assert why in answer.left[0]
    assert desk.shipment() == shipment


@pytest.mark.statement("K14")
def test_a_file_reaches_no_shipment_that_is_closed_to_its_sender(desk: Desk) -> None:
    """Neither by ACID nor by the number of a bill."""
    desk.put(BARE, carrier="MAEU")
    assert "has not opened it to carrier:HXLU" in desk.line().left[0]
    (bill,) = LISTED.consignments
    bare = replace(bill, acids=())
    assert "begun by its importer" in desk.line(replace(LISTED, consignments=(bare,))).left[0]
    assert desk.shipment() == BARE


def table(*rows: Mapping[str, str]) -> Manifest:
    """Return what a small importer's table says."""
    text = StringIO()
    writer = csv.DictWriter(text, [column.title for column in COLUMNS])
    writer.writeheader()
    writer.writerows(
        {column.title: column.example for column in COLUMNS} | {"ACID": ""} | {**row}
        for row in rows
    )
    (manifest,) = read(BytesIO(text.getvalue().encode()), name="t.csv").manifests
    return manifest


def test_a_row_of_a_small_importer_becomes_a_draft(desk: Desk) -> None:
    """With goods, container, seal and parties; what is still lacking is told."""
    answer = desk.line(table({}), IMPORTER)
    assert (answer.outcome, answer.left) == (Outcome.CREATED, ("the planned loading is missing",))
    made = desk.shipment(answer.shipment)
    assert (made.state, made.acid, made.importer.tax_number) == (State.DRAFT, None, TAX_NUMBER)
    assert made.exporter.number == "NZ-01-9429047097200"
    (line,), (box,) = made.goods, made.containers
    assert (line.hs, line.packages, line.unit) == ("040210", 560, "BG")
    assert (box.container, box.seals, box.gross_kg) == (OTHER_BOX, ("H53175",), 14_182)
    assert lifecycle.requested(made, LOADING, "Mona").state is State.REQUESTED
    (listed,) = desk.register.shipments(Question(party=IMPORTER))
    assert listed.reference == made.reference


def test_a_row_that_comes_again_makes_no_second_draft(desk: Desk) -> None:
    """It is known by its bill; a row more of the bill adds its container."""
    first = desk.line(table({}), IMPORTER)
    assert desk.line(table({}), IMPORTER).outcome is Outcome.UNCHANGED
    more = desk.line(table({}, {"Container": CONTAINER, "Seal": SEAL}), IMPORTER)
    assert (more.outcome, more.shipment) == (Outcome.LINKED, first.shipment)
    assert more.linked == (f"container {CONTAINER}", f"{CONTAINER}: seal {SEAL}")
    assert len(desk.register.shipments(Question(party=IMPORTER))) == 1


@pytest.mark.parametrize(
    ("change", "party", "why"),
    [
        ({}, CARRIER, "not by the carrier"),
        ({"Importer tax number": "111111111"}, IMPORTER, "cannot declare for importer 111111111"),
        ({"Importer tax number": ""}, IMPORTER, "no importer's tax number"),
        ({"ACID": "4988470982026039999"}, CARRIER, "not by the carrier"),
    ],
)
def test_nobody_declares_for_another_by_file(
    desk: Desk, change: dict[str, str], party: Party, why: str
) -> None:
    """The line is left with the reason."""
    answer = desk.line(table(change), party)
    assert (answer.outcome, answer.shipment) == (Outcome.LEFT, "")
    assert why in answer.left[0]
    assert desk.register.shipments(Question(party=Party(Role.CUSTOMS, "x"))) == []


def test_a_carriers_list_declares_its_voyage(desk: Desk) -> None:
    """With its containers and calls; the number by which AIS knows her comes from the shipments."""
    desk.put(replace(BARE, transport=Transport(imo="9811000", mmsi="440006460")))
    (answer,) = desk.take(LISTED).voyages
    assert (answer.outcome, answer.id, answer.containers) == (Outcome.CREATED, "9811000-042W", 1)
    kept = desk.register.voyage(answer.id)
    assert kept is not None
    assert (kept.owner, kept.voyage.vessel.mmsi) == (CARRIER, "440006460")
    assert [call.port for call in kept.voyage.calls] == ["KRPUS", "EGALY"]
    (box,) = kept.voyage.containers
    assert (box.container, box.acid, box.bill, box.seals) == (CONTAINER, ACID, BILL, (SEAL,))
    (again,) = desk.take(LISTED).voyages
    assert again.outcome is Outcome.UNCHANGED


def departed(at: datetime) -> Event:
    """Return the carrier's word that she has left Busan."""
    return Event(type=EventType.TRANSPORT, code="DEPA", at=at, place="KRPUS")


def test_the_carriers_departure_reaches_the_voyage(desk: Desk) -> None:
    """DCSA's DEPA becomes the time of the call; a planned one, and one of a port elsewhere, not."""
    with desk.register.writing() as writing:
        writing.put_voyage(KeptVoyage(id="v1", owner=CARRIER, voyage=VOYAGE))
    left = DEPARTURE + timedelta(hours=2)
    other = replace(departed(left), place="JPTYO")
    planned = replace(departed(left), classifier="PLN")
    told = replace(LISTED, consignments=(), equipment=(), events=(other, planned))
    assert desk.take(told).voyages[0].outcome is Outcome.UNCHANGED
    (answer,) = desk.take(replace(told, events=(departed(left),))).voyages
    assert (answer.id, answer.outcome) == ("v1", Outcome.LINKED)
    kept = desk.register.voyage("v1")
    assert kept is not None
    assert [call.departure for call in kept.voyage.calls] == [left, None, None]


@pytest.mark.parametrize(
    ("party", "why"),
    [(Party(Role.CARRIER, "MAEU"), "another carrier"), (IMPORTER, "not by the importer")],
)
def test_a_voyage_is_its_carriers_alone(desk: Desk, party: Party, why: str) -> None:
    """A file does not change that."""
    with desk.register.writing() as writing:
        writing.put_voyage(KeptVoyage(id="v1", owner=CARRIER, voyage=VOYAGE))
    (answer,) = desk.take(LISTED, party=party).voyages
    assert (answer.outcome, why in answer.left[0]) == (Outcome.LEFT, True)
    kept = desk.register.voyage("v1")
    assert kept is not None
    assert kept.revision == 1


def test_lines_that_cannot_be_declared_are_left_and_the_others_made(desk: Desk) -> None:
    """A year beyond the calendar, two ACIDs on one bill."""
    desk.put(BARE)
    far = replace(
        LISTED, calls=(Call(place="KRPUS", departure_planned=DEPARTURE.replace(year=9000)),)
    )
    (bill,) = LISTED.consignments
    two = replace(LISTED, consignments=(replace(bill, acids=(ACID, ACID[:-1] + "8")),))
    done = desk.take(far, two, LISTED)
    assert [each.outcome for each in done.bills] == [Outcome.LEFT, Outcome.LEFT, Outcome.LINKED]
    assert "is not between" in done.bills[0].left[0]
    assert "2 ACIDs" in done.bills[1].left[0]


def test_a_list_too_long_to_be_linked_is_refused_whole(desk: Desk) -> None:
    """Before anything of it is kept."""
    (bill,) = LISTED.consignments
    many = tuple(replace(bill, bill=f"B{number}") for number in range(10_001))
    done = desk.take(replace(LISTED, consignments=many))
    assert (done.state, done.bills) == (ImportState.REFUSED, ())
    assert "10000 at once" in done.reason
    assert desk.register.facts([f"container:{CONTAINER}"]) == []
