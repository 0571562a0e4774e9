"""Meetings, by the definition of Global Fishing Watch and its boundaries, and dark ones."""

from collections.abc import Sequence
from typing import Any

import pytest

from analytics.pairs.stage import judges_pairs
from analytics.rule import Event, Rule
from analytics.rules.encounter import Encounter, EncounterSettings
from analytics.rules.terms import Terms
from haechi.findings import Finding, Severity, Status
from tests.analytics.pairs.pairing import MINUTE, NOON, PairShell, ship, thing

GFW = Encounter(EncounterSettings(), Terms("encounter", Severity.MAJOR))
DARK = Encounter(EncounterSettings(company="object", duration_s=240), Terms("dark_meeting"))


def found(rule: Rule[Any], events: Sequence[Event], *, until_min: float = 900) -> list[Finding]:
    """Return what stands once all has arrived and time has passed."""
    shell = PairShell(rules=[rule])
    shell.feed(*events, until=NOON + until_min * MINUTE)
    return shell.said()


def together(
    begin_min: int, end_min: int, *, apart_m: float = 100, drift_m: float = 0
) -> list[Event]:
    """Return two vessels that come, lie side by side and leave, each fix at a time of the grid."""
    log: list[Event] = []
    for minute in range(begin_min - 30, end_min + 31, 5):
        far_m = 0 if begin_min <= minute <= end_min else 8000
        north_m = drift_m * (minute - begin_min)
        log += [
            ship(minute, 1, north_m),
            ship(minute, 2, north_m + apart_m, far_m, seq=minute + 9000),
        ]
    return log


def test_gfw_1_an_encounter_across_midnight_is_found() -> None:
    """From 23:10 to 01:20 UTC: Global Fishing Watch does not produce these."""
    (meeting,) = found(GFW, together(670, 800))
    assert f"{meeting.since:%H:%M}" == "23:10"
    assert meeting.until is not None
    assert f"{meeting.until:%H:%M}" == "01:20"
    assert (meeting.kind, meeting.subject, meeting.other) == ("encounter", "mmsi:1", "mmsi:2")
    assert (meeting.values["duration_s"], meeting.values["closest_m"]) == (7800, 100)
    assert (meeting.severity, meeting.status) == (Severity.MAJOR, Status.ENDED)
    assert len(meeting.evidence) == 4
    assert meeting.text.startswith("mmsi:1 and mmsi:2 were within 500 m of each other since")


@pytest.mark.parametrize(
    ("begin", "end", "apart_m", "drift_m", "is_found"),
    [
        (60, 185, 100, 0, True),
        (60, 180, 100, 0, False),  # two hours exactly are not longer than two hours
        (60, 185, 499.9, 0, True),
        (60, 185, 500.2, 0, False),
        (60, 185, 100, 60, True),  # 1.9 kn
        (60, 185, 100, 63, False),  # 2.04 kn
    ],
)
def test_gfw_2_the_thresholds_are_where_they_say(
    begin: int, end: int, apart_m: float, drift_m: float, *, is_found: bool
) -> None:
    """Longer than 2 h, within 500 m, slower than 2 kn."""
    assert bool(found(GFW, together(begin, end, apart_m=apart_m, drift_m=drift_m))) == is_found


def test_it_is_said_while_it_goes_on() -> None:
    """As soon as it has lasted long enough; the end is told under the same id."""
    shell = PairShell(rules=[GFW])
    events = together(60, 240)
    for minute in range(30, 300, 10):
        at = NOON + minute * MINUTE
        fresh = [event for event in events if at - 10 * MINUTE < event.at <= at]
        shell.feed(*fresh, until=at - MINUTE)
    told = [(each.status, each.revision) for each in shell.revisions]
    assert told == [(Status.OPEN, 0), (Status.ENDED, 1)]
    assert {each.id for each in shell.revisions} == {shell.revisions[0].id}


def test_a_track_that_comes_later_takes_a_meeting_back() -> None:
    """Between two fixes an hour apart she was thought to lie there; she was elsewhere."""
    shell = PairShell(rules=[GFW])
    seldom = [ship(minute, 1) for minute in range(0, 241, 50)]
    often = [ship(minute, 2, 100) for minute in range(0, 241, 5)]
    shell.feed(*seldom, *often, until=NOON + 205 * MINUTE)
    assert [each.status for each in shell.revisions] == [Status.OPEN]
    shell.feed(*(ship(minute, 1, 9000, seq=5000 + minute) for minute in range(5, 200, 10)))
    assert shell.revisions[-1].status is Status.RETRACTED
    assert shell.said() == shell.folded() == []


def test_nothing_is_told_of_shelters_and_of_ships_under_way() -> None:
    """Side by side in a port, or in convoy."""
    moored = [ship(m, n, 100 * n, sheltered=True) for m in range(0, 241, 5) for n in (1, 2)]
    convoy = [ship(m, n, 100 * n + 300 * m, speed_kn=9.7) for m in range(0, 241, 5) for n in (1, 2)]
    assert found(GFW, moored) == []
    assert found(GFW, convoy) == []


def test_the_antimeridian_is_nowhere_special() -> None:
    """Two on either side of it are as close as anywhere."""
    rule = Encounter(EncounterSettings(), Terms("encounter"))
    log = [
        ship(minute, name, 0, metres, seq=10 * minute + name, lon=lon)
        for minute in range(0, 241, 5)
        for name, lon, metres in ((1, 180.0, -50), (2, -180.0, 50))
    ]
    (meeting,) = found(rule, log)
    assert meeting.values["closest_m"] == pytest.approx(100, abs=0.1)


def test_a_ship_that_a_drone_sees_beside_herself_meets_nobody() -> None:
    """Her image is her own; a second one that no vessel claims is company."""
    alone = [ship(m, 1) for m in range(0, 61, 3)]
    alone += [thing(m, "drone-1.1", 20) for m in range(0, 61, 2)]
    assert found(DARK, alone) == []
    other = [thing(m, "drone-1.2", 60) for m in range(11, 40, 2)]
    (dark,) = found(DARK, [*alone, *other])
    assert (dark.kind, dark.subject, dark.other) == ("dark_meeting", "mmsi:1", "camera:drone-1")
    assert dark.values["objects"] == "object:drone-1.2"
    assert f"{dark.since:%H:%M}" == "12:15"
    assert "no vessel says it is there" in dark.text


def test_each_of_two_ships_that_are_seen_is_one_of_the_two() -> None:
    """Both have transponders: the camera sees nothing that nobody says."""
    log = [ship(m, n, 80 * n) for m in range(0, 61, 3) for n in (1, 2)]
    log += [thing(m, f"drone-1.{n}", 80 * n + 15) for m in range(0, 61, 2) for n in (1, 2)]
    assert found(DARK, log) == []


def test_rules_of_pairs_are_told_from_others() -> None:
    """By what they accept."""
    assert judges_pairs(GFW)
    assert judges_pairs(DARK)
