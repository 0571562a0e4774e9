"""Which observations say where their subject is, in a way that pairs may believe."""

from typing import Final

from analytics.panel import is_believed
from analytics.vessels import AIRCRAFT_TYPE
from haechi.cameras import Detection
from haechi.messages import place
from haechi.observations import Flag, Observation
from haechi.seals import Authenticity, SealReport
from haechi.vessels import VesselPosition

SHIPS: Final = frozenset({"boat", "ship", "vessel"})
"""Labels of objects that may meet a vessel."""
SURE_M: Final = 250.0
"""An object placed less surely than that (half its 95 % ellipse) is held against nobody."""


def is_fix(observation: Observation) -> bool:
    """Return whether an observation says where its subject is, in a way that pairs believe."""
    content = observation.content
    match content:
        case VesselPosition():
            is_told = is_vessels_place(content)
        case Detection():
            is_told = content.phase != "end" and content.label in SHIPS and _is_sure(content)
        case SealReport():
            is_told = content.authenticity is Authenticity.VALID and content.armed is not False
        case _:
            return False
    return is_told and place(content) is not None and not is_doubted(observation)


def is_vessels_place(content: VesselPosition) -> bool:
    """Return whether a report places a vessel, and no aircraft."""
    is_placed = content.lat is not None and content.lon is not None
    return is_placed and content.ais_type != AIRCRAFT_TYPE


def is_doubted(observation: Observation) -> bool:
    """Return whether its time or its place is not believed."""
    return not is_believed(observation) or Flag.NULL_ISLAND in observation.flags


def _is_sure(seen: Detection) -> bool:
    return seen.ellipse is None or seen.ellipse.semi_major_m <= SURE_M
