"""The API of shipments: their life, their revisions, and how they are found."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.dashboards.cargo_console import (
    CARRIER,
    CUSTOMS,
    DRAFT,
    EXPORTING,
    IMPORTER,
    ONE,
    SHIPMENTS,
    STRANGER,
    begun,
    headers,
)
from tests.haechi.aci.cargo import ACID, CONTAINER, TAX_NUMBER


def step(client: TestClient, place: str, what: str, party: str, **body: object) -> Any:
    """Take a step at the newest revision; return the answer."""
    tag = client.get(place, headers=headers(CUSTOMS)).headers["etag"]
    said = {"by": "Somebody"} | body
    return client.post(f"{place}/{what}", json=said, headers=headers(party, If_Match=tag))


def test_a_shipment_lives_from_draft_to_issue(client: TestClient) -> None:
    """Each step by the one whose it is; the number follows from the importer and the month."""
    answer = begun(client)
    assert (answer.status_code, answer.headers["etag"]) == (201, '"1"')
    place = f"{SHIPMENTS}/{answer.json()['shipment']['reference']}"
    assert step(client, place, "request", IMPORTER).json()["shipment"]["state"] == "requested"
    assert step(client, place, "issue", IMPORTER).status_code == 403
    assert step(client, place, "issue", CUSTOMS).status_code == 409
    assert step(client, place, "screen", CUSTOMS).status_code == 200
    issued = step(client, place, "issue", CUSTOMS, case="RV-2").json()["shipment"]
    assert issued["state"] == "issued"
    assert issued["acid"].startswith(TAX_NUMBER)
    assert issued["approval"]["case"] == "RV-2"
    again = step(client, place, "cancel", IMPORTER, reason="sold elsewhere")
    assert again.json()["shipment"]["state"] == "cancelled"
    versions = client.get(f"{place}/versions", headers=headers(IMPORTER)).json()
    assert [each["act"]["what"] for each in versions] == [
        "create", "request", "screen", "issue", "cancel",
    ]  # fmt: skip


def test_a_change_says_which_revision_it_is_for(client: TestClient) -> None:
    """Without one it is refused, and so is one that is out of date."""
    wanted: dict[str, Any] = {"by": "Mona", "reason": "typing error", "goods": []}
    place = f"{SHIPMENTS}/{begun(client).json()['shipment']['reference']}"
    for match, status in (({}, 428), ({"If_Match": '"9"'}, 412), ({"If_Match": "x"}, 400)):
        answer = client.patch(place, json=wanted, headers=headers(IMPORTER, **match))
        assert answer.status_code == status, answer.text
    changed = client.patch(place, json=wanted, headers=headers(IMPORTER, If_Match='"1"'))
    assert changed.headers["etag"] == '"2"'
    assert changed.json()["shipment"].get("goods", []) == []


def test_what_is_repeated_under_a_key_is_done_once(client: TestClient) -> None:
    """The same answer again; the same key for something else is a mistake."""
    first, second = (begun(client, Idempotency_Key="k-1") for _ in range(2))
    assert first.content == second.content
    assert first.headers["etag"] == second.headers["etag"]
    other = DRAFT | {"by": "Omar"}
    sent = headers(IMPORTER, Idempotency_Key="k-1")
    assert client.post(SHIPMENTS, json=other, headers=sent).status_code == 422
    assert len(client.get(SHIPMENTS, headers=headers(IMPORTER)).json()) == 2


def test_nobody_declares_for_another(client: TestClient) -> None:
    """An importer for another importer, a carrier at all."""
    for party in (STRANGER, CARRIER, EXPORTING):
        answer = client.post(SHIPMENTS, json=DRAFT, headers=headers(party))
        assert answer.status_code == 403


@pytest.mark.parametrize("key", [ACID, CONTAINER, "HAECHI STAR", "h5317501"])
def test_a_shipment_is_found_by_what_is_known_of_it(client: TestClient, key: str) -> None:
    """ACID, container, vessel, seal."""
    for party, number in ((CUSTOMS, 1), (STRANGER, 0)):
        found = client.get(SHIPMENTS, params={"key": key}, headers=headers(party)).json()
        assert len(found) == number


def test_shipments_come_in_pages_that_are_sent_once(client: TestClient) -> None:
    """The next page is named with the same question; what the client has is not sent again."""
    for _ in range(2):
        begun(client)
    asked = headers(IMPORTER)
    where, seen = f"{SHIPMENTS}?limit=2&state=draft&state=envelope_received", set[str]()
    answers: list[Any] = []
    while where:
        answer = client.get(where, headers=asked)
        answers.append(answer)
        seen |= {each["reference"] for each in answer.json()}
        where = answer.links.get("next", {}).get("url", "")
    assert (len(answers), len(seen)) == (2, 3)
    first = f"{SHIPMENTS}?limit=2&state=draft&state=envelope_received"
    known = {"If-None-Match": f'W/{answers[0].headers["etag"]}, "x"'}
    again = client.get(first, headers=asked | known)
    assert (again.status_code, again.content) == (304, b"")
    assert client.get(first, headers=headers(CUSTOMS) | known).status_code == 304
    assert client.get(first, headers=headers(STRANGER) | known).json() == []
    begun(client)
    assert client.get(SHIPMENTS, headers=asked | known).status_code == 200


def test_deadlines_say_the_time_left(client: TestClient) -> None:
    """Soonest first, with their light."""
    due = client.get(f"{ONE}/deadlines", headers=headers(IMPORTER)).json()
    assert {each["code"] for each in due} >= {"LATE_FILING", "LATE_ENVELOPE"}
    assert {each["light"] for each in due} <= {"done", "green", "amber", "red"}


def test_dates_beyond_the_calendar_are_refused(client: TestClient) -> None:
    """Deadlines could not be counted from them."""
    for etd in ("9999-12-31T23:00:00Z", "0001-01-01T00:00:00Z"):
        body = DRAFT | {"transport": {"etd": etd, "planned_loading": etd}}
        answer = client.post(SHIPMENTS, json=body, headers=headers(IMPORTER))
        assert answer.status_code == 400
        assert "is not between" in answer.json()["detail"]
