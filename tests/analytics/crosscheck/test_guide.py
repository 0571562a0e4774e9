"""The guide to advance cargo shows the tables that the code has."""

import re
from pathlib import Path

from analytics.cargo_words import TITLES
from analytics.crosscheck.reasons import SEVERITIES
from analytics.diagram import mermaid
from haechi.aci.states import TRANSITIONS
from tests.haechi.aci.test_policy import NOW, POLICIES

GUIDE = (Path(__file__).parents[3] / "docs" / "aci.md").read_text(encoding="utf-8")


def test_the_diagram_is_the_table_of_states() -> None:
    """To renew it, print what is compared here."""
    table = {
        str(before): {str(step): str(after) for step, after in row.items()}
        for before, row in TRANSITIONS.items()
    }
    assert mermaid(table, {"created": "draft"}) in GUIDE


def test_every_kind_of_finding_is_listed_with_its_words_and_severity() -> None:
    """In the order of the checks."""
    rows = re.findall(r"^\| \d+ \| `(\w+)` \| ([^|]+) \| (\w+) \|$", GUIDE, re.MULTILINE)
    said = {kind: (words, severity) for kind, words, severity in rows}
    assert said == {code: (TITLES[code][0], severity) for code, severity in SEVERITIES.items()}


def test_every_choice_and_deadline_is_explained() -> None:
    """By the name it has in the policy file."""
    names = {*POLICIES.uses, *(rule.code for rule in POLICIES.at(NOW).deadlines)}
    assert [name for name in sorted(names) if f"| `{name}` |" not in GUIDE] == []
