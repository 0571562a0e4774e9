"""The cross-check while things happen: follows the platform's store, judges what that concerns.

What rules have found is asked for anew at each judgement and never kept as a fact, so a finding
that is retracted takes its reasons with it. What sensors saw of ports, arrivals, gates and seals is
kept: it sums up readings that are deleted after the retention time.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import chain
from typing import Final, NamedTuple, Protocol

from msgspec.structs import replace

from analytics.crosscheck.case import Case
from analytics.crosscheck.check import disagreements
from analytics.crosscheck.facts import (
    AnyFact,
    Meeting,
    Observed,
    PortVisit,
    SealOpened,
    Source,
    observe,
)
from analytics.crosscheck.gates import Gate
from analytics.crosscheck.names import subjects
from analytics.crosscheck.register import (
    About,
    Act,
    ConflictError,
    Judged,
    KeptShipment,
    NextVersion,
    Party,
    Register,
    Result,
    Stale,
    terms_of,
)
from analytics.crosscheck.sensors import MEETINGS, meeting
from analytics.crosscheck.visits import Point, visits
from haechi.aci import lifecycle
from haechi.aci.policy import Policies, PolicyError
from haechi.aci.shipment import Role, Shipment
from haechi.aci.states import State
from haechi.aci.voyage import Voyage
from haechi.alarms import Alarm
from haechi.findings import Finding, Status
from haechi.kept import Latest
from haechi.observations import Observation
from haechi.vessels import VesselPosition
from ingest.aci.meetings import Meetings
from ingest.aci.sightings import Sightings

READER: Final = "live-crosscheck"
"""Under which name the register knows how far we have read."""
OURSELVES: Final = Party(Role.OPERATOR, "haechi")
VESSEL_KINDS: Final = frozenset({"route_deviation", "undeclared_stop", *MEETINGS})
"""Kinds of findings about vessels that concern the cargo; of seals all do."""
OPENED: Final = frozenset({"seal_opened", "seal_disarmed"})
MARGIN: Final = timedelta(days=14)
"""Before the first time of a voyage, and after its last, findings and facts still belong to it."""
_EVER: Final = (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
_OURS: Final = ("acid:", "shipment:")
"""Subjects of alarms that rest on our own verdicts: nothing new to us."""
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

    def said(self, kinds: Collection[str], after: int, until: int) -> list[Observation]:
        """Return what was added between two log positions, of some kinds of content."""
        ...

    def alarms(self, *, since_position: int = 0, open_only: bool = False) -> list[Alarm]:
        """Return alarms changed after a log position."""
        ...

    def findings_about(self, subjects: Collection[str], since: datetime | None) -> list[Finding]:
        """Return findings about any of these in report order, retracted ones included."""
        ...


Note = Callable[[Sequence[tuple[Stale, Result]]], object]
"""Takes shipments as they were judged, and what was found."""


def _nobody(judged: Sequence[tuple[Stale, Result]]) -> None:
    """Tell nobody."""
    del judged


class Live:
    """Looks when told to; everything it remembers is in the register, but for how far it saw."""

    def __init__(
        self,
        platform: Platform,
        register: Register,
        policies: Policies,
        note: Note = _nobody,
        gates: Iterable[Gate] = (),
    ) -> None:
        """Prepare.

        Args:
            platform: What sensors saw, and what rules found.
            register: What was declared; results go there.
            policies: The law.
            note: Told of results, within the transaction that keeps them.
            gates: Devices past which containers are moved.
        """
        self._platform, self._register, self._note = platform, register, note
        self._seen: dict[str, datetime] = {}
        self._sighted = Sightings(platform, register, gates)
        self._meetings = Meetings(platform)
        self._rules = cache(policies.at)

    def look(self, now: datetime) -> list[str]:
        """Take in what is new and judge what it concerns; return the references judged."""
        self._take_in()
        return self._judged(now)

    def _take_in(self) -> None:
        begin, end = self._register.position(READER), self._platform.position()
        if begin == end:
            return
        alarms = self._platform.alarms(since_position=begin)
        changed = {each.key.subject for each in alarms if not each.key.subject.startswith(_OURS)}
        changed |= self._meetings.met(alarms)
        facts = [about for latest in self._platform.latest(begin) for about in self._visits(latest)]
        facts += self._sighted.between(begin, end)
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
        """Judge one round: read at once, kept in one transaction."""
        tasks = [_task(one) for one in self._register.stale(MAX_JUDGED)]
        if not tasks:
            return []
        world = self._world(tasks)
        verdicts = [each for one in tasks if (each := self._verdict(one, world, now)) is not None]
        try:
            self._keep(verdicts)
        except ConflictError:  # somebody has changed one of them: the others need not wait for it
            verdicts = [each for each in verdicts if self._is_kept(each)]
        return [each.judged.reference for each in verdicts]

    def _world(self, tasks: Sequence["_Task"]) -> "_World":
        """Return all that is known of what these shipments rest on."""
        about = {name for task in tasks for name in task.about}
        told = {name for name in about if name.startswith(("mmsi:", "seal:"))}
        since = min((task.begins for task in tasks if task.begins is not None), default=None)
        findings: dict[str, list[Finding]] = {}
        for finding in self._platform.findings_about(self._meetings.with_others(told), since):
            for subject in filter(None, (finding.subject, finding.other)):
                findings.setdefault(subject, []).append(finding)
        return _World(facts=self._register.facts_by_subject(about), findings=findings)

    def _verdict(self, task: "_Task", world: "_World", now: datetime) -> "_Verdict | None":
        """Return what is found about a shipment, ``None`` if its day has no rules."""
        kept = task.stale.kept
        try:
            policy = self._rules(
                kept.shipment.rules_date or now.date(), kept.shipment.transport.mode
            )
        except PolicyError:
            return None
        found = [*_findings(task, world)]
        seen = [*_facts(task, world), *_openings(kept.shipment, found), *_met(task, found)]
        case = Case(
            shipment=kept.shipment,
            voyage=task.stale.voyage,
            observed=observe(Observed(), *seen),
            policy=policy,
        )
        lock = _locked(case, kept, now)
        if lock is not None:
            case = replace(case, shipment=lock.kept.shipment)
        result = Result(at=now, reasons=disagreements(case), findings=tuple(found))
        changes = task.stale.changes + (lock is not None)  # the lock is one, and is known here
        return _Verdict(task.stale, Judged(kept.shipment.reference, changes, result), lock)

    def _keep(self, verdicts: Sequence["_Verdict"]) -> None:
        with self._register.writing() as writing:
            writing.put_shipments([each.lock for each in verdicts if each.lock is not None])
            writing.put_results([each.judged for each in verdicts])
            self._note([(each.stale, each.judged.result) for each in verdicts])

    def _is_kept(self, verdict: "_Verdict") -> bool:
        try:
            self._keep([verdict])
        except ConflictError:
            return False  # it stays stale
        return True


class _Task(NamedTuple):
    """A shipment to be judged, and what belongs to its journey."""

    stale: Stale
    about: tuple[str, ...]
    begins: datetime | None
    """What was found before has to do with something else; ``None`` while it has no times."""
    ends: datetime | None


class _World(NamedTuple):
    facts: Mapping[str, Sequence[AnyFact]]
    findings: Mapping[str, Sequence[Finding]]


class _Verdict(NamedTuple):
    stale: Stale
    judged: Judged
    lock: NextVersion | None
    """If its carrier has left, as it is to be written."""


def _locked(case: Case, kept: KeptShipment, now: datetime) -> NextVersion | None:
    """Note the first report of the departure: from then on the declaration is locked."""
    left, shipment = case.departure, kept.shipment
    if left is None or shipment.state in _UNBOUND or lifecycle.final(shipment.state):
        return None
    if shipment.departed is not None and shipment.departed.at <= left.at:
        return None
    moved = lifecycle.departed(shipment, left)
    act = Act(party=OURSELVES, by=lifecycle.RULES, at=now, what="depart", reason=left.source)
    return NextVersion(replace(kept, shipment=moved), act, terms_of(moved, case.policy))


def _task(stale: Stale) -> _Task:
    shipment, voyage = stale.kept.shipment, stale.voyage
    begins = (voyage and voyage.begins) or shipment.transport.planned_loading
    ends = voyage.ends if voyage else None
    return _Task(
        stale,
        subjects(shipment, voyage.vessel if voyage else None),
        begins and begins - MARGIN,
        ends and ends + MARGIN,
    )


def _facts(task: _Task, world: _World) -> list[AnyFact]:
    """Return the facts of its voyage: boxes and ships make many."""
    begins = (task.stale.voyage and task.begins) or _EVER[0]
    ends = task.ends or _EVER[1]
    facts = chain.from_iterable(world.facts.get(name, ()) for name in task.about)
    return [fact for fact in facts if begins <= fact.at <= ends]


def _findings(task: _Task, world: _World) -> Iterator[Finding]:
    """Yield what rules say of its vessel and seals during its journey."""
    begins, ends = task.begins, task.ends or _EVER[1]
    if begins is None:
        return
    for finding in (each for name in task.about for each in world.findings.get(name, ())):
        is_ours = finding.subject.startswith("seal:") or finding.kind in VESSEL_KINDS
        is_now = begins <= finding.since <= ends and finding.status is not Status.RETRACTED
        if is_ours and is_now:
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


def _met(task: _Task, found: list[Finding]) -> Iterator[Meeting]:
    """Yield the meetings of its vessel, as facts."""
    for finding in found:
        mine = next((name for name in task.about if name in {finding.subject, finding.other}), "")
        met = meeting(finding, mine)
        if met is not None:
            yield met


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
