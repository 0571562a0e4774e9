"""Cargo reason: what the cross-check holds against a shipment goes on until it is withdrawn.

Definition: a verdict names every check that disagrees with what was declared. A check that was not
in the verdict before begins a finding of its kind, and one that is in it no more ends it; said
again it is the same finding, revised where its facts are. So a verdict that arrives twice says
nothing new. What goes on when another is withdrawn is said again, for all of a shipment are one
alarm, which then speaks of that. Checks in ``silent`` make no finding: they are for those who mend
data. While the law is on trial a check is a warning.

Sources: the severities are the cross-check's own (``analytics.crosscheck.reasons``).
"""

from datetime import datetime
from typing import Final

from msgspec import Struct, field
from msgspec.structs import replace

from analytics.crosscheck.reasons import DATA_QUALITY, SEVERITIES, Code
from analytics.crosscheck.verdicts import summed_up
from analytics.rule import Event, Step
from analytics.rules.terms import Settings, Terms, version_of
from analytics.saying import english, saying
from haechi.cargo import CargoReason, CargoVerdict
from haechi.fields import LonLat
from haechi.findings import Finding, Severity, Status, finding_id
from haechi.observations import Identity, Observation

CODE: Final = 1


class CargoReasonSettings(Settings, frozen=True, kw_only=True):
    """Whose verdicts count, which checks are findings, and how urgent each is."""

    device: str = "cargo"
    """What any other device says of a shipment is not heeded."""
    silent: tuple[Code, ...] = tuple(sorted(DATA_QUALITY))
    severity: dict[Code, Severity] = field(default_factory=lambda: dict(SEVERITIES))
    """Checks that are left out keep the severity they come with."""


class Held(Struct, frozen=True, gc=False):
    """A reason that goes on: what was said of it last, and by which verdicts."""

    said: CargoReason
    shipment: str
    began: datetime
    first: Identity
    last: Identity
    seen: LonLat | None
    outlived: int = 0
    """Other reasons that were withdrawn since, after each of which it is said again."""


Verdict = tuple[Held, ...]
"""What goes on, by check."""


class CargoReasons:
    """The rule."""

    state_type = Verdict
    accepts = (CargoVerdict,)

    def __init__(self, settings: CargoReasonSettings, terms: Terms) -> None:
        self.name: Final = terms.name
        self.version: Final = version_of(CODE, settings, terms)
        self._terms: Final = terms
        self._device: Final = settings.device
        self._silent: Final = frozenset(code.value for code in settings.silent)
        stated = SEVERITIES | settings.severity
        self._severity: Final = {code.value: severity for code, severity in stated.items()}

    def start(self) -> Verdict:
        """Begin with nothing held against it."""
        return ()

    def on_event(self, state: Verdict, event: Event) -> Step[Verdict]:
        """Compare a verdict with the one before."""
        verdict, seen = event.content, event.observation
        if not isinstance(verdict, CargoVerdict) or seen.device != self._device:
            return Step(state)
        before = {held.said.check: held for held in state}
        now = {
            said.check: _held(before.get(said.check), said, verdict, seen)
            for said in verdict.reasons
            if said.check not in self._silent
        }
        over = [self._finding(held, seen, seen.at) for held in state if held.said.check not in now]
        now = {check: _outliving(before.get(check), held, len(over)) for check, held in now.items()}
        news = [
            self._finding(held, seen, None)
            for check, held in now.items()
            if before.get(check) != held
        ]
        return Step(tuple(now[check] for check in sorted(now)), (*over, *news))

    def on_wake(self, state: Verdict, now: datetime) -> Step[Verdict]:
        """Never asked for."""
        del now
        return Step(state)

    def _finding(self, held: Held, seen: Observation, until: datetime | None) -> Finding:
        said, sides = held.said, (held.said.declared, held.said.observed)
        episode = f"{seen.site}|{said.check}|{held.began.isoformat()}"
        sentence = summed_up(said)
        if until is not None:
            sentence = saying("said_until", said=sentence, at=until)
        lon, lat = held.seen or (None, None)
        (declared, declared_by), (observed, observed_by) = ((each.value, each.by) for each in sides)
        return Finding(
            id=finding_id(self.name, seen.subject, episode),
            rule=self.name,
            kind=said.check,
            rule_version=self.version,
            subject=seen.subject,
            severity=self._urgency(said),
            since=min(said.since or held.began, held.began),
            until=until,
            text=english(sentence),
            saying=sentence,
            values={
                "shipment": held.shipment,
                "about": said.about,
                "declared": declared,
                "declared_by": declared_by,
                "observed": observed,
                "observed_by": observed_by,
                "count": said.count,
                "outlived": held.outlived,
            },
            thresholds={},
            evidence=tuple(dict.fromkeys((held.first, held.last, seen.identity))),
            lat=lat,
            lon=lon,
            status=Status.OPEN if until is None else Status.ENDED,
        )

    def _urgency(self, said: CargoReason) -> Severity:
        if said.is_trial:
            return Severity.WARNING
        return self._severity.get(said.check, self._terms.severity)


def _outliving(before: Held | None, held: Held, withdrawn: int) -> Held:
    """Return a reason that was there before others were withdrawn with their number added."""
    return replace(held, outlived=held.outlived + withdrawn) if before and withdrawn else held


def _held(before: Held | None, said: CargoReason, verdict: CargoVerdict, seen: Observation) -> Held:
    """Return a reason as it stands after a verdict that names it."""
    if before is None:
        names = (seen.identity, seen.identity)
        return Held(said, verdict.shipment, seen.at, *names, verdict.seen)
    if before.said == said:
        return before
    return replace(before, said=said, last=seen.identity, seen=verdict.seen or before.seen)
