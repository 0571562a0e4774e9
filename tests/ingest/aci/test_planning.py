"""An import is worked out beside others' changes, and then written at once, over every database."""

from collections.abc import Generator, Iterable, Sequence
from contextlib import AbstractContextManager, contextmanager

import pytest
from msgspec.structs import replace

from analytics.crosscheck.intake import PLANS, planned, taken, written
from analytics.crosscheck.planning import Plan
from analytics.crosscheck.register import ConflictError, Import, Question, Register, Writing
from analytics.crosscheck.reports import Outcome
from haechi.aci.manifest import Document, Manifest
from haechi.aci.shipment import Transport
from ingest.aci.database import Database, Row
from ingest.aci.register import SqlRegister
from tests.haechi.aci.cargo import CONTAINER, LOADING
from tests.ingest.aci.test_creating import (
    BARE,
    CARRIER,
    IMPORTER,
    LISTED,
    POLICIES,
    Desk,
    table,
)

BEGUN = Import(id="b" * 16, owner=IMPORTER, name="t.csv", at=LOADING, by="Kim", creates=True)
BY_CARRIER = replace(BEGUN, owner=CARRIER)


class Counted:
    """A database that counts what it is asked."""

    def __init__(self, database: Database) -> None:
        self._database, self.statements = database, 0

    def transaction(self) -> AbstractContextManager[None]:
        """Begin to write."""
        return self._database.transaction()

    def rows(self, statement: str, *values: object) -> list[Row]:
        """Run a statement and return what it gives."""
        self.statements += 1
        return self._database.rows(statement, *values)

    def run(self, statement: str, *values: object) -> int:
        """Run a statement."""
        self.statements += 1
        return self._database.run(statement, *values)

    def run_many(self, statement: str, values: Iterable[Sequence[object]]) -> int:
        """Run a statement for each tuple of values."""
        self.statements += 1
        return self._database.run_many(statement, values)

    def close(self) -> None:
        """Let go of the connection."""
        self._database.close()


class Overtaken(SqlRegister):
    """A register in which somebody else is faster, so often."""

    def __init__(self, database: Database, other: Desk, times: int) -> None:
        super().__init__(database)
        self.other, self.left = other, times

    @contextmanager
    def writing(self) -> Generator[Writing]:
        """Open a transaction, after somebody else has ended one."""
        if self.left:
            self.left -= 1
            amend(self.other)
        with super().writing() as writing:
            yield writing


def amend(desk: Desk) -> None:
    """Change the shipment, as an operator does with a click."""
    kept = desk.register.shipment("S-1")
    assert kept is not None
    shipment = replace(kept.shipment, lane_model=f"{kept.shipment.lane_model}x")
    desk.put_version(replace(kept, shipment=shipment))


def drafts(number: int, **more: str) -> Manifest:
    """Return the table of a small importer with so many bills."""
    return table(*({"B/L number": f"B{number}-{each}"} | more for each in range(number)))


def plan(register: Register, *manifests: Manifest, begun: Import = BEGUN) -> Plan:
    """Work out what a document changes."""
    return planned(register, begun, Document(manifests=manifests), LOADING, policies=POLICIES)


def test_the_only_transaction_has_as_many_statements_for_ten_bills_as_for_hundreds(
    database: Database,
) -> None:
    """So nobody waits for files to be read, for bills to be checked, or for one after another."""
    counts: list[tuple[int, ...]] = []
    for bills in (10, 200):
        made, linked = drafts(bills), drafts(bills, Container=CONTAINER)
        counts.append(
            (
                statements(database, made, Outcome.CREATED, bills),
                statements(database, linked, Outcome.LINKED, bills),
            )
        )
    assert counts[0] == counts[1]
    assert max(counts[0]) < 20


def statements(database: Database, manifest: Manifest, outcome: Outcome, bills: int) -> int:
    """Return in how many statements a document is taken, of each of whose bills the same comes."""
    counted = Counted(database)
    begun = replace(BEGUN, id=f"{outcome}{bills}")
    report = written(SqlRegister(counted), plan(SqlRegister(database), manifest, begun=begun))
    assert [each.outcome for each in report.bills] == [outcome] * bills
    return counted.statements


def test_two_rows_of_one_bill_are_one_draft(database: Database) -> None:
    """The second sees what the first will make."""
    kept = SqlRegister(database)
    first, second = table({}), table({"Container": CONTAINER})
    report = written(kept, plan(kept, first, second))
    assert [each.outcome for each in report.bills] == [Outcome.CREATED, Outcome.LINKED]
    (listed,) = kept.shipments(Question(party=IMPORTER))
    assert listed.revision == 2
    assert [each.revision for each in kept.versions(listed.reference)] == [1, 2]


def test_a_plan_that_was_overtaken_writes_nothing(database: Database) -> None:
    """Whether its shipment was changed, or its bill has come in another file."""
    desk = Desk(database)
    desk.put(BARE)
    late = plan(desk.register, LISTED, begun=BY_CARRIER)
    amend(desk)
    with pytest.raises(ConflictError, match="revision 1"):
        written(desk.register, late)
    twice = plan(desk.register, table({}))
    written(desk.register, plan(desk.register, table({}), begun=replace(BEGUN, id="c" * 16)))
    with pytest.raises(ConflictError, match="came meanwhile"):
        written(desk.register, twice)
    assert len(desk.register.shipments(Question(party=IMPORTER))) == 2
    assert desk.register.imports(CARRIER, 9) == []
    assert desk.register.facts([f"container:{CONTAINER}"]) == []


@pytest.mark.parametrize("times", [1, PLANS - 1, PLANS])
def test_an_import_comes_through_however_often_it_is_overtaken(
    database: Database, beside: Database, times: int
) -> None:
    """In the end it keeps others waiting; what they changed before stands."""
    desk = Desk(beside)
    desk.put(replace(BARE, transport=Transport(planned_loading=LOADING)))
    register = Overtaken(database, desk, times)
    document = Document(manifests=(LISTED,))
    report = taken(register, BY_CARRIER, document, LOADING, policies=POLICIES)
    assert [each.outcome for each in report.bills] == [Outcome.LINKED]
    shipment = desk.shipment()
    assert (shipment.lane_model, shipment.transport.voyage) == ("x" * times, "042W")
    assert [each.revision for each in register.versions("S-1")] == [*range(1, times + 3)]
