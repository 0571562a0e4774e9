"""Kinds of values that readings are made of, each with its bounds and its unit."""

from datetime import datetime
from typing import Annotated, Final

from msgspec import Meta

from haechi.ids import (
    BOOT_PATTERN,
    CONTAINER_PATTERN,
    DEVICE_PATTERN,
    SEAL_PATTERN,
    SUBJECT_PATTERN,
)

MAX_TEXT: Final = 64
"""Characters in a name that comes from a device."""

Moment = Annotated[datetime, Meta(tz=True)]
Latitude = Annotated[float, Meta(ge=-90, le=90)]
Longitude = Annotated[float, Meta(ge=-180, le=180)]
Knots = Annotated[float, Meta(ge=0, le=1100)]
MetresPerSecond = Annotated[float, Meta(ge=-600, le=600)]
Altitude = Annotated[float, Meta(ge=-1000, le=30_000)]
"""Metres above mean sea level."""
Metres = Annotated[float, Meta(ge=0, le=20_037_509)]
"""Up to half way round the Earth."""
Bearing = Annotated[float, Meta(ge=0, lt=360)]
"""Degrees clockwise from true north."""
Tilt = Annotated[float, Meta(ge=-180, le=180)]
"""Degrees; roll to the right and pitch upwards are positive."""
Percent = Annotated[float, Meta(ge=0, le=100)]
Share = Annotated[float, Meta(ge=0, le=1)]
Celsius = Annotated[float, Meta(ge=-100, le=200)]
Count = Annotated[int, Meta(ge=0, le=2**53)]
Sequence = Annotated[int, Meta(ge=1, le=2**53)]
DeviceName = Annotated[str, Meta(pattern=DEVICE_PATTERN, max_length=32)]
BootName = Annotated[str, Meta(pattern=BOOT_PATTERN, max_length=48)]
SubjectName = Annotated[str, Meta(pattern=SUBJECT_PATTERN, max_length=80)]
DeviceText = Annotated[str, Meta(max_length=MAX_TEXT)]
LongDeviceText = Annotated[str, Meta(max_length=300)]
Digest = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]
"""SHA-256 in hexadecimal."""
AisType = Annotated[int, Meta(ge=0, le=63)]
ZoneName = Annotated[str, Meta(min_length=1, max_length=64)]
ContainerNumber = Annotated[str, Meta(pattern=CONTAINER_PATTERN)]
"""A wrong check digit is not an error here."""
AcidNumber = Annotated[str, Meta(pattern=r"^[0-9]{19}\Z")]
SealNumber = Annotated[str, Meta(pattern=SEAL_PATTERN)]
LonLat = tuple[Longitude, Latitude]
"""A place, longitude first as in GeoJSON."""
