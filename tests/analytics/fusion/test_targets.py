"""One target seen by two cameras and AIS is one, through crossings, torn tracks and late data."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from random import Random

import pytest
from msgspec.structs import replace

from analytics.fusion.targets import fused, target_at
from analytics.fusion.tracks import Track, track_of
from edge.ais.reading import NmeaReader
from firmware_sim import day
from firmware_sim.scenario import find
from haechi.observations import Observation
from tests.analytics.fusion.eyes import watched

DAY = find("one-target-many-eyes")
OTTER, HARE, EEL = range(3)
"""Numbers of the vessels; the last has no transponder."""
NAMES = {OTTER: "mmsi:440123080", HARE: "mmsi:440123081"}
CROSSING_S = 205
LENGTHS_M = {f"mmsi:{ship.mmsi}": float(ship.length_m) for ship in DAY.vessel}


Naming = Callable[[int, int], str]
"""Second and number of a vessel: what a camera's tracker calls it then."""


def always(second: int, number: int) -> str:  # noqa: ARG001 - as all names go
    """Name everybody as long as they are seen."""
    return f"{number}"


def swapped(second: int, number: int) -> str:
    """Mix up the two that cross, as a tracker may."""
    other = {OTTER: HARE, HARE: OTTER}.get(number, number)
    return f"{number if second < CROSSING_S else other}"


def torn(second: int, number: int) -> str:
    """Name everybody anew every minute and a half, as after a torn stream."""
    return f"{number}-{second // 90}"


@cache
def heard() -> tuple[Observation, ...]:
    """Return what an AIS receiver makes of the day."""
    reader = NmeaReader()
    found = [reader.feed(line.encode()) for _, line in day.sentences(DAY)]
    return tuple(
        Observation(
            device="ais",
            boot="b",
            seq=number,
            site="s",
            subject=each.subject,
            at=each.at,
            received_at=each.at,
            content=each.content,
        )
        for number, each in enumerate(found)
        if each is not None
    )


@cache
def seen(seed: int) -> tuple[tuple[int, int, Observation], ...]:
    """Return what the cameras say: second, number of the vessel, and an object without a name."""
    return tuple(each for eye in DAY.camera for each in watched(DAY, eye, seed))


def told(name: Naming, seed: int) -> list[Observation]:
    """Return what all sensors say, if trackers name what they see so."""
    named = (
        replace(each, subject=f"{each.subject}.{name(second, number)}")
        for second, number, each in seen(seed)
    )
    return [*heard(), *named]


def tracks(observations: Iterable[Observation], until_s: float = 1e9) -> list[Track]:
    """Return the tracks of what was observed by a second of the day."""
    by_subject: defaultdict[str, list[Observation]] = defaultdict(list)
    for each in observations:
        if (each.at - DAY.starts).total_seconds() <= until_s:
            by_subject[each.subject].append(each)
    made = (track_of(who, said, LENGTHS_M.get(who)) for who, said in by_subject.items())
    return [track for track in made if track is not None]


@pytest.mark.parametrize("name", [always, swapped, torn])
@pytest.mark.statement("K17")
def test_the_map_shows_three_targets_for_three_boats(name: Naming) -> None:
    """As known at each moment: mostly the right number, hardly ever a wrong name, no swap for good.

    Wrong is allowed while somebody is new, and while a camera mixes two up, for the time that
    joining and parting take.
    """
    everything = told(name, seed=4)
    looks, right, wrong, named = 0, 0, 0, 0
    for second in range(20, 420, 20):
        shown = tracks(everything, second)
        links = fused(shown)
        now_s = DAY.at(second).timestamp()
        alive = [each for each in shown if each.at(now_s) is not None]
        targets = {target_at(each.subject, now_s, links) for each in alive}
        looks += 1
        right += len(targets) == len(_there(everything, second))
        for each in alive:
            target = target_at(each.subject, now_s, links)
            named += each.subject.startswith("object:") and target.startswith("mmsi:")
            wrong += _is_wrong(each.subject, target, name, second)
    assert right >= 0.8 * looks
    assert wrong <= (0.12 if name is swapped else 0) * named
    assert named > looks


def test_who_crosses_keeps_its_name() -> None:
    """No switch of identity, over two draws of noise and of how badly cameras are calibrated."""
    for seed in (4, 5):
        links = fused(tracks(told(always, seed)))
        by_object: defaultdict[str, set[str]] = defaultdict(set)
        for link in links:
            by_object[link.object].add(link.target)
        for eye in ("west", "east"):
            for number, vessel in NAMES.items():
                assert by_object[f"object:{eye}.{number}"] == {vessel}
        assert not by_object.get(f"object:east.{EEL}")
        assert by_object[f"object:west.{EEL}"] == {f"object:east.{EEL}"}


def test_the_order_of_arrival_and_repetition_do_not_matter() -> None:
    """The links are a function of the set of observations."""
    everything = told(torn, seed=4)
    mixed = [*everything, *everything[::7]]
    Random(5).shuffle(mixed)  # noqa: S311 - no secret
    assert fused(reversed(tracks(mixed))) == fused(tracks(everything))


def test_late_ais_is_in_the_next_answer() -> None:
    """Without it two cameras see three boats; with it two of them have names."""
    everything = told(always, seed=4)
    by_cameras = [each for each in everything if each.subject.startswith("object:")]
    alone = fused(tracks(by_cameras))
    assert {link.target for link in alone} == {f"object:east.{n}" for n in (OTTER, HARE, EEL)}
    assert {link.target for link in fused(tracks(everything))} == {
        *NAMES.values(),
        f"object:east.{EEL}",
    }


def test_a_drones_word_goes_before_that_of_a_fixed_camera() -> None:
    """What both see without AIS is called what the drone calls it."""
    eels = [each for each in told(always, seed=4) if each.subject.endswith(f".{EEL}")]
    (link,) = fused(tracks(eels), drones={"west"})
    assert (link.object, link.target) == (f"object:east.{EEL}", f"object:west.{EEL}")


def test_one_camera_sees_no_vessel_twice() -> None:
    """A dark boat beside a vessel with a transponder does not share its name."""
    everything = told(always, seed=4)
    twin = [
        replace(each, boot="other", subject="object:east.9")
        for each in everything
        if each.subject == "object:east.0"
    ]
    links = fused(tracks([*everything, *twin]))
    of_otter = {link.object for link in links if link.target == NAMES[OTTER]}
    assert len(of_otter & {"object:east.0", "object:east.9"}) == 1


def _there(everything: Sequence[Observation], second: int) -> set[int]:
    """Return who is heard, or is in the view of a camera."""
    now = DAY.at(second)
    in_view = {
        int(each.subject.partition(".")[2].partition("-")[0])
        for each in everything
        if each.subject.startswith("object:") and each.at == now
    }
    return in_view | {OTTER, HARE}


def _is_wrong(subject: str, target: str, name: Callable[[int, int], str], second: int) -> bool:
    """Return whether an object is called after another vessel than it is."""
    known = {name(second, number): number for number in range(3)}
    number = known.get(subject.partition(".")[2])
    is_named = subject.startswith("object:") and target.startswith("mmsi:")
    return is_named and number is not None and NAMES.get(number) != target
