"""The data files that say what is judged and who is told, read and put to work."""

from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo

from analytics.catalogue import AnyRule
from analytics.catalogue import load as load_rules
from analytics.pushfile import Policies, read_policies
from analytics.wording import Voice
from analytics.words import Language
from analytics.zones import ZoneSet
from haechi.settings import Settings
from ingest.alarming import Alarming
from ingest.judging import Judging

SHELTERS: Final = frozenset({"port", "harbour", "anchorage"})
"""Kinds of zones in which no meeting is told of."""


def zones(settings: Settings) -> ZoneSet:
    """Return the active zones; raises ``ZoneError`` or ``OSError``."""
    return ZoneSet.parse(settings.zones_path.read_text(encoding="utf-8"))


def rules(settings: Settings, among: ZoneSet) -> tuple[AnyRule, ...]:
    """Return the active rules; raises ``CatalogueError`` or ``OSError``."""
    return load_rules(settings.rules_path.read_text(encoding="utf-8"), among)


def shelters(among: ZoneSet) -> frozenset[str]:
    """Return the zones where lying side by side is what ships do."""
    return frozenset(zone.id for zone in among.zones if zone.rules.kind in SHELTERS)


def policies(settings: Settings) -> Policies:
    """Return how alarms are handled and who is told; raises ``PushesFileError`` or ``OSError``."""
    return read_policies(settings.pushes_path.read_text(encoding="utf-8"))


def voice(settings: Settings, among: ZoneSet) -> Voice:
    """Return how messages to people are worded."""
    return Voice(
        language=Language(settings.language),
        zone=ZoneInfo(settings.time_zone),
        zone_name=settings.time_zone,
        zones={zone.id: zone.name for zone in among.zones},
    )


def judging(settings: Settings, *, lagging: bool = False) -> Judging:
    """Return the rules in their engines.

    Args:
        settings: Which rules and zones, and how late a device may be.
        lagging: Spare people who watch what a device that catches up would soon refute.
    """
    among = zones(settings)
    return Judging(
        rules(settings, among),
        among.locate,
        allowance=timedelta(seconds=settings.lateness_allowance_s),
        idle_limit=timedelta(seconds=settings.source_idle_limit_s),
        shelters=shelters(among),
        lagging=lagging,
    )


def alarming(settings: Settings) -> Alarming:
    """Return what turns findings into alarms and pushes."""
    said = policies(settings)
    return Alarming(said.alarms, said.pushes, voice(settings, zones(settings)))
