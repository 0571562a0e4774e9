"""The table of states is the picture in the guide."""

import re
from pathlib import Path

from analytics.seal_words import SEAL_WORDS
from edge.seal.states import BROKEN, TRANSITIONS, SealState
from haechi.seals import SealEventKind

GUIDE = (Path(__file__).parents[3] / "docs" / "seals.md").read_text()


def test_the_picture_in_the_guide_is_the_table() -> None:
    """Every arrow, with its events, and no other."""
    drawn = {
        (SealState(before), SealEventKind(event)): SealState(after)
        for before, after, events in re.findall(r"    (\w+) --> (\w+): (.+)", GUIDE)
        for event in events.split(", ")
    }
    table = {
        (before, event): after
        for before, row in TRANSITIONS.items()
        for event, after in row.items()
    }
    assert drawn == table


def test_there_is_no_way_out_of_the_latch() -> None:
    """Whatever is broken stays so."""
    assert all(set(TRANSITIONS[state].values()) <= BROKEN for state in BROKEN)


def test_every_kind_of_finding_about_seals_is_in_the_guide() -> None:
    """As the words for people have them."""
    assert [kind for kind in SEAL_WORDS if f"`{kind}`" not in GUIDE] == []
