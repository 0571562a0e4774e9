"""What judging costs: all default rules in the engine, against less and less that could be done.

The same observations for all, in one process, in turn; CPU seconds, median of the ratios. The
vessels and the zones are synthetic. Two limits:

* the same rules folded bare: order of arrival is trusted, nothing can be revised or restored;
* a minimal step written by hand for this purpose: it drops replays, looks at the implied speed and
  the gap since the last report, and finds out in which of 8 polygons of 24 corners a vessel is. It
  says who and which, and keeps no evidence, no episodes, no thresholds of one's own.
"""

import json
import math
import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from analytics.catalogue import AnyRule
from analytics.catalogue import load as load_rules
from analytics.engine import Engine
from analytics.rule import Event
from analytics.zones import ZoneSet
from bench import first_sight
from bench.measure import ROUNDS, Figure, cpu_s, in_turn, median_ratio, say
from haechi.findings import Finding, Status
from haechi.messages import Content
from haechi.observations import Observation
from haechi.settings import load as load_settings
from haechi.vessels import VesselParticulars, VesselPosition, VesselStatic

OBSERVATIONS: Final = 100_000
VESSELS: Final = 1000
BATCH: Final = 2000
"""Observations fed at once: ingest's ``batch_limit``."""

START: Final = datetime(2026, 1, 1, tzinfo=UTC)
ALLOWANCE, IDLE_LIMIT = timedelta(seconds=30), timedelta(minutes=10)
GAP: Final = timedelta(minutes=10)
FASTEST_M_PER_S: Final = 45.0

Corner = tuple[float, float]


class Box(NamedTuple):
    """A zone as the minimal step knows it."""

    name: str
    west: float
    south: float
    east: float
    north: float
    corners: tuple[Corner, ...]


def ring(number: int) -> tuple[Corner, ...]:
    """Return the 24 corners of a zone, longitude and latitude; a star, so it is concave."""
    lon, lat = 128.6 + number % 4 * 0.2, 34.6 + number // 4 * 0.25
    radii = (0.03 if corner % 2 else 0.04 for corner in range(24))
    return tuple(
        (
            round(lon + radius * math.cos(corner * math.pi / 12), 6),
            round(lat + radius * math.sin(corner * math.pi / 12), 6),
        )
        for corner, radius in enumerate(radii)
    )


def zone_text() -> str:
    """Return the zones file of these eight."""
    features = [
        {
            "type": "Feature",
            "id": f"zone-{number}",
            "properties": {"name": f"Zone {number}", "kind": "forbidden"},
            "geometry": {"type": "Polygon", "coordinates": [[*ring(number), ring(number)[0]]]},
        }
        for number in range(8)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features})


def voyages(count: int) -> list[Observation]:
    """Return reports of vessels that take turns, ten seconds apart; now and then one is silent."""
    chance = random.Random(20261122)  # noqa: S311 - a repeatable fleet, no secret
    silent = {
        (chance.randrange(VESSELS), chance.randrange(count // VESSELS or 1)) for _ in range(200)
    }
    return [
        Observation(
            device="ais-1",
            boot="boot-1",
            seq=number + 1,
            site="bench",
            subject=f"mmsi:{440000000 + number % VESSELS}",
            at=START + timedelta(seconds=10 * (number // VESSELS), milliseconds=number % VESSELS),
            received_at=START,
            content=_content(number % VESSELS, number // VESSELS),
        )
        for number in range(count)
        if not _is_silent(silent, number % VESSELS, number // VESSELS)
    ]


def judged(rules: Sequence[AnyRule], zones: ZoneSet, seen: Sequence[Observation]) -> int:
    """Locate and judge in batches as ingest does; return how many findings stand."""
    engine = Engine(rules, allowance=ALLOWANCE, idle_limit=IDLE_LIMIT)
    reported: dict[str, Finding] = {}
    for first in range(0, len(seen), BATCH):
        changes = engine.feed(zones.locate(seen[first : first + BATCH]))
        reported.update((finding.id, finding) for finding in changes.findings)
    return sum(finding.status is not Status.RETRACTED for finding in reported.values())


def folded(rules: Sequence[AnyRule], zones: ZoneSet, seen: Sequence[Observation]) -> int:
    """Locate and fold with the same rules, and nothing but what their definition needs."""
    said: dict[str, Finding] = {}
    subjects: dict[str, tuple[list[Any], list[datetime | None]]] = {}
    for first in range(0, len(seen), BATCH):
        for event in zones.locate(seen[first : first + BATCH]):
            subject = event.observation.subject
            known = subjects.get(subject)
            if known is None:
                known = subjects[subject] = ([r.start() for r in rules], [None] * len(rules))
            _fold_one(rules, event, *known, said)
    return len(said)


def stepped(boxes: Sequence[Box], seen: Sequence[Observation]) -> int:
    """Put all through the minimal step; return how many alerts that makes."""
    states: dict[str, tuple[int, datetime, float, float, tuple[str, ...]]] = {}
    alerts: list[tuple[str, str, int]] = []
    for observation in seen:
        state = states.get(observation.subject)
        states[observation.subject] = _step(boxes, state, observation, alerts)
    return len(alerts)


def measure(count: int = OBSERVATIONS) -> list[Figure]:
    """Return the ratios."""
    say(f"  {count} observations of {VESSELS} vessels through all default rules")
    zones = ZoneSet.parse(zone_text())
    rules = load_rules(load_settings().rules_path.read_text(), zones)
    boxes = [_box(f"zone-{number}", ring(number)) for number in range(8)]
    seen = voyages(count)
    runs = in_turn(
        ROUNDS,
        lambda: cpu_s(lambda: judged(rules, zones, seen)),
        lambda: cpu_s(lambda: folded(rules, zones, seen)),
        lambda: cpu_s(lambda: stepped(boxes, seen)),
    )
    engine, fold, step = (sorted(run[which] for run in runs)[ROUNDS // 2] for which in range(3))
    ours = f"{len(seen) / engine:,.0f} observations per CPU second"
    return [
        Figure(
            what=f"all {len(rules)} default rules in the engine ÷ the same rules folded bare",
            ratio=median_ratio((run[1], run[0]) for run in runs),
            at_least=0.6,
            parts=f"{ours} ÷ {len(seen) / fold:,.0f}; {judged(rules, zones, seen)} findings",
        ),
        Figure(
            what=f"all {len(rules)} default rules in the engine ÷ a minimal step written by hand",
            ratio=median_ratio((run[2], run[0]) for run in runs),
            at_least=0.6,
            parts=f"{ours} ÷ {len(seen) / step:,.0f}; {stepped(boxes, seen)} alerts of the step",
        ),
        first_sight.measure(zones, rules, seen[: 5 * VESSELS], (34.59, 128.59)),
    ]


def _content(vessel: int, step: int) -> Content:
    if step == 0:
        return VesselStatic(
            particulars=VesselParticulars(
                name=f"VESSEL {vessel}", ship_type=70 + vessel % 10, length_m=120
            ),
            ais_type=5,
        )
    course = (vessel * 37) % 360
    way = 10 * step * 12 / 3600 / 60  # degrees at 12 kn
    return VesselPosition(
        lat=round(34.5 + vessel % 25 / 50 + way * math.cos(math.radians(course)), 6),
        lon=round(128.5 + vessel // 25 / 40 + way * math.sin(math.radians(course)), 6),
        speed_kn=12.0,
        course_deg=float(course),
        heading_deg=float(course),
        navigation_status=0,
        ais_type=1,
    )


def _is_silent(silent: set[tuple[int, int]], vessel: int, step: int) -> bool:
    """Return whether a vessel is within 13 minutes of the beginning of a silence."""
    return any((vessel, step - back) in silent for back in range(78))


def _fold_one(
    rules: Sequence[AnyRule],
    event: Event,
    states: list[Any],
    wakes: list[datetime | None],
    said: dict[str, Finding],
) -> None:
    at, kind = event.observation.at, type(event.observation.content)
    for number, rule in enumerate(rules):
        if kind not in rule.accepts:
            continue
        while (wake := wakes[number]) is not None and wake < at:
            step = rule.on_wake(states[number], wake)
            states[number], wakes[number] = step.state, step.wake_at
            said.update((finding.id, finding) for finding in step.findings)
        step = rule.on_event(states[number], event)
        states[number], wakes[number] = step.state, step.wake_at
        for finding in step.findings:
            said[finding.id] = finding


def _box(name: str, corners: tuple[Corner, ...]) -> Box:
    lons, lats = [lon for lon, _ in corners], [lat for _, lat in corners]
    return Box(name, min(lons), min(lats), max(lons), max(lats), corners)


def _step(
    boxes: Sequence[Box],
    state: tuple[int, datetime, float, float, tuple[str, ...]] | None,
    observation: Observation,
    alerts: list[tuple[str, str, int]],
) -> tuple[int, datetime, float, float, tuple[str, ...]]:
    seq, at, content = observation.seq, observation.at, observation.content
    lat, lon = getattr(content, "lat", None), getattr(content, "lon", None)
    if lat is None or lon is None:
        return state or (seq, at, math.nan, math.nan, ())
    inside = tuple(_containing(boxes, lat, lon))
    if state is None:
        return seq, at, lat, lon, inside
    last_seq, last_at, last_lat, last_lon, before = state
    if seq <= last_seq:
        return state
    elapsed = at - last_at
    east = (lon - last_lon) * math.cos(lat * 0.017453)
    if math.hypot(lat - last_lat, east) * 111_195 > FASTEST_M_PER_S * elapsed.total_seconds():
        alerts.append((observation.subject, "speed", seq))
    if elapsed > GAP:
        alerts.append((observation.subject, "gap", seq))
    if inside != before:
        alerts.append((observation.subject, "zone", seq))
    return seq, at, lat, lon, inside


def _containing(boxes: Sequence[Box], lat: float, lon: float) -> Iterator[str]:
    for name, west, south, east, north, corners in boxes:
        if west <= lon <= east and south <= lat <= north and _is_within(corners, lat, lon):
            yield name


def _is_within(corners: tuple[Corner, ...], lat: float, lon: float) -> bool:
    """Count the edges to the east (ray casting)."""
    within = False
    last_lon, last_lat = corners[-1]
    for next_lon, next_lat in corners:
        if (next_lat > lat) != (last_lat > lat) and lon < (last_lon - next_lon) * (
            lat - next_lat
        ) / (last_lat - next_lat) + next_lon:
            within = not within
        last_lon, last_lat = next_lon, next_lat
    return within
