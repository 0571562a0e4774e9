"""Advance cargo over the API: who may see and do what at all."""

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tests.conftest import Eventually
from tests.dashboards.cargo_console import (
    CARRIER,
    CUSCAR,
    CUSTOMS,
    EXPORTING,
    IMPORTER,
    ONE,
    SHIPMENTS,
    STRANGER,
    handed_in,
    headers,
    report,
)
from tests.haechi.aci.cargo import TAX_NUMBER


@pytest.mark.parametrize("party", ["", "importer", "admin:1", "importer:../1", "customs:"])
def test_who_does_not_say_who_asks_is_refused(client: TestClient, party: str) -> None:
    """With the form that is wanted."""
    answer = client.get(SHIPMENTS, headers=headers(party))
    assert answer.status_code == 401
    assert "importer:498847098" in answer.json()["detail"]


OF_SHIPMENT = (
    ("GET", ONE),
    ("GET", f"{ONE}/versions"),
    ("GET", f"{ONE}/deadlines"),
    ("GET", f"{ONE}/crosscheck"),
    ("PATCH", ONE),
    ("POST", f"{ONE}/cancel"),
)


OF_CARRIER = (("GET", "/api/aci/voyages/v1"), ("PUT", "/api/aci/voyages/v1"))


@pytest.mark.statement("K14")
@pytest.mark.parametrize(("method", "path"), OF_SHIPMENT)
def test_a_shipment_is_open_to_its_parties_alone(
    client: TestClient, method: str, path: str
) -> None:
    """Of others not even the existence is told: the answer is the one for what is not there."""
    body = {"by": "x", "reason": "y"} if method != "GET" else None
    for party, is_closed in (
        (IMPORTER, False), (EXPORTING, False), (CARRIER, False), (CUSTOMS, False),
        (STRANGER, True), ("carrier:MAEU", True), (f"exporter:{TAX_NUMBER}", True),
    ):  # fmt: skip
        sent = headers(party, If_Match='"99"')
        answer = client.request(method, path, json=body, headers=sent)
        absent = client.request(method, path.replace("S-1", "S-0"), json=body, headers=sent)
        assert (answer.status_code == 404) is is_closed, answer.text
        assert absent.status_code == 404
        if is_closed:
            assert answer.text == absent.text.replace("S-0", "S-1")


@pytest.mark.statement("K14")
@pytest.mark.parametrize(("method", "path"), OF_CARRIER)
def test_a_voyage_is_open_to_its_carrier_alone(client: TestClient, method: str, path: str) -> None:
    """It names the cargo of many."""
    body = {"vessel": {"mmsi": "440006460"}, "number": "042W"} if method == "PUT" else None
    for party, closed in ((CARRIER, False), (CUSTOMS, False), ("carrier:MAEU", True)):
        sent = headers(party, If_Match='"99"')
        status = client.request(method, path, json=body, headers=sent).status_code
        assert (status == 404) is closed
    assert client.get("/api/aci/voyages", headers=headers("carrier:MAEU")).json() == []


@pytest.mark.statement("K14")
def test_an_import_is_open_to_who_made_it(client: TestClient, eventually: Eventually) -> None:
    """And to customs."""
    place = handed_in(client, CUSCAR)
    for party, status in ((CARRIER, 200), (CUSTOMS, 200), ("carrier:MAEU", 404)):
        assert client.get(place, headers=headers(party)).status_code == status
    assert client.get("/api/aci/imports", headers=headers("carrier:MAEU")).json() == []
    eventually(lambda: report(client, place)["state"] != "reading")


def test_every_route_is_in_the_guide(client: TestClient) -> None:
    """As the API describes itself."""
    guide = (Path(__file__).parents[2] / "docs" / "aci-api.md").read_text()
    paths = client.get("/api/openapi.json").json()["paths"]
    mine = {path.removeprefix("/api/aci"): each for path, each in paths.items() if "/aci/" in path}
    routes = [f"`{method.upper()} {path}" for path, each in mine.items() for method in each]
    assert len(routes) > 15
    assert [route for route in routes if route not in guide] == []
