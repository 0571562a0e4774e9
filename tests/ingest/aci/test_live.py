"""What the platform sees reaches the shipments that it concerns."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from analytics.crosscheck.facts import MoveKind
from analytics.crosscheck.gates import Gate
from analytics.crosscheck.reasons import Code
from analytics.crosscheck.register import (
    About,
    Act,
    KeptShipment,
    KeptVoyage,
    Party,
    Result,
    terms_of,
)
from analytics.raising import after_findings
from haechi.aci.policy import read_policies
from haechi.aci.shipment import Role, Shipment
from haechi.aci.states import State
from haechi.alarms import AlarmPolicy
from haechi.findings import Finding, Severity, Status
from haechi.messages import Content
from haechi.observations import Observation
from haechi.settings import DEFAULTS
from haechi.vessels import VesselPosition
from ingest.aci.live import Live
from ingest.aci.register import SqlRegister
from ingest.aci.sqlite import SqliteDatabase
from ingest.stores.sqlite import SqliteStore
from tests.analytics.crosscheck.sightings import LAWFUL
from tests.haechi.aci.cargo import CONTAINER, DEPARTURE, LOADING, SEAL, SHIPMENT, VOYAGE

POLICIES = read_policies((DEFAULTS / "aci_policy.toml").read_text(encoding="utf-8"))
VESSEL = "mmsi:440006460"
QUAY, SEA = (35.08, 128.8), (34.0, 129.5)
HOUR = timedelta(hours=1)
GATES = (Gate(device="cctv-gate", port="KRINC", kind=MoveKind.LOADED),)
UNSEEN = replace(SHIPMENT, state=State.ISSUED)


class Port:
    """A platform, a register, and what follows the one into the other."""

    def __init__(self, folder: Path) -> None:
        self.platform = SqliteStore(folder / "haechi.db")
        self.register = SqlRegister(SqliteDatabase(folder / "aci.db"))
        self.live = Live(self.platform, self.register, POLICIES, gates=GATES)
        self.seq = 0
        owner = Party(Role.CARRIER, "HXLU")
        with self.register.writing() as writing:
            writing.put_voyage(KeptVoyage(id="v1", owner=owner, voyage=VOYAGE))
        loaded = [fact for fact in LAWFUL if type(fact).__name__ in {"Move", "ManifestLine"}]
        with self.register.writing() as writing:
            writing.add_facts(
                About(f"container:{CONTAINER}", fact) for fact in loaded if fact.at < DEPARTURE
            )

    def declare(self, shipment: Shipment = UNSEEN, revision: int = 0) -> None:
        """Write a shipment."""
        act = Act(party=Party(Role.CUSTOMS, "x"), by="x", at=LOADING, what="create")
        policy = POLICIES.at(LOADING.date())
        kept = KeptShipment(shipment=shipment, revision=revision)
        with self.register.writing() as writing:
            writing.put_shipment(kept, act, terms_of(shipment, policy))

    def sail(self, *places: tuple[datetime, tuple[float, float]]) -> None:
        """Let the vessel say where she is."""
        for at, (lat, lon) in places:
            self.say(VESSEL, at, VesselPosition(lat=lat, lon=lon, speed_kn=12))

    def say(self, subject: str, at: datetime, content: Content, device: str = "ais-1") -> None:
        """Let a sensor say something."""
        self.seq += 1
        said = Observation(
            device=device,
            boot="b-1",
            seq=self.seq,
            site="busan",
            subject=subject,
            at=at,
            received_at=at,
            content=content,
        )
        with self.platform.writing() as writing:
            writing.keep([said])

    def find(self, subject: str, kind: str, at: datetime, **more: object) -> None:
        """Let a rule find something."""
        finding = Finding(
            id="00ff00ff00ff00ff",
            rule=kind,
            kind=kind,
            rule_version="1",
            subject=subject,
            severity=Severity.CRITICAL,
            since=at,
            until=None,
            text=kind,
            values={},
            thresholds={},
        )
        said = replace(finding, revision=self.seq, **more)
        with self.platform.writing() as writing:
            writing.report([said])
            for alarm, event in after_findings(
                [said], site="busan", alarms=self.platform, now=at, policy=AlarmPolicy()
            ):
                writing.put_alarm(alarm, event)

    def result(self) -> Result:
        """Return what is said of the shipment once everything is taken in."""
        self.live.look(DEPARTURE + timedelta(days=2))
        while self.register.stale(1):
            self.live.look(DEPARTURE + timedelta(days=2))
        found = self.register.result("S-1")
        assert found is not None
        return found


@pytest.fixture
def port(tmp_path: Path) -> Port:
    """Return a port with one voyage."""
    return Port(tmp_path)


def test_ais_that_leaves_the_port_locks_the_declaration(port: Port) -> None:
    """The shipment notes when she left and who said so; a restart sees no second departure."""
    port.declare()
    port.sail((LOADING, QUAY), (LOADING + 2 * HOUR, QUAY))
    assert port.result().reasons == ()
    port.sail((DEPARTURE, QUAY), (DEPARTURE + HOUR, SEA))
    port.result()
    kept = port.register.shipment("S-1")
    assert kept is not None
    assert kept.shipment.state is State.LOCKED_AT_DEPARTURE
    assert kept.shipment.departed is not None
    assert (kept.shipment.departed.at, kept.shipment.departed.source) == (DEPARTURE + HOUR, "ais")
    again = Live(port.platform, port.register, POLICIES)
    port.sail((DEPARTURE + 2 * HOUR, SEA))
    again.look(DEPARTURE)
    assert len(port.register.versions("S-1")) == 2


def test_a_seal_opened_at_sea_turns_its_shipment_red(port: Port) -> None:
    """As a reason; once the finding is retracted, the reason is gone."""
    port.declare()
    port.sail((LOADING, QUAY), (DEPARTURE, QUAY), (DEPARTURE + HOUR, SEA))
    port.find(f"seal:{SEAL}", "seal_opened", DEPARTURE + 5 * HOUR)
    result = port.result()
    assert [reason.code for reason in result.reasons] == [Code.SEAL_OPENED_AT_SEA]
    assert result.rank == 0
    port.find(f"seal:{SEAL}", "seal_opened", DEPARTURE + 5 * HOUR, status=Status.RETRACTED)
    assert port.result().reasons == ()


def test_a_deviation_of_the_vessel_concerns_her_cargo(port: Port) -> None:
    """What other rules say of her does not."""
    port.declare()
    port.result()
    port.find(VESSEL, "route_deviation", DEPARTURE + HOUR)
    assert [each.kind for each in port.result().findings] == ["route_deviation"]


def test_speed_is_no_matter_of_cargo(port: Port) -> None:
    """Its finding stays with the vessel."""
    port.declare()
    port.find(VESSEL, "overspeed", DEPARTURE + HOUR)
    assert port.result().findings == ()


def test_an_acid_withdrawn_is_seen_at_once(port: Port) -> None:
    """A change of the shipment is judged like a change of the world."""
    port.declare()
    port.sail((LOADING, QUAY), (LOADING + 2 * HOUR, QUAY))
    assert port.result().reasons == ()
    port.declare(replace(UNSEEN, state=State.VOID), revision=1)
    assert Code.LOADED_WITHOUT_ACID in {reason.code for reason in port.result().reasons}


def test_nothing_new_judges_nothing(port: Port) -> None:
    """A look costs what has changed."""
    port.declare()
    assert port.live.look(LOADING) == ["S-1"]
    assert port.live.look(LOADING) == []
