"""Time passes as far as the sources alive agree, and never back."""

from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.watermark import Watermark

START = datetime(2026, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def at(minute: float) -> datetime:
    """Return a moment of the day of the tests."""
    return START + minute * MINUTE


def watermark() -> Watermark:
    """Return one that has heard nothing."""
    return Watermark(allowance=MINUTE, idle_limit=10 * MINUTE)


def after(passing: Watermark, **latest: float) -> datetime | None:
    """Return how far time has passed once these sources were heard, in minutes."""
    passing.hear({source: at(minute) for source, minute in latest.items()})
    return passing.advance()


def test_no_time_passes_before_anything_is_heard() -> None:
    """Not even the beginning of time."""
    assert watermark().advance() is None


def test_the_slowest_source_holds_time_back() -> None:
    """By its newest observation, less the allowance."""
    passing = watermark()
    assert after(passing, a=20, b=12) == at(11)
    assert after(passing, b=15) == at(14)
    assert after(passing, b=13) == at(14)


def test_an_idle_source_does_not_hold_time_back() -> None:
    """At the limit it still does, beyond it no more; its return does not turn time back."""
    passing = watermark()
    assert after(passing, a=10, b=0) == at(-1)
    assert after(passing, a=10.5) == at(9.5)
    assert after(passing, b=5) == at(9.5)
    assert after(passing, a=12) == at(9.5)
    assert after(passing, b=12) == at(11)


def test_ticks_pass_time_and_are_news() -> None:
    """A tick moves time at once, and leaves behind who has been idle since."""
    passing = watermark()
    assert after(passing, a=0) == at(-1)
    passing.tick(at(5))
    assert passing.advance() == at(5)
    passing.tick(at(3))
    assert passing.advance() == at(5)
    passing.tick(at(30))
    assert after(passing, a=1) == at(30)


def test_a_resumed_watermark_is_the_same() -> None:
    """What it remembers is all there is."""
    passing, resumed = watermark(), watermark()
    after(passing, a=20, b=12)
    resumed.resume(passing.heard)
    assert after(resumed, b=13) == after(passing, b=13) == at(12)


def test_who_promises_is_not_waited_for() -> None:
    """Up to what is promised, without the allowance; others are waited for as ever."""
    passing = watermark()
    after(passing, a=20, b=12, c=15)
    assert passing.given({"b": at(14.5)}) == at(14)
    assert passing.given({"b": at(14.5), "c": at(13.5)}) == at(14)
    assert passing.given({"b": at(14.5), "c": at(17)}) == at(14.5)
    assert passing.given({}) == passing.reached == at(11)


def test_a_promise_alone_passes_no_time() -> None:
    """It is not news, revives nobody, and takes time no further than readings do."""
    passing = watermark()
    assert passing.given({"a": at(30)}) is None
    after(passing, a=20, b=2)
    assert passing.given({"a": at(40), "b": at(3)}) == at(19)
    assert passing.given({"a": at(40), "b": at(60)}) == at(19)
    passing.tick(at(25))
    assert passing.given({"a": at(40)}) == at(25)


@settings(derandomize=True, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 40))), st.randoms())
def test_a_tick_closes_what_arrival_order_left_open(
    heard: list[tuple[str, int]], chance: Random
) -> None:
    """Whatever the order, after the same last tick everybody is at the same time."""
    passed: list[datetime | None] = []
    for _ in range(2):
        passing = watermark()
        for source, minute in heard:
            after(passing, **{source: minute})
        passing.tick(at(50))
        passed.append(passing.advance())
        chance.shuffle(heard)
    assert passed == [at(50), at(50)]
