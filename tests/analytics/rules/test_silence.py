"""Silence: learned cadence, floors, and what does not count as silence."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.rules.silence import Silence, SilenceSettings
from analytics.rules.terms import Terms
from haechi.findings import Finding, Status
from haechi.observations import Observation
from tests.analytics.sailing import NOON, findings, fix, kinds, static

HOUR = 3600.0
GAP = SilenceSettings(
    floor_moving_s=12 * HOUR, floor_still_s=12 * HOUR, factor=0, allowance_s=0, minimum_reports=1
)


def found(
    observations: list[Observation],
    *,
    until_s: float | None = None,
    settings: SilenceSettings | None = None,
) -> list[Finding]:
    """Return what the rule finds."""
    rule = Silence(settings or SilenceSettings(), Terms("silence"))
    return findings(rule, observations, until_s=until_s)


def under_way(count: int, every_s: float = 10, start_s: float = 0) -> list[Observation]:
    """Return class A reports at 12 kn."""
    return [
        fix(start_s + every_s * n, speed_kn=12.0, ais_type=1, navigation_status=0)
        for n in range(count)
    ]


def anchored(*at_s: float) -> list[Observation]:
    """Return class A reports at anchor."""
    return [fix(at, speed_kn=0.1, ais_type=3, navigation_status=1) for at in at_s]


def test_a_vessel_that_is_heard_no_more_is_found_at_its_threshold() -> None:
    """Ten minutes and the allowance after the last report, not a second sooner."""
    assert found(under_way(20), until_s=190 + 604.9) == []
    (silence,) = found(under_way(20), until_s=190 + 605)
    assert (silence.kind, silence.status) == ("silence", Status.OPEN)
    assert silence.since == NOON + timedelta(seconds=190)
    assert silence.thresholds["threshold_s"] == 605
    assert "switched" not in silence.text


def test_it_ends_when_the_vessel_is_heard_again() -> None:
    """Any report will do, and the finding keeps its id."""
    (silence,) = found(under_way(20), until_s=2000)
    for heard in (under_way(1, start_s=2000), [static(2000)]):
        (ended,) = found([*under_way(20), *heard])
        assert (ended.id, ended.status) == (silence.id, Status.ENDED)
        assert ended.values["silent_s"] == 1810


def test_map_2_an_anchored_ship_with_a_cadence_of_three_minutes_never_flaps() -> None:
    """Six hours at anchor, every fifth report lost: no silence (signalk-derived-data#257)."""
    at = [180.0 * n for n in range(120) if n % 5]
    assert found(anchored(*at), until_s=at[-1] + 180) == []


@settings(deadline=None)  # correctness, not speed
@given(st.lists(st.integers(1, 5), min_size=10, max_size=60))
def test_map_2_no_loss_of_up_to_four_reports_in_a_row_is_silence(missed: list[int]) -> None:
    """Whatever reports of an anchored ship are lost, four of them in a row are not a silence."""
    at = [0.0]
    for intervals in missed:
        at.append(at[-1] + 180.0 * intervals)
    assert found(anchored(*at), until_s=at[-1] + 900) == []


def test_a_ship_that_anchors_is_given_the_time_of_an_anchored_ship() -> None:
    """Its fast cadence under way does not make three minutes a silence."""
    settings = SilenceSettings(floor_moving_s=60)
    way = [*under_way(30), *anchored(310, 490, 670)]
    assert found(way, until_s=850, settings=settings) == []


def test_a_slow_feed_is_learned() -> None:
    """A source that thins to one report every five minutes is given half an hour."""
    feed = under_way(30, every_s=300)
    assert found(feed, until_s=29 * 300 + 1700) == []
    (silence,) = found(feed, until_s=29 * 300 + 2200)
    assert silence.values["cadence_s"] == pytest.approx(300, rel=0.35)


def test_a_feed_that_changes_its_pace_is_learned_anew() -> None:
    """One report a minute after one in five, and the other way round: the later pace counts."""
    slow, fast = under_way(30, every_s=300), under_way(60, every_s=60)
    hurried = [*slow, *under_way(60, every_s=60, start_s=9000)]
    slowed = [*fast, *under_way(30, every_s=300, start_s=3600)]
    (silence,) = found(hurried, until_s=9000 + 59 * 60 + 1200)
    assert silence.since == NOON + timedelta(seconds=9000 + 59 * 60)
    assert float(silence.values["cadence_s"]) < 150
    assert found(slowed, until_s=3600 + 29 * 300 + 1500) == []


def test_a_report_without_a_position_is_a_sign_of_life() -> None:
    """A vessel that says what it is was heard then: the time until it is missed begins anew."""
    heard = [*under_way(20), static(600)]
    assert found(heard, until_s=600 + 604.9) == []
    (silence,) = found(heard, until_s=600 + 605)
    assert silence.since == NOON + timedelta(seconds=600)


def test_one_cadence_and_the_allowance_is_enough_if_asked_for() -> None:
    """With a factor of 1 and no floor it speaks 5 s after the report that should have come."""
    settings = SilenceSettings(factor=1, floor_moving_s=0, floor_still_s=0, quantile=0.5, step=0.01)
    (silence,) = found(under_way(30), until_s=290 + 10 * 1.1 + 5, settings=settings)
    assert silence.thresholds["threshold_s"] == pytest.approx(15, rel=0.1)


def test_a_vessel_heard_a_few_times_is_not_missed() -> None:
    """Nine reports are too few to say that it should be heard."""
    assert found(under_way(9), until_s=100_000) == []


def test_one_long_gap_hardly_changes_what_was_learned() -> None:
    """After a gap of an hour the next silence is found as soon as before."""
    again = under_way(60, start_s=200 + HOUR)
    both = found([*under_way(20), *again], until_s=200 + HOUR + 590 + 605)
    assert kinds(both) == ["silence", "silence"]


def test_duplicates_from_two_receivers_do_not_hurry_it() -> None:
    """Relays within a second of each other leave the floor in place."""
    twice = sorted(under_way(40) + under_way(40, start_s=0.5), key=lambda seen: seen.at)
    assert found(twice, until_s=390 + 600) == []


def test_gfw_2_a_gap_of_exactly_twelve_hours_is_none() -> None:
    """Longer than 12 h is a gap; exactly 12.0 h is not (pipe-gaps, strict)."""
    assert found(under_way(1) + under_way(1, start_s=12 * HOUR), settings=GAP) == []
    (gap,) = found(under_way(1) + under_way(1, start_s=12 * HOUR + 0.001), settings=GAP)
    assert gap.values["silent_s"] == pytest.approx(12 * HOUR, abs=0.01)
    assert gap.thresholds["threshold_s"] == 12 * HOUR


def test_gfw_2_an_open_gap_is_found_when_the_twelve_hours_have_passed() -> None:
    """The watermark at 12 h says that nothing came; until then nothing is said."""
    assert found(under_way(1), until_s=12 * HOUR - 0.001, settings=GAP) == []
    assert kinds(found(under_way(1), until_s=12 * HOUR, settings=GAP)) == ["silence"]
