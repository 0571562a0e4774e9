"""Which seal belongs on which vessel: the orders that bind seals, and the voyages that carry them.

Both are kept as they were said, and looked at as of the time that is asked for.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple, TypeVar, cast

from analytics.journeys import call_at
from analytics.pairwise import Place
from haechi.declared import DeclaredVoyage
from haechi.observations import Identity, Observation
from haechi.seals import SealOrder, SealOrderKind

S = TypeVar("S", SealOrder, DeclaredVoyage)


class Link(NamedTuple):
    """A seal was bound to a container, and a voyage in force declares it aboard."""

    container: str
    registry: str
    voyage: DeclaredVoyage
    evidence: tuple[Identity, Identity]

    def is_call(self, place: Place) -> bool:
        """Return whether a place is at a port of the voyage."""
        return call_at(self.voyage, *place) is not None


class Links:
    """The statements of a site, and whom they may concern."""

    def __init__(self, said: Iterable[Observation] = ()) -> None:
        self._said: dict[str, dict[Identity, Observation]] = {}
        self._by_container: dict[str, set[str]] = {}
        for observation in said:
            self.put(observation)

    def put(self, seen: Observation) -> None:
        """Take a statement; others than bindings and voyages say nothing here."""
        if not _matters(seen):
            return
        self._said.setdefault(seen.subject, {})[seen.identity] = seen
        for container in _containers(seen):
            self._by_container.setdefault(container, set()).add(seen.subject)

    def said(self) -> list[Observation]:
        """Return all statements in order."""
        kept = [seen for mine in self._said.values() for seen in mine.values()]
        return sorted(kept, key=lambda seen: (seen.subject, seen.order))

    def forget(self, before: datetime) -> None:
        """Drop what was declared of voyages that had ended."""
        for mine in self._said.values():
            for identity, seen in [*mine.items()]:
                ends = seen.content.ends if isinstance(seen.content, DeclaredVoyage) else None
                if ends is not None and ends < before:
                    del mine[identity]

    def others(self, subject: str) -> set[str]:
        """Return the vessels a seal, or the seals a vessel may at some time have belonged to."""
        found = {
            other
            for seen in self._said.get(subject, {}).values()
            for container in _containers(seen)
            for other in self._by_container[container]
        }
        kind = subject.partition(":")[0]
        return {other for other in found if other.partition(":")[0] != kind}

    def link(self, seal: str, vessel: str, at: datetime) -> Link | None:
        """Return what binds a seal to a vessel at a time, as was said by then."""
        binding = self._binding(seal, at)
        container = None if binding is None else _containers(binding)[0]
        for seen in self._voyages(vessel, at):
            if binding is not None and container in _containers(seen):
                evidence = (binding.identity, seen.identity)
                voyage = cast("DeclaredVoyage", seen.content)
                return Link(container, binding.device, voyage, evidence)
        return None

    def _binding(self, seal: str, at: datetime) -> Observation | None:
        """Return the newest order that binds a seal, unless it was withdrawn."""
        bound: Observation | None = None
        for seen, order in self._until(seal, at, SealOrder):
            if order.kind is SealOrderKind.BIND:
                bound = seen
            elif bound is not None and cast("SealOrder", bound.content).order == order.order:
                bound = None
        return bound

    def _voyages(self, vessel: str, at: datetime) -> list[Observation]:
        """Return the newest word on each voyage, of those in force."""
        newest: dict[str, tuple[int, Observation]] = {}
        for seen, voyage in self._until(vessel, at, DeclaredVoyage):
            known = newest.get(voyage.voyage)
            if known is None or known[0] < voyage.version:
                newest[voyage.voyage] = (voyage.version, seen)
        return [seen for _, seen in newest.values() if _in_force(seen, at)]

    def _until(self, subject: str, at: datetime, kind: type[S]) -> list[tuple[Observation, S]]:
        """Return what was said of a subject up to a time, in order."""
        said = sorted(self._said.get(subject, {}).values(), key=lambda seen: seen.order)
        return [
            (seen, seen.content)
            for seen in said
            if seen.at <= at and isinstance(seen.content, kind)
        ]


def _matters(seen: Observation) -> bool:
    content = seen.content
    if isinstance(content, SealOrder):
        return content.kind in {SealOrderKind.BIND, SealOrderKind.WITHDRAW}
    return isinstance(content, DeclaredVoyage)


def _in_force(seen: Observation, at: datetime) -> bool:
    voyage = seen.content
    if not isinstance(voyage, DeclaredVoyage) or voyage.withdrawn or at < voyage.begins:
        return False
    return voyage.ends is None or at < voyage.ends


def _containers(seen: Observation) -> tuple[str, ...]:
    match seen.content:
        case SealOrder(kind=SealOrderKind.BIND, container=str(container)):
            return (container,)
        case DeclaredVoyage(containers=containers):
            return containers
        case _:
            return ()
