"""What a rule says about a subject over an interval."""

from datetime import UTC, datetime
from enum import StrEnum
from hashlib import blake2b
from typing import Final, TypeAlias

from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import replace

from haechi.observations import Identity

_FOR_EVER: Final = datetime.max.replace(tzinfo=UTC)


class Severity(StrEnum):
    """How urgent, in ThingsBoard's words, most urgent first."""

    CRITICAL = "CRITICAL"
    MAJOR = "MAJOR"
    MINOR = "MINOR"
    WARNING = "WARNING"
    INDETERMINATE = "INDETERMINATE"


class Status(StrEnum):
    """Whether what a finding says still goes on, is over, or no longer follows from the data."""

    OPEN = "open"
    ENDED = "ended"
    RETRACTED = "retracted"


class Saying(Struct, frozen=True, gc=False):
    """A sentence before it is put into a language: which one, and what stands in it.

    Readers choose the language; ``analytics.sentences`` knows the sentences.
    """

    key: str
    words: dict[str, "Word"] = {}
    """By place in the sentence: names, numbers, times in ISO 8601, sayings within the saying."""


Word: TypeAlias = str | int | float | Saying


class Finding(Struct, frozen=True, kw_only=True, gc=False):
    """A rule's statement; the same episode has the same ``id`` however the data arrived.

    Rules make it with ``revision`` 0; the engine numbers revisions and adds ``supersedes``.
    """

    id: str
    rule: str
    """Name of the active rule, as in the rules file."""
    kind: str
    """What happened, one of few words per rule, such as ``enter`` or ``silence``."""
    rule_version: str
    subject: str
    severity: Severity
    since: datetime
    """When it began to be true (event time)."""
    until: datetime | None
    """When it stopped; equal to ``since`` for a moment, ``None`` while it goes on."""
    text: str
    """One plain sentence in English: what, with the values."""
    values: dict[str, float | str]
    """Measured values, units in the names."""
    thresholds: dict[str, float | str]
    """What they were held against, units in the names."""
    evidence: tuple[Identity, ...] = ()
    """The observations it rests on, oldest first."""
    zone: str | None = None
    other: str | None = None
    """Whom else it is about, if about two: the vessel met, or the camera that saw company."""
    lat: float | None = None
    lon: float | None = None
    status: Status = Status.OPEN
    revision: int = 0
    supersedes: str | None = None
    saying: Saying | UnsetType = UNSET
    """What ``text`` says, for readers of other languages; unset in what older versions stored."""

    @property
    def said(self) -> "Finding":
        """The statement without the engine's bookkeeping: what permutations must agree on."""
        return replace(self, revision=0, supersedes=None)

    def says_the_same_as(self, earlier: "Finding") -> bool:
        """Return whether it is the same statement, even if older versions left ``saying`` out."""
        known = earlier.said
        return self.said == (known if known.saying else replace(known, saying=self.saying))


def finding_id(rule: str, subject: str, episode: str) -> str:
    """Return the id of an episode, 16 hex digits.

    Args:
        rule: Name of the rule.
        subject: Who.
        episode: What tells this episode from the subject's others under this rule: as a rule the
            event time at which it began, and the zone.

    >>> finding_id("overspeed", "mmsi:219000001", "2026-01-01T00:00:00Z")
    '3a12c65ae972f290'
    """
    return blake2b(f"{rule}|{subject}|{episode}".encode(), digest_size=8).hexdigest()


def report_order(finding: Finding) -> tuple[datetime, str, str, datetime, str]:
    """Return the key by which lists of findings are sorted for people and programs.

    Of what began at one moment, what was over sooner comes first: who goes from one zone straight
    into the next has left before he enters.
    """
    until = _FOR_EVER if finding.until is None else finding.until
    return (finding.since, finding.rule, finding.subject, until, finding.id)
