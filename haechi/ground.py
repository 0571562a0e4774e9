"""What a reading about people and vehicles on the ground says."""

from msgspec import Struct

from haechi.fields import Altitude, Bearing, DeviceText, Knots, Latitude, Longitude, Metres, Percent


class UnitPosition(
    Struct,
    frozen=True,
    kw_only=True,
    tag="unit_position",
    forbid_unknown_fields=True,
    omit_defaults=True,
):
    """Where a patrol unit is: car, boat or officer; its subject is ``unit:<name>``."""

    lat: Latitude
    lon: Longitude
    accuracy_m: Metres | None = None
    speed_kn: Knots | None = None
    course_deg: Bearing | None = None
    altitude_m: Altitude | None = None
    battery_percent: Percent | None = None
    name: DeviceText | None = None


class VehiclePosition(
    Struct,
    frozen=True,
    kw_only=True,
    tag="vehicle_position",
    forbid_unknown_fields=True,
    omit_defaults=True,
):
    """Where a truck or another vehicle under watch is; its subject is ``truck:<name>``."""

    lat: Latitude
    lon: Longitude
    accuracy_m: Metres | None = None
    speed_kn: Knots | None = None
    course_deg: Bearing | None = None
    name: DeviceText | None = None
