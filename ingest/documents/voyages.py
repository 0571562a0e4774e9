"""The part that all UN/EDIFACT transport messages share: ship, voyage, ports and their times."""

from datetime import datetime
from typing import Final

from msgspec.structs import replace

from haechi.aci.manifest import Call, Party, ProblemKind, Vessel
from ingest.documents.claims import Claims, code, name
from ingest.documents.limits import MAX_PARTS
from ingest.documents.problems import DocumentRefusedError, quoted
from ingest.documents.segments import Segment, moment

ROLES: Final = {
    "5": "departure",
    "9": "loading",
    "11": "discharge",
    "13": "transhipment",
    "60": "arrival",
    "61": "next",
    "92": "call",
    "94": "previous",
    "153": "call",
    "165": "terminal",
}
"""UN/EDIFACT 3227: qualifier of a place to the role of the call."""

TIMES: Final = {
    "132": "arrival_planned",
    "232": "arrival_planned",
    "178": "arrival_actual",
    "133": "departure_planned",
    "189": "departure_planned",
    "136": "departure_actual",
    "186": "departure_actual",
}
"""UN/EDIFACT 2005: qualifier of a time to what it says of a call."""

_AT_SEA: Final = ("", "1")
"""Mode of transport (Recommendation 19): maritime, or not said."""
_COMING: Final = frozenset({"next", "arrival", "discharge"})
UNFIT: Final = {
    "arrival_planned": frozenset({"departure", "loading"}),
    "arrival_actual": frozenset({"next"}),
    "departure_planned": _COMING,
    "departure_actual": _COMING,
}
"""Which calls a time is hardly of: some messages list all ports first, then the times."""


class Voyage:
    """Gathers what the segments before the first consignment or container say."""

    made_at: datetime | None = None

    def __init__(self, claims: Claims, *, times_follow_ports: bool = False) -> None:
        self._claims = claims
        self._unfit = {} if times_follow_ports else UNFIT
        self.vessel = Vessel()
        self.number = ""
        self.carrier = ""
        self.parties: list[Party] = []
        self.calls: list[Call] = []

    def transport(self, segment: Segment) -> None:
        """Take a ``TDT``: 20 is the main voyage; the first other one at sea stands in for it."""
        if segment.at(1) != "20" and (self.number or segment.at(3) not in _AT_SEA):
            return
        self.number = code(segment.at(2))
        listed = segment.at(8)
        call_sign, number = self._claims.ship(listed, segment.number, "TDT") if listed else ("", "")
        self.carrier = name(segment.at(5, 4) or segment.at(5))
        self.vessel = Vessel(
            name=self._ship_name(segment),
            call_sign=call_sign,
            imo=number,
            flag=code(segment.at(8, 5)),
        )

    def _ship_name(self, segment: Segment) -> str:
        stated, carrier = name(segment.at(8, 4)), name(segment.at(5, 4))
        if stated or not carrier:
            return stated
        self._claims.note(
            ProblemKind.MISSING,
            segment.number,
            "TDT",
            "no ship's name where it belongs (C222)",
            kept=f"{quoted(carrier)}, given as the carrier's name, taken for it",
        )
        self.carrier = name(segment.at(5))
        return carrier

    def place(self, segment: Segment) -> None:
        """Take a ``LOC`` that begins a call; other places say nothing of a voyage."""
        role = ROLES.get(segment.at(1).strip())
        if role is None or not segment.at(2):
            return
        if len(self.calls) >= MAX_PARTS:
            raise DocumentRefusedError(f"more than {MAX_PARTS} ports in one voyage")
        self.calls.append(
            Call(
                place=self._claims.place(segment.at(2), segment.number, "LOC"),
                name=name(segment.at(2, 4)),
                role=role,
                terminal=code(segment.at(3)),
            )
        )

    def time(self, segment: Segment) -> None:
        """Take a ``DTM``: of the document, or of the nearest call before it that it can be of."""
        kind = segment.at(1)
        if kind == "137":
            self.made_at = self.made_at or moment(segment, self._claims)
            return
        field = TIMES.get(kind, "")
        place = self._call_of(field)
        if field and place is not None:
            stated = {field: moment(segment, self._claims)}
            self.calls[place] = replace(self.calls[place], **stated)

    def _call_of(self, field: str) -> int | None:
        """Return the last call that the time can be of, or else the last."""
        fit = [
            place
            for place, call in enumerate(self.calls)
            if call.role not in self._unfit.get(field, ())
        ]
        return fit[-1] if fit else len(self.calls) - 1 if self.calls else None

    def party(self, segment: Segment) -> Party:
        """Return the party that a ``NAD`` names."""
        lines = (*segment.all(3), *segment.all(4), *segment.all(5))
        texts = [text for text in map(name, lines) if text not in ("", "-")]
        town = (name(segment.at(element)) for element in (6, 8, 9))
        return Party(
            role=code(segment.at(1)),
            number=code(segment.at(2)),
            name=texts[0] if texts else "",
            address=name(", ".join(filter(None, (*texts[1:], *town)))),
        )
