"""The real console over a real register that invented journeys fill: what its page's tests look at.

``python -m tests.dashboards.fake_cargo FOLDER`` prints its address and serves until killed.
"""

import argparse
import socket
import sys
from dataclasses import replace as replaced
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import uvicorn
from msgspec.structs import replace

from analytics.crosscheck.check import crosscheck
from analytics.crosscheck.facts import Observed, observe
from analytics.crosscheck.register import (
    Act,
    Judged,
    KeptShipment,
    KeptVoyage,
    Party,
    Result,
    terms_of,
)
from dashboards.aci_desk import AciConsole
from dashboards.aci_shipments import policy_of
from dashboards.app import make_app
from firmware_sim.cargo import Journey, journeys
from firmware_sim.cargo_faults import FAULTS
from haechi.aci.shipment import Exporter, Importer, Role, Shipment
from haechi.aci.states import State
from haechi.observations import Observation
from haechi.seals import Authenticity, SealEventKind, SealReport
from haechi.vessels import VesselPosition
from ingest.aci.register import SqlRegister
from ingest.documents.problems import DocumentRefusedError
from ingest.ports import BatchRejectedError
from ingest.stores.sqlite import SqliteStore
from tests.dashboards.cargo_console import POLICIES, reader, register
from tests.dashboards.fake_console import MARKUP, SITE, console
from tests.firmware_sim.test_cargo import fact

WRONG: Final = ("seal_opened_at_sea", "undeclared_call", "weight_mismatch", "departed_too_soon")
"""Faults of the first journeys, by label; the others are lawful."""
COUNT: Final = 9
SAILING: Final = 4
"""Number of the first lawful journey."""
OFFICE: Final = Party(Role.OPERATOR, "demo")
ARABIC_NAME: Final = "شركة لوتس النيل للاستيراد"
HOSTILE_SEAL: Final = "EVIL\u202e<b>"


def main() -> int:
    """Serve until killed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--port", type=int, default=0)
    asked = parser.parse_args()
    folder: Path = asked.folder
    now = datetime.now(UTC)
    fill(register(folder), now)
    sail(folder / "haechi.sqlite", now)
    listening = socket.create_server(("127.0.0.1", asked.port))
    sys.stdout.write(f"http://127.0.0.1:{listening.getsockname()[1]}\n")
    sys.stdout.flush()
    cargo = AciConsole(
        open_register=lambda: register(folder),
        policies=POLICIES,
        read=reader,
        unreadable=DocumentRefusedError,
        rejected=BatchRejectedError,
        folder=folder / "incoming",
    )
    app = make_app(replaced(console(folder / "haechi.sqlite", "en"), aci=cargo))
    uvicorn.Server(uvicorn.Config(app, log_level="warning")).run([listening])
    return 0


def fill(kept: SqlRegister, now: datetime) -> None:
    """Write journeys, of which some went wrong, and shipments that are still to sail."""
    for number, journey in enumerate(cargo()):
        put(kept, journey.shipment, now)
        with kept.writing() as writing:
            writing.put_voyage(KeptVoyage(id=f"v-{number}", owner=OFFICE, voyage=journey.voyage))
        judge(kept, journey, now)
    for number, left in enumerate((timedelta(hours=-3), timedelta(hours=5), timedelta(days=3))):
        put(kept, waiting(number, now + left), now)


def cargo() -> tuple[Journey, ...]:
    """Return the journeys."""
    lawful = [*journeys(COUNT, seed=4)]
    faulty = [wrong(label, journey) for label, journey in zip(WRONG, lawful, strict=False)]
    return (faulty[0], with_hostile_names(faulty[1]), *faulty[2:], *lawful[len(faulty) :])


def wrong(label: str, journey: Journey) -> Journey:
    """Return a journey that goes wrong."""
    (fault,) = (each for each in FAULTS if each.label == label)
    return fault.commit(journey)


def with_hostile_names(journey: Journey) -> Journey:
    """Return a journey whose parties call themselves what an attacker would."""
    shipment, voyage = journey.shipment, journey.voyage
    (packing,) = shipment.containers
    importer = Importer(tax_number=shipment.importer.tax_number, name=MARKUP)
    seals = (*packing.seals, HOSTILE_SEAL)
    declared = replace(
        shipment,
        importer=importer,
        exporter=Exporter(number=shipment.exporter.number, name="javascript:alert(2)"),
        transport=replace(shipment.transport, vessel=MARKUP),
        containers=(replace(packing, seals=seals),),
    )
    vessel = replace(voyage.vessel, name=MARKUP)
    return Journey(declared, replace(voyage, vessel=vessel), journey.seen)


def waiting(number: int, due: datetime) -> Shipment:
    """Return a shipment that has not been filed, and must be by ``due``, of a nameless exporter."""
    (journey,) = journeys(1, seed=number)
    shipment = journey.shipment
    loading = due + timedelta(hours=48)
    transport = replace(
        shipment.transport,
        voyage="099W",
        planned_loading=loading,
        etd=loading + timedelta(days=1),
        eta=loading + timedelta(days=25),
    )
    papers = tuple(replace(each, transferred_at=None) for each in shipment.documents[:2])
    return Shipment(
        reference=f"S-W{number}",
        state=State.REQUESTED,
        importer=replace(shipment.importer, name=ARABIC_NAME),
        exporter=Exporter(number=shipment.exporter.number),
        documents=papers,
        transport=transport,
        requested_at=due - timedelta(hours=47),
    )


def put(kept: SqlRegister, shipment: Shipment, now: datetime) -> None:
    """Write a shipment."""
    act = Act(party=OFFICE, by="Mona", at=now, what="create")
    said = terms_of(shipment, policy_of(POLICIES, shipment, now))
    with kept.writing() as writing:
        writing.put_shipment(KeptShipment(shipment=shipment), act, said)


def judge(kept: SqlRegister, journey: Journey, now: datetime) -> None:
    """Cross-check a journey with all that was seen of it, and write what was found."""
    shipment, voyage = journey.shipment, journey.voyage
    seen = observe(Observed(), *map(fact, journey.seen))
    reasons = crosscheck(shipment, voyage, seen, policy_of(POLICIES, shipment, now))
    with kept.writing() as writing:
        writing.put_results([Judged(shipment.reference, 1, Result(at=now, reasons=reasons))])


def sail(store_file: Path, now: datetime) -> None:
    """Let the first vessel leave her line, with a seal that reports."""
    voyage = cargo()[0].voyage
    (first, second, *_) = voyage.route
    places = along(first, second)
    track = [
        observation(f"mmsi:{voyage.vessel.mmsi}", number, now - timedelta(hours=20 - number), where)
        for number, where in enumerate(places)
    ]
    report = SealReport(
        event=SealEventKind.UNLOCK,
        counter=7,
        openings=1,
        authenticity=Authenticity.VALID,
        battery_percent=81,
        lat=places[-1].lat,
        lon=places[-1].lon,
    )
    (seal,) = voyage.containers[0].seals
    store = SqliteStore(store_file, keeper=True)
    with store.writing() as writing:
        writing.keep([*track, observation(f"seal:{seal}", 99, now - timedelta(minutes=2), report)])
    store.close()


def along(start: tuple[float, float], end: tuple[float, float]) -> list[VesselPosition]:
    """Return positions that leave the line between two places more and more."""
    shares = [number / 60 for number in range(20)]
    return [
        VesselPosition(
            lat=start[1] + share * (end[1] - start[1]) - 30 * share**3,
            lon=start[0] + share * (end[0] - start[0]),
            speed_kn=16.0,
            course_deg=220.0,
            ais_type=1,
        )
        for share in shares
    ]


def observation(
    subject: str, seq: int, at: datetime, content: VesselPosition | SealReport
) -> Observation:
    """Return something that was measured."""
    return Observation(
        device="ais-1",
        boot="b-1",
        seq=seq + 1,
        site=SITE,
        subject=subject,
        at=at,
        received_at=at,
        content=content,
    )


if __name__ == "__main__":
    sys.exit(main())
