"""What sensors have said of cargo since the last look, as facts that are worth keeping."""

from collections.abc import Collection, Iterable, Iterator
from typing import Final, Protocol

from analytics.crosscheck.facts import AnyFact
from analytics.crosscheck.gates import Gate
from analytics.crosscheck.register import About, Register
from analytics.crosscheck.sensors import eta_report, is_new, passage, seal_bound, seal_seen
from haechi.cameras import ContainerRead
from haechi.observations import Observation
from haechi.seals import SealOrder, SealReport
from haechi.vessels import VesselStatic

KINDS: Final = frozenset({"vessel_static", "container_read", "seal_report", "seal_order"})

STEP: Final = 200
"""Transactions of the platform that are read at once: at the first look there may be millions."""


class Said(Protocol):
    """What is read of the platform's store."""

    def said(self, kinds: Collection[str], after: int, until: int) -> list[Observation]:
        """Return what was added between two log positions, of some kinds of content."""
        ...


class Sightings:
    """Reads what is new between two positions of the log."""

    def __init__(self, platform: Said, register: Register, gates: Iterable[Gate]) -> None:
        self._platform, self._register = platform, register
        self._gates: Final = {gate.device: gate for gate in gates}

    def between(self, after: int, until: int) -> list[About]:
        """Return facts that say more than is known."""
        known: dict[str, list[AnyFact]] = {}
        return [
            about
            for begin in range(after, until, STEP)
            for about in self._new(begin, min(begin + STEP, until), known)
        ]

    def _new(self, after: int, until: int, known: dict[str, list[AnyFact]]) -> Iterator[About]:
        """Yield what is new, and add it to what is known."""
        said = _newest(self._platform.said(KINDS, after, until))
        made = [about for each in said for about in self._facts(each)]
        unread = {about.subject for about in made} - known.keys()
        stored = self._register.facts_by_subject(unread)
        known.update((subject, stored.get(subject, [])) for subject in unread)
        for about in made:
            if is_new(about.fact, known[about.subject]):
                known[about.subject].append(about.fact)
                yield about

    def _facts(self, said: Observation) -> Iterator[About]:
        """Yield what one observation says; one that is doubtful says nothing."""
        if said.flags:
            return
        content, gate = said.content, self._gates.get(said.device)
        fact: AnyFact | None = None
        subject = said.subject
        if isinstance(content, VesselStatic):
            fact = self._arrival(said, content)
        elif isinstance(content, ContainerRead):
            fact = None if gate is None else passage(content, said.at, gate)
        elif isinstance(content, SealReport):
            seal = said.subject.partition(":")[2]
            fact = seal_seen(content, seal, said.at, gate, said.device)
            subject = f"container:{content.container}"
        elif isinstance(content, SealOrder):
            fact = seal_bound(content, said.subject.partition(":")[2], said.at)
            subject = f"container:{content.container}"
        if fact is not None:
            yield About(subject, fact)

    def _arrival(self, said: Observation, content: VesselStatic) -> AnyFact | None:
        if content.particulars.eta is None or content.particulars.destination is None:
            return None
        voyages = self._register.voyages_at_sea(said.subject.partition(":")[2], said.at)
        calls = [call for voyage in voyages for call in voyage.calls]
        return eta_report(content.particulars, said.at, calls, said.subject)


def _newest(observations: Iterable[Observation]) -> Iterator[Observation]:
    """Yield all but what vessels said of themselves before the last time: that alone counts."""
    last: dict[str, Observation] = {}
    for each in observations:
        if isinstance(each.content, VesselStatic):
            if each.content.particulars.eta is not None:  # type 24 has none
                last[each.subject] = max(last.get(each.subject, each), each, key=lambda one: one.at)
        else:
            yield each
    yield from last.values()
