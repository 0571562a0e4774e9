"""Advance cargo from the command line, and the cross-check beside the console."""

import errno
import os
from collections.abc import Iterable, MutableMapping
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from structlog.testing import capture_logs

from analytics.crosscheck.register import Act, KeptShipment, KeptVoyage, Party, Terms
from haechi.aci.shipment import Role
from haechi.aci.voyage import Vessel, Voyage
from haechi.commands import aci, agents, cargo
from haechi.commands.cargo_documents import FLAWED, READ, REFUSED, write_template
from haechi.commands.errors import CommandError
from haechi.commands.publishing import publishing
from haechi.settings import Settings, load
from ingest.ports import StoreUnavailableError
from tests.conftest import Eventually
from tests.edge.rig import free_port
from tests.haechi.aci.cargo import ACID, SHIPMENT, TAX_NUMBER

NOW = datetime(2026, 3, 1, tzinfo=UTC)
CARRIER, IMPORTER = "carrier:HXLU", f"importer:{TAX_NUMBER}"
FAILURES = 5
MANIFEST = (
    b"UNB+UNOC:3+A+B+260310:0600+1'UNH+1+CUSCAR:D:95B:UN'BGM+785+M1+9'CNI+1+B1'UNT+4+1'UNZ+1+1'"
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Return settings whose data directory holds one shipment."""
    found = load(data_dir=tmp_path, mqtt_port=free_port())
    with_a_shipment(found)
    return found


def with_a_shipment(settings: Settings) -> None:
    """Put one into the register."""
    kept = cargo.register(settings)
    act = Act(party=Party(Role.IMPORTER, "1"), by="x", at=NOW, what="create")
    with kept.writing() as writing:
        writing.put_shipment(KeptShipment(shipment=SHIPMENT), act, Terms())
    kept.close()


def test_acids_are_verified(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    """Each with a line; the status says whether all stand."""
    assert aci.verify([ACID], settings) == READ
    assert aci.verify([ACID, "4988470982026039999"], settings) == FLAWED
    assert "4988470982026039999: not known" in capsys.readouterr().out


def test_files_are_taken_in(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One that is refused stops none of the others."""
    good, bad = tmp_path / "good.edi", tmp_path / "bad.edi"
    good.write_bytes(MANIFEST)
    bad.write_bytes(b"\0\1")
    assert aci.import_all([bad, good], settings, by="Kim") == REFUSED
    kept = cargo.register(settings)
    (done,) = kept.imports(Party(Role.CUSTOMS, "x"), 10)
    assert (done.name, done.owner.id) == ("good.edi", "Kim")
    assert f"import {done.id}" in capsys.readouterr().out


def test_files_make_shipments_if_told_to(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In the name of a party that can be, with a line on each bill and voyage."""
    table = tmp_path / "cargo.csv"
    write_template(table)
    assert aci.import_all([table], settings, by="Mona", party=CARRIER, creates=True) == FLAWED
    assert "HXLB0001: left: no shipment names it" in (told := capsys.readouterr().out)
    assert "voyage 026W of BLUE CEDAR: created 9074729-026W: 1 containers more" in told
    aci.import_all([table], settings, by="Mona", party=IMPORTER, creates=True)
    assert "HXLB0001: created S-" in capsys.readouterr().out
    with pytest.raises(CommandError, match="--party"):
        aci.import_all([table], settings, by="Mona", party="admin:1")


def test_gates_are_a_file(settings: Settings, tmp_path: Path) -> None:
    """None unless one is named; one that is wrong is said at the start."""
    assert cargo.gates(settings) == ()
    file = tmp_path / "gates.toml"
    named = settings.model_copy(update={"gates_file": str(file)})
    file.write_text('[[gate]]\ndevice = "cctv-1"\nport = "KRPUS"\nkind = "DISC"\n')
    assert [gate.device for gate in cargo.gates(named)] == ["cctv-1"]
    file.write_text("[[gate]]")
    with pytest.raises(CommandError, match="gates: "):
        cargo.follow(named, Event())


def test_a_voyage_that_is_not_there_cannot_be_declared(settings: Settings) -> None:
    """Nor one that names no time: status 1, and nothing is published."""
    with pytest.raises(CommandError, match="no voyage 'v1'; there are 0"):
        aci.declare(["v1"], settings, device="registry", wait_s=0)
    kept = cargo.register(settings)
    owner, voyage = Party(Role.CARRIER, "HXLU"), Voyage(vessel=Vessel(), number="042W")
    with kept.writing() as writing:
        writing.put_voyage(KeptVoyage(id="v1", owner=owner, voyage=voyage))
    kept.close()
    assert aci.declare(["v1"], settings, device="registry", wait_s=0) == FLAWED


def test_shipments_are_judged_beside_the_console(
    settings: Settings, eventually: Eventually
) -> None:
    """Without anybody asking."""
    stop = Event()
    thread = cargo.follow(settings, stop)
    kept = cargo.register(settings)
    try:
        eventually(lambda: kept.result("S-1") is not None)
    finally:
        stop.set()
        thread.join()
    assert kept.stale(10) == []


def test_one_process_alone_does_the_cross_check(settings: Settings, eventually: Eventually) -> None:
    """Another one waits for the first to end, and says so."""
    stop = Event()
    with capture_logs() as said, publishing(settings, cargo.DEVICE, software="x"):
        thread = cargo.follow(settings, stop)
        eventually(lambda: words(said) != [], what="a word")
    kept = cargo.register(settings)
    try:
        eventually(lambda: kept.result("S-1") is not None)
    finally:
        stop.set()
        thread.join()
        kept.close()
    assert words(said)[0]["error"].startswith("another process does it: ")


def words(said: Iterable[MutableMapping[str, Any]]) -> list[MutableMapping[str, Any]]:
    """Return what was said of the cross-check, and not of a broker that is absent."""
    return [each for each in said if each.get("what") == "cross-check"]


def test_a_fault_that_lasts_is_said_when_it_begins_and_when_it_is_over(
    settings: Settings, eventually: Eventually, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a line each, without a traceback, however often it is tried; the tries are counted."""
    monkeypatch.setattr(cargo, "OPEN_AGAIN_S", 0.01)
    stop, tries = Event(), count(1)
    open_outbox = agents.outbox

    def failing(*arguments: Any) -> Any:
        if next(tries) <= FAILURES:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), "cargo")
        return open_outbox(*arguments)

    monkeypatch.setattr(agents, "outbox", failing)
    with capture_logs() as said:
        thread = cargo.follow(settings, stop)
        try:
            eventually(lambda: len(words(said)) > 1, what="the end of it")
        finally:
            stop.set()
            thread.join()
    begun, over = words(said)
    assert "Read-only file system" in begun["error"]
    assert over["tries"] == FAILURES
    assert not any("exc_info" in each for each in said)


def test_a_database_that_is_not_there_is_said(settings: Settings) -> None:
    """With what the server's driver says."""
    lost = settings.model_copy(update={"aci_database_url": "host=/nowhere dbname=x"})
    with pytest.raises((StoreUnavailableError, CommandError), match="/nowhere"):
        cargo.register(lost)
