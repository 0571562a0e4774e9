"""What the platform is told of the register: each change at least once, in order, and no more."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from analytics.crosscheck.facts import Source
from analytics.crosscheck.reasons import Claim, Code, Reason
from analytics.crosscheck.register import (
    Act,
    KeptShipment,
    KeptVoyage,
    Party,
    Result,
    Stale,
    Terms,
)
from haechi.aci.shipment import Role
from haechi.aci.voyage import Vessel, Voyage
from haechi.cargo import CargoVerdict
from haechi.declared import DeclaredVoyage
from haechi.findings import Severity
from haechi.kept import Latest
from ingest.aci import sqlite
from ingest.aci.database import Database, migrations
from ingest.aci.declaring import Declaring
from ingest.aci.register import SqlRegister
from ingest.aci.sqlite import SqliteDatabase
from ingest.aci.telling import Statement
from ingest.aci.verdicts import Verdicts
from tests.haechi.aci.cargo import ACID, DEPARTURE, SEAL, SHIPMENT, VOYAGE

NOW = DEPARTURE + timedelta(days=3)
MINUTE = timedelta(minutes=1)
HERE = Latest(position=1, subject="mmsi:440006460", site="busan", at=NOW, lat=34.0, lon=129.5)
OPENED = Reason(
    code=Code.SEAL_OPENED_AT_SEA,
    severity=Severity.CRITICAL,
    subject=f"acid:{ACID}",
    declared=Claim("HAECHI STAR", Source.AIS),
    observed=Claim(SEAL, Source.SEAL, NOW),
    at=NOW,
)


@dataclass
class Ear:
    """Hears what is told; or breaks down first."""

    heard: list[Statement] = field(default_factory=list[Statement])
    is_deaf: bool = False

    def __call__(self, said: Sequence[Statement]) -> None:
        """Hear it."""
        if self.is_deaf:
            raise OSError("no space left")
        self.heard += said


@dataclass
class Desk:
    """A register, and who is told of it."""

    database: Database
    ear: Ear = field(default_factory=Ear)

    @property
    def verdicts(self) -> Verdicts:
        """Whoever is begun anew knows what the database knows."""
        return Verdicts(self.database, self.ear, {HERE.subject: HERE}.get)

    def judge(self, *reasons: Reason, at: datetime = NOW, revision: int = 1) -> list[Statement]:
        """Let this be found, and return what is told of it."""
        kept = KeptShipment(shipment=SHIPMENT, revision=revision)
        stale = Stale(kept=kept, voyage=VOYAGE, changes=1)
        with self.database.transaction():
            self.verdicts.note([(stale, Result(at=at, reasons=reasons))])
        return self.told()

    def told(self) -> list[Statement]:
        """Return what is told now."""
        before = len(self.ear.heard)
        while self.verdicts.look():
            pass
        return self.ear.heard[before:]

    def declare(self, voyage: Voyage, revision: int = 0) -> list[Statement]:
        """Write a voyage, and return what is told of it."""
        owner = Party(Role.CARRIER, "HXLU")
        with SqlRegister(self.database).writing() as writing:
            writing.put_voyage(KeptVoyage(id="v1", owner=owner, voyage=voyage, revision=revision))
        before = len(self.ear.heard)
        Declaring(self.database, self.ear).look(NOW)
        return self.ear.heard[before:]


@pytest.fixture
def desk(database: Database) -> Desk:
    """Return a desk over each kind of database."""
    return Desk(database)


def test_a_verdict_is_told_once_and_its_withdrawal_too(desk: Desk) -> None:
    """Where the vessel was goes with it; judged again the same, nothing is said."""
    assert desk.judge() == []
    (said,) = desk.judge(OPENED, at=NOW + MINUTE)
    assert (said.subject, said.at) == (f"acid:{ACID}", NOW + MINUTE)
    assert isinstance(said.content, CargoVerdict)
    assert [reason.check for reason in said.content.reasons] == ["seal_opened_at_sea"]
    assert (said.content.vessel, said.content.seen) == (HERE.subject, (HERE.lon, HERE.lat))
    assert desk.judge(OPENED, at=NOW + 2 * MINUTE, revision=2) == []
    (over,) = desk.judge(at=NOW + 3 * MINUTE)
    assert isinstance(over.content, CargoVerdict)
    assert over.content.reasons == ()


def test_a_crash_before_it_is_told_loses_nothing(desk: Desk) -> None:
    """What was noted is told by whoever comes next, with the time at which it was found."""
    desk.ear.is_deaf = True
    with pytest.raises(OSError, match="no space left"):
        desk.judge(OPENED)
    desk.ear.is_deaf = False
    (said,) = desk.told()
    assert said.at == NOW
    assert desk.told() == []


def test_a_crash_after_it_was_told_repeats_the_same_reading(desk: Desk) -> None:
    """Byte for byte, so that the rules take it for one."""
    (said,) = desk.judge(OPENED)
    desk.database.run("UPDATE verdicts SET is_due = 1")
    assert desk.told() == [said]


def test_what_is_withdrawn_before_it_was_told_is_told_as_it_is_now(desk: Desk) -> None:
    """One reading, and the newer one: there was no alarm to end."""
    desk.ear.is_deaf = True
    for reasons in ((OPENED,), ()):
        with pytest.raises(OSError, match="no space left"):
            desk.judge(*reasons)
    desk.ear.is_deaf = False
    (said,) = desk.told()
    assert isinstance(said.content, CargoVerdict)
    assert said.content.reasons == ()


def test_a_clock_that_steps_back_does_not_turn_verdicts_round(desk: Desk) -> None:
    """Rules fold by time, so each verdict on a subject is later than the one before."""
    (first,) = desk.judge(OPENED)
    (second,) = desk.judge(at=NOW - 5 * MINUTE)
    assert first.at < second.at


def test_a_shipment_that_gets_its_number_leaves_the_old_subject(desk: Desk) -> None:
    """What was held against it there is withdrawn."""
    (before,) = desk.judge(replace(OPENED, subject="shipment:S-1"))
    assert before.subject == "shipment:S-1"
    said = {each.subject: each.content for each in desk.judge(OPENED, at=NOW + MINUTE)}
    assert {name: bool(getattr(each, "reasons", ())) for name, each in said.items()} == {
        "shipment:S-1": False,
        f"acid:{ACID}": True,
    }


def test_every_writing_of_a_voyage_is_told_with_its_version(desk: Desk) -> None:
    """Withdrawing is one more; looking again tells nothing."""
    said = desk.declare(VOYAGE) + desk.declare(replace(VOYAGE, is_withdrawn=True), revision=1)
    assert [each.subject for each in said] == ["mmsi:440006460"] * 2
    told = [each.content for each in said if isinstance(each.content, DeclaredVoyage)]
    assert [(each.voyage, each.version, each.withdrawn) for each in told] == [
        ("042W", 1, False),
        ("042W", 2, True),
    ]
    assert Declaring(desk.database, desk.ear).look(NOW) == []
    assert desk.ear.heard == said


def test_a_voyage_that_gets_another_vessel_is_withdrawn_from_the_first(desk: Desk) -> None:
    """So that the first is not held against it any more."""
    desk.declare(VOYAGE)
    other = replace(VOYAGE, vessel=Vessel(name="OTHER", mmsi="440006999"))
    over, said = desk.declare(other, revision=1)
    assert isinstance(over.content, DeclaredVoyage)
    assert (over.subject, over.content.withdrawn, over.content.version) == (
        "mmsi:440006460", True, 2,
    )  # fmt: skip
    assert said.subject == "mmsi:440006999"


def test_a_ship_full_of_containers_is_declared_like_any_other(desk: Desk) -> None:
    """What she carries stays in the register: it would not fit in a reading."""
    aboard = tuple(replace(VOYAGE.containers[0], acid=f"{n:019}") for n in range(9_000))
    (said,) = desk.declare(replace(VOYAGE, containers=aboard))
    assert isinstance(said.content, DeclaredVoyage)
    assert (said.content.acids, said.content.containers) == ((), ())
    assert said.content.route == VOYAGE.route


def test_a_line_of_too_many_points_is_a_fault(desk: Desk) -> None:
    """It is said what is wrong, instead of nothing."""
    line = tuple((n / 100, 30.0) for n in range(3_000))
    owner = Party(Role.CARRIER, "HXLU")
    with SqlRegister(desk.database).writing() as writing:
        voyage = replace(VOYAGE, route=line)
        writing.put_voyage(KeptVoyage(id="v1", owner=owner, voyage=voyage))
    (fault,) = Declaring(desk.database, desk.ear).look(NOW)
    assert "042W: Expected `array` of length <= 2000" in fault


def test_a_voyage_that_rules_cannot_follow_is_named_once(desk: Desk) -> None:
    """Without an MMSI nobody hears her; whoever was declared before is let go."""
    desk.declare(VOYAGE)
    nameless = replace(VOYAGE, vessel=Vessel(imo="9811000"))
    with SqlRegister(desk.database).writing() as writing:
        owner = Party(Role.CARRIER, "HXLU")
        writing.put_voyage(KeptVoyage(id="v1", owner=owner, voyage=nameless, revision=1))
    declaring = Declaring(desk.database, desk.ear)
    (fault,) = declaring.look(NOW)
    assert "MMSI" in fault
    assert declaring.look(NOW) == []
    (_, over) = desk.ear.heard
    assert isinstance(over.content, DeclaredVoyage)
    assert over.content.withdrawn


def test_a_register_of_an_older_version_is_told_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its voyages are due, and its shipments are judged once more."""
    path = tmp_path / "aci.db"
    with monkeypatch.context() as patched:
        patched.setattr(sqlite, "migrations", lambda: migrations()[:1])
        old = SqliteDatabase(path)
        old.run(
            "INSERT INTO voyages SELECT 'v1', 1, 'carrier', 'HXLU', '440006460', '440006460', '', "
            "'042W', 0, NULL, NULL, ?",
            '{"vessel":{"mmsi":"440006460"},"number":"042W","calls":'
            '[{"port":"KRPUS","planned_departure":"2026-03-11T06:00:00Z"}]}',
        )
        kept, act = (
            KeptShipment(shipment=SHIPMENT),
            Act(party=Party(Role.CUSTOMS, "x"), by="x", at=NOW, what="create"),
        )
        with SqlRegister(old).writing() as writing:
            writing.put_shipment(kept, act, Terms())
        old.run("UPDATE shipments SET judged = changes")
        old.close()
    new = SqliteDatabase(path)
    assert [each.kept.shipment.reference for each in SqlRegister(new).stale(9)] == ["S-1"]
    ear = Ear()
    assert Declaring(new, ear).look(NOW) == []
    assert [each.subject for each in ear.heard] == ["mmsi:440006460"]
    new.close()
