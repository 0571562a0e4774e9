"""COARRI and CODECO: containers that were loaded, discharged, or passed a gate."""

from typing import Final

from msgspec.structs import replace

from haechi.aci.manifest import Event, EventType, Manifest, ProblemKind, Source
from ingest.documents.claims import Claims, code
from ingest.documents.interpreters import Handlers, Transport
from ingest.documents.options import Options
from ingest.documents.problems import quoted
from ingest.documents.segments import Segment, moment

MOVES: Final = {
    "44": "DISC",
    "98": "DISC",
    "119": "DISC",
    "46": "LOAD",
    "122": "LOAD",
    "270": "LOAD",
    "34": "GTIN",
    "36": "GTOT",
}
"""Name of the document (UN/EDIFACT 1001), as terminals use it, to DCSA's event."""

_DONE_AT: Final = frozenset({"203", "7", "181"})
"""Execution, effective, positioning time of the move."""
_PORTS: Final = {"9": "load_port", "11": "discharge_port"}
_HERE: Final = {"LOAD": ("loading", "departure"), "DISC": ("discharge", "arrival")}


class Moves(Transport):
    """Reads one report: each ``EQD`` begins a container that was moved."""

    def __init__(self, source: Source, claims: Claims, options: Options) -> None:
        super().__init__(source, claims, options)
        self._move = ""
        self._events: list[Event] = []
        self._is_timed = False
        self.handlers |= {"BGM": self._name_move, "EQD": self._begin_box}
        self._per_box: Handlers = {
            "EQD": self._begin_box,
            "DTM": self._time,
            "LOC": self._locate,
            "MEA": self.weigh,
            "SEL": self.seal,
            "RFF": self._refer,
        }

    def manifest(self) -> Manifest:
        """Return the moves; those without a time are listed as containers only."""
        if self._move and len(self._events) < len(self.units):
            self.claims.note(
                ProblemKind.MISSING,
                0,
                "DTM",
                f"{len(self.units) - len(self._events)} moves without a time",
                kept="containers kept, their moves left out",
            )
        here = _HERE.get(self._move, ("terminal",))
        ports = [call.place for role in here for call in self.voyage.calls if call.role == role]
        place = ports[0] if ports else next((call.place for call in self.voyage.calls), "")
        return replace(
            super().manifest(),
            events=tuple(
                event if event.place else replace(event, place=place) for event in self._events
            ),
        )

    def _name_move(self, segment: Segment) -> None:
        self.begin(segment)
        self._move = MOVES.get(segment.at(1).strip(), "")
        if not self._move:
            self.claims.note(
                ProblemKind.UNKNOWN,
                segment.number,
                "BGM",
                f"document {quoted(segment.at(1))} is neither loading, discharge nor gate",
                kept="containers kept, moves left out",
            )

    def _begin_box(self, segment: Segment) -> None:
        if self.is_box(segment):
            self.unit(self.numbered(segment))
            self._is_timed = False
            self.handlers = self._per_box

    def _time(self, segment: Segment) -> None:
        if segment.at(1) not in _DONE_AT or not self._move or self._is_timed:
            return
        at = moment(segment, self.claims)
        if at is not None:
            self._is_timed = True
            self._events.append(
                Event(
                    type=EventType.EQUIPMENT,
                    code=self._move,
                    at=at,
                    container=self.units[-1].container,
                    voyage=self.voyage.number,
                )
            )

    def _locate(self, segment: Segment) -> None:
        qualifier = segment.at(1).strip()
        if qualifier == "147":
            self.amend(stowage=code(segment.at(2)))
        elif qualifier == "165" and self._events:
            at = self.claims.place(segment.at(2), segment.number, "LOC")
            self._events[-1] = replace(self._events[-1], place=at, facility=code(segment.at(3)))
        elif qualifier in _PORTS:
            port = self.claims.place(segment.at(2), segment.number, "LOC")
            self.amend(**{_PORTS[qualifier]: port})

    def _refer(self, segment: Segment) -> None:
        if segment.at(1) in self.options.bill_qualifiers and segment.at(1, 2):
            self.amend(bills=(*self.units[-1].bills, code(segment.at(1, 2))))
