"""The list of active rules as data: what it accepts, what it refuses, and what is written of it."""

import re
import tomllib
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from analytics.catalogue import AnyRule, CatalogueError, Entry, load
from analytics.catalogue import kinds as rule_kinds
from analytics.vessels import ClassSpeeds
from analytics.zone import Properties
from analytics.zones import ZoneSet
from haechi.findings import Severity
from tests.analytics.sailing import NOON, findings, fix, kinds, square, zone_set

ROOT = Path(__file__).resolve().parents[2]
DEFAULTS = ROOT / "haechi" / "defaults"
RULES = (DEFAULTS / "rules.toml").read_text()
DOCUMENT = (ROOT / "docs" / "rules.md").read_text()
NOWHERE = ZoneSet((), "none")
ZONES = zone_set(square(report=["enter"]), square("far", north_m=50_000, report=["enter"]))


def default_zones() -> ZoneSet:
    """Return the zones that come with Haechi."""
    return ZoneSet.parse((DEFAULTS / "zones.geojson").read_text())


def one(extra: str, *, name: str = "fence", kind: str = "geofence") -> AnyRule:
    """Return the one rule of a file."""
    (rule,) = load(f'[[rule]]\nname = "{name}"\ntype = "{kind}"\n{extra}', ZONES)
    return rule


def test_every_type_of_rule_is_active_by_default() -> None:
    """In the order of the file; two types are active twice."""
    active = [table["type"] for table in tomllib.loads(RULES)["rule"]]
    assert len(load(RULES, default_zones())) == len(active)
    assert set(active) == set(rule_kinds(NOWHERE))


def test_the_default_rules_file_states_every_threshold_at_its_default() -> None:
    """So that the file is the documentation of the defaults; two are variations."""
    for table in tomllib.loads(RULES)["rule"]:
        settings = rule_kinds(NOWHERE)[table["type"]].settings
        stated = table["thresholds"]
        assert set(stated) == set(settings.__struct_fields__), table["name"]
        if table["name"] not in {"long_gap", "dark_meeting"}:
            assert msgspec.convert(stated, settings) == settings(), table["name"]
        if "class_speed" in stated:
            assert set(stated["class_speed"]) == set(ClassSpeeds.__struct_fields__)


def test_the_default_zones_are_invented_and_far_from_the_recordings() -> None:
    """Each says so; none is in Denmark or the Solent."""
    zones = default_zones()
    assert all("Not for navigation" in zone.rules.comment for zone in zones.zones)
    assert all(zone.area.bounds[3] < 50 and zone.area.bounds[0] > 20 for zone in zones.zones)
    assert {zone.id.split("-")[0] for zone in zones.zones} == {
        "busan",
        "incheon",
        "portsaid",
        "alexandria",
    }


@pytest.mark.parametrize("kind", list(rule_kinds(NOWHERE)))
def test_every_type_of_rule_is_documented_with_its_thresholds_and_defaults(kind: str) -> None:
    """A section of that name has one row for each threshold, with the default in it."""
    section = DOCUMENT.split(f"\n## {kind}\n")[1].split("\n## ")[0]
    defaults = rule_kinds(NOWHERE)[kind].settings()
    for field in defaults.__struct_fields__:
        value = getattr(defaults, field)
        shown = f"{value:g}" if isinstance(value, (int, float)) else value
        pattern = re.escape(shown) + r"(\.0)?" if isinstance(shown, str) else r"[^|]+"
        assert re.search(rf"\| `{field}` \| {pattern} \|", section), field


def test_every_key_property_class_and_active_rule_is_documented() -> None:
    """Nothing can be written in the files that the page does not explain."""
    names = [table["name"] for table in tomllib.loads(RULES)["rule"]]
    known = (*Entry.__struct_fields__, *Properties.__struct_fields__)
    for word in (*names, *known, *ClassSpeeds.__struct_fields__):
        assert f"`{word}`" in DOCUMENT or f"## {word}\n" in DOCUMENT, word
    speeds = ClassSpeeds()
    for field in speeds.__struct_fields__:
        assert f"| `{field}` | {getattr(speeds, field):g} |" in DOCUMENT, field


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[rule]", "TOML|Expected.*one \\[\\[rule\\]\\] table"),
        ('[rule]\nname = "a"', r"Expected `array`.*one \[\[rule\]\] table"),
        ("[[rules]]", r"unknown field `rules`"),
        ('[[rule]]\ntype = "drift"', r"rule 1 \(None\).*missing required field `name`"),
        ('[[rule]]\nname = "a!"\ntype = "drift"', r"rule 1 \('a!'\).*\$\.name"),
        ('[[rule]]\nname = "aa"\ntype = "dirft"', r"\.type: no 'dirft'; known are geofence, "),
        (
            '[[rule]]\nname = "aa"\ntype = "drift"\nzone = "x"',
            r"unknown field `zone`; known are name",
        ),
        ('[[rule]]\nname = "aa"\ntype = "drift"\nseverity = "HIGH"', r"Invalid enum value 'HIGH'"),
        (
            '[[rule]]\nname = "aa"\ntype = "drift"\nareas = ["moon"]',
            r"areas: no zone 'moon'; zones are box",
        ),
        (
            '[[rule]]\nname = "aa"\ntype = "drift"\nthresholds.window_min = 5',
            r"thresholds: .*unknown field `window_min`; known are slow_kn",
        ),
        ('[[rule]]\nname = "aa"\ntype = "drift"\nthresholds.window_s = -1', r">= 0.*\$\.window_s"),
        (
            '[[rule]]\nname = "aa"\ntype = "drift"\nthresholds.window_s = "1"',
            r"Expected `float`, got `str`",
        ),
        ('[[rule]]\nname = "aa"\ntype = "drift"\nthresholds.window_s = nan', r"window_s"),
        (
            '[[rule]]\nname = "aa"\ntype = "teleport"\nthresholds.class_speed.cargo_kn = 0',
            r"\$\.class_speed\.cargo_kn",
        ),
        ('[[rule]]\nname = "aa"\ntype = "drift"\neffective_from = "soon"', r"effective_from"),
        (
            '[[rule]]\nname = "aa"\ntype = "drift"\n[[rule]]\nname = "aa"\ntype = "drift"',
            r"'aa' is used twice",
        ),
    ],
)
def test_a_mistake_is_refused_with_its_place_and_a_way_out(text: str, message: str) -> None:
    """The text names the rule and the key."""
    with pytest.raises(CatalogueError, match=message):
        load(text, ZONES)


def test_name_and_severity_are_those_of_the_file() -> None:
    """Findings are filed under the name; zones keep their own severity."""
    jump = [fix(0), fix(10, 50_000)]
    rule = one('severity = "CRITICAL"', name="jumps", kind="teleport")
    (found,) = findings(rule, jump)
    assert (found.rule, found.severity) == ("jumps", Severity.CRITICAL)
    assert found.rule_version == rule.version


def test_a_change_of_thresholds_dates_or_zones_is_a_new_version() -> None:
    """Whoever compares findings can tell which rule said them."""
    versions = {
        one("").version,
        one("thresholds.lost_after_s = 60").version,
        one("effective_from = 2026-01-01").version,
        one("effective_from = 2026-01-02").version,
        one('areas = ["box"]').version,
        load('[[rule]]\nname = "fence"\ntype = "geofence"', NOWHERE)[0].version,
    }
    assert len(versions) == 6


def test_areas_keep_what_began_there() -> None:
    """Both zones are entered; one is in scope, also for rules that know no zones."""
    way = [fix(0, -900, 9), fix(60, 100, 9), fix(1860, 49_900, 9), fix(1920, 50_100, 9)]
    assert [found.zone for found in findings(one(""), way, ZONES)] == ["box", "far"]
    assert [found.zone for found in findings(one('areas = ["far"]'), way, ZONES)] == ["far"]
    for area, expected in (("box", []), ("far", ["teleport"])):
        rule = one(f'areas = ["{area}"]', kind="teleport")
        assert kinds(findings(rule, [fix(0, 100, 9), fix(10, 50_100, 9)], ZONES)) == expected


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        ("effective_from = 2026-01-01T12:01:00Z", ["enter"]),
        ("effective_from = 2026-01-01T12:01:01Z", []),
        ("effective_from = 2026-01-01T12:01:00", ["enter"]),
        ("effective_from = 2026-01-02", []),
        ("effective_to = 2026-01-01T12:01:00Z", []),
        ("effective_to = 2026-01-01T21:01:01+09:00", ["enter"]),
        ("effective_from = 2025-12-31\neffective_to = 2026-01-02", ["enter"]),
    ],
)
def test_the_period_includes_its_begin_and_not_its_end(period: str, expected: list[str]) -> None:
    """What begins within the period is reported, also when it ends after it."""
    way = [fix(0, -900, 9), fix(60, 100, 9)]
    found = findings(one(period), way, ZONES)
    assert kinds(found) == expected
    assert all(finding.since == NOON + timedelta(minutes=1) for finding in found)
