"""What a reading about a vessel says."""

from typing import Annotated

from msgspec import Meta, Struct

from haechi.fields import AisType, Bearing, DeviceText, Knots, Latitude, Longitude


class VesselParticulars(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """What a vessel says it is. ``None`` means not stated; every text is untrusted."""

    name: DeviceText | None = None
    callsign: DeviceText | None = None
    imo: Annotated[int, Meta(ge=0, le=2**30)] | None = None
    ship_type: Annotated[int, Meta(ge=0, le=255)] | None = None
    length_m: Annotated[float, Meta(ge=0, le=1100)] | None = None
    beam_m: Annotated[float, Meta(ge=0, le=200)] | None = None
    draught_m: Annotated[float, Meta(ge=0, le=30)] | None = None
    destination: DeviceText | None = None
    eta: DeviceText | None = None
    """Month, day, hour and minute as sent, ``MM-DD HH:MM``: AIS gives no year."""


class VesselPosition(
    Struct,
    frozen=True,
    kw_only=True,
    tag="vessel_position",
    forbid_unknown_fields=True,
    omit_defaults=True,
):
    """One position report of one vessel, as the vessel itself states it (ITU-R M.1371).

    ``None`` means that the vessel said "not available".
    """

    lat: Latitude | None = None
    lon: Longitude | None = None
    speed_kn: Knots | None = None
    course_deg: Bearing | None = None
    heading_deg: Bearing | None = None
    turn_deg_min: Annotated[float, Meta(ge=-720, le=720)] | None = None
    navigation_status: Annotated[int, Meta(ge=0, le=15)] | None = None
    accurate: bool | None = None
    altitude_m: Annotated[float, Meta(ge=0, le=4095)] | None = None
    """Search and rescue aircraft only (type 9)."""
    ais_type: AisType = 0
    """ITU-R M.1371 message type; 0 where the source was not AIS."""
    particulars: VesselParticulars | None = None
    """Types 19 and 24 carry both."""


class VesselStatic(
    Struct,
    frozen=True,
    kw_only=True,
    tag="vessel_static",
    forbid_unknown_fields=True,
    omit_defaults=True,
):
    """One report of what a vessel is and where it says it goes (types 5 and 24)."""

    particulars: VesselParticulars
    ais_type: AisType


class AisOther(
    Struct,
    frozen=True,
    kw_only=True,
    tag="ais_other",
    forbid_unknown_fields=True,
    omit_defaults=True,
):
    """Any other AIS message, kept whole: base stations, aids to navigation, safety text, ..."""

    ais_type: AisType
    sentences: Annotated[tuple[Annotated[str, Meta(max_length=512)], ...], Meta(max_length=9)]
    lat: Latitude | None = None
    lon: Longitude | None = None
    name: DeviceText | None = None


AisContent = VesselPosition | VesselStatic | AisOther
"""What an AIS receiver can report."""
