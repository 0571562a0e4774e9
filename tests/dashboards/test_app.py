"""The console's routes: what they say, and what they refuse."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from analytics.alarms import Handled
from analytics.raising import after_findings
from dashboards.app import make_app
from dashboards.desk import Console
from dashboards.health import Health
from haechi.alarms import AlarmPolicy
from haechi.findings import Finding, Severity
from haechi.kept import DeadLetter
from haechi.observations import Observation
from haechi.pushes import Push
from haechi.vessels import VesselParticulars, VesselPosition, VesselStatic
from ingest.ports import StoreUnavailableError
from ingest.stores.memory import MemoryStore

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
SHIP = "mmsi:440000001"
HOSTILE = "<img src=x onerror=alert(1)>"


def observation(seq: int, content: VesselPosition | VesselStatic) -> Observation:
    """Return one thing the ship said, a minute after the one before."""
    at = NOON + timedelta(minutes=seq)
    return Observation(
        device="ais-1",
        boot="b-1",
        seq=seq,
        site="busan",
        subject=SHIP,
        at=at,
        received_at=at,
        content=content,
    )


FINDING = Finding(
    id="00ff00ff00ff00ff",
    rule="overspeed",
    kind="overspeed",
    rule_version="1",
    subject=SHIP,
    severity=Severity.MAJOR,
    since=NOON,
    until=None,
    text="31 kn where 12 kn are allowed",
    values={"speed_kn": 31.0},
    thresholds={"limit_kn": 12.0},
)


def filled() -> MemoryStore:
    """Return a store with one ship, one finding and one alarm."""
    store = MemoryStore()
    said = VesselStatic(ais_type=5, particulars=VesselParticulars(name=HOSTILE, callsign="DS1"))
    with store.writing() as writing:
        moves = [
            observation(n, VesselPosition(lat=35 + n / 100, lon=129, speed_kn=9)) for n in (1, 2)
        ]
        writing.keep([*moves, observation(3, said)])
        writing.report([FINDING])
        handled = after_findings(
            [FINDING], site="busan", alarms=store, now=NOON, policy=AlarmPolicy()
        )
        for alarm, event in handled:
            writing.put_alarm(alarm, event)
    return store


def console(store: MemoryStore, tmp_path: Path) -> Console:
    """Return a console over a store, healthy, with nothing to push."""

    def nothing(_: Handled) -> list[Push]:
        return []

    return Console(
        open_store=lambda: store,
        unavailable=StoreUnavailableError,
        health=lambda: Health(state="ok", watermark=NOON),
        zones_geojson='{"type":"FeatureCollection","features":[]}',
        alarm_policy=AlarmPolicy(),
        pushes_after=nothing,
        site="busan",
        static=tmp_path,
    )


@pytest.fixture
def store() -> MemoryStore:
    """Return a filled store."""
    return filled()


@pytest.fixture
def client(store: MemoryStore, tmp_path: Path) -> Iterator[TestClient]:
    """Return a browser of sorts on this machine."""
    with TestClient(make_app(console(store, tmp_path)), "http://127.0.0.1:8765") as client:
        yield client


def act(client: TestClient, what: str, **body: object) -> Any:
    """Return the answer to an operator's act."""
    return client.post(f"/api/alarms/{FINDING.id}/{what}", json={"by": "Kim"} | body)


@pytest.mark.parametrize(
    ("typed", "place"),
    [
        ("/shipments", "/shipments.html"),
        ("/shipments/", "/shipments.html"),
        ("/shipments/S-1%26", "/shipments.html#shipment=S-1%26"),
        ("/cargo", "/shipments.html"),
        ("/map", "/"),
        ("/health", "/api/health"),
        ("/api/", "/api/openapi.json"),
    ],
)
def test_what_people_type_leads_somewhere(client: TestClient, typed: str, place: str) -> None:
    """What stands behind the number sign goes with them."""
    answer = client.get(typed, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (307, place)


@pytest.mark.parametrize("typed", ["/nothing", "/nothing.html", "/.page.sha256", "/api/nothing"])
def test_what_is_not_there_is_said(client: TestClient, typed: str) -> None:
    """Not as if something were wrong with it."""
    assert client.get(typed, follow_redirects=False).status_code == 404


def test_a_page_begins_with_the_snapshot(client: TestClient) -> None:
    """Newest positions, open alarms, and the place from which the stream goes on."""
    snapshot = client.get("/api/snapshot").json()
    assert snapshot["position"] == 1
    assert [(v["subject"], v["lat"]) for v in snapshot["vessels"]] == [(SHIP, 35.02)]
    assert [(a["status"], a["severity"]) for a in snapshot["alarms"]] == [("ACTIVE_UNACK", "MAJOR")]


def test_w4_a_hostile_name_is_passed_as_data(client: TestClient) -> None:
    """JSON, with a type that no browser runs."""
    answer = client.get(f"/api/vessels/{SHIP}")
    assert answer.json()["vessel"]["name"] == HOSTILE
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_vessel_says_what_it_is_and_what_was_found(client: TestClient) -> None:
    """Particulars from its static data, findings with their values."""
    vessel = client.get(f"/api/vessels/{SHIP}").json()
    assert vessel["particulars"]["callsign"] == "DS1"
    assert [f["values"]["speed_kn"] for f in vessel["findings"]] == [31.0]


def test_a_track_is_in_order_of_time(client: TestClient) -> None:
    """Longitude first, as maps want it."""
    question = {"since": NOON.isoformat(), "until": (NOON + timedelta(hours=1)).isoformat()}
    track = client.get(f"/api/vessels/{SHIP}/track", params=question).json()
    assert [point[:2] for point in track["points"]] == [[129, 35.01], [129, 35.02]]


@pytest.mark.parametrize(
    "question",
    [
        {"until": "0001-01-01T00:00:00Z"},
        {"until": "0001-01-01T00:30:00+14:00"},
        {"until": "0001-01-01"},
        {"since": "0001-01-01T00:00:00+23:59"},
        {"since": "9999-12-31T23:59:59.999999-23:59"},
        {"since": "2026-01-02", "until": "2026-01-01"},
    ],
)
def test_w3_dates_at_the_ends_of_the_calendar_are_no_fault(
    client: TestClient, question: dict[str, str]
) -> None:
    """They are ranges like any other, if empty ones."""
    assert client.get(f"/api/vessels/{SHIP}/track", params=question).status_code == 200


def test_a3_an_operator_acknowledges_once(client: TestClient) -> None:
    """Who and when are kept; a second time is refused and says who was first."""
    first, second = act(client, "acknowledge"), act(client, "acknowledge", by="Lee")
    assert (first.status_code, first.json()["acknowledged_by"]) == (200, "Kim")
    assert second.status_code == 409
    assert "by Kim" in second.json()["detail"]


def test_an_alarm_tells_its_history(client: TestClient) -> None:
    """Raised by the rules, commented and shelved by a person."""
    act(client, "comment", note="calling the ship")
    act(client, "shelve", minutes=15)
    detail = client.get(f"/api/alarms/{FINDING.id}").json()
    assert [e["signal"] for e in detail["events"]] == ["opened", "commented", "shelved"]
    assert [f["id"] for f in detail["findings"]] == [FINDING.id]
    assert detail["alarm"]["shelved_by"] == "Kim"


@pytest.mark.parametrize(
    ("what", "body", "status"),
    [
        ("acknowledge", {"by": ""}, 400),
        ("acknowledge", {"who": "Kim"}, 400),
        ("shelve", {"minutes": 100_000}, 400),
        ("comment", {}, 409),
        ("unshelve", {}, 409),
        ("explode", {}, 400),
    ],
)
def test_a_wrong_act_is_refused_with_problem_details(
    client: TestClient, what: str, body: dict[str, object], status: int
) -> None:
    """The answer says what is wrong, and nothing changes."""
    answer = act(client, what, **body)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert len(client.get(f"/api/alarms/{FINDING.id}").json()["events"]) == 1


@pytest.mark.parametrize(
    "path",
    [
        "/api/vessels/{subject}",
        "/api/vessels/:subject",
        "/api/vessels/mmsi:1%0A",
        "/api/alarms/..%2f..%2fetc",
        "/api/alarms/{alarm}",
        "/api/nothing",
        "/..%2fapp.py",
        "/%2e%2e/app.py",
    ],
)
def test_w11_odd_paths_find_nothing(client: TestClient, path: str) -> None:
    """Template literals and climbing paths are 400 or 404."""
    assert client.get(path).status_code in {400, 404}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"host": "localhost:8765"}, 200),
        ({"host": "evil.example"}, 403),
        ({"host": "127.0.0.1.evil.example"}, 403),
        ({"host": "["}, 403),
        ({"origin": "http://["}, 403),
        ({"origin": "127.0.0.1:8765"}, 403),
        ({"origin": "http://127.0.0.1:8765"}, 200),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "http://127.0.0.1:9999"}, 403),
        ({"origin": "null"}, 403),
        ({"content-type": "application/x-www-form-urlencoded"}, 403),
        ({"content-type": "text/plain"}, 403),
    ],
)
def test_w5_only_our_own_page_may_change_anything(
    client: TestClient, headers: dict[str, str], status: int
) -> None:
    """Host, Origin and content type decide before any route sees the request."""
    sent = {"content-type": "application/json"} | headers
    url = f"/api/alarms/{FINDING.id}/acknowledge"
    answer = client.post(url, content=b'{"by":"Kim"}', headers=sent)
    assert answer.status_code == status


def test_w12_every_answer_has_the_headers(client: TestClient) -> None:
    """Also errors and the page itself; nothing of the API is cached."""
    for path in ("/", "/api/snapshot", "/api/nothing", "/api/zones"):
        headers = client.get(path).headers
        assert "script-src" not in headers["content-security-policy"]
        assert headers["content-security-policy"].startswith("default-src 'self'")
        assert headers["x-frame-options"] == "DENY"
        assert path == "/" or headers["cache-control"] == "no-store"


def test_i11_what_was_refused_is_shown_printable(client: TestClient, store: MemoryStore) -> None:
    """Whatever bytes came: nothing that a terminal would obey."""
    letter = DeadLetter(
        topic="haechi/v1/busan/ais-1/up/telemetry",
        payload=b'{"a":1}\x00\x1b[2J\n\xff',
        reason="malformed: not JSON",
        received_at=NOON,
    )
    with store.writing() as writing:
        writing.set_aside([letter])
    [shown] = client.get("/api/dead-letters").json()
    assert shown["payload"] == '{"a":1}\\x00\\x1b[2J\\n\\xff'
    assert shown["payload_bytes"] == len(letter.payload)


def test_alarms_are_listed_newest_first_and_not_without_end(client: TestClient) -> None:
    """A store of years must not be answered whole."""
    assert [each["id"] for each in client.get("/api/alarms?limit=1").json()] == [FINDING.id]
    assert client.get("/api/alarms?limit=10001").status_code == 400


def test_i4_a_body_without_a_stated_length_is_refused_too(client: TestClient) -> None:
    """It is counted while it comes."""
    pieces = (piece for piece in (b'{"by":"', b"x" * 100_000, b'"}'))
    url, headers = f"/api/alarms/{FINDING.id}/comment", {"content-type": "application/json"}
    assert client.post(url, content=pieces, headers=headers).status_code == 413


def test_i4_a_large_body_is_refused(client: TestClient) -> None:
    """Before it is read into memory."""
    answer = act(client, "comment", note="x" * 100_000)
    assert answer.status_code in {400, 413}


def test_a_page_that_was_never_built_says_what_to_do(client: TestClient) -> None:
    """503 with the command."""
    answer = client.get("/")
    assert answer.status_code == 503
    assert "make setup" in answer.text


def test_a_store_that_is_down_is_503(store: MemoryStore, tmp_path: Path) -> None:
    """With Retry-After, and in plain words."""

    class Down(MemoryStore):
        def writing(self) -> Any:
            raise StoreUnavailableError("disk full")

    down = Down()
    down.__dict__.update(store.__dict__)
    app = make_app(replace(console(store, tmp_path), open_store=lambda: down))
    with TestClient(app, "http://127.0.0.1:8765") as client:
        answer = act(client, "acknowledge")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert "disk full" in answer.json()["detail"]


def test_the_api_describes_itself(client: TestClient) -> None:
    """Every route has a summary and typed answers; every reference leads somewhere."""
    document = client.get("/api/openapi.json").json()
    routes = [route for path in document["paths"].values() for route in path.values()]
    assert len(routes) > 10
    assert all(route["summary"] and route["responses"]["200"] for route in routes)
    assert {"AlarmView", "Latest", "FindingView", "Problem"} <= set(
        document["components"]["schemas"]
    )


def test_a_ledger_that_is_ahead_of_the_agents_last_count_balances(client: TestClient) -> None:
    """Three readings are kept and the agent has not said yet that it numbered any: no loss."""
    (line,) = client.get("/api/ledger").json()
    assert (line["kept"], line["numbered"], line["missing"], line["balances"]) == (3, 0, -3, True)
