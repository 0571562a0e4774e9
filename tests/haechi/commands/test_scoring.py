"""Scores of scenarios: the shipped ones as the guide prints them, and that a score can be bad."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from firmware_sim.scenario import Scenario, Truth, find, shipped
from haechi.commands.progress import Progress
from haechi.commands.scoring import Score, score, table
from haechi.settings import load

GUIDE = Path(__file__).resolve().parents[3] / "docs" / "scenarios.md"


def scored(scenario: Scenario) -> Score:
    """Return the score with the default settings."""
    return score(scenario, load(), Progress())


@pytest.mark.parametrize("name", shipped())
def test_each_shipped_scenario_scores_as_the_guide_says(name: str) -> None:
    """Run ``haechi sim score`` and put its table there when this fails."""
    rows = table([scored(find(name))])[2:]
    assert "\n".join(rows) in GUIDE.read_text()


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
