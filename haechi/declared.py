"""What was declared about a journey, as a reading of the registry about its vessel or truck.

A declaration takes its place among the observations of its subject at the time it was made, so
rules that need it stay independent of the order of arrival like all others.
"""

from typing import Annotated

from msgspec import Meta, Struct

from haechi.fields import (
    AcidNumber,
    ContainerNumber,
    Count,
    DeviceText,
    Latitude,
    Longitude,
    LonLat,
    Metres,
    Moment,
    ZoneName,
)


class PortCall(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One planned call of a voyage."""

    locode: Annotated[str, Meta(pattern=r"^[A-Z]{2}[A-Z0-9]{3}\Z")]
    name: DeviceText = ""
    lat: Latitude | None = None
    lon: Longitude | None = None
    radius_m: Metres = 20_000
    """Within this distance of the place it counts as being there."""
    arrival: Moment | None = None
    departure: Moment | None = None


class DeclaredVoyage(
    Struct,
    frozen=True,
    kw_only=True,
    tag="declared_voyage",
    forbid_unknown_fields=True,
    omit_defaults=True,
):
    """The declared journey of the subject; a higher version replaces a lower one."""

    voyage: DeviceText
    """Voyage number; with the subject it names the voyage."""
    version: Count
    withdrawn: bool = False
    imo: Annotated[int, Meta(ge=0, le=2**30)] | None = None
    begins: Moment
    ends: Moment | None = None
    """``None`` while nobody knows."""
    calls: Annotated[tuple[PortCall, ...], Meta(max_length=64)] = ()
    route: Annotated[tuple[LonLat, ...], Meta(max_length=2000)] = ()
    """Line along which it is expected; between points it runs straight on the sphere."""
    corridor_m: Metres = 20_000
    """How far to each side of the line is still on the route."""
    allowed_stops: tuple[ZoneName, ...] = ()
    """Zones in which it may stop without that being a deviation."""
    acids: Annotated[tuple[AcidNumber, ...], Meta(max_length=5000)] = ()
    """Shipments aboard."""
    containers: Annotated[tuple[ContainerNumber, ...], Meta(max_length=5000)] = ()
