"""The API of files: each is taken whole or not at all, and keeps nobody waiting."""

import os
import time
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from fastapi.testclient import TestClient

from analytics.crosscheck.intake import planned
from analytics.crosscheck.planning import Plan
from dashboards import aci_desk
from tests.conftest import Eventually
from tests.dashboards.cargo_console import (
    CUSCAR,
    CUSTOMS,
    IMPORTER,
    ONE,
    browser,
    handed_in,
    headers,
    register,
    report,
)
from tests.haechi.aci.cargo import ACID, CONTAINER
from tests.ingest.documents.test_hostile import plan


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


def test_who_writes_during_an_import_is_not_kept_waiting(
    client: TestClient, eventually: Eventually, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It sees nothing of the import, and goes first: the import is then worked out anew."""
    is_planned, may_be_written, plans = Event(), Event(), list[Plan]()

    def held(*arguments: Any, **named: Any) -> Plan:
        plans.append(planned(*arguments, **named))
        is_planned.set()
        assert may_be_written.wait(30)
        return plans[-1]

    monkeypatch.setattr(aci_desk, "planned", held)
    place = handed_in(client, CUSCAR.replace(b"HNHA2603001", b"HNHA2603002"), create="shipments")
    assert is_planned.wait(30)
    shown = client.get(ONE, headers=headers(CUSTOMS))
    assert (shown.headers["etag"], report(client, place)["state"]) == ('"1"', "reading")
    sent = headers(CUSTOMS, If_Match='"1"')
    how = {"by": "officer.kim", "reason": "obtained by false papers"}
    assert client.post(f"{ONE}/void", json=how, headers=sent).status_code == 200
    may_be_written.set()
    eventually(lambda: report(client, place)["state"] == "taken")
    (bill,) = report(client, place)["bills"]
    assert ([plan.report.bills[0].outcome for plan in plans], bill["outcome"]) == (
        ["linked", "left"],
        "left",
    )
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
