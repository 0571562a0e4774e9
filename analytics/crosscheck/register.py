"""What is kept about advance cargo, and the port through which any database keeps it."""

from collections.abc import Collection, Iterable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple, Protocol

from msgspec import Struct

from analytics.crosscheck.facts import AnyFact
from analytics.crosscheck.reasons import Reason
from analytics.crosscheck.reports import BillAnswer, VoyageAnswer
from haechi.aci.deadlines import deadlines, expiry
from haechi.aci.manifest import Problem
from haechi.aci.policy import Policy
from haechi.aci.shipment import Role, Shipment
from haechi.aci.states import State
from haechi.aci.voyage import Vessel, Voyage
from haechi.findings import Finding, Severity

SEES_ALL: Final = frozenset({Role.CUSTOMS, Role.OPERATOR})
"""Roles to which no shipment is closed."""

UNTROUBLED: Final = len(Severity)
"""Rank of a shipment about which nothing was found; 0 is the most urgent severity."""


class ConflictError(Exception):
    """Somebody else was faster, or the number is taken; read again, then decide."""


class Party(Struct, frozen=True):
    """A company or authority that asks."""

    role: Role
    id: str
    """Importer's tax number, exporter's number, carrier's code, or name of an office."""

    @property
    def sees_all(self) -> bool:
        """Whether every shipment is open to it."""
        return self.role in SEES_ALL

    def __str__(self) -> str:
        return f"{self.role}:{self.id}"


class KeptShipment(Struct, frozen=True, kw_only=True, gc=False):
    """A shipment as it stands in the store."""

    shipment: Shipment
    revision: int = 0
    """Grows with every write; 0 is not written yet."""
    carrier: str = ""
    """Code of the carrier that may see it, besides its importer and exporter."""


class Act(Struct, frozen=True, kw_only=True):
    """Who wrote something, when and why."""

    party: Party
    by: str
    at: datetime
    what: str
    reason: str = ""


class Version(Struct, frozen=True, kw_only=True):
    """One writing of a shipment."""

    revision: int
    act: Act
    shipment: Shipment


class Stale(Struct, frozen=True, kw_only=True, gc=False):
    """A shipment whose result is older than what it rests on."""

    kept: KeptShipment
    voyage: Voyage | None
    """That carries it, if one is declared."""
    changes: int
    """How often anything had changed when this was read."""


class Due(Struct, frozen=True):
    """What a shipment is sorted by besides what was found about it."""

    at: datetime
    code: str


class Terms(Struct, frozen=True):
    """What the rules of its day say of a shipment, kept beside it so that lists are one query."""

    expires_at: datetime | None = None
    due: Due | None = None
    """The next hard deadline that is not done."""


class Standing(Struct, frozen=True, kw_only=True, gc=False):
    """What is known of an ACID."""

    acid: str
    state: State
    importer: str
    exporter: str
    expires_at: datetime | None


class Summary(Struct, frozen=True, kw_only=True):
    """One line of a list of shipments."""

    reference: str
    acid: str | None
    state: State
    importer: str
    importer_name: str
    """As declared, empty if none was; so is the exporter's."""
    exporter: str
    exporter_name: str
    vessel: str
    voyage: str
    revision: int
    severity: Severity | None
    """Of the worst that was found; ``None`` if nothing was."""
    is_judged: bool
    """Whether it was cross-checked at all: before that, nothing says nothing."""
    due: Due | None


class Question(Struct, frozen=True, kw_only=True):
    """Which shipments are looked for."""

    party: Party
    key: str = ""
    """ACID, bill, container, seal, vessel (any of her names), voyage or reference; or the name of
    the importer or exporter, whole or a word of it.
    """
    states: tuple[State, ...] = ()
    limit: int = 100
    offset: int = 0


class KeptVoyage(Struct, frozen=True, kw_only=True):
    """A voyage as it stands in the store."""

    id: str
    owner: Party
    voyage: Voyage
    revision: int = 0


class Result(Struct, frozen=True, kw_only=True, gc=False):
    """What the cross-check last said about a shipment."""

    at: datetime
    """When it was worked out."""
    reasons: tuple[Reason, ...] = ()
    findings: tuple[Finding, ...] = ()
    """What the rules say of its vessel, containers and seals, such as a route deviation."""

    @property
    def rank(self) -> int:
        """Place of the worst of it among the severities."""
        order = [*Severity]
        said = [each.severity for each in self.reasons]
        said += [each.severity for each in self.findings]
        return min((order.index(severity) for severity in said), default=UNTROUBLED)


class ImportState(StrEnum):
    """How far an import is."""

    READING = "reading"
    TAKEN = "taken"
    REFUSED = "refused"


class Import(Struct, frozen=True, kw_only=True):
    """One file that was handed in, and what became of it."""

    id: str
    owner: Party
    name: str
    at: datetime
    by: str = ""
    """Who hands it in: taken on trust until there is a login."""
    creates: bool = False
    """Whether shipments and voyages are to be made of it."""
    state: ImportState = ImportState.READING
    digest: str = ""
    parts: int = 0
    containers: int = 0
    reason: str = ""
    """Why it was refused."""
    bills: tuple[BillAnswer, ...] = ()
    voyages: tuple[VoyageAnswer, ...] = ()
    problems: tuple[Problem, ...] = ()
    unlisted_problems: int = 0


class Judged(NamedTuple):
    """What was found about a shipment, and how much of what has changed that knows."""

    reference: str
    changes: int
    result: Result


class Answer(Struct, frozen=True, kw_only=True):
    """What was said to a request that carries a key, so that a repetition hears the same."""

    digest: str
    """Of the request: the same key for another one is a mistake."""
    status: int
    body: bytes
    etag: str = ""


class About(NamedTuple):
    """A fact, and what it is about: ``mmsi:…``, ``container:…``, ``acid:…`` or ``shipment:…``."""

    subject: str
    fact: AnyFact


class NextVersion(NamedTuple):
    """A shipment as it is to be written over the revision that was read."""

    kept: KeptShipment
    act: Act
    terms: Terms


class Writing(Protocol):
    """One transaction."""

    def put_shipment(self, kept: KeptShipment, act: Act, terms: Terms) -> int:
        """Write a shipment over the revision that was read; return the new one.

        Raises:
            ConflictError: it has another revision now, or another shipment has its ACID.
        """
        ...

    def put_shipments(self, versions: Sequence[NextVersion]) -> None:
        """Write many, several versions of one in their order; a few statements for all of them.

        Raises:
            ConflictError: as above, about any of them.
        """
        ...

    def put_voyage(self, kept: KeptVoyage) -> int:
        """Write a voyage over the revision that was read; return the new one.

        Raises:
            ConflictError: as above; or another voyage has its vessel and number.
        """
        ...

    def put_import(self, done: Import) -> None:
        """Insert or replace an import."""
        ...

    def add_facts(self, facts: Iterable[About]) -> int:
        """Add facts that are not there yet; return how many. Shipments they touch become stale."""
        ...

    def put_results(self, judged: Sequence[Judged]) -> None:
        """Replace what was found; shipments are stale no more unless they have changed since."""
        ...

    def put_answer(self, key: str, answer: Answer, at: datetime) -> None:
        """Keep an answer.

        Raises:
            ConflictError: the key is taken.
        """
        ...

    def touch(self, subjects: Collection[str]) -> None:
        """Make the shipments stale that any of these concern."""
        ...

    def put_position(self, name: str, position: int) -> None:
        """Remember how far somebody has read."""
        ...


class Register(Protocol):
    """The store. Times are kept to the microsecond. Each thread opens one of its own."""

    def writing(self) -> AbstractContextManager[Writing]:
        """Open a transaction; leaving it commits, an exception rolls back."""
        ...

    def shipment(self, reference: str) -> KeptShipment | None:
        """Return a shipment by the platform's own number."""
        ...

    def shipment_of(self, acid: str) -> KeptShipment | None:
        """Return a shipment by its ACID."""
        ...

    def versions(self, reference: str) -> list[Version]:
        """Return every writing of a shipment, oldest first."""
        ...

    def is_party(self, reference: str, party: Party) -> bool:
        """Return whether a shipment is open to a party."""
        ...

    def shipments(self, question: Question) -> list[Summary]:
        """Return the shipments that are open to the party, most urgent first."""
        ...

    def found_by(self, names: Iterable[str]) -> dict[str, frozenset[str]]:
        """Return which shipments are found by each of these; one query for each thousand.

        Args:
            names: As ``names.keys`` has them; those by which nothing is found are absent.
        """
        ...

    def standing(self, acids: Sequence[str]) -> dict[str, Standing]:
        """Return what is known of ACIDs; unknown ones are absent. One query for each thousand."""
        ...

    def last_acid(self, prefix: str) -> str | None:
        """Return the highest ACID that begins so."""
        ...

    def stale(self, limit: int) -> list[Stale]:
        """Return shipments whose result is older than what it rests on, most changes first."""
        ...

    def result(self, reference: str) -> Result | None:
        """Return what was last found."""
        ...

    def facts(self, subjects: Collection[str]) -> list[AnyFact]:
        """Return all facts about any of these, in the order of time."""
        ...

    def facts_by_subject(self, subjects: Collection[str]) -> dict[str, list[AnyFact]]:
        """Return all facts about each of these, in no order. One query for each thousand."""
        ...

    def voyage(self, voyage: str) -> KeptVoyage | None:
        """Return a voyage by its id."""
        ...

    def voyage_of(self, shipment: Shipment) -> Voyage | None:
        """Return the voyage that a shipment names by number and vessel, unless withdrawn."""
        ...

    def voyage_named(self, vessel: Vessel, number: str) -> KeptVoyage | None:
        """Return the voyage of this number and vessel, by any of her numbers, else by her name."""
        ...

    def voyages(self, party: Party, limit: int) -> list[KeptVoyage]:
        """Return the voyages that a party may see, latest first."""
        ...

    def voyages_at_sea(self, mmsi: str, at: datetime) -> list[Voyage]:
        """Return a vessel's voyages that are not withdrawn and may be under way at a time."""
        ...

    def import_(self, number: str) -> Import | None:
        """Return an import by its id."""
        ...

    def imports(self, party: Party, limit: int) -> list[Import]:
        """Return a party's imports, latest first; all for those who see all."""
        ...

    def answer(self, key: str) -> Answer | None:
        """Return what was said to a request before."""
        ...

    def position(self, name: str) -> int:
        """Return how far somebody has read, 0 at first."""
        ...

    def close(self) -> None:
        """Let go of the database."""
        ...


def terms_of(shipment: Shipment, policy: Policy) -> Terms:
    """Return what the rules of its day say of a shipment."""
    undone = (each for each in deadlines(shipment, policy) if each.is_hard and each.done is None)
    due = next((Due(each.due, each.code) for each in undone), None)
    return Terms(expires_at=expiry(shipment, policy), due=due)
