"""BAPLIE: which container stands where aboard (SMDG 1.5 to 2.2 in directory D95B)."""

from typing import Final

from haechi.aci.manifest import Equipment, Manifest, Source
from ingest.documents.claims import Claims, code
from ingest.documents.interpreters import Handlers, Transport
from ingest.documents.options import Options
from ingest.documents.segments import Segment

_STOWED: Final = "147"
_PORTS: Final = {
    "9": "load_port",
    "6": "load_port",
    "11": "discharge_port",
    "12": "discharge_port",
}
"""Older guides have 6 and 12."""


class Stowage(Transport):
    """Reads one bay plan: each ``LOC+147`` begins a place aboard, with or without a container."""

    def __init__(self, source: Source, claims: Claims, options: Options) -> None:
        super().__init__(source, claims, options)
        self._place: Equipment | None = None
        self.handlers["LOC"] = self._locate
        self.handlers["RFF"] = self._refer
        self._aboard: Handlers = {
            "LOC": self._locate,
            "EQD": self._name,
            "MEA": self.weigh,
            "SEL": self.seal,
            "NAD": self._operate,
        }

    def manifest(self) -> Manifest:
        """Return the plan, without places where nothing stands."""
        self._leave()
        return super().manifest()

    def _locate(self, segment: Segment) -> None:
        qualifier = segment.at(1).strip()
        if qualifier == _STOWED:
            self._leave()
            self._place = Equipment(container="", stowage=code(segment.at(2)))
            self.unit(self._place)
            self.handlers = self._aboard
        elif self._place is None:
            self.voyage.place(segment)
        elif qualifier in _PORTS:
            port = self.claims.place(segment.at(2), segment.number, "LOC")
            self.amend(**{_PORTS[qualifier]: port})

    def _refer(self, segment: Segment) -> None:
        if segment.at(1) == "VON" and segment.at(1, 2):
            self.voyage.number = code(segment.at(1, 2))

    def _name(self, segment: Segment) -> None:
        if self.is_box(segment):
            named = self.numbered(segment)
            self.amend(container=named.container, iso_type=named.iso_type, is_full=named.is_full)

    def _operate(self, segment: Segment) -> None:
        if segment.at(1) == "CA":
            self.amend(operator=code(segment.at(2)))

    def _leave(self) -> None:
        """Forget the last place if nothing stands there: plans list breakbulk and blocked slots."""
        if self._place is not None and not self.units[-1].container:
            self.units.pop()
