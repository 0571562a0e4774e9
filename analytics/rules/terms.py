"""What every active rule is told besides its thresholds, and how a version is made of it."""

from datetime import datetime
from hashlib import blake2b
from typing import Annotated, Any, Final

import msgspec
from msgspec import UNSET, Meta, Struct

from analytics.saying import english
from analytics.vessels import position
from haechi.findings import Finding, Saying, Severity, Status, Word, finding_id
from haechi.observations import Observation

Duration = Annotated[float, Meta(ge=0, le=31_622_400)]
"""Seconds, up to a leap year."""
Length = Annotated[float, Meta(ge=0, le=20_037_509)]
"""Metres, up to half way round the Earth."""
Speed = Annotated[float, Meta(ge=0, le=1100)]
"""Knots."""
Angle = Annotated[float, Meta(ge=0, le=180)]
"""Degrees."""
Number = Annotated[float, Meta(ge=0, le=1000)]
Share = Annotated[float, Meta(gt=0, lt=1)]
Reports = Annotated[int, Meta(ge=1, le=100_000)]


NAMING: Final = 2
"""Which way of naming episodes is in use; another one makes other versions of all rules."""


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The thresholds of one rule: every field has its unit in its name and a cited default."""


class Terms(Struct, frozen=True):
    """How an active rule is called, and how urgent what it finds is."""

    name: str
    severity: Severity = Severity.WARNING


class Voice(Struct, frozen=True):
    """How one version of one active rule speaks."""

    terms: Terms
    version: str

    def say(
        self,
        kind: str,
        place: Observation,
        *,
        since: datetime,
        until: datetime | None,
        saying: Word,
        values: dict[str, float | str],
        thresholds: dict[str, float | str],
        evidence: tuple[Observation, ...],
        zone: str | None = None,
        severity: Severity | None = None,
    ) -> Finding:
        """Return a finding about the subject of ``place``, at its position.

        The episode is named by site, kind, zone and ``since``: two sites that see the same say so
        apart. A finding without ``until`` is open.
        """
        where = position(place)
        name = self.terms.name
        episode = f"{place.site}|{kind}|{zone or ''}|{since.isoformat()}"
        return Finding(
            id=finding_id(name, place.subject, episode),
            rule=name,
            kind=kind,
            rule_version=self.version,
            subject=place.subject,
            severity=severity or self.terms.severity,
            since=since,
            until=until,
            text=english(saying),
            saying=saying if isinstance(saying, Saying) else UNSET,
            values=values,
            thresholds=thresholds,
            evidence=tuple(observation.identity for observation in evidence),
            zone=zone,
            lat=None if where is None else where[0],
            lon=None if where is None else where[1],
            status=Status.OPEN if until is None else Status.ENDED,
        )


def version_of(code: int, *parts: Any) -> str:
    """Return a short hash of the code's number and of everything that changes findings.

    >>> version_of(1, Terms("overspeed")) == version_of(2, Terms("overspeed"))
    False
    """
    text = msgspec.json.encode((NAMING, code, parts), order="deterministic")
    return f"{code}-{blake2b(text, digest_size=4).hexdigest()}"
