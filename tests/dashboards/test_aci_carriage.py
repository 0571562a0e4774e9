"""The API of carriers: whether ACIDs stand, whether a box may be loaded, and voyages."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.dashboards.cargo_console import CARRIER, IMPORTER, STRANGER, headers
from tests.haechi.aci.cargo import ACID, SHIPMENT, TAX_NUMBER


@pytest.mark.statement("N12")
def test_an_acid_is_verified_singly_and_in_bulk(client: TestClient) -> None:
    """In the order asked, for the carrier with the parties to compare."""
    asked = [ACID, "4988470982026039999", "nonsense", " ٤٩٨٨٤٧٠٩٨٢٠٢٦٠٣٠٠١٧ "]
    answer = client.post("/api/aci/acids/verify", json={"acids": asked}, headers=headers(CARRIER))
    first, second, third, fourth = answer.json()
    assert (first["importer"], first["exporter"]) == (TAX_NUMBER, SHIPMENT.exporter.number)
    assert (second["reason"], third["reason"]) == ("not known", "not an ACID: 19 digits")
    assert fourth["acid"] == ACID
    single = client.get(f"/api/aci/acids/{ACID}", headers=headers(CARRIER)).json()
    assert single == first


def test_other_parties_do_not_learn_whose_an_acid_is(client: TestClient) -> None:
    """Only whether it stands."""
    told = client.get(f"/api/aci/acids/{ACID}", headers=headers(STRANGER)).json()
    assert told.keys() <= {"acid", "is_valid", "reason"}


def test_a_hundred_thousand_are_verified_at_once_and_no_more(client: TestClient) -> None:
    """The body that this takes is let in; one more number is refused."""
    many = [f"{number:019}" for number in range(100_000)]
    sent = headers(CARRIER)
    answer = client.post("/api/aci/acids/verify", json={"acids": many}, headers=sent)
    assert len(answer.json()) == 100_000
    more = client.post("/api/aci/acids/verify", json={"acids": [*many, ACID]}, headers=sent)
    assert more.status_code == 400


@pytest.mark.statement("N6")
@pytest.mark.parametrize(
    ("query", "permitted", "reasons"),
    [
        ({"acid": ACID, "at": "2026-03-10T06:00:00Z"}, True, []),
        ({"acid": ACID, "at": "2027-03-10T06:00:00Z"}, False, ["ACID_EXPIRED"]),
        (
            {"acid": ACID, "at": "2026-03-10T06:00:00Z", "consignee": "111111111"},
            False,
            ["CARRIER_IMPORTER_MISMATCH"],
        ),
        ({"at": "2026-03-10T06:00:00Z"}, False, ["NO_ACID"]),
        ({"at": "2021-05-01T00:00:00Z"}, True, ["NO_ACID"]),
    ],
)
def test_a_carrier_learns_whether_it_may_load(
    client: TestClient, query: dict[str, str], *, permitted: bool, reasons: list[str]
) -> None:
    """Under the rules of the day."""
    answer = client.get("/api/aci/load-permit", params=query, headers=headers(CARRIER)).json()
    assert answer == {"load_permit": permitted, "reasons": reasons}


def test_a_voyage_is_declared_and_replaced(client: TestClient) -> None:
    """By its carrier, at the revision that was read."""
    body = {"vessel": {"mmsi": "440006461"}, "number": "001E"}

    def put_it(**more: str) -> Any:
        return client.put("/api/aci/voyages/v2", json=body, headers=headers(CARRIER, **more))

    assert put_it().headers["etag"] == '"1"'
    assert put_it().status_code == 428
    assert put_it(If_Match='"1"').json()["voyage"]["version"] == 2
    taken = client.put("/api/aci/voyages/v3", json=body, headers=headers("carrier:MAEU"))
    assert taken.status_code == 409
    assert (
        client.put("/api/aci/voyages/v4", json=body, headers=headers(IMPORTER)).status_code == 403
    )
