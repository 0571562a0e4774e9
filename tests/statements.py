"""Makes docs/statements.md: each numbered requirement with the tests that hold it, or why none.

Run after a test has gained or lost a number: ``python -m tests.statements``.
"""

import ast
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[1]
LIST: Final = ROOT / "docs" / "statements.toml"
PAGE: Final = ROOT / "docs" / "statements.md"

NUMBERED: Final = re.compile(r"test_([kntxd]\d+)_")
"""How a test of a folder that is about cargo alone may also say its number."""

CARGO: Final = ("tests/haechi/aci", "tests/ingest/documents", "tests/analytics/crosscheck")
"""Tests of other folders number other requirements in their names."""

HEAD: Final = """# Statements and their tests

What a customs service asks of this platform, and the tests that hold it to its word. The numbers
are those of the requirements; a test carries its numbers as a marker or in its name. This page is
made by `python -m tests.statements` from the tests and [statements.toml](statements.toml), and a
test compares.
"""


def marked() -> dict[str, list[str]]:
    """Return the tests of each number, as ``path::name``, in order."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        text, place = path.read_text(encoding="utf-8"), str(path.relative_to(ROOT))
        by_name = place.startswith(CARGO)
        if "mark.statement(" in text or by_name:
            for number, name in _numbers(ast.parse(text), by_name=by_name):
                found[number].append(f"{place}::{name}")
    return {number: sorted({*names}) for number, names in found.items()}


def listed() -> dict[str, dict[str, Any]]:
    """Return each group with its title and statements."""
    return tomllib.loads(LIST.read_text(encoding="utf-8"))


def numbers() -> dict[str, dict[str, str]]:
    """Return what each number says, and what of it comes later."""
    groups = listed().values()
    return {number: row for group in groups for number, row in group.items() if number != "title"}


def page() -> str:
    """Return the page as it should be."""
    tests = marked()
    parts = [HEAD]
    for group in listed().values():
        parts.append(f"\n## {group['title']}\n\n| number | statement | held by |\n|---|---|---|\n")
        parts += [
            f"| {number} | {row['says']} | {_held(tests.get(number, []), row.get('later'))} |\n"
            for number, row in group.items()
            if number != "title"
        ]
    return "".join(parts)


def _numbers(tree: ast.Module, *, by_name: bool) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            named = NUMBERED.match(node.name) if by_name else None
            if named:
                yield named[1].upper(), node.name
            yield from ((number, node.name) for number in _marks(node))


def _marks(test: ast.FunctionDef) -> Iterator[str]:
    calls = (each for each in test.decorator_list if isinstance(each, ast.Call))
    for call in calls:
        if ast.unparse(call.func) == "pytest.mark.statement":
            yield from (ast.literal_eval(each) for each in call.args)


def _held(tests: list[str], later: str | None) -> str:
    links = [_link(test) for test in tests]
    return "<br>".join([*links, *([f"*later:* {later}"] if later else [])])


def _link(test: str) -> str:
    path, name = test.split("::")
    return f"[{name.removeprefix('test_').replace('_', ' ')}](../{path})"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
