"""How rules of the second stage say what they find."""

from datetime import datetime
from typing import Any

from msgspec import Struct

from analytics.pairwise import Place, parts
from analytics.rule import Event
from analytics.rules.terms import Voice
from analytics.saying import english
from haechi.findings import Finding, Saying, Status, finding_id
from haechi.observations import Identity, Observation


def said_of(event: Event) -> Any:
    """Return what an event says of a pair, of the one kind that the rule accepts."""
    return event.content


class Begun(Struct, frozen=True, gc=False):
    """What is known of an episode of a pair when it begins; its place and evidence may grow."""

    pair: str
    site: str
    since: datetime
    place: Place
    evidence: tuple[Identity, ...]


def begun(seen: Observation, place: Place, evidence: tuple[Identity, ...]) -> Begun:
    """Return the beginning of an episode."""
    return Begun(seen.subject, seen.site, seen.at, place, evidence)


def say_of_pair(
    voice: Voice,
    kind: str,
    episode: Begun,
    *,
    until: datetime | None,
    saying: Saying,
    values: dict[str, float | str],
    thresholds: dict[str, float | str],
    evidence: tuple[Identity, ...] = (),
) -> Finding:
    """Return a finding about the first of a pair, with the second as ``other``.

    The episode is named by pair, site, kind and beginning. ``evidence`` is what came after it.
    """
    subject, other = parts(episode.pair)
    name = voice.terms.name
    named = f"{episode.site}|{kind}||{episode.since.isoformat()}"
    return Finding(
        id=finding_id(name, episode.pair, named),
        rule=name,
        kind=kind,
        rule_version=voice.version,
        subject=subject,
        other=other,
        severity=voice.terms.severity,
        since=episode.since,
        until=until,
        text=english(saying),
        saying=saying,
        values=values,
        thresholds=thresholds,
        evidence=tuple(dict.fromkeys((*episode.evidence, *evidence))),
        lat=episode.place.lat,
        lon=episode.place.lon,
        status=Status.OPEN if until is None else Status.ENDED,
    )
