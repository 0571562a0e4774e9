"""The wall clock may speak after five seconds in which we listened, not before."""

from ingest.lull import Lull


def turns(lull: Lull, *times_s: float) -> list[float]:
    """Return at which of these times it has been quiet for long enough."""
    return [now for now in times_s if lull.has_lasted(now)]


def test_it_lasts_five_seconds_and_begins_anew() -> None:
    """Every turn counts for what it took."""
    assert turns(Lull(0.0), *(turn / 4 for turn in range(1, 81))) == [5.0, 10.0, 15.0, 20.0]


def test_who_speaks_ends_it() -> None:
    """Also just before it would have been long enough."""
    lull = Lull(0.0)
    assert turns(lull, 1.0, 2.0, 3.0, 4.0, 4.9) == []
    lull.end()
    assert turns(lull, 5.9, 6.9, 7.9, 8.9, 9.9) == [9.9]


def test_t4_a_suspended_machine_has_not_listened() -> None:
    """An hour in which nothing ran counts for one second: what arrived meanwhile is heard first."""
    lull = Lull(0.0)
    assert turns(lull, 1.0, 3600.0, 3600.2, 3600.4) == []
    assert turns(lull, 3601.4, 3602.4, 3603.4) == [3603.4]
