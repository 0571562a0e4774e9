"""The messages that lines and terminals send about journeys: BAPLIE, CUSCAR and COARRI (D95B)."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final

from firmware_sim.cargo import HOUR, Journey
from haechi.aci.shipment import Bill, Packing
from haechi.aci.voyage import Vessel, Voyage

ACID_QUALIFIER: Final = "ACD"
"""Under which ``RFF`` the ACID goes; the guide that says so is not public."""

_RELEASED: Final = str.maketrans({mark: f"?{mark}" for mark in "?+:'"})


def bay_plan(journeys: Sequence[Journey]) -> bytes:
    """Return the BAPLIE of a voyage that carries all these journeys."""
    voyage = journeys[0].voyage
    return _interchange("BAPLIE:D:95B:UN:SMDG22", _bay_plan(voyage, journeys), journeys[0].loading)


def cargo_report(journeys: Sequence[Journey]) -> bytes:
    """Return the CUSCAR of a voyage: its bills with ACIDs, parties, goods and seals."""
    voyage = journeys[0].voyage
    return _interchange("CUSCAR:D:95B:UN", _cargo_report(voyage, journeys), journeys[0].loading)


def loading_report(journeys: Sequence[Journey]) -> bytes:
    """Return the terminal's COARRI: which container was loaded when, under which seal."""
    voyage = journeys[0].voyage
    content = _loading_report(voyage, journeys)
    return _interchange("COARRI:D:95B:UN:ITG13", content, journeys[0].loading)


def _bay_plan(voyage: Voyage, journeys: Iterable[Journey]) -> Iterator[str]:
    yield "BGM++PLAN+9"
    yield f"TDT+20+{voyage.number}+++HXL:172:20+++{_ship(voyage.vessel)}"
    yield "LOC+5+KRPUS:139:6"
    yield "LOC+61+SGSIN:139:6"
    for place, journey in enumerate(journeys):
        (packing,) = journey.shipment.containers
        yield f"LOC+147+{_slot(place)}::5"
        yield f"MEA+WT++KGM:{packing.gross_kg or 0:g}"
        yield "LOC+9+KRPUS:139:6"
        yield "LOC+11+EGALY:139:6"
        yield "RFF+BM:1"
        yield f"EQD+CN+{packing.container}+22G1+++5"


def _cargo_report(voyage: Voyage, journeys: Sequence[Journey]) -> Iterator[str]:
    yield "BGM+785+REPORT+9"
    yield f"DTM+137:{_minute(journeys[0].loading - HOUR)}:203"
    yield f"TDT+20+{voyage.number}+1++HXL:172:166+++{_ship(voyage.vessel)}"
    yield "LOC+60+EGALY:139:6"
    for number, journey in enumerate(journeys, 1):
        (bill,), (packing,) = journey.shipment.bills, journey.shipment.containers
        yield f"CNI+{number}+{bill.number}"
        yield f"RFF+BM:{bill.number}"
        yield from (f"RFF+{ACID_QUALIFIER}:{acid}" for acid in bill.acids)
        yield "LOC+9+KRPUS:139:6"
        yield "LOC+11+EGALY:139:6"
        yield from _parties(journey, bill)
        yield from _goods(journey, packing)
    for journey in journeys:
        (packing,) = journey.shipment.containers
        yield f"EQD+CN+{packing.container}+22G1:102:5"
        yield from (f"SEL+{seal}+CA" for seal in packing.seals)


def _parties(journey: Journey, bill: Bill) -> Iterator[str]:
    yield f"NAD+CZ+++{_text(journey.shipment.exporter.name)}"
    for role, company in (("CN", bill.consignee), ("N1", bill.notify)):
        if company.name:
            yield f"NAD+{role}+++{_text(company.name)}"
        if company.name and company.tax_number:
            yield f"RFF+VA:{company.tax_number}"


def _goods(journey: Journey, packing: Packing) -> Iterator[str]:
    (line,) = journey.shipment.goods
    yield f"GID+1+{line.packages or 0}:{line.unit}"
    yield f"FTX+AAA+++{_text(line.description)}"
    yield f"MEA+AAE+G+KGM:{packing.gross_kg or 0:g}"
    yield f"SGP+{packing.container}"


def _loading_report(voyage: Voyage, journeys: Iterable[Journey]) -> Iterator[str]:
    yield "BGM+46+MOVES+9"
    yield f"TDT+20+{voyage.number}+1++HXL:172:20+++{_ship(voyage.vessel)}"
    yield "LOC+9+KRPUS:139:6"
    for place, journey in enumerate(journeys):
        (packing,) = journey.shipment.containers
        yield f"EQD+CN+{packing.container}+22G1:102:5++2+5"
        yield f"RFF+BM:{packing.bill}"
        yield f"DTM+203:{_minute(journey.loading + HOUR)}:203"
        yield f"LOC+147+{_slot(place)}::5"
        yield "LOC+11+EGALY:139:6"
        yield f"MEA+AAE+G+KGM:{packing.gross_kg or 0:g}"
        yield from (f"SEL+{seal}+CA" for seal in packing.seals)


def _interchange(kind: str, content: Iterable[str], at: datetime) -> bytes:
    body = list(content)
    segments = (
        f"UNB+UNOC:3+HXL+CUSTOMS+{at:%y%m%d:%H%M}+1",
        f"UNH+1+{kind}",
        *body,
        f"UNT+{len(body) + 2}+1",
        "UNZ+1+1",
    )
    return "".join(f"{segment}'\n" for segment in segments).encode("iso8859-1")


def _ship(vessel: Vessel) -> str:
    return f"{vessel.imo}:146:11:{_text(vessel.name)}"


def _slot(place: int) -> str:
    """Return bay, row and tier of the n-th place: 10 rows by 8 tiers in every second bay."""
    bay, rest = divmod(place, 80)
    row, tier = divmod(rest, 8)
    return f"{bay * 2 + 1:03}{row + 1:02}{tier * 2 + 2:02}"


def _minute(at: datetime) -> str:
    return f"{at:%Y%m%d%H%M}"


def _text(text: str) -> str:
    """Return a text in which no sign is taken for a separator."""
    return text.translate(_RELEASED)
