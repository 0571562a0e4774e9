"""Scores of scenarios: the shipped ones as the guide prints them, and that a score can be bad."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from edge.measured import Measured
from firmware_sim.cast import Truth
from firmware_sim.scenario import Scenario, find, shipped
from haechi.cameras import Detection, Ellipse
from haechi.commands import scoring_cameras
from haechi.commands.progress import Progress
from haechi.commands.scoring import Score, Timed, score, table
from haechi.settings import load

GUIDE = Path(__file__).resolve().parents[3] / "docs" / "scenarios.md"


def scored(scenario: Scenario) -> Score:
    """Return the score with the default settings."""
    return score(scenario, load(), Progress())


CAMERAS = "watched-breakwater"
"""Its figures hang on the detector, which may be another one tomorrow."""


@pytest.mark.parametrize("name", [name for name in shipped() if name != CAMERAS])
def test_each_shipped_scenario_scores_as_the_guide_says(name: str) -> None:
    """Run ``haechi sim score`` and put its table there when this fails."""
    rows = table([scored(find(name))])[2:]
    assert "\n".join(rows) in GUIDE.read_text()


@pytest.mark.statement("K17")
def test_fixed_cameras_find_what_their_labels_name_them_for() -> None:
    """In pictures that are drawn and really looked at; how well stands in the guide."""
    day = find(CAMERAS)
    result = scored(replace(day, scored_s=100))
    assert result.found >= 1
    assert result.precision is not None
    assert result.precision >= 0.5
    rows = GUIDE.read_text()
    for truth in day.truth:
        assert f"| `{truth.rule}` of {truth.subject} | {' and '.join(truth.sensors)} |" in rows


def test_what_a_camera_sees_is_held_against_where_somebody_really_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A boat in the watched strip counts for its label only near the true place, and by name."""
    day = replace(find(CAMERAS), lasts_s=100)
    boat = day.truth[0]

    def seen(_: Scenario) -> list[Timed]:
        content = Detection(
            phase="new",
            camera="mole",
            label="boat",
            score=0.9,
            box=(0.4, 0.4, 0.5, 0.5),
            lat=35.12203,
            lon=129.20713,
            ellipse=Ellipse(semi_major_m=50, semi_minor_m=5, orientation_deg=0),
        )
        return [(50.0, "mole", Measured(day.at(50), "object:mole.1", content))]

    monkeypatch.setattr(scoring_cameras, "readings", seen)
    assert scored(replace(day, truth=(boat,))).found == 1
    assert scored(replace(day, truth=(replace(boat, place_m=1),))).found == 0
    assert scored(replace(day, truth=(replace(boat, subject="mmsi:440123070"),))).found == 0
    assert scored(replace(day, truth=(replace(boat, sensors=("camera:quay",)),))).found == 0


def test_a_label_that_names_another_sensor_is_not_found() -> None:
    """That a ship is too fast is found by AIS, and by no registry."""
    fast = find("harbour-speeding")
    other = replace(fast.truth[0], sensors=("ais", "registry"))
    assert scored(replace(fast, truth=(other,))).found == 0


def test_what_is_not_found_and_what_is_too_much_is_said() -> None:
    """A label for a ship that did nothing; no label for one that fell silent."""
    dark = find("dark-ship")
    wrong = Truth(rule="silence", subject="mmsi:440123021", at_s=5400)
    result = scored(replace(dark, truth=(wrong,)))
    assert (result.recall, result.precision, result.is_perfect) == (0, 0, False)
    assert len(result.surplus) == 1
    assert "not found" in table([result])[2]


def test_a_label_takes_one_finding_only() -> None:
    """Two labels for one silence: the second is not found."""
    dark = find("dark-ship")
    result = scored(replace(dark, truth=(*dark.truth, *dark.truth)))
    assert (result.found, result.recall) == (1, 0.5)


def test_a_label_that_waits_for_something_does_not_count_and_is_shown() -> None:
    """Unless it is found after all."""
    dark = find("dark-ship")
    wanting = Truth(rule="meeting", subject="mmsi:440123020", at_s=5400, later="a rule")
    result = scored(replace(dark, truth=(*dark.truth, wanting)))
    assert (result.recall, result.is_perfect) == (1, True)
    assert table([result])[3].endswith("| not yet: a rule |")
    known = replace(dark.truth[0], later="a rule")
    assert scored(replace(dark, truth=(known,))).recall == 1
