"""The default rules over a real recording: what they say is what an expert sees in it."""

import csv
from datetime import UTC, datetime
from itertools import groupby
from operator import attrgetter
from pathlib import Path

from analytics.catalogue import load
from analytics.fold import fold
from analytics.zones import ZoneSet
from haechi.findings import Finding
from haechi.observations import Observation
from haechi.vessels import VesselPosition
from tests.conftest import Recording

DEFAULTS = Path(__file__).resolve().parents[3] / "haechi" / "defaults"


def observation(number: int, row: dict[str, str]) -> Observation:
    """Return one line of the Solent file."""
    at = datetime.fromisoformat(row["Time"]).replace(tzinfo=UTC)
    return Observation(
        device="ais-solent",
        boot="boot-1",
        seq=number,
        site="solent",
        subject=f"mmsi:{row['MMSI']}",
        at=at,
        received_at=at,
        content=VesselPosition(
            lat=float(row["Latitude_degrees"]),
            lon=float(row["Longitude_degrees"]),
            speed_kn=float(row["SOG_knots"]),
            course_deg=float(row["COG_degrees"]) % 360,
        ),
    )


def all_findings(observations: list[Observation]) -> dict[str, list[Finding]]:
    """Return what each default rule finds, by its name."""
    zones = ZoneSet.parse((DEFAULTS / "zones.geojson").read_text())
    events = sorted(zones.locate(observations), key=attrgetter("subject"))
    subjects = [list(group) for _, group in groupby(events, key=attrgetter("subject"))]
    end = max(seen.at for seen in observations)
    return {
        rule.name: [said for group in subjects for said in fold(rule, group, end).values()]
        for rule in load((DEFAULTS / "rules.toml").read_text(), zones)
    }


def test_the_solent_recording_has_one_jump_and_a_few_silences(recording: Recording) -> None:
    """One corrupted longitude of 245188000 and back; vessels that leave or moor fall silent."""
    with recording("ais/solent_2016-01-12.csv").open() as lines:
        rows = [
            observation(number, row) for number, row in enumerate(csv.DictReader(lines), start=1)
        ]
    found = all_findings(rows)
    (jump,) = found["teleport"]
    assert (jump.subject, jump.values["jumps"]) == ("mmsi:245188000", 2)
    assert 0 < len(found["silence"]) < len({row.subject for row in rows}) / 4
    assert all(float(said.thresholds["threshold_s"]) >= 605 for said in found["silence"])
    quiet = ("geofence", "overspeed", "long_gap", "sudden_stop", "drift")
    assert {name: len(found[name]) for name in quiet} == dict.fromkeys(quiet, 0)
