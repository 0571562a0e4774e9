"""The picture in the documentation is drawn from the table in the code."""

from pathlib import Path

from analytics.alarms import START, TRANSITIONS
from analytics.diagram import mermaid
from haechi.alarms import Signal

GUIDE = (Path(__file__).parents[2] / "docs" / "alarms.md").read_text()


def test_the_diagram_in_the_guide_is_the_table() -> None:
    """To renew it, print ``mermaid(TRANSITIONS, START)``."""
    assert mermaid(TRANSITIONS, START) in GUIDE


def test_the_guide_explains_every_signal() -> None:
    """In the table of signals, by whom each is given."""
    rows = [line.split("|")[1] for line in GUIDE.splitlines() if line.startswith("| ")]
    named = {name.strip() for row in rows for name in row.split(",")}
    assert set(Signal) <= named
