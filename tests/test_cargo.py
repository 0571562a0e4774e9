"""Cargo end to end: what the authority does to a shipment becomes an alarm of the platform."""

import contextlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from fastapi.testclient import TestClient
from msgspec.structs import replace

from haechi.aci.shipment import Departure, DepartureSource
from haechi.alarms import Alarm
from haechi.cargo import CargoVerdict
from haechi.commands import aci, cargo
from haechi.commands.cargo_documents import READ
from haechi.declared import DeclaredVoyage
from haechi.findings import Severity
from haechi.settings import load
from ingest.aci.live import Live
from ingest.aci.register import SqlRegister
from ingest.aci.sqlite import SqliteDatabase
from ingest.aci.telling import Statement
from ingest.aci.verdicts import Verdicts
from ingest.stores.sqlite import SqliteStore
from tests.conftest import Eventually
from tests.dashboards.cargo_console import CUSTOMS, POLICIES, browser, headers, put, register
from tests.edge.rig import SITE, Broker, needs_mosquitto
from tests.haechi.aci.cargo import ACID, DEPARTURE, SHIPMENT
from tests.ingest.serving import by_default, serving

ONE = "/api/aci/shipments/S-1"
UNDER_WAY = replace(SHIPMENT, departed=Departure(at=DEPARTURE, source=DepartureSource.CARRIER))


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    """Return the authority's browser; a lawful shipment is under way."""
    kept = register(tmp_path)
    put(kept, UNDER_WAY)
    kept.close()
    with browser(tmp_path) as client:
        yield client


def withdraw(client: TestClient) -> None:
    """Take the ACID back, as the authority does."""
    tag = client.get(ONE, headers=headers(CUSTOMS)).headers["etag"]
    body = {"by": "officer.kim", "reason": "obtained by false papers"}
    answer = client.post(f"{ONE}/void", json=body, headers=headers(CUSTOMS, If_Match=tag))
    assert answer.status_code == 200, answer.text


def colour(client: TestClient) -> tuple[str | None, list[str]]:
    """Return the severity in the list of shipments, and the reasons in the dossier."""
    (summary,) = client.get("/api/aci/shipments", headers=headers(CUSTOMS)).json()
    check: Any = client.get(f"{ONE}/crosscheck", headers=headers(CUSTOMS)).json()
    return summary["severity"], [reason["code"] for reason in check["reasons"]]


def test_a_withdrawn_acid_turns_its_shipment_red_at_the_next_look(
    client: TestClient, tmp_path: Path
) -> None:
    """One look, of which there are several in two seconds; what it finds is told in that look."""
    with contextlib.ExitStack() as stack:
        platform = stack.enter_context(contextlib.closing(SqliteStore(tmp_path / "haechi.db")))
        database = stack.enter_context(contextlib.closing(SqliteDatabase(tmp_path / "aci.db")))
        told = list[Statement]()
        verdicts = Verdicts(database, told.extend, platform.latest_of)
        live = Live(platform, SqlRegister(database), POLICIES, verdicts.note)
        while live.look(datetime.now(UTC)):
            assert colour(client) == (None, [])
        withdraw(client)
        assert live.look(datetime.now(UTC)) == ["S-1"]
        assert colour(client) == ("CRITICAL", ["acid_withdrawn"])
        assert verdicts.look() == 1
        ((at, subject, said),) = told
        assert subject == f"acid:{ACID}"
        assert isinstance(said, CargoVerdict)
        (last,) = client.get(f"{ONE}/versions", headers=headers(CUSTOMS)).json()[-1:]
        assert datetime.fromisoformat(last["act"]["at"]) <= at
        assert 2 * cargo.LOOK_EVERY_S < 2


@needs_mosquitto
def test_what_is_held_against_a_shipment_is_an_alarm_and_its_voyage_is_declared(
    client: TestClient, tmp_path: Path, eventually: Eventually
) -> None:
    """Over the outbox, the broker and ingest, like any device's word; a command can do it too."""
    broker, stop = Broker(tmp_path / "broker"), Event()
    settings = load(data_dir=tmp_path, site=SITE, mqtt_host="127.0.0.1", mqtt_port=broker.port)
    with serving(by_default(tmp_path, broker.endpoint, SITE)):
        store = SqliteStore(tmp_path / "haechi.db")
        thread = cargo.follow(settings, stop)
        try:
            eventually(_declared(store), what="the voyage is declared to the rules")
            withdraw(client)
            eventually(lambda: _raised(store), what="the alarm")
            eventually(lambda: not _unacknowledged(store), what="all of it acknowledged")
        finally:
            stop.set()
            thread.join()
        (alarm,) = _raised(store)
        assert aci.declare((), settings, device="registry", wait_s=20) == READ
        store.close()
    broker.end()
    assert (alarm.kind, alarm.severity) == ("acid_withdrawn", Severity.CRITICAL)
    assert alarm.active
    assert "ACID withdrawn: declaration says" in alarm.text


def _raised(store: SqliteStore) -> list[Alarm]:
    return [alarm for alarm in store.alarms() if alarm.key.subject == f"acid:{ACID}"]


def _declared(store: SqliteStore) -> Callable[[], bool]:
    def found() -> bool:
        known = store.history("mmsi:440006460", None)
        return any(isinstance(each.content, DeclaredVoyage) for each in known)

    return found


def _unacknowledged(store: SqliteStore) -> int:
    """Return how many readings of the console ingest has not kept, by its own count."""
    (account,) = (each for each in store.accounts() if each.device == cargo.DEVICE)
    return 2 - account.kept
