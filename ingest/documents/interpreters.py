"""What an interpreter of one kind of UN/EDIFACT message is, and what all of them do alike."""

from collections.abc import Callable
from typing import Final, Protocol

from msgspec.structs import replace

from haechi.aci.manifest import Equipment, Manifest, ProblemKind, SealClaim, Source
from ingest.documents.claims import Claims, code
from ingest.documents.limits import MAX_PARTS, MAX_UNITS
from ingest.documents.options import Options
from ingest.documents.problems import DocumentRefusedError, quoted
from ingest.documents.segments import Segment, dimension, kilograms
from ingest.documents.voyages import Voyage

SEAL_SOURCES: Final = {"CA": "CAR", "SH": "SHI", "CU": "CUS", "VT": "VET", "QU": "PHY"}
"""UN/EDIFACT 9303 to DCSA; others stay as they are."""

GROSS: Final = frozenset({"G", "WT", "AAE", "AET"})
VERIFIED: Final = "VGM"


Handlers = dict[str, Callable[[Segment], None]]
"""What to do with a segment, by its tag."""


class Interpreter(Protocol):
    """Turns the segments of one message into a manifest."""

    @property
    def size(self) -> int:
        """How many containers it has read, for progress."""
        ...

    def take(self, segment: Segment) -> None:
        """Read one segment between ``UNH`` and ``UNT``."""
        ...

    def manifest(self) -> Manifest:
        """Return what the message says, once it is at its end."""
        ...


class Transport:
    """Reads the header of any transport message; kinds of messages add what they know of tags."""

    def __init__(self, source: Source, claims: Claims, options: Options) -> None:
        self.source = source
        self.claims = claims
        self.options = options
        self.voyage = Voyage(claims)
        self.units: list[Equipment] = []
        self.handlers: Handlers = {
            "BGM": self.begin,
            "TDT": self.voyage.transport,
            "LOC": self.voyage.place,
            "DTM": self.voyage.time,
            "NAD": self._party,
        }

    @property
    def size(self) -> int:
        """How many containers it has read."""
        return len(self.units)

    def take(self, segment: Segment) -> None:
        """Read one segment; tags that nobody asks for are passed over."""
        handler = self.handlers.get(segment.tag)
        if handler is not None:
            handler(segment)

    def manifest(self) -> Manifest:
        """Return what the message says."""
        voyage = self.voyage
        return Manifest(
            source=replace(self.source, made_at=voyage.made_at or self.source.made_at),
            vessel=voyage.vessel,
            voyage=voyage.number,
            carrier=voyage.carrier,
            calls=tuple(voyage.calls),
            parties=tuple(voyage.parties),
            equipment=tuple(self.units),
        )

    def unit(self, unit: Equipment) -> None:
        """Begin a container."""
        if len(self.units) >= MAX_UNITS:
            raise DocumentRefusedError(f"more than {MAX_UNITS} containers in one message")
        self.units.append(unit)

    def amend(self, **stated: object) -> None:
        """State more of the container that was begun last."""
        if self.units:
            self.units[-1] = replace(self.units[-1], **stated)

    def weigh(self, segment: Segment) -> None:
        """Take the ``MEA`` of a container."""
        measured = dimension(segment)
        if measured == VERIFIED:
            self.amend(vgm_kg=kilograms(segment, self.claims))
        elif measured in GROSS:
            self.amend(gross_kg=kilograms(segment, self.claims))

    def seal(self, segment: Segment) -> None:
        """Take the ``SEL`` of a container."""
        number = self.claims.seal(segment.at(1), segment.number, "SEL")
        if number and self.units:
            source = code(segment.at(2))
            seals = self.units[-1].seals
            if len(seals) >= MAX_PARTS:
                raise DocumentRefusedError(f"more than {MAX_PARTS} seals on one container")
            self.amend(
                seals=(*seals, SealClaim(number=number, source=SEAL_SOURCES.get(source, source)))
            )

    def numbered(self, segment: Segment) -> Equipment:
        """Return the container that an ``EQD`` names."""
        return Equipment(
            container=self.claims.container(segment.at(2), segment.number, "EQD"),
            iso_type=code(segment.at(3)),
            is_full={"5": True, "4": False}.get(segment.at(6).strip()),
        )

    def is_box(self, segment: Segment) -> bool:
        """Whether an ``EQD`` is about a container with a number; trailers and others are not."""
        if segment.at(1).strip() != "CN":
            return False
        if segment.at(2).strip():
            return True
        self.claims.note(
            ProblemKind.MISSING,
            segment.number,
            "EQD",
            "a container without a number",
            kept="left out",
        )
        return False

    def begin(self, segment: Segment) -> None:
        """Take the ``BGM``."""
        function = code(segment.at(3))
        self.source = replace(self.source, reference=code(segment.at(2)), function=function)
        if function and not function.isdigit():
            self.claims.note(
                ProblemKind.VALUE,
                segment.number,
                "BGM",
                f"unknown message function {quoted(function)}",
                kept="kept as written",
            )

    def _party(self, segment: Segment) -> None:
        if len(self.voyage.parties) >= MAX_PARTS:
            raise DocumentRefusedError(f"more than {MAX_PARTS} parties in one voyage")
        self.voyage.parties.append(self.voyage.party(segment))
