"""How far back the second stage looks, and what it holds."""

from analytics.pairs.grid import SLOTS, passed
from analytics.rules.encounter import Encounter, EncounterSettings
from analytics.rules.terms import Terms
from tests.analytics.pairs.pairing import MINUTE, NOON, PairShell, ship

HOUR = 60 * MINUTE
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
    hours = [key for key in shell.states if key.startswith("hour|")]
    assert len(hours) <= 8


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
