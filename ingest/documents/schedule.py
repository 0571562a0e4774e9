"""IFTSAI and CALINF: at which ports a ship will call, and when."""

from haechi.aci.manifest import Manifest, ProblemKind, Source
from ingest.documents.claims import Claims
from ingest.documents.interpreters import Transport
from ingest.documents.options import Options
from ingest.documents.segments import Segment
from ingest.documents.voyages import Voyage


class Schedule(Transport):
    """Reads one schedule; a time belongs to the port right before it."""

    def __init__(self, source: Source, claims: Claims, options: Options) -> None:
        super().__init__(source, claims, options)
        self.voyage = Voyage(claims, times_follow_ports=True)
        self.handlers |= {
            "TDT": self._begin_leg,
            "LOC": self.voyage.place,
            "DTM": self.voyage.time,
        }

    def manifest(self) -> Manifest:
        """Return the schedule."""
        if not self.voyage.calls:
            self.claims.note(
                ProblemKind.MISSING, 0, "LOC", "a schedule without any port", kept="the ship kept"
            )
        return super().manifest()

    def _begin_leg(self, segment: Segment) -> None:
        """The first leg names the voyage; later ones only add ports."""
        if not self.voyage.number:
            self.voyage.transport(segment)
