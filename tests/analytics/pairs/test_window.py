"""How far back the second stage looks, and what it holds."""

import msgspec

from analytics.pairs.grid import PARTS, SLOTS, PackedHour, passed
from analytics.rules.encounter import Encounter, EncounterSettings
from analytics.rules.terms import Terms
from tests.analytics.pairs.pairing import MINUTE, NOON, PairShell, ship

HOUR = 60 * MINUTE
hour = msgspec.msgpack.Decoder(PackedHour)
MEETS = Encounter(EncounterSettings(), Terms("encounter"))


def test_a_fix_that_comes_too_late_changes_nothing_and_is_counted() -> None:
    """What is found follows from those that came in time, exactly."""
    shell = PairShell(window_s=7200)
    shell.feed(*(ship(minute, 1) for minute in range(0, 60, 4)), until=NOON + 1 * HOUR)
    shell.feed(ship(239, 3), until=NOON + 4 * HOUR)
    shell.feed(*(ship(minute, 2, 50, seq=500 + minute) for minute in range(0, 60, 4)))
    assert shell.said() == []
    assert shell.pairs.late == 15
    assert len(shell.folded()) == 1


def test_a_fix_at_the_edge_of_the_window_is_in_time() -> None:
    """As long as a day, if an agent was cut off overnight."""
    shell = PairShell()
    shell.feed(*(ship(minute, 1) for minute in range(0, 60, 4)), until=NOON + 1 * HOUR)
    shell.feed(ship(1439, 3), until=NOON + 24 * HOUR)
    shell.feed(*(ship(minute, 2, 50, seq=500 + minute) for minute in range(0, 60, 4)))
    assert shell.said() == shell.folded()
    assert (len(shell.said()), shell.pairs.late) == (1, 0)


def test_hours_behind_the_window_are_forgotten_and_their_place_is_taken() -> None:
    """In memory, and in what is saved: keys come round."""
    shell = PairShell(window_s=7200)
    for hour in range(40):
        shell.feed(ship(60 * hour + 1, 1), ship(60 * hour + 2, 2), until=NOON + hour * HOUR)
        shell.save()
    kept = shell.pairs.held
    assert max(kept) == (passed(NOON) // SLOTS) + 39
    assert len(kept) <= 6
    hours = {key.split("|")[1] for key in shell.states if key.startswith("hour|")}
    assert len(hours) <= 8


def test_an_hour_is_kept_in_parts() -> None:
    """No slice of a snapshot packs all subjects of a site; an alert may be waiting."""
    shell = PairShell()
    shell.feed(*(ship(1, name, 5000.0 * name) for name in range(1, 401)), until=NOON + MINUTE)
    shell.feed(*(ship(2, name, 5000.0 * name) for name in range(1, 401)))
    shell.save()
    parts = [hour.decode(packed) for key, packed in shell.states.items() if is_hour(key)]
    assert sum(len(part.rows) for part in parts) == 400
    assert max(len(part.rows) for part in parts) < 400 / PARTS * 3


def test_an_hour_kept_whole_by_an_older_version_is_kept_in_parts_from_then_on() -> None:
    """What stands there and belongs to another part is written there before it is written over."""
    shell = PairShell()
    shell.feed(*(ship(minute, name) for minute in range(0, 40, 4) for name in (1, 2)))
    shell.feed(until=NOON + 40 * MINUTE)
    shell.save()
    shell.states = whole(shell.states)
    shell.crash()
    shell.feed(*(ship(minute, 3, 50, seq=500 + minute) for minute in range(0, 40, 4)))
    shell.save()
    shell.crash()
    shell.feed(*(ship(minute, 4, 90, seq=700 + minute) for minute in range(0, 40, 4)))
    assert any(is_hour(key) and key.count("|") > 1 for key in shell.states)
    assert shell.said() == shell.folded()
    assert len(shell.said()) == 6


def is_hour(key: str) -> bool:
    """Return whether a key is of a part of an hour."""
    return key.startswith("hour|")


def whole(states: dict[str, bytes]) -> dict[str, bytes]:
    """Return what was saved as a version did that kept each hour under one key."""
    hours: dict[str, PackedHour] = {}
    for key, packed in states.items():
        if is_hour(key):
            part, name = hour.decode(packed), "|".join(key.split("|")[:2])
            known = hours.get(name, part)
            sources = max(known.sources, part.sources, key=len)
            rows, told = known.rows | part.rows, known.told | part.told
            hours[name] = PackedHour(part.number, sources, rows, told)
    others = {key: packed for key, packed in states.items() if not is_hour(key)}
    return others | {name: msgspec.msgpack.encode(hour) for name, hour in hours.items()}


def test_what_has_lasted_longer_than_the_window_keeps_its_beginning() -> None:
    """Also through restarts: the engine remembers what the grid has forgotten."""
    shell = PairShell(window_s=3600)
    for minute in range(0, 600, 20):
        pair = (ship(minute, 1), ship(minute + 1, 2, 50))
        shell.feed(*pair, until=NOON + minute * MINUTE)
        if minute % 100 == 0:
            shell.save()
        if minute % 140 == 0:
            shell.crash()
    (meeting,) = shell.said()
    assert meeting.since == NOON + 5 * MINUTE
    assert meeting.until is None


def test_other_rules_judge_anew_also_what_the_grid_has_forgotten() -> None:
    """From the store: the meeting keeps its beginning and its id, and is revised."""
    shell = PairShell(rules=[MEETS], window_s=3600)
    for minute in range(0, 600, 20):
        pair = (ship(minute, 1), ship(minute + 1, 2, 50))
        shell.feed(*pair, until=NOON + minute * MINUTE)
    shell.save()
    (before,) = shell.said()
    shell.rules = [Encounter(EncounterSettings(duration_s=10_800), Terms("encounter"))]
    shell.crash()
    shell.feed(ship(600, 1), ship(601, 2, 50), until=NOON + 605 * MINUTE)
    (after,) = shell.said()
    assert (after.id, after.since) == (before.id, before.since)
    assert after.rule_version != before.rule_version
    assert [each.revision for each in shell.revisions] == [0, 1]
