"""Invented voyages for the tests of rules, and the reference fold over them."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from analytics.fold import fold
from analytics.rule import Rule
from analytics.zones import ZoneSet
from haechi.findings import Finding, report_order
from haechi.messages import Content
from haechi.observations import Observation
from haechi.vessels import VesselParticulars, VesselPosition, VesselStatic

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
SHIP = "mmsi:219000001"
METRE = 1 / 111_195.08
"""A metre of latitude in degrees; the voyages are at the equator, so of longitude too."""


def fix(
    seconds: float,
    north_m: float = 0.0,
    east_m: float = 0.0,
    *,
    start: datetime = NOON,
    **stated: Any,
) -> Observation:
    """Return a position report so many metres from 0.5 N, 0.5 E; the second is its sequence."""
    report: dict[str, Any] = {"lat": 0.5 + north_m * METRE, "lon": 0.5 + east_m * METRE}
    return seen(seconds, VesselPosition(**{**report, **stated}), start=start)


def static(seconds: float, *, start: datetime = NOON, **stated: Any) -> Observation:
    """Return a report of what the vessel is."""
    cargo: dict[str, Any] = {"ship_type": 70, "length_m": 120.0}
    particulars = VesselParticulars(**{**cargo, **stated})
    return seen(seconds, VesselStatic(particulars=particulars, ais_type=5), start=start)


def seen(
    seconds: float, content: Content, *, start: datetime = NOON, subject: str = SHIP
) -> Observation:
    """Return an observation so many seconds after the start."""
    at = start + timedelta(seconds=seconds)
    return Observation(
        device="ais-test",
        boot="boot-1",
        seq=int(seconds * 1000) + 1,
        site="test",
        subject=subject,
        at=at,
        received_at=at,
        content=content,
    )


def square(
    zone: str = "box", *, side_m: float = 2000.0, north_m: float = 0.0, **properties: Any
) -> dict[str, Any]:
    """Return a square zone north and east of a point so many metres north of 0.5 N, 0.5 E."""
    south, west = 0.5 + north_m * METRE, 0.5
    north, east = south + side_m * METRE, west + side_m * METRE
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return feature(zone, {"type": "Polygon", "coordinates": [ring]}, **properties)


def feature(zone: str, geometry: dict[str, Any], **properties: Any) -> dict[str, Any]:
    """Return a GeoJSON feature of a zone without hysteresis or dwell unless stated."""
    stated = {"name": zone.title(), "kind": "forbidden", "hysteresis_m": 50, **properties}
    return {"type": "Feature", "id": zone, "properties": stated, "geometry": geometry}


def zone_set(*features: dict[str, Any]) -> ZoneSet:
    """Return the set of these features."""
    return ZoneSet.parse(json.dumps({"type": "FeatureCollection", "features": list(features)}))


def findings(
    rule: Rule[Any],
    observations: list[Observation],
    zones: ZoneSet | None = None,
    *,
    until_s: float | None = None,
) -> list[Finding]:
    """Return what the reference fold finds, in report order; states survive being stored."""
    events = (zones or ZoneSet((), "none")).locate(observations)
    horizon = None if until_s is None else NOON + timedelta(seconds=until_s)
    _check_states_are_storable(rule, observations, zones)
    return sorted(fold(rule, events, horizon).values(), key=report_order)


def kinds(found: list[Finding]) -> list[str]:
    """Return the kinds of findings, in order."""
    return [finding.kind for finding in found]


def _check_states_are_storable(
    rule: Rule[Any], observations: list[Observation], zones: ZoneSet | None
) -> None:
    state = rule.start()
    for event in (zones or ZoneSet((), "none")).locate(observations):
        if isinstance(event.content, rule.accepts):
            state = rule.on_event(state, event).state
            stored = msgspec.msgpack.encode(state)
            assert msgspec.msgpack.decode(stored, type=rule.state_type) == state
