"""Cameras of a scenario are seen through their whole agent, in the scenario's own time."""

import pytest
from msgspec.structs import replace

from edge.cctv.detector import FakeDetector, Found
from edge.cctv.frames import Pixels
from firmware_sim.scenario import find
from haechi.cameras import CameraView, Detection
from haechi.commands.scoring_cameras import Timed, readings


@pytest.fixture(scope="module")
def seen() -> list[Timed]:
    """Return what one camera says of a boat that shows for twelve seconds of forty."""
    looks = iter(range(1000))

    def finds(_: Pixels) -> list[Found]:
        is_there = next(looks) < 6
        return [Found("boat", 0.9, 200, 120, 240, 140)] if is_there else []

    day = find("watched-breakwater")
    mole = replace(day.camera[0], width_px=320, height_px=180)
    quiet = replace(day.camera[1], scored_fps=0)
    short = replace(day, camera=(mole, quiet), lasts_s=40)
    return list(readings(short, FakeDetector(finds, ["boat"])))


def test_only_cameras_that_are_scored_are_looked_at(seen: list[Timed]) -> None:
    """Drawing costs processor time."""
    assert {device for _, device, _ in seen} == {"mole"}
    assert isinstance(seen[0][2].content, CameraView)


def test_what_is_seen_comes_in_order_and_its_end_when_it_was_missed_for_long(
    seen: list[Timed],
) -> None:
    """The end is dated when it was last seen, and said five seconds later."""
    seconds = [second for second, _, _ in seen]
    assert seconds == sorted(seconds)
    said = [(second, each) for second, _, each in seen if isinstance(each.content, Detection)]
    phases = [each.content.phase for _, each in said if isinstance(each.content, Detection)]
    assert phases[0] == "new"
    assert phases[-1] == "end"
    day = find("watched-breakwater")
    second, last = said[-1]
    assert (last.at - day.starts).total_seconds() == 10
    assert second == 15
