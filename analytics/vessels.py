"""What kind of vessel a ship type means, and how fast such vessels go."""

from typing import Annotated

from msgspec import Meta, Struct

from haechi.messages import place
from haechi.observations import Flag, Observation
from haechi.vessels import VesselParticulars, VesselPosition

SpeedLimit = Annotated[float, Meta(gt=0, le=1100)]

CLASS_B_TYPES = frozenset({18, 19})
"""ITU-R M.1371: position reports of class B equipment."""
AIRCRAFT_TYPE = 9
"""ITU-R M.1371: search and rescue aircraft position report."""


class ClassSpeeds(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The speed in knots that a vessel of a class does not exceed.

    Source:
        The per-type maxima of the RTEC maritime example (typeSpeeds: cargo 17, tanker 18,
        passenger 20, high-speed craft 59, fishing 15, tug 10, pleasure 17, military 29, aircraft
        150, unknown 18) are what was usual off Brest. A limit of what is possible must be higher:
        ours are the design speeds of the fastest ships of each class in service.
    """

    cargo_kn: SpeedLimit = 30
    """Fast container ships are designed for 25 to 27 kn."""
    tanker_kn: SpeedLimit = 22
    passenger_kn: SpeedLimit = 45
    """Includes fast ferries that state type 60 rather than 40."""
    high_speed_kn: SpeedLimit = 60
    fishing_kn: SpeedLimit = 30
    towing_kn: SpeedLimit = 20
    """Tugs and vessels engaged in towing, dredging or diving."""
    pleasure_kn: SpeedLimit = 60
    service_kn: SpeedLimit = 60
    """Pilots, rescue, police, military, port tenders."""
    aircraft_kn: SpeedLimit = 500
    """Search and rescue aircraft, jets included."""
    unknown_kn: SpeedLimit = 60

    def of(self, ship_type: int | None) -> float:
        """Return the limit for a ship type (ITU-R M.1371 table 53); ``None`` is unknown.

        >>> ClassSpeeds().of(70), ClassSpeeds().of(None)
        (30.0, 60)
        """
        if ship_type is None:
            return self.unknown_kn
        return float(getattr(self, CLASS_OF_TYPE.get(ship_type, "unknown_kn")))


CLASS_OF_TYPE: dict[int, str] = {
    **dict.fromkeys(range(20, 30), "high_speed_kn"),
    30: "fishing_kn",
    **dict.fromkeys((31, 32, 33, 34, 52), "towing_kn"),
    **dict.fromkeys((35, 50, 51, 53, 54, 55, 58, 59), "service_kn"),
    36: "pleasure_kn",
    37: "pleasure_kn",
    **dict.fromkeys(range(40, 50), "high_speed_kn"),
    **dict.fromkeys(range(60, 70), "passenger_kn"),
    **dict.fromkeys(range(70, 80), "cargo_kn"),
    **dict.fromkeys(range(80, 90), "tanker_kn"),
}
"""Ship and cargo types of ITU-R M.1371 table 53 that say what a vessel is."""

MERCHANT_TYPES = frozenset(range(60, 90))
"""Passenger, cargo and tanker: the types whose way the Danish authority judges. Towing, fishing,
pilots, tugs and the like stop and drift as part of their work."""


class Merchant(Struct, frozen=True, gc=False):
    """What is known of a ship that decides whether its way is judged."""

    ship_type: int | None = None
    length_m: float | None = None
    is_judged: bool = False
    """Known to be passenger, cargo or tanker, and long enough."""

    def after(self, stated: VesselParticulars, minimum_length_m: float) -> "Merchant":
        """Return it after one more report of what the ship is."""
        ship_type = self.ship_type if stated.ship_type is None else stated.ship_type
        length_m = self.length_m if stated.length_m is None else stated.length_m
        is_long = length_m is not None and length_m >= minimum_length_m
        return Merchant(ship_type, length_m, ship_type in MERCHANT_TYPES and is_long)


def position(observation: Observation) -> tuple[float, float] | None:
    """Return latitude and longitude; ``None`` without a position or with a receiver's 0, 0."""
    content = observation.content
    if type(content) is VesselPosition and not observation.flags:  # nearly always: no further calls
        lat, lon = content.lat, content.lon
        return None if lat is None or lon is None else (lat, lon)
    return None if Flag.NULL_ISLAND in observation.flags else place(content)


def speed_over_ground_kn(observation: Observation) -> float | None:
    """Return the speed a report states, in knots."""
    content = observation.content
    return content.speed_kn if isinstance(content, VesselPosition) else None
