"""Tells whether this machine can run the platform, and what to do where it cannot."""

import importlib.util
import os
import shutil
import socket
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final

from analytics.catalogue import load as load_rules
from analytics.zones import ZoneSet
from dashboards.security import NotLoopbackError, check_bind
from haechi.commands import places
from haechi.commands.roster import doubts
from haechi.settings import Settings
from ingest.broker.files import FolderError
from ingest.broker.process import find_mosquitto
from ingest.ports import StoreUnavailableError
from ingest.stores.sqlite import SqliteStore

FREE_SPACE_WANTED_BYTES: Final = 1_000_000_000
SQLITE_NEEDED: Final = (3, 37, 0)
"""The first with STRICT tables."""
BESIDE_SETTINGS: Final = frozenset({"HAECHI_CONFIG", "HAECHI_LOG_LEVEL"})
"""Variables that are no settings: where the settings stand, and how much is told."""
STATIC: Final = Path(__file__).parents[2] / "dashboards" / "static"

_BEHIND: Final = "this machine's clock is behind: set it (NTP)"


class Verdict(StrEnum):
    """How one thing is."""

    OK = "ok"
    WARNING = "warning"
    """It runs, but not as it should in service."""
    FAULT = "fault"
    """It cannot run."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    name: str
    verdict: Verdict
    detail: str
    """What was seen and, unless all is well, what to do."""


def examine(settings: Settings) -> Iterator[Check]:
    """Look at everything the platform needs; a check never raises."""
    for name, look in _CHECKS.items():
        verdict, detail = look(settings)
        yield Check(name, verdict, detail)


_Seen = tuple[Verdict, str]


def _python(_: Settings) -> _Seen:
    stated = ".".join(map(str, sys.version_info[:3]))
    seen = f"Python {stated}, SQLite {sqlite3.sqlite_version}"
    if sqlite3.sqlite_version_info < SQLITE_NEEDED:
        needed = ".".join(map(str, SQLITE_NEEDED))
        return Verdict.FAULT, f"{seen}: it must be {needed} or newer; use another Python"
    return Verdict.OK, seen


def _environment(_: Settings) -> _Seen:
    known = {f"HAECHI_{name.upper()}" for name in Settings.model_fields} | BESIDE_SETTINGS
    unknown = sorted(
        name for name in os.environ if name.startswith("HAECHI_") and name not in known
    )
    if unknown:
        return Verdict.WARNING, f"no such setting: {', '.join(unknown)}; see docs/commands.md"
    return Verdict.OK, "every HAECHI_* of the environment is known"


def _data(settings: Settings) -> _Seen:
    folder = settings.data_dir.absolute()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as trial:
            trial.write(b"x")
            trial.flush()
            os.fsync(trial.fileno())
    except OSError as error:
        return Verdict.FAULT, f"cannot write to {folder}: {error}; set HAECHI_DATA_DIR"
    free = shutil.disk_usage(folder).free
    if free < FREE_SPACE_WANTED_BYTES:
        return Verdict.WARNING, f"{folder} has only {free // 1_000_000} MB free: make room"
    return Verdict.OK, f"{folder}, {free // 1_000_000_000} GB free"


def _clock(settings: Settings) -> _Seen:
    """Hold it against what this machine and the devices have dated; that it is ahead, none tells.

    The limit is that of readings: what is dated further ahead than it is not believed.
    """
    store = settings.data_dir / places.STORE
    if not store.exists():
        return Verdict.OK, "nothing is kept yet that it could be held against"
    limit = datetime.now(UTC) + timedelta(seconds=settings.skew_limit_s)
    written = datetime.fromtimestamp(store.stat().st_mtime, UTC)
    if written > limit:
        return (
            Verdict.WARNING,
            f"{store} was written on {written:%F %T}Z, which is to come; {_BEHIND}",
        )
    try:
        with closing(SqliteStore(store)) as kept:
            said = [(f"{site}/{state.device}", state.at) for site, state in kept.device_states()]
    except StoreUnavailableError as error:
        return Verdict.WARNING, str(error)
    ahead = [f"{who} of {at:%F %T}Z" for who, at in said if at > limit]
    if ahead:
        told = ", ".join(ahead)
        return (
            Verdict.WARNING,
            f"dated ahead, the word of {told}; their clocks are ahead, or {_BEHIND}",
        )
    return Verdict.OK, f"not behind the store, nor {len(said)} devices"


def _broker(settings: Settings) -> _Seen:
    if settings.mqtt_host:
        return _reachable(settings.mqtt_host, settings.mqtt_port or 1883)
    if found := find_mosquitto():
        return Verdict.OK, f"mosquitto at {found}"
    if importlib.util.find_spec("iotcore"):
        return Verdict.WARNING, "only iotcore, good for a demo: apt install mosquitto"
    return Verdict.FAULT, "no MQTT broker: apt install mosquitto"


def _reachable(host: str, port: int) -> _Seen:
    try:
        with socket.create_connection((host, port), timeout=3):
            return Verdict.OK, f"{host}:{port} accepts connections"
    except OSError as error:
        return Verdict.FAULT, f"{host}:{port}: {error}; check mqtt_host and mqtt_port"


def _rules(settings: Settings) -> _Seen:
    try:
        zones = ZoneSet.parse(settings.zones_path.read_text(encoding="utf-8"))
        rules = load_rules(settings.rules_path.read_text(encoding="utf-8"), zones)
    except (OSError, ValueError) as error:
        return Verdict.FAULT, str(error)
    return Verdict.OK, f"{len(rules)} rules, {len(zones.zones)} zones"


def _certificates(settings: Settings) -> _Seen:
    if not settings.broker_dir:
        return Verdict.OK, "no broker's folder is set (broker_dir)"
    try:
        found = [*doubts(Path(settings.broker_dir), datetime.now(UTC))]
    except (FolderError, OSError, ValueError) as error:
        return Verdict.FAULT, str(error)
    return (Verdict.WARNING, "; ".join(found)) if found else (Verdict.OK, "none ends soon")


def _page(_: Settings) -> _Seen:
    if not (STATIC / "index.html").is_file():
        return Verdict.FAULT, "the page is not built: make setup"
    if not list((STATIC / "map").glob("*.pmtiles")):
        return Verdict.FAULT, "the base map is not built: make setup"
    return Verdict.OK, "page and base map are built"


def _ports(settings: Settings) -> _Seen:
    try:
        check_bind(settings.console_host)
    except NotLoopbackError as error:
        return Verdict.FAULT, str(error)
    wanted = {"console_port": settings.console_port, "metrics_port": settings.metrics_port}
    taken = [f"{name} {port}" for name, port in wanted.items() if port and _is_taken(port)]
    if taken:
        said = " and ".join(taken)
        return Verdict.WARNING, f"in use: {said}; is the platform already running? 0 takes any"
    return Verdict.OK, ", ".join(f"{name} {port or 'any'}" for name, port in wanted.items())


def _is_taken(port: int) -> bool:
    with socket.socket() as trial:
        return trial.connect_ex(("127.0.0.1", port)) == 0


_CHECKS: Final[dict[str, Callable[[Settings], _Seen]]] = {
    "program": _python,
    "environment": _environment,
    "data directory": _data,
    "clock": _clock,
    "broker": _broker,
    "rules and zones": _rules,
    "certificates": _certificates,
    "page": _page,
    "ports": _ports,
}
"""In the order in which they are shown."""
