"""Turns simulated reports into the sentences that a real AIS receiver would put out."""

from datetime import datetime, timedelta
from typing import Any

from pyais.encode import encode_dict

from firmware_sim.vessels import AT_ANCHOR, UNDER_WAY, Report


def lines(report: Report, start: datetime) -> list[str]:
    """Return NMEA 0183 lines with a tag block that states the time of reception.

    Args:
        report: One transmission.
        start: The moment of second 0, with a time zone.
    """
    at = start + timedelta(seconds=report.second)
    tag = f"s:SIM,c:{round(at.timestamp() * 1000)}"
    block = f"\\{tag}*{_checksum(tag):02X}\\"
    fields = _static(report) if report.is_static else _position(report, at)
    return [
        f"{block}{sentence}" for sentence in encode_dict(fields, seq_id=report.vessel.mmsi % 10)
    ]


def _position(report: Report, at: datetime) -> dict[str, Any]:
    return {
        "type": 1,
        "mmsi": report.vessel.mmsi,
        "status": AT_ANCHOR if report.speed_kn == 0 else UNDER_WAY,
        "speed": report.speed_kn,
        "accuracy": 1,
        "lat": report.lat,
        "lon": report.lon,
        "course": report.course_deg,
        "heading": round(report.course_deg) % 360,
        "second": at.second,
    }


def _static(report: Report) -> dict[str, Any]:
    vessel = report.vessel
    return {
        "type": 5,
        "mmsi": vessel.mmsi,
        "imo": vessel.imo,
        "callsign": vessel.callsign,
        "shipname": vessel.name,
        "ship_type": vessel.ship_type,
        "to_bow": vessel.length_m - vessel.length_m // 5,
        "to_stern": vessel.length_m // 5,
        "to_port": vessel.length_m // 14,
        "to_starboard": vessel.length_m // 14,
        "destination": vessel.destination,
    }


def _checksum(text: str) -> int:
    total = 0
    for sign in text.encode("ascii"):
        total ^= sign
    return total
