"""The real console over a real store, fed with invented vessels: what the page's tests look at.

``python tests/dashboards/fake_console.py FOLDER`` prints its address and serves until killed.
"""

import argparse
import socket
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Final

import numpy as np
import uvicorn

from analytics.alarms import Handled
from analytics.raising import after_findings
from analytics.saying import english, saying
from dashboards.app import make_app
from dashboards.desk import Console
from dashboards.health import Health
from haechi.alarms import AlarmPolicy
from haechi.findings import Finding, Saying, Severity, Word, finding_id
from haechi.observations import Observation
from haechi.pushes import Push
from haechi.settings import DEFAULTS
from haechi.vessels import VesselParticulars, VesselPosition, VesselStatic
from ingest.ports import StoreUnavailableError
from ingest.stores.sqlite import SqliteStore

CENTRE: Final = (34.97, 129.14)
SPREAD_DEG: Final = 0.22
FIRST_MMSI: Final = 440_000_000
SITE: Final = "busan"

MARKUP: Final = "<img src=x onerror=alert(1)>"
HOSTILE: Final = (MARKUP, "EVIL\u202egnp.exe", "javascript:alert(2)", "W" * 64)
"""Names as an attacker chooses them. Ingest would have made them plain; the page must not rely
on that."""

SCRIPTS: Final = ("해치호", "النورس الذهبي", "MSC GÜLSÜN")

RAISED: Final = (
    ("teleport", "teleport", Severity.CRITICAL, None, {"distance_m": 9120.4, "implied_kn": 212.7}),
    ("geofence", "enter", Severity.MAJOR, "Busan customs line", {"speed_kn": 7.2}),
    ("drift", "drift", Severity.MAJOR, None, {"distance_m": 640.0, "speed_kn": 2.1}),
    ("overspeed", "overspeed", Severity.MINOR, "Busan north harbour", {"fastest_kn": 14.6}),
    ("silence", "silence", Severity.WARNING, None, {"cadence_s": 180.0, "reports": 41.0}),
    (
        "geofence",
        "inside",
        Severity.INDETERMINATE,
        "Busan south anchorage",
        {"stay_s": 5400.0},
    ),
)

SAID: Final[dict[str, dict[str, Word]]] = {
    "teleport": {"way_km": 9.12, "lasted_s": 45, "shared": "", "at": "2026-05-01T06:00:00Z"},
    "enter": {"zone": "Busan customs line", "ending": ""},
    "drift": {"way_m": 640, "ending": ""},
    "overspeed": {"fastest_kn": 14.6, "limit_kn": 12, "where": "Busan north harbour", "ending": ""},
    "silence": {"limit_s": 1080, "ending": ""},
    "inside": {"zone": "Busan south anchorage", "ending": ""},
}
"""What stands in the sentence of each kind."""


def sentence(kind: str, who: str, since: datetime) -> Saying:
    """Return what a rule would say."""
    words = dict(SAID[kind])
    place = saying("place", lat=CENTRE[0], lon=CENTRE[1])
    if kind == "teleport":
        return saying(kind, subject=who, before=place, after=place, **words)
    if kind == "silence":
        words["place"] = saying("last_seen", place=place)
    return saying(kind, subject=who, since=since, **words)


@dataclass
class Fleet:
    """Vessels that go straight on; a tenth of them lies at anchor."""

    count: int
    seq: int = 0

    def __post_init__(self) -> None:
        dice = np.random.default_rng(7)
        self.lat = CENTRE[0] + dice.normal(0, SPREAD_DEG / 2, self.count)
        self.lon = CENTRE[1] + dice.normal(0, SPREAD_DEG / 2, self.count)
        self.course = dice.uniform(0, 360, self.count)
        self.speed = np.where(dice.random(self.count) < 0.1, 0.1, dice.uniform(4, 22, self.count))

    def names(self, at: datetime, boot: str) -> Iterator[Observation]:
        """Yield what each vessel says it is."""
        special = dict(enumerate((*HOSTILE, *SCRIPTS), start=len(RAISED) - 2))
        for index in range(self.count):
            said = VesselParticulars(
                name=special.get(index, f"HAECHI {index}"),
                ship_type=(70, 80, 30, 60, 52)[index % 5],
                length_m=float(40 + index % 300),
                beam_m=float(8 + index % 40),
                callsign=f"DS{index}",
                destination="KR PUS",
            )
            yield self._said(index, at, boot, VesselStatic(particulars=said, ais_type=5))

    def moves(
        self, who: Sequence[int], at: datetime, boot: str, after_s: float
    ) -> list[Observation]:
        """Move some vessels on and return their reports."""
        picked = np.asarray(who, dtype=int)
        way_deg = self.speed[picked] * after_s / 3600 / 60
        towards = np.radians(self.course[picked])
        self.lat[picked] += way_deg * np.cos(towards)
        self.lon[picked] += way_deg * np.sin(towards) / np.cos(np.radians(CENTRE[0]))
        return [self._said(index, at, boot, self._position(index)) for index in who]

    def _position(self, index: int) -> VesselPosition:
        return VesselPosition(
            lat=float(self.lat[index]),
            lon=float(self.lon[index]),
            speed_kn=round(float(self.speed[index]), 1),
            course_deg=round(float(self.course[index]), 1) % 360,
            heading_deg=None if index % 3 == 0 else round(float(self.course[index])) % 360,
            ais_type=1,
        )

    def _said(
        self, index: int, at: datetime, boot: str, content: VesselPosition | VesselStatic
    ) -> Observation:
        self.seq += 1
        return Observation(
            device="ais-1",
            boot=boot,
            seq=self.seq,
            site=SITE,
            subject=subject(index),
            at=at,
            received_at=at,
            content=content,
        )


def subject(index: int) -> str:
    """Return the name under which a vessel is kept."""
    return f"mmsi:{FIRST_MMSI + index}"


class Sea(Thread):
    """Writes what the fleet reports into the store, four times a second."""

    def __init__(self, store_file: Path, count: int) -> None:
        super().__init__(daemon=True, name="sea")
        self._file, self._fleet = store_file, Fleet(count)
        self._ends = Event()
        self._boot = f"b-{datetime.now(UTC):%H%M%S}"

    def run(self) -> None:
        """Report until told to end; a quarter of the fleet each time."""
        store = SqliteStore(self._file, keeper=True)
        self._begin(store)
        turn = 0
        while not self._ends.wait(0.25):
            who = range(turn % 4, self._fleet.count, 4)
            turn += 1
            with store.writing() as writing:
                writing.keep(self._fleet.moves(who, datetime.now(UTC), self._boot, 1.0))

    def end(self) -> None:
        """Stop reporting."""
        self._ends.set()

    def _begin(self, store: SqliteStore) -> None:
        now = datetime.now(UTC)
        everyone = range(self._fleet.count)
        with store.writing() as writing:
            writing.keep([*self._fleet.names(now, self._boot)])
            for minutes in range(24, 0, -2):
                # Those at the end of the list were last heard a while ago.
                heard = [n for n in everyone if n % 17 or minutes > (n // 17) % 3 * 9]
                before = now - timedelta(minutes=minutes)
                writing.keep(
                    self._fleet.moves(heard[: 200 if minutes > 2 else None], before, self._boot, 60)
                )
        raise_alarms(store, now)


def raise_alarms(store: SqliteStore, now: datetime) -> None:
    """Let the first vessels each be found at something."""
    for index, (rule, kind, severity, zone, values) in enumerate(RAISED):
        since = now - timedelta(minutes=3 * index + 1)
        said = sentence(kind, subject(index), since)
        finding = Finding(
            id=finding_id(rule, subject(index), "once"),
            rule=rule,
            kind=kind,
            rule_version="1",
            subject=subject(index),
            severity=severity,
            since=since,
            until=None,
            text=english(said),
            saying=said,
            values=dict(values),
            thresholds={"limit_kn": 12.0, "hysteresis_m": 50.0},
            zone=zone,
            lat=CENTRE[0],
            lon=CENTRE[1],
        )
        with store.writing() as writing:
            if not writing.report([finding]):
                continue
            named = {latest.subject: latest.name for latest in store.latest()}
            for alarm, event in after_findings(
                [finding],
                site=SITE,
                alarms=store,
                now=since,
                policy=AlarmPolicy(),
                name_of=named.get,
            ):
                writing.put_alarm(alarm, event)


def console(store_file: Path, language: str) -> Console:
    """Return the real console over the store."""

    def nothing(_: Handled) -> list[Push]:
        return []

    return Console(
        open_store=lambda: SqliteStore(store_file),
        unavailable=StoreUnavailableError,
        health=lambda: Health(state="ok", watermark=datetime.now(UTC) - timedelta(seconds=30)),
        zones_geojson=(DEFAULTS / "zones.geojson").read_text(encoding="utf-8"),
        alarm_policy=AlarmPolicy(),
        pushes_after=nothing,
        site=SITE,
        time_zone="Asia/Seoul",
        language=language,
    )


def main() -> int:
    """Serve until killed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--vessels", type=int, default=300)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--language", default="en")
    asked = parser.parse_args()
    store_file: Path = asked.folder / "haechi.sqlite"
    SqliteStore(store_file, keeper=True).close()
    Sea(store_file, asked.vessels).start()
    listening = socket.create_server(("127.0.0.1", asked.port))
    sys.stdout.write(f"http://127.0.0.1:{listening.getsockname()[1]}\n")
    sys.stdout.flush()
    app = make_app(console(store_file, asked.language))
    uvicorn.Server(uvicorn.Config(app, log_level="warning")).run([listening])
    return 0


if __name__ == "__main__":
    sys.exit(main())
