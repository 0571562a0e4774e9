"""The API of advance cargo: what each party may see and do."""

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from fastapi.testclient import TestClient

from analytics.crosscheck.intake import taken
from analytics.crosscheck.register import Import
from dashboards import aci_desk
from tests.conftest import Eventually
from tests.dashboards.cargo_console import (
    CARRIER,
    CUSTOMS,
    DRAFT,
    EXPORTING,
    IMPORTER,
    browser,
    headers,
    put,
    register,
)
from tests.haechi.aci.cargo import ACID, CONTAINER, SHIPMENT, TAX_NUMBER
from tests.ingest.documents.test_hostile import plan

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


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    """Return a browser of sorts; there is one shipment and its voyage."""
    kept = register(tmp_path)
    put(kept)
    kept.close()
    with browser(tmp_path) as client:
        yield client


def begun(client: TestClient, **more: str) -> Any:
    """Return the answer to a new draft."""
    return client.post(SHIPMENTS, json=DRAFT, headers=headers(IMPORTER, **more))


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


@pytest.mark.statement("N12")
def test_a_manifest_is_answered_bill_by_bill(client: TestClient, eventually: Eventually) -> None:
    """Confirmed, or with what is wrong; problems of the file are listed."""
    place = handed_in(client, CUSCAR)
    eventually(lambda: report(client, place)["state"] == "taken", what=str(report(client, place)))
    (bill,) = report(client, place)["bills"]
    assert (bill["bill"], bill["acids"], bill["faults"]) == ("HNHA2603001", [ACID], [])
    unknown = handed_in(client, CUSCAR.replace(ACID.encode(), b"4988470982026039999"))
    eventually(lambda: report(client, unknown)["state"] == "taken")
    assert "is not known" in report(client, unknown)["bills"][0]["faults"][0]


@pytest.mark.statement("N12")
def test_a_file_makes_shipments_where_its_sender_asks_for_it(
    client: TestClient, eventually: Eventually
) -> None:
    """A carrier's bill is tied to the shipment of its ACID; unasked, nothing is made."""
    unasked = handed_in(client, CUSCAR)
    eventually(lambda: report(client, unasked)["state"] == "taken")
    assert report(client, unasked)["bills"][0]["outcome"] is None
    place = handed_in(client, CUSCAR.replace(b"HNHA2603001", b"HNHA2603002"), create="shipments")
    eventually(lambda: report(client, place)["state"] == "taken")
    (bill,), (voyage,) = report(client, place)["bills"], report(client, place)["voyages"]
    assert (bill["outcome"], bill["shipment"]) == ("linked", "S-1")
    assert bill["linked"] == ["bill HNHA2603002"]
    assert client.get(ONE, headers=headers(IMPORTER)).json()["revision"] == 2
    assert (voyage["id"], voyage["outcome"]) == ("v1", "unchanged")


def test_2_wrong_check_digits_in_609_stop_no_import(
    client: TestClient, eventually: Eventually
) -> None:
    """Through the API too: all boxes are taken, and the two are told of with their number."""
    place = handed_in(client, plan(609))
    eventually(lambda: report(client, place)["state"] == "taken", what=str(report(client, place)))
    done = report(client, place)
    assert (done["containers"], len(done["problems"])) == (609, 2)
    assert all("the check digit of HXLU" in problem["reason"] for problem in done["problems"])


def test_a_file_is_taken_whole_or_not_at_all(
    client: TestClient, eventually: Eventually, tmp_path: Path
) -> None:
    """One that is cut leaves a reason, no fact and no file."""
    place = handed_in(client, CUSCAR[: len(CUSCAR) // 2])
    eventually(lambda: report(client, place)["state"] == "refused")
    assert report(client, place)["reason"]
    assert register(tmp_path).facts([f"container:{CONTAINER}", f"acid:{ACID}"]) == []
    assert [*(tmp_path / "incoming").iterdir()] == []


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


def test_every_route_is_in_the_guide(client: TestClient) -> None:
    """As the API describes itself."""
    guide = (Path(__file__).parents[2] / "docs" / "aci-api.md").read_text()
    paths = client.get("/api/openapi.json").json()["paths"]
    mine = {path.removeprefix("/api/aci"): each for path, each in paths.items() if "/aci/" in path}
    routes = [f"`{method.upper()} {path}" for path, each in mine.items() for method in each]
    assert len(routes) > 15
    assert [route for route in routes if route not in guide] == []


def test_dates_beyond_the_calendar_are_refused(client: TestClient) -> None:
    """Deadlines could not be counted from them."""
    for etd in ("9999-12-31T23:00:00Z", "0001-01-01T00:00:00Z"):
        body = DRAFT | {"transport": {"etd": etd, "planned_loading": etd}}
        answer = client.post(SHIPMENTS, json=body, headers=headers(IMPORTER))
        assert answer.status_code == 400
        assert "is not between" in answer.json()["detail"]


def test_who_asks_during_an_import_is_answered_and_sees_none_of_it(
    client: TestClient, eventually: Eventually, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A change waits for it, and is then held against what it made."""
    order: list[str] = []
    is_written, may_end = Event(), Event()

    def held(*arguments: Any, **named: Any) -> Import:
        done = taken(*arguments, **named)
        is_written.set()
        assert may_end.wait(30)
        order.append("taken")
        return done

    monkeypatch.setattr(aci_desk, "taken", held)
    place = handed_in(client, CUSCAR.replace(b"HNHA2603001", b"HNHA2603002"), create="shipments")
    assert is_written.wait(30)
    tag = client.get(ONE, headers=headers(CUSTOMS)).headers["etag"]
    (running,) = client.get("/api/aci/imports", headers=headers(CARRIER)).json()
    order.append("answered")
    with ThreadPoolExecutor(1) as other:
        body = {"by": "officer.kim", "reason": "to be looked at"}
        sent = headers(CUSTOMS, If_Match=tag)
        held_back = other.submit(client.post, f"{ONE}/void", json=body, headers=sent)
        may_end.set()
        assert held_back.result().status_code == 412
    assert (tag, running["state"], order) == ('"1"', "reading", ["answered", "taken"])
    eventually(lambda: report(client, place)["state"] == "taken")
    assert client.get(ONE, headers=headers(CUSTOMS)).headers["etag"] == '"2"'


def test_files_that_a_killed_console_left_are_deleted_after_a_day(tmp_path: Path) -> None:
    """What is younger may be another's, and stays."""
    folder = tmp_path / "incoming"
    folder.mkdir()
    for name, age_s in (("old", aci_desk.LEFT_AFTER_S + 60), ("young", 60)):
        (folder / name).write_bytes(CUSCAR)
        at = time.time() - age_s
        os.utime(folder / name, (at, at))
    with browser(tmp_path):
        assert [path.name for path in folder.iterdir()] == ["young"]
