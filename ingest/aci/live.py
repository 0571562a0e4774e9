"""The cross-check while things happen: follows the platform's store, judges what that concerns.

What rules have found is asked for anew at each judgement and never kept as a fact, so a finding
that is retracted takes its reasons with it. Only port visits are kept: they sum up a track.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Final, Protocol

from msgspec.structs import replace

from analytics.crosscheck.case import Case
from analytics.crosscheck.check import crosscheck
from analytics.crosscheck.facts import AnyFact, Observed, PortVisit, SealOpened, Source, observe
from analytics.crosscheck.register import (
    About,
    Act,
    ConflictError,
    KeptShipment,
    Party,
    Register,
    Result,
    subjects,
    terms_of,
)
from analytics.crosscheck.visits import Point, visits
from haechi.aci import lifecycle
from haechi.aci.policy import Policies, Policy, PolicyError
from haechi.aci.shipment import Role, Shipment
from haechi.aci.states import State
from haechi.aci.voyage import Voyage
from haechi.alarms import Alarm
from haechi.findings import Finding, Status
from haechi.kept import Latest
from haechi.observations import Observation
from haechi.vessels import VesselPosition

READER: Final = "live-crosscheck"
"""Under which name the register knows how far we have read."""
OURSELVES: Final = Party(Role.OPERATOR, "haechi")
VESSEL_RULES: Final = frozenset({"route_deviation", "undeclared_stop"})
"""Rules about vessels whose findings concern the cargo; of seals all do."""
OPENED: Final = frozenset({"seal_opened", "seal_disarmed"})
MARGIN: Final = timedelta(days=14)
"""Before the first time of a voyage, and after its last, findings and facts still belong to it."""
_EVER: Final = (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
MAX_POINTS: Final = 10_000
MAX_JUDGED: Final = 500
"""Shipments in one round: the next one comes at once."""
_UNBOUND: Final = frozenset({State.DRAFT, State.REQUESTED, State.RISK_REVIEW, State.REJECTED})
"""States in which a departure is not noted: without an ACID there is nothing to lock."""


class Platform(Protocol):
    """What is read of the platform's store."""

    def position(self) -> int:
        """Return the position of the last committed transaction."""
        ...

    def latest(self, since_position: int = 0) -> list[Latest]:
        """Return subjects whose newest position changed after a log position."""
        ...

    def track(
        self, subject: str, since: datetime, until: datetime, limit: int
    ) -> list[Observation]:
        """Return positions of a subject in a time range."""
        ...

    def alarms(self, *, since_position: int = 0, open_only: bool = False) -> list[Alarm]:
        """Return alarms changed after a log position."""
        ...

    def findings(
        self, *, subject: str | None = None, since: datetime | None = None, limit: int | None = None
    ) -> list[Finding]:
        """Return findings in report order, retracted ones included."""
        ...


class Live:
    """Looks when told to; everything it remembers is in the register, but for how far it saw."""

    def __init__(self, platform: Platform, register: Register, policies: Policies) -> None:
        self._platform, self._register = platform, register
        self._seen: dict[str, datetime] = {}
        self._rules = cache(policies.at)

    def look(self, now: datetime) -> list[str]:
        """Take in what is new and judge what it concerns; return the references judged."""
        self._take_in()
        return self._judged(now)

    def _take_in(self) -> None:
        begin, end = self._register.position(READER), self._platform.position()
        if begin == end:
            return
        changed = {alarm.key.subject for alarm in self._platform.alarms(since_position=begin)}
        facts = [about for latest in self._platform.latest(begin) for about in self._visits(latest)]
        with self._register.writing() as writing:
            writing.add_facts(facts)
            writing.touch(changed)
            writing.put_position(READER, end)

    def _visits(self, latest: Latest) -> Iterator[About]:
        """Yield what a vessel's new positions say of the ports of her voyages."""
        kind, _, mmsi = latest.subject.partition(":")
        voyages = self._register.voyages_at_sea(mmsi, latest.at) if kind == "mmsi" else []
        if not voyages:
            return
        known = self._register.facts([latest.subject])
        since = self._seen.get(latest.subject) or _resumed(known, voyages)
        track = self._platform.track(latest.subject, since, latest.at, MAX_POINTS)
        points = [*_points(track, since)]
        calls = [call for voyage in voyages for call in voyage.calls]
        for fact in visits(known, calls, points, latest.subject):
            yield About(latest.subject, fact)
        self._seen[latest.subject] = max(since, latest.at)

    def _judged(self, now: datetime) -> list[str]:
        """Judge one round, and keep all its results in one transaction."""
        results = [
            (reference, changes, result)
            for reference, changes in self._register.stale(MAX_JUDGED)
            if (result := self._judge(reference, now)) is not None
        ]
        with self._register.writing() as writing:
            for reference, changes, result in results:
                writing.put_result(reference, changes, result)
        return [reference for reference, *_ in results]

    def _judge(self, reference: str, now: datetime) -> Result | None:
        """Return what is found about a shipment, ``None`` if it has to wait for the next round."""
        kept = self._register.shipment(reference)
        try:
            return None if kept is None else self._result(kept, now)
        except (ConflictError, PolicyError):
            return None  # it has changed meanwhile, or its day has no rules: it stays stale

    def _result(self, kept: KeptShipment, now: datetime) -> Result | None:
        shipment = kept.shipment
        policy = self._rules(shipment.rules_date or now.date(), shipment.transport.mode)
        voyage = self._register.voyage_of(shipment)
        about = subjects(shipment, voyage)
        found = [*self._findings(shipment, voyage, about)]
        begins, ends = _span(voyage)
        facts = [fact for fact in self._register.facts(about) if begins <= fact.at <= ends]
        observed = observe(Observed(), *facts, *_openings(shipment, found))
        case = Case(shipment=shipment, voyage=voyage, observed=observed, policy=policy)
        if self._is_locked_by(case, kept, now, policy):
            return None  # the lock is a change: it is judged in the next round
        return Result(
            at=now,
            reasons=crosscheck(shipment, voyage, observed, policy),
            findings=tuple(found),
        )

    def _is_locked_by(self, case: Case, kept: KeptShipment, now: datetime, policy: Policy) -> bool:
        """Note the first report of the departure: from then on the declaration is locked."""
        left, shipment = case.departure, kept.shipment
        if left is None or shipment.state in _UNBOUND or lifecycle.final(shipment.state):
            return False
        moved = lifecycle.departed(shipment, left)
        if moved.departed == shipment.departed:
            return False
        act = Act(party=OURSELVES, by=lifecycle.RULES, at=now, what="depart", reason=left.source)
        with self._register.writing() as writing:
            writing.put_shipment(replace(kept, shipment=moved), act, terms_of(moved, policy))
        return True

    def _findings(
        self, shipment: Shipment, voyage: Voyage | None, about: tuple[str, ...]
    ) -> Iterator[Finding]:
        """Yield what rules say of its vessel and seals during its journey."""
        begins = (voyage and voyage.begins) or shipment.transport.planned_loading
        since = begins and begins - MARGIN
        for subject in about:
            kind = subject.partition(":")[0]
            if kind not in {"mmsi", "seal"} or since is None:
                continue
            for finding in self._platform.findings(subject=subject, since=since):
                is_ours = kind == "seal" or finding.rule in VESSEL_RULES
                if is_ours and finding.status is not Status.RETRACTED and _is_in(finding, voyage):
                    yield finding


def _points(track: list[Observation], since: datetime) -> Iterator[Point]:
    for each in track:
        said = each.content
        if not isinstance(said, VesselPosition) or each.at <= since:
            continue
        if said.lat is not None and said.lon is not None:
            yield each.at, said.lat, said.lon


def _resumed(known: list[AnyFact], voyages: list[Voyage]) -> datetime:
    """Return from when on positions matter: after the last visit that is known."""
    times = [one.left or one.at for one in known if isinstance(one, PortVisit)]
    begins = [voyage.begins for voyage in voyages if voyage.begins is not None]
    return max(times, default=min(begins) - MARGIN)


def _openings(shipment: Shipment, found: list[Finding]) -> Iterator[SealOpened]:
    """Yield the openings of its seals, as facts."""
    boxes = {seal: packing.container for packing in shipment.containers for seal in packing.seals}
    for finding in found:
        seal = finding.subject.partition(":")[2]
        if finding.kind in OPENED and seal in boxes:
            yield SealOpened(
                at=finding.since,
                source=Source.SEAL,
                reference=finding.id,
                seal=seal,
                container=boxes[seal],
            )


def _span(voyage: Voyage | None) -> tuple[datetime, datetime]:
    """Return between which times facts belong to this voyage: boxes and ships make many."""
    begins = voyage and voyage.begins
    ends = voyage and voyage.ends
    return begins - MARGIN if begins else _EVER[0], ends + MARGIN if ends else _EVER[1]


def _is_in(finding: Finding, voyage: Voyage | None) -> bool:
    return voyage is None or voyage.ends is None or finding.since <= voyage.ends + MARGIN
