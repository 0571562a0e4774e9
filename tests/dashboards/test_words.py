"""The page has a name, in every language, for whatever a finding measures or is held against."""

import ast
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboards.build import WEB

UNITS = ("_m_s", "_kn", "_m", "_s", "_deg", "_c", "_kg", "_percent", "_days")
"""At the end of names, as in ``dashboards/web/src/details.ts``."""


def measured() -> Iterator[str]:
    """Yield the names of values and thresholds that rules and the cross-check write."""
    for folder in ("rules", "crosscheck"):
        for path in sorted(Path("analytics", folder).glob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                match node:
                    case ast.keyword(arg="values" | "thresholds", value=ast.Dict(keys=keys)):
                        yield from (str(key.value) for key in keys if isinstance(key, ast.Constant))
                    case _:
                        pass


def label(name: str) -> str:
    """Return the name without its unit."""
    unit = next((unit for unit in UNITS if name.endswith(unit)), "")
    return name.removesuffix(unit)


@pytest.mark.parametrize("language", ["en", "ko", "ar"])
def test_values_have_names(language: str) -> None:
    """A new one fails here, not before an officer."""
    words = json.loads((WEB / f"src/words/{language}.json").read_text(encoding="utf-8"))
    names = {*measured()}
    assert len(names) > 60
    assert {name for name in names if not words.get(f"value.{label(name)}")} == set()
