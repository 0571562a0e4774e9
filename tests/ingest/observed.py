"""Observations and alarms as tests want them: short to write, valid in every field."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from haechi.findings import Finding, Severity, finding_id
from haechi.messages import Content, Message, Reading, encode
from haechi.observations import Flag, Observation
from haechi.vessels import VesselParticulars, VesselPosition, VesselStatic

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
SHIP = "mmsi:219000001"


def after(seconds: float) -> datetime:
    """Return so many seconds after noon."""
    return NOON + timedelta(seconds=seconds)


def position(lat: float = 35.0, lon: float = 129.0, speed_kn: float = 10.0) -> VesselPosition:
    """Return where a vessel says it is."""
    return VesselPosition(lat=lat, lon=lon, speed_kn=speed_kn, ais_type=1)


def named(name: str) -> VesselStatic:
    """Return what a vessel says it is called."""
    return VesselStatic(particulars=VesselParticulars(name=name), ais_type=5)


def observed(
    seq: int,
    *,
    at: datetime | None = None,
    subject: str = SHIP,
    device: str = "ais-1",
    boot: str = "boot-1",
    site: str = "busan",
    content: Content | None = None,
    flags: tuple[Flag, ...] = (),
    stated_at: datetime | None = None,
) -> Observation:
    """Return an observation made ``seq`` seconds after noon unless stated otherwise."""
    return Observation(
        device=device,
        boot=boot,
        seq=seq,
        site=site,
        subject=subject,
        at=after(seq) if at is None else at,
        received_at=after(3600),
        content=position(lat=35 + seq / 1000) if content is None else content,
        flags=flags,
        stated_at=stated_at,
    )


def found(start: float = 0, *, severity: Severity = Severity.MAJOR, revision: int = 0) -> Finding:
    """Return a finding that began so many seconds after noon."""
    return Finding(
        id=finding_id("overspeed", SHIP, str(start)),
        rule="overspeed",
        kind="overspeed",
        rule_version="1",
        subject=SHIP,
        severity=severity,
        since=after(start),
        until=None,
        text="31 kn, limit 30 kn",
        values={"speed_kn": 31.0},
        thresholds={"limit_kn": 30.0},
        revision=revision,
    )


def payload(
    seqs: Sequence[int], *, device: str = "ais-1", boot: str = "boot-1", subject: str = SHIP
) -> bytes:
    """Return what an agent publishes: positions, one a second."""
    readings = tuple(
        Reading(seq=seq, at=after(seq), subject=subject, content=position(lat=35 + seq / 1000))
        for seq in seqs
    )
    return encode(Message(device=device, boot=boot, readings=readings))
