"""The platform as a user runs it, without a browser: it starts, mends itself, warns and ends."""

import json
import os
import signal
import urllib.request
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import pytest

from tests.conftest import Eventually
from tests.edge.rig import needs_mosquitto
from tests.processes import (
    HAECHI,
    START_S,
    Actor,
    children,
    environment,
    haechi,
    is_alive,
)

pytestmark = [needs_mosquitto, pytest.mark.slow, pytest.mark.timeout(300)]

ALARM_S = 150
"""The intruder enters a minute after the start; machines that run tests are busy."""


class Platform(Actor):
    """One ``haechi up`` or ``haechi demo``."""

    @property
    def address(self) -> str | None:
        """Where the map is, once it is there."""
        return self.found(r"The map: (\S+)")

    def asked(self, path: str) -> Any:
        """Return what the console answers."""
        with urllib.request.urlopen(f"{self.address}{path}", timeout=10) as answer:  # noqa: S310 - loopback
            return json.load(answer)

    def is_well(self) -> bool:
        """Return whether the console says that all is well."""
        return bool(self.asked("api/health")["state"] == "ok")

    def part(self, words: str) -> int | None:
        """Return the process whose command line has these words."""
        for pid in children(self.pid):
            try:
                said = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
            except FileNotFoundError:  # it has just ended
                continue
            if words in said and "tied.py" not in said:
                return pid
        return None

    def is_renewed(self, words: str, before: int) -> bool:
        """Return whether another process has taken the place of one that was killed."""
        return self.part(words) not in {None, before} and self.is_well()


class Begin(Protocol):
    """Starts platforms."""

    def __call__(self, command: str) -> Platform:
        """Start one and return once it has printed its address."""
        ...


@pytest.fixture
def begin(tmp_path: Path, eventually: Eventually) -> Iterator[Begin]:
    """Return a starter of platforms, none of which outlives the test."""
    started: list[Platform] = []

    def run(command: str) -> Platform:
        settings = environment(data_dir=tmp_path / "data", console_port=0, metrics_port=0)
        platform = Platform([*HAECHI, command], settings, tmp_path / f"{command}.log")
        started.append(platform)
        platform.start()
        eventually(lambda: platform.address, within_s=2 * START_S, what="the map's address")
        return platform

    yield run
    for platform in started:
        platform.end()


def test_up_mends_itself_and_ends_in_order(
    begin: Begin, tmp_path: Path, eventually: Eventually
) -> None:
    """Ingest, broker and console are killed and come back where they were; SIGTERM ends all."""
    platform = begin("up")
    eventually(platform.is_well, within_s=START_S, what="all is well")
    for words in ("-m haechi ingest", "mosquitto", "-m haechi console"):
        victim = platform.part(words)
        assert victim is not None
        os.kill(victim, signal.SIGKILL)
        eventually(partial(_calmly, platform, words, victim), within_s=START_S, what=words)
    second = haechi("up", folder=tmp_path, console_port=0, metrics_port=0)
    assert (second.returncode, second.stdout) == (2, "")
    assert "is in use by another haechi; stop it, or set HAECHI_DATA_DIR" in second.stderr
    parts = children(platform.pid)
    assert len(parts) >= 3
    assert platform.end() == 0
    eventually(lambda: not any(map(is_alive, parts)), what="no orphans")
    assert "Traceback" not in platform.said()
    assert "broker gone" not in platform.said().rpartition("starting it again")[2]


def test_a_platform_that_is_killed_leaves_no_orphans(begin: Begin, eventually: Eventually) -> None:
    """SIGKILL cannot be answered; the kernel ends what it had started."""
    platform = begin("up")
    parts = children(platform.pid)
    platform.kill()
    eventually(lambda: not any(map(is_alive, parts)), within_s=40, what="no orphans")


def test_demo_shows_vessels_and_an_alarm_that_follows_from_the_data(
    begin: Begin, eventually: Eventually
) -> None:
    """What is scripted is reported, people are told, no reading is missing; ends with SIGHUP."""
    platform = begin("demo")
    eventually(lambda: len(platform.asked("api/snapshot")["vessels"]) > 40, within_s=START_S)

    def raised() -> dict[tuple[str, str], dict[str, Any]]:
        alarms = platform.asked("api/alarms")
        return {(alarm["rule"], alarm["subject"]): alarm for alarm in alarms}

    scripted = {
        ("geofence", "mmsi:440999001"): "the intruder off Busan",
        ("seal_opened", "seal:EG-000101"): "the seal opened at anchorage",
        ("route_deviation", "mmsi:440123001"): "the ship that leaves its route",
    }
    for key, what in scripted.items():
        eventually(lambda key=key: key in raised(), within_s=ALARM_S, what=what)  # type: ignore[misc] # bound now
        detail = platform.asked(f"api/alarms/{raised()[key]['id']}")
        assert detail["findings"], "an alarm rests on findings"
        assert any(push["channel"] == "console" for push in detail["pushes"])
    of_cargo = {"seal_opened_at_sea", "acid_withdrawn"}
    eventually(
        lambda: of_cargo <= {each["kind"] for each in platform.asked("api/alarms")},
        within_s=ALARM_S,
        what="the shipment whose seal is opened, and the one whose ACID is withdrawn",
    )
    ledger = platform.asked("api/ledger")
    assert sum(account["kept"] for account in ledger) > 1000
    # The agent states its side every 30 s: what came since is kept already, so never above 0.
    assert all(account["missing"] <= 0 for account in ledger)
    for part in children(platform.pid):  # a terminal that closes tells everybody in it
        os.kill(part, signal.SIGHUP)
    assert platform.end(signal.SIGHUP) == 0
    assert "Traceback" not in platform.said()


def _calmly(platform: Platform, words: str, victim: int) -> bool:
    """Return whether a part is renewed; meanwhile the console may be the one that is gone."""
    try:
        return platform.is_renewed(words, victim)
    except OSError:
        return False
