"""Recorded flights: positions equal to what other readers read directly."""

import os
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from edge.drone.recording import Flights
from edge.drone.vehicle import Vehicle
from edge.measured import Measured
from edge.sources import SourceError
from haechi.drones import DroneEvent, DroneEventKind, DronePosition
from tests.conftest import Recording
from tests.edge.drone.dataflash_file import dataflash_file

Fix = tuple[datetime, float | None, float | None, float | None]


def read(path: Path) -> list[Measured]:
    """Return all readings of a log."""
    flights = Flights([path], Vehicle("drone-1", every_s=0))
    return [one for batch in flights.batches() for one in batch]


def fixes(found: list[Measured]) -> list[Fix]:
    """Return time and place of all positions."""
    contents = [(one.at, one.content) for one in found]
    return [(at, c.lat, c.lon, c.altitude_m) for at, c in contents if isinstance(c, DronePosition)]


def ulog(path: Path) -> Any:
    """Return a log as its own library reads it."""
    return import_module("pyulog").ULog(str(path))


def events(found: list[Measured]) -> list[tuple[DroneEventKind, str]]:
    """Return all events."""
    contents = [one.content for one in found]
    return [(each.kind, each.text) for each in contents if isinstance(each, DroneEvent)]


def test_a_telemetry_log_gives_what_pymavlink_reads(recording: Recording) -> None:
    """All 807 positions of the flight, to the last digit; its modes as the mission went."""
    path = recording("drone/vtol.tlog")
    os.environ.setdefault("MAVLINK20", "1")
    mavutil: Any = import_module("pymavlink.mavutil")
    log = mavutil.mavlink_connection(str(path))
    expected: list[Fix] = []
    while (m := log.recv_match(type="GLOBAL_POSITION_INT")) is not None:
        at = datetime.fromtimestamp(m._timestamp, UTC)
        expected.append((at, m.lat / 1e7, m.lon / 1e7, m.alt / 1000))
    log.close()
    assert len(expected) == 807
    found = read(path)
    assert fixes(found) == expected
    changes = [text for kind, text in events(found) if kind is DroneEventKind.MODE_CHANGED]
    assert changes == ["QLOITER to CIRCLE", "CIRCLE to GUIDED", "GUIDED to QLAND"]


def test_a_px4_log_gives_what_pyulog_reads(recording: Recording) -> None:
    """A log that has the receiver's positions only, in integers."""
    path = recording("drone/sample_log_small.ulg")
    gps = ulog(path).get_dataset("vehicle_gps_position").data
    expected = [
        (datetime.fromtimestamp(utc / 1e6, UTC), lat / 1e7, lon / 1e7, alt / 1000)
        for utc, lat, lon, alt in zip(
            gps["time_utc_usec"].tolist(),
            gps["lat"].tolist(),
            gps["lon"].tolist(),
            gps["alt"].tolist(),
            strict=True,
        )
    ]
    found = fixes(read(path))
    assert [fix[1:] for fix in found] == [fix[1:] for fix in expected]
    drift = [abs((a[0] - b[0]).total_seconds()) for a, b in zip(found, expected, strict=True)]
    assert max(drift) < 0.05  # its clock is fixed once, at the first fix


def test_a_px4_log_of_a_newer_make_gives_the_estimators_positions(recording: Recording) -> None:
    """In degrees, to 1e-7; with the velocity that stands in another topic."""
    path = recording("drone/sample_px4_events.ulg")
    fused = ulog(path).get_dataset("vehicle_global_position").data
    said = read(path)
    found = [(lat, lon) for _, lat, lon, _ in fixes(said)]
    expected = zip(fused["lat"].tolist(), fused["lon"].tolist(), strict=True)
    assert found == [(round(lat * 1e7) / 1e7, round(lon * 1e7) / 1e7) for lat, lon in expected]
    assert (DroneEventKind.MODE_CHANGED, "LOITER to RTL") in events(said)
    climbs = [c.climb_m_s for one in said if isinstance(c := one.content, DronePosition)]
    assert max(climb or 0 for climb in climbs) > 0.5


def test_an_ardupilot_log_is_read(tmp_path: Path) -> None:
    """A dataflash log made here, byte by byte as its own format records say."""
    path = dataflash_file(tmp_path / "flight.BIN")
    found = read(path)
    contents = [one.content for one in found]
    positions = [each for each in contents if isinstance(each, DronePosition)]
    assert [(p.lat, p.lon, p.height_m) for p in positions] == [
        (35.0 + n / 1000, 129.0, float(n)) for n in range(5)
    ]
    assert (positions[-1].battery_v, positions[-1].mode) == (15.5, "GUIDED")
    assert (DroneEventKind.STATUS_TEXT, "ArduPlane V4.5.0") in events(found)


def test_the_same_log_gives_the_same_readings_again(recording: Recording) -> None:
    """So that an agent that begins again passes over what was numbered."""
    path = recording("drone/sample_log_small.ulg")
    assert read(path) == read(path)


@pytest.mark.parametrize(
    ("name", "content"), [("flight.ulg", b"not a log"), ("flight.txt", b""), ("gone.ulg", None)]
)
def test_what_is_no_flight_log_is_refused(tmp_path: Path, name: str, content: bytes | None) -> None:
    """With its name."""
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SourceError, match=name):
        read(path)
