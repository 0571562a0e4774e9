"""One contract of the register over every database."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from analytics.crosscheck.facts import EtaReport, Source
from analytics.crosscheck.reasons import Claim, Code, Reason
from analytics.crosscheck.register import (
    About,
    Act,
    Answer,
    ConflictError,
    Due,
    Import,
    Judged,
    KeptShipment,
    KeptVoyage,
    Party,
    Question,
    Result,
    Stale,
    Terms,
)
from haechi.aci.shipment import Role, Shipment
from haechi.aci.voyage import Aboard, Vessel
from haechi.findings import Severity
from ingest.aci.database import Database
from ingest.aci.register import SqlRegister
from ingest.aci.sqlite import SqliteDatabase
from ingest.ports import BatchRejectedError, StoreUnavailableError
from tests.haechi.aci.cargo import (
    ACID,
    BILL,
    CONTAINER,
    EXPORTER,
    SEAL,
    SHIPMENT,
    TAX_NUMBER,
    VOYAGE,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
IMPORTER = Party(Role.IMPORTER, TAX_NUMBER)
CUSTOMS = Party(Role.CUSTOMS, "alexandria")
STRANGER = Party(Role.IMPORTER, "111111111")
REASON = Reason(
    code=Code.SEAL_OPENED_AT_SEA,
    severity=Severity.CRITICAL,
    subject=f"acid:{ACID}",
    declared=Claim(SEAL, Source.DECLARATION),
    observed=Claim(SEAL, Source.SEAL, NOW),
    at=NOW,
)


@dataclass
class Desk:
    """A register with its one writer."""

    register: SqlRegister

    def put(
        self, shipment: Shipment = SHIPMENT, revision: int = 0, carrier: str = "", due: int = 0
    ) -> int:
        """Write a shipment; return its revision."""
        act = Act(party=IMPORTER, by="Mona", at=NOW, what="create", reason="first")
        terms = Terms(
            expires_at=NOW + timedelta(days=90),
            due=Due(NOW + timedelta(hours=due), "LATE_FILING") if due else None,
        )
        kept = KeptShipment(shipment=shipment, revision=revision, carrier=carrier)
        with self.register.writing() as writing:
            return writing.put_shipment(kept, act, terms)

    def judge(self) -> list[str]:
        """Say that all stale shipments are judged; return which."""
        judged = self.register.stale(100)
        with self.register.writing() as writing:
            writing.put_results(
                [Judged(reference(each), each.changes, Result(at=NOW)) for each in judged]
            )
        return [reference(each) for each in judged]


def reference(stale: Stale) -> str:
    """Return which shipment is to be judged."""
    return stale.kept.shipment.reference


@pytest.fixture
def desk(database: Database) -> Desk:
    """Return an empty register."""
    return Desk(SqlRegister(database))


def other(number: int) -> Shipment:
    """Return one more shipment of the importer."""
    return replace(SHIPMENT, reference=f"S-{number}", acid=f"{TAX_NUMBER}202603{number:04}")


def test_a_shipment_comes_back_as_it_was_written(desk: Desk) -> None:
    """Whole, by reference and by ACID, with its first revision."""
    assert desk.put(carrier="HXLU") == 1
    kept = KeptShipment(shipment=SHIPMENT, revision=1, carrier="HXLU")
    assert desk.register.shipment("S-1") == kept
    assert desk.register.shipment_of(ACID) == kept
    assert desk.register.shipment("S-2") is None


def test_a_list_calls_companies_by_the_names_they_were_declared_with(desk: Desk) -> None:
    """Made harmless, empty where nobody declared one; each word of one finds its shipments."""
    named = replace(SHIPMENT.importer, name="Evil\u202e <b>& Sons")
    desk.put(replace(SHIPMENT, importer=named, exporter=replace(SHIPMENT.exporter, name="")))
    for key in ("", "evil <b>& sons", "SONS", "evil"):
        (found,) = desk.register.shipments(Question(party=IMPORTER, key=key))
        assert (found.importer, found.exporter) == (TAX_NUMBER, EXPORTER)
        assert (found.importer_name, found.exporter_name) == ("Evil <b>& Sons", "")
        assert (found.severity, found.is_judged) == (None, False)
    desk.judge()
    assert desk.register.shipments(Question(party=IMPORTER))[0].is_judged
    assert desk.register.shipments(Question(party=IMPORTER, key="&")) == []
    assert desk.register.shipments(Question(party=STRANGER, key="SONS")) == []


def test_only_the_revision_that_was_read_is_written_over(desk: Desk) -> None:
    """The second of two writers is told, and changes nothing."""
    desk.put()
    assert desk.put(replace(SHIPMENT, lane_model="a"), revision=1) == 2
    with pytest.raises(ConflictError, match="revision 1"):
        desk.put(replace(SHIPMENT, lane_model="b"), revision=1)
    kept = desk.register.shipment("S-1")
    assert kept is not None
    assert kept.shipment.lane_model == "a"


@pytest.mark.parametrize("reference", ["S-1", "S-2"])
def test_a_number_is_given_once(desk: Desk, reference: str) -> None:
    """Neither a reference nor an ACID can be taken twice."""
    desk.put()
    with pytest.raises(ConflictError):
        desk.put(replace(SHIPMENT, reference=reference))
    assert len(desk.register.versions("S-1")) == 1


def test_who_reads_during_a_transaction_sees_what_was_before(desk: Desk, beside: Database) -> None:
    """Without waiting for its end; then all of it is there at once."""
    desk.put(replace(SHIPMENT, bills=()))
    reader = SqlRegister(beside)
    act = Act(party=IMPORTER, by="Mona", at=NOW, what="amend")
    with desk.register.writing() as writing:
        writing.put_shipment(KeptShipment(shipment=SHIPMENT, revision=1), act, Terms())
        writing.put_shipment(KeptShipment(shipment=other(2)), act, Terms())
        before = reader.shipment("S-1")
        assert reader.shipment("S-2") is None
    after = reader.shipment("S-1")
    assert before is not None
    assert after is not None
    assert (before.revision, after.revision) == (1, 2)
    assert reader.shipment("S-2") is not None


def test_every_writing_is_kept_with_who_and_why(desk: Desk) -> None:
    """Versions say their author and reason."""
    desk.put()
    desk.put(replace(SHIPMENT, lane_model="a"), revision=1)
    first, second = desk.register.versions("S-1")
    assert (first.revision, first.act.by, first.act.reason) == (1, "Mona", "first")
    assert second.shipment.lane_model == "a"


@pytest.mark.statement("K14")
@pytest.mark.parametrize(
    ("party", "sees"),
    [
        (IMPORTER, True),
        (Party(Role.EXPORTER, EXPORTER), True),
        (Party(Role.CARRIER, "HXLU"), True),
        (CUSTOMS, True),
        (Party(Role.OPERATOR, "haechi"), True),
        (STRANGER, False),
        (Party(Role.EXPORTER, TAX_NUMBER), False),
        (Party(Role.CARRIER, ""), False),
    ],
)
def test_a_shipment_is_open_to_its_parties_alone(desk: Desk, party: Party, *, sees: bool) -> None:
    """By role and number both, in lists as in the single look."""
    desk.put(carrier="HXLU")
    assert desk.register.is_party("S-1", party) is sees
    assert bool(desk.register.shipments(Question(party=party))) is sees


@pytest.mark.parametrize(
    "key", [ACID, BILL, CONTAINER, SEAL, "042W", "haechi star", "9811000", "440006460", "s-1"]
)
def test_a_shipment_is_found_by_whatever_is_known(desk: Desk, key: str) -> None:
    """ACID, bill, container, seal, voyage and every name of the vessel, in any case."""
    desk.put()
    desk.put(replace(other(2), transport=SHIPMENT.transport.__class__(), bills=(), containers=()))
    found = desk.register.shipments(Question(party=CUSTOMS, key=key))
    assert [each.reference for each in found] == ["S-1"]


def test_the_most_urgent_comes_first(desk: Desk) -> None:
    """By the worst that was found, then by the next deadline."""
    for number, due in ((1, 9), (2, 0), (3, 3)):
        desk.put(other(number), due=due)
    with desk.register.writing() as writing:
        writing.put_results([Judged("S-2", 1, Result(at=NOW, reasons=(REASON,)))])
    found = desk.register.shipments(Question(party=CUSTOMS))
    assert [(each.reference, each.severity) for each in found] == [
        ("S-2", Severity.CRITICAL),
        ("S-3", None),
        ("S-1", None),
    ]
    assert desk.register.result("S-2") == Result(at=NOW, reasons=(REASON,))


def test_acids_are_verified_by_the_thousand(desk: Desk) -> None:
    """Known ones with their parties and expiry; unknown ones are absent."""
    desk.put()
    asked = [f"{number:019}" for number in range(2500)] + [ACID]
    (standing,) = desk.register.standing(asked).values()
    assert (standing.acid, standing.importer, standing.exporter) == (ACID, TAX_NUMBER, EXPORTER)
    assert standing.expires_at == NOW + timedelta(days=90)


def test_the_last_number_of_an_importer_is_known(desk: Desk) -> None:
    """So that the next one can be given."""
    for number in (7, 12):
        desk.put(other(number))
    assert desk.register.last_acid(f"{TAX_NUMBER}202603") == f"{TAX_NUMBER}2026030012"
    assert desk.register.last_acid(f"{TAX_NUMBER}202604") is None


def test_facts_are_a_set_and_make_shipments_stale(desk: Desk) -> None:
    """A fact counts once; what it is about is judged again, and nothing else."""
    desk.put()
    desk.put(replace(other(2), transport=SHIPMENT.transport.__class__(), containers=()))
    assert desk.judge() == ["S-1", "S-2"]
    about = About("mmsi:440006460", EtaReport(at=NOW, source=Source.AIS, port="EGALY", eta=NOW))
    for new in (1, 0):
        with desk.register.writing() as writing:
            assert writing.add_facts([about]) == new
    assert desk.judge() == ["S-1"]
    assert desk.register.facts(["mmsi:440006460", "acid:1"]) == [about.fact]


def test_what_most_happened_to_is_judged_first(desk: Desk) -> None:
    """All are due, and of one an alarm tells besides: it waits for nobody."""
    for number in (2, 3):
        desk.put(replace(other(number), transport=SHIPMENT.transport.__class__(), containers=()))
    desk.put(replace(SHIPMENT, reference="S-9"))
    with desk.register.writing() as writing:
        writing.touch(["mmsi:440006460"])
    assert desk.judge() == ["S-9", "S-2", "S-3"]


def test_a_change_while_it_was_judged_is_not_lost(desk: Desk) -> None:
    """A result that rests on less than there is now leaves the shipment stale."""
    desk.put()
    (stale,) = desk.register.stale(10)
    with desk.register.writing() as writing:
        writing.touch(["mmsi:440006460"])
    with desk.register.writing() as writing:
        writing.put_results([Judged(reference(stale), stale.changes, Result(at=NOW))])
    assert desk.judge() == ["S-1"]


def test_a_voyage_concerns_the_shipments_that_name_it(desk: Desk) -> None:
    """By number and vessel; a withdrawn one carries nothing."""
    desk.put(replace(SHIPMENT, transport=replace(SHIPMENT.transport, mmsi="")))
    desk.judge()
    owner = Party(Role.CARRIER, "HXLU")
    with desk.register.writing() as writing:
        writing.put_voyage(KeptVoyage(id="v1", owner=owner, voyage=VOYAGE))
    assert desk.register.voyage_of(SHIPMENT) == VOYAGE
    (stale,) = desk.register.stale(1)
    assert stale.voyage == VOYAGE
    with desk.register.writing() as writing:
        writing.touch(["mmsi:440006460"])
    assert desk.judge() == ["S-1"]
    gone = replace(VOYAGE, is_withdrawn=True)
    with desk.register.writing() as writing:
        writing.put_voyage(KeptVoyage(id="v1", owner=owner, voyage=gone, revision=1))
    assert desk.register.voyage_of(SHIPMENT) is None


def test_what_is_judged_has_the_containers_of_its_acid_alone(desk: Desk) -> None:
    """A vessel carries thousands of other shipments."""
    others = tuple(Aboard(container=f"HXLU{number:07}", acid="1" * 19) for number in range(3))
    crowded = replace(VOYAGE, containers=(*others, *VOYAGE.containers))
    with desk.register.writing() as writing:
        owner = Party(Role.CARRIER, "HXLU")
        writing.put_voyage(KeptVoyage(id="v1", owner=owner, voyage=crowded))
    desk.put()
    (stale,) = desk.register.stale(9)
    assert stale.voyage == VOYAGE


def test_voyages_are_open_to_their_carrier(desk: Desk) -> None:
    """And to those who see all; another may not take its number."""
    owner = Party(Role.CARRIER, "HXLU")
    with desk.register.writing() as writing:
        writing.put_voyage(KeptVoyage(id="v1", owner=owner, voyage=VOYAGE))
    for named in (Vessel(imo=VOYAGE.vessel.imo), Vessel(mmsi=VOYAGE.vessel.mmsi)):
        found = desk.register.voyage_named(named, VOYAGE.number)
        assert (found and found.id) == "v1"
    assert desk.register.voyage_named(Vessel(name="HAECHI STAR"), VOYAGE.number) is None
    seen = [len(desk.register.voyages(party, 9)) for party in (owner, CUSTOMS, STRANGER)]
    assert seen == [1, 1, 0]
    with pytest.raises(ConflictError), desk.register.writing() as writing:
        writing.put_voyage(KeptVoyage(id="v2", owner=STRANGER, voyage=VOYAGE))
    assert [each.number for each in desk.register.voyages_at_sea("440006460", NOW)] == ["042W"]
    assert desk.register.voyages_at_sea("440006460", NOW - timedelta(days=60)) == []


def test_imports_are_open_to_who_made_them(desk: Desk) -> None:
    """And replaced while they go on."""
    done = Import(id="i1", owner=IMPORTER, name="a.edi", at=NOW)
    for parts in (0, 5):
        with desk.register.writing() as writing:
            writing.put_import(replace(done, parts=parts))
    assert desk.register.import_("i1") == replace(done, parts=5)
    assert [len(desk.register.imports(party, 9)) for party in (IMPORTER, STRANGER)] == [1, 0]


def test_an_answer_is_kept_once(desk: Desk) -> None:
    """A second one under the same key is refused, and what went with it is undone."""
    answer = Answer(digest="d", status=201, body=b"{}")
    with desk.register.writing() as writing:
        writing.put_answer("k", answer, NOW)
        writing.put_position("reader", 7)
    with pytest.raises(ConflictError):
        _written_twice(desk, answer)
    assert desk.register.answer("k") == answer
    assert desk.register.position("reader") == 7
    assert desk.register.position("nobody") == 0


def _written_twice(desk: Desk, answer: Answer) -> None:
    with desk.register.writing() as writing:
        writing.put_position("reader", 8)
        writing.put_answer("k", answer, NOW)


def test_hostile_names_are_kept_harmless(desk: Desk) -> None:
    """No sign that a database refuses reaches a column."""
    journey = replace(SHIPMENT.transport, vessel="A\0B'; DROP TABLE shipments --", voyage="\0")
    desk.put(replace(SHIPMENT, transport=journey))
    kept = desk.register.shipment("S-1")
    assert kept is not None
    assert kept.shipment.transport == journey


def test_a_newer_file_is_left_alone(tmp_path: Path) -> None:
    """Software that does not know the tables does not touch them."""
    database = SqliteDatabase(tmp_path / "aci.db")
    database.run("PRAGMA user_version = 99")
    database.close()
    with pytest.raises(BatchRejectedError, match="version 99"):
        SqliteDatabase(tmp_path / "aci.db")


def test_what_is_no_database_is_unavailable(tmp_path: Path) -> None:
    """The error says which file."""
    with pytest.raises(StoreUnavailableError, match=tmp_path.name):
        SqliteDatabase(tmp_path)
