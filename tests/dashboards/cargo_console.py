"""A console with advance cargo for tests, over a real file."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient

from analytics.crosscheck.register import Act, KeptShipment, KeptVoyage, Party, terms_of
from dashboards.aci_desk import AciConsole, Told
from dashboards.aci_shipments import policy_of
from dashboards.app import make_app
from haechi.aci.manifest import Document
from haechi.aci.policy import read_policies
from haechi.aci.shipment import Role, Shipment
from haechi.settings import DEFAULTS
from ingest.aci.register import SqlRegister
from ingest.aci.sqlite import SqliteDatabase
from ingest.documents.problems import DocumentRefusedError
from ingest.documents.reading import read
from ingest.ports import BatchRejectedError
from tests.dashboards.test_app import console, filled
from tests.haechi.aci.cargo import ACID, CONTAINER, EXPORTER, SHIPMENT, TAX_NUMBER, VOYAGE

POLICIES = read_policies((DEFAULTS / "aci_policy.toml").read_text(encoding="utf-8"))
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
IMPORTER = f"importer:{TAX_NUMBER}"
EXPORTING = f"exporter:{EXPORTER}"
CARRIER = "carrier:HXLU"
CUSTOMS = "customs:alexandria"


def register(folder: Path) -> SqlRegister:
    """Return the register of a folder."""
    return SqlRegister(SqliteDatabase(folder / "aci.db"))


def put(kept: SqlRegister, shipment: Shipment = SHIPMENT) -> None:
    """Write a shipment that its carrier may see, and its voyage."""
    party = Party(Role.IMPORTER, shipment.importer.tax_number)
    act = Act(party=party, by="Mona", at=NOW, what="create")
    said = terms_of(shipment, policy_of(POLICIES, shipment, NOW))
    with kept.writing() as writing:
        writing.put_shipment(KeptShipment(shipment=shipment, carrier="HXLU"), act, said)
        writing.put_voyage(KeptVoyage(id="v1", owner=Party(Role.CARRIER, "HXLU"), voyage=VOYAGE))


def reader(path: Path, name: str, told: Told) -> Document:
    """Read a file as the platform does."""
    with path.open("rb") as stream:
        return read(stream, name=name, told=told)


def browser(folder: Path) -> TestClient:
    """Return a browser of sorts on this machine; entering it opens the console."""
    cargo = AciConsole(
        open_register=lambda: register(folder),
        policies=POLICIES,
        read=reader,
        unreadable=DocumentRefusedError,
        rejected=BatchRejectedError,
        folder=folder / "incoming",
    )
    app = make_app(replace(console(filled(), folder), aci=cargo))
    return TestClient(app, "http://127.0.0.1:8765", raise_server_exceptions=False)


def headers(party: str, **more: str) -> dict[str, str]:
    """Return what a party sends; underscores are dashes."""
    return {"X-Haechi-Party": party} | {
        name.replace("_", "-"): value for name, value in more.items()
    }


DRAFT: dict[str, Any] = {
    "by": "Mona",
    "importer": {"tax_number": TAX_NUMBER, "name": "Nile Spinning"},
    "exporter": {"number": EXPORTER},
    "goods": [{"line": 1, "hs": "520512", "quantity": "100"}],
    "transport": {"planned_loading": "2030-03-10T06:00:00Z", "etd": "2030-03-11T06:00:00Z"},
}

SHIPMENTS = "/api/aci/shipments"
ONE = f"{SHIPMENTS}/S-1"
STRANGER = "importer:111111111"
CUSCAR = (
    b"UNB+UNOC:3+A+B+260310:0600+1'UNH+1+CUSCAR:D:95B:UN'BGM+785+M1+9'"
    b"TDT+20+042W+1++:::HEX+++9811000:146::HAECHI STAR'"
    b"CNI+1+HNHA2603001'RFF+ACD:"
    + ACID.encode()
    + b"'GID+1+10:BG'SGP+"
    + CONTAINER.encode()
    + b"'UNT+8+1'UNZ+1+1'"
)
"""A carrier's list of one bill."""


def begun(client: TestClient, **more: str) -> Any:
    """Return the answer to a new draft."""
    return client.post(SHIPMENTS, json=DRAFT, headers=headers(IMPORTER, **more))


def handed_in(client: TestClient, content: bytes, **query: str) -> str:
    """Hand in a file; return where its report will be."""
    sent = headers(CARRIER, Content_Type="application/octet-stream")
    named = {"name": "m.edi"} | query
    answer = client.post("/api/aci/imports", params=named, content=content, headers=sent)
    assert answer.status_code == 202, answer.text
    return str(answer.headers["location"])


def report(client: TestClient, place: str) -> Any:
    """Return an import as it stands."""
    return client.get(place, headers=headers(CARRIER)).json()
