"""The list of active rules, read from data."""

import tomllib
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time
from functools import partial
from typing import Annotated, Any, Final, NamedTuple

import msgspec
from msgspec import Meta, Struct

from analytics.rule import Event, Rule, Step
from analytics.rules.camera_watch import CameraWatch, CameraWatchSettings
from analytics.rules.cargo_reason import CargoReasons, CargoReasonSettings
from analytics.rules.drift import Drift, DriftSettings
from analytics.rules.drone_link import DroneLink, DroneLinkSettings
from analytics.rules.drone_reserve import DroneReserve, DroneReserveSettings
from analytics.rules.encounter import Encounter, EncounterSettings
from analytics.rules.geofence import Geofence, GeofenceSettings
from analytics.rules.overspeed import Overspeed, OverspeedSettings
from analytics.rules.route_deviation import RouteDeviation, RouteDeviationSettings
from analytics.rules.seal_binding import SealBinding, SealBindingSettings
from analytics.rules.seal_breach import OPENINGS, TAMPERINGS, SealBreach, SealBreachSettings
from analytics.rules.seal_clone import SealClone, SealCloneSettings
from analytics.rules.seal_condition import (
    SealBatterySettings,
    SealCondition,
    SealJammingSettings,
    SealTemperatureSettings,
)
from analytics.rules.seal_forgery import SealForgery, SealForgerySettings
from analytics.rules.seal_left_vessel import SealLeftVessel, SealLeftVesselSettings
from analytics.rules.seal_log import SealLog, SealLogSettings
from analytics.rules.seal_silence import SealSilence, SealSilenceSettings
from analytics.rules.silence import Silence, SilenceSettings
from analytics.rules.sudden_stop import SuddenStop, SuddenStopSettings
from analytics.rules.teleport import Teleport, TeleportSettings
from analytics.rules.terms import Settings, Terms, version_of
from analytics.rules.undeclared_stop import UndeclaredStop, UndeclaredStopSettings
from analytics.zones import ZoneSet
from haechi.fields import Moment
from haechi.findings import Finding, Severity

AnyRule = Rule[Any]
"""A rule whose state only it knows."""


class CatalogueError(ValueError):
    """A rules file cannot be used; the text says where, what is wrong and what to do."""


class Kind(NamedTuple):
    """One type of rule."""

    settings: type[Settings]
    make: Callable[[Any, Terms], AnyRule]
    """Makes one; the settings given are of the type named above."""


def kinds(zones: ZoneSet) -> dict[str, Kind]:
    """Return every type of rule there is; ``docs/rules.md`` describes each."""
    return {
        "geofence": Kind(GeofenceSettings, partial(Geofence, zones=zones)),
        "overspeed": Kind(OverspeedSettings, partial(Overspeed, zones=zones)),
        "silence": Kind(SilenceSettings, Silence),
        "teleport": Kind(TeleportSettings, Teleport),
        "sudden_stop": Kind(SuddenStopSettings, SuddenStop),
        "drift": Kind(DriftSettings, Drift),
        "route_deviation": Kind(RouteDeviationSettings, RouteDeviation),
        "undeclared_stop": Kind(UndeclaredStopSettings, UndeclaredStop),
        "encounter": Kind(EncounterSettings, Encounter),
        "drone_link": Kind(DroneLinkSettings, DroneLink),
        "drone_reserve": Kind(DroneReserveSettings, DroneReserve),
        "camera_watch": Kind(CameraWatchSettings, CameraWatch),
        "seal_opened": Kind(SealBreachSettings, partial(SealBreach, events=OPENINGS)),
        "seal_tamper": Kind(SealBreachSettings, partial(SealBreach, events=TAMPERINGS)),
        "seal_clone": Kind(SealCloneSettings, SealClone),
        "seal_forgery": Kind(SealForgerySettings, SealForgery),
        "seal_binding": Kind(SealBindingSettings, SealBinding),
        "seal_left_vessel": Kind(SealLeftVesselSettings, SealLeftVessel),
        "seal_log": Kind(SealLogSettings, SealLog),
        "seal_silence": Kind(SealSilenceSettings, SealSilence),
        "seal_jamming": Kind(SealJammingSettings, SealCondition),
        "seal_battery": Kind(SealBatterySettings, SealCondition),
        "seal_temperature": Kind(SealTemperatureSettings, SealCondition),
        "cargo_reason": Kind(CargoReasonSettings, CargoReasons),
    }


class Entry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One ``[[rule]]`` of the file."""

    name: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{1,47}\Z")]
    """Unique; what findings and alarms are filed under."""
    type: str
    severity: Severity = Severity.WARNING
    """Of its findings; those about a zone have the zone's."""
    effective_from: Moment | None = None
    """It reports what began at this moment or later; a bare date is 00:00 UTC."""
    effective_to: Moment | None = None
    """It reports what began before this moment."""
    areas: tuple[str, ...] = ()
    """It reports what began in one of these zones; everywhere if empty."""
    thresholds: dict[str, Any] = {}


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    rule: list[dict[str, Any]] = []


class Scope(Struct, frozen=True):
    """When and where an active rule reports."""

    begin: datetime | None
    end: datetime | None
    areas: frozenset[str]

    def covers(self, finding: Finding, zones: ZoneSet) -> bool:
        """Return whether a finding began in the period and in one of the areas."""
        if self.begin is not None and finding.since < self.begin:
            return False
        if self.end is not None and finding.since >= self.end:
            return False
        return not self.areas or not self.areas.isdisjoint(_zones_of(finding, zones))


class Scoped:
    """A rule that reports in its scope only.

    It follows every event, so that an episode that began before the period or outside the areas is
    not taken for a new one; what a finding says of its beginning decides.
    """

    def __init__(self, rule: AnyRule, scope: Scope, zones: ZoneSet) -> None:
        self.name: Final = rule.name
        self.version: Final = f"{rule.version}-{version_of(0, scope, zones.version)[2:]}"
        self.state_type: Final = rule.state_type
        self.accepts: Final = rule.accepts
        self._rule: Final = rule
        self._scope: Final = scope
        self._zones: Final = zones

    def start(self) -> Any:
        """Begin as the rule does."""
        return self._rule.start()

    def on_event(self, state: Any, event: Event) -> Step[Any]:
        """Advance the rule and keep what is in scope."""
        return self._kept(self._rule.on_event(state, event))

    def on_wake(self, state: Any, now: datetime) -> Step[Any]:
        """Advance the rule and keep what is in scope."""
        return self._kept(self._rule.on_wake(state, now))

    def _kept(self, step: Step[Any]) -> Step[Any]:
        if not step.findings:
            return step
        kept = tuple(found for found in step.findings if self._scope.covers(found, self._zones))
        return Step(step.state, tuple(self._stamped(found) for found in kept), step.wake_at)

    def _stamped(self, finding: Finding) -> Finding:
        return msgspec.structs.replace(finding, rule_version=self.version)


def load(rules_toml: str, zones: ZoneSet) -> tuple[AnyRule, ...]:
    r"""Return the active rules of a rules file, in its order.

    Raises:
        CatalogueError: not TOML, an unknown key or type of rule, a value out of range, a name used
            twice, or an area that is not a zone; the text says where and what to do.

    >>> [rule.name for rule in load('[[rule]]\nname = "drift"\ntype = "drift"', ZoneSet((), "-"))]
    ['drift']
    """
    try:
        tables = msgspec.convert(tomllib.loads(rules_toml), _File).rule
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, RecursionError) as error:
        raise CatalogueError(f"rules: {error}; write one [[rule]] table per rule") from error
    rules = [_rule(number, table, zones) for number, table in enumerate(tables, start=1)]
    _refuse_duplicates(rules)
    return tuple(rules)


def _rule(number: int, table: dict[str, Any], zones: ZoneSet) -> AnyRule:
    where = f"rules: rule {number} ({table.get('name')!r})"
    entry = _converted(where, {key: _dated(value) for key, value in table.items()}, Entry)
    known_kinds = kinds(zones)
    kind = known_kinds.get(entry.type)
    if kind is None:
        raise CatalogueError(f"{where}.type: no {entry.type!r}; known are {', '.join(known_kinds)}")
    unknown = [area for area in entry.areas if area not in zones.by_id]
    if unknown:
        known = ", ".join(zones.by_id) or "none"
        raise CatalogueError(f"{where}.areas: no zone {unknown[0]!r}; zones are {known}")
    settings = _converted(f"{where}.thresholds", entry.thresholds, kind.settings)
    rule = kind.make(settings, Terms(entry.name, entry.severity))
    scope = Scope(entry.effective_from, entry.effective_to, frozenset(entry.areas))
    if scope == Scope(None, None, frozenset()):
        return rule
    return Scoped(rule, scope, zones)


def _converted(where: str, table: dict[str, Any], kind: type[Any]) -> Any:
    try:
        return msgspec.convert(table, kind)
    except msgspec.ValidationError as error:
        known = f"; known are {', '.join(kind.__struct_fields__)}"
        hint = known if "unknown field" in str(error) else ""
        raise CatalogueError(f"{where}: {error}{hint}") from error


def _dated(value: Any) -> Any:
    """Return a date as its midnight, and a time without a zone as UTC; anything else as it is."""
    if not isinstance(value, date):
        return value
    at = value if isinstance(value, datetime) else datetime.combine(value, time())
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at


def _refuse_duplicates(rules: Sequence[AnyRule]) -> None:
    seen: set[str] = set()
    for rule in rules:
        if rule.name in seen:
            raise CatalogueError(
                f"rules: {rule.name!r} is used twice; give every rule its own name"
            )
        seen.add(rule.name)


def _zones_of(finding: Finding, zones: ZoneSet) -> tuple[str, ...]:
    if finding.zone is not None:
        return (finding.zone,)
    if finding.lat is None or finding.lon is None:
        return ()
    return zones.containing(finding.lat, finding.lon)
