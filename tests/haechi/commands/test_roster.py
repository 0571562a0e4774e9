"""What people are told about devices and their certificates, before it is too late."""

from datetime import timedelta
from pathlib import Path

import pytest

from haechi.commands.roster import doubts, heading, roster, row
from haechi.messages import DeviceState
from ingest.broker.enrolment import enroll, invite, retire, revoke, rotate, suspend
from ingest.broker.folder import write_server_folder
from ingest.broker.names import Enrolment
from tests.ingest.broker.rig import NOW

CAMERA, RADAR, SEAL = (Enrolment("busan", name) for name in ("cam-01", "radar-1", "seal-1"))
DAY = timedelta(days=1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a broker's folder with a device that has a certificate of a hundred days."""
    write_server_folder(tmp_path, "broker.example", clock=lambda: NOW)
    enroll(tmp_path, CAMERA, days=100, clock=lambda: NOW)
    return tmp_path


def test_each_device_has_its_line(folder: Path) -> None:
    """By name, with what it said last where that is known."""
    invite(folder, RADAR, clock=lambda: NOW)
    enroll(folder, SEAL, clock=lambda: NOW)
    suspend(folder, SEAL, clock=lambda: NOW)
    said = DeviceState(device="cam-01", boot="boot-1", online=True, at=NOW - DAY)
    camera, radar, seal = roster(folder, {"cam-01": said}, NOW)
    assert [(each.device, each.state) for each in (camera, radar, seal)] == [
        ("busan/cam-01", "active"),
        ("busan/radar-1", "pending"),
        ("busan/seal-1", "suspended"),
    ]
    assert (camera.last_seen, radar.last_seen) == (NOW - DAY, None)
    assert camera.expires_at == (NOW + 100 * DAY).replace(microsecond=0)
    assert len(row(camera)) <= len(heading())
    assert row(radar).split()[1:] == ["pending", "-", "-", "-"]


@pytest.mark.parametrize(
    ("days", "said"), [(69, ""), (71, "ends in 28 days"), (100, "expired"), (400, "expired")]
)
def test_people_are_told_a_month_before_a_certificate_ends(
    folder: Path, days: int, said: str
) -> None:
    """With what to do; a revoked device needs none."""
    (line,) = roster(folder, {}, NOW + days * DAY)
    assert line.doubt.startswith(said)
    assert bool(line.doubt) is bool(said)
    revoke(folder, CAMERA, clock=lambda: NOW)
    (line,) = roster(folder, {}, NOW + days * DAY)
    assert line.doubt == ""


def test_an_overlap_that_is_over_is_said_until_it_is_done(folder: Path) -> None:
    """The old certificate is still good until somebody retires it."""
    rotate(folder, CAMERA, overlap=DAY, clock=lambda: NOW)
    (line,) = roster(folder, {}, NOW + DAY / 2)
    assert (line.doubt, line.old_until) == ("", NOW + DAY)
    (line,) = roster(folder, {}, NOW + DAY)
    assert line.doubt.endswith("haechi device retire")
    assert retire(folder, clock=lambda: NOW + DAY) == ["cam-01"]
    assert retire(folder, clock=lambda: NOW + DAY) == []
    (line,) = roster(folder, {}, NOW + DAY)
    assert (line.doubt, line.old_until) == ("", None)


def test_the_certificates_of_the_platform_end_too(folder: Path) -> None:
    """The broker's and the services', all made on one day."""
    assert [*doubts(folder, NOW)] == []
    late = [*doubts(folder, NOW + 340 * DAY)]
    assert [said.partition(" ends on")[0].rpartition("/")[2] for said in late[1:]] == [
        "server.crt",
        "svc-command.crt",
        "svc-console.crt",
        "svc-ingest.crt",
        "svc-registrar.crt",
    ]
