"""The documentation says what the code does."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer

from dashboards.app import make_app
from haechi.cli import app
from ingest.stores.memory import MemoryStore
from tests.dashboards.test_app import console

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
FENCED = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?://|#|mailto:)([^)#\s]+)")

ANCHOR = re.compile(r"\]\(((?!https?://)[^)#\s]*)#([^)\s]+)\)")
HEADING = re.compile(r"^#+ +(.+?) *$", re.MULTILINE)


def shell_lines(page: Path) -> list[str]:
    """Return the commands in the shell blocks of a page, without their comments."""
    blocks = FENCED.findall(page.read_text())
    lines = [line.split(" #")[0].strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


def _headings(page: Path) -> set[str]:
    """Return the headings of a page as links name them."""
    plain = (re.sub(r"[^\w\- ]", "", title) for title in HEADING.findall(page.read_text()))
    return {title.lower().replace(" ", "-") for title in plain}


def _links(page: Path) -> list[str]:
    return LINK.findall(page.read_text()) if page.suffix == ".md" else []


def haechi_calls() -> list[tuple[str, str]]:
    """Return (page, line) of every call of our own program."""
    return [
        (page.name, line)
        for page in PAGES
        for line in shell_lines(page)
        if re.match(r"(?:\w+=\S* )*haechi ", line)
    ]


@pytest.mark.parametrize(("page", "line"), haechi_calls())
def test_every_shown_command_is_one_that_the_program_takes(page: str, line: str) -> None:
    """Names, options and the number of arguments are right; nothing is run."""
    words = [word for word in shlex.split(line) if not re.match(r"[A-Z_]+=", word)][1:]
    words = [word for word in words if word not in {"&", "|", ">"}]
    command: Any = typer.main.get_command(app)
    path = ["haechi"]
    while hasattr(command, "commands"):
        name = words.pop(0)
        command = command.commands[name]
        path.append(name)
    context = command.make_context(" ".join(path), words)
    assert context.params is not None, page


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_make_target_that_is_shown_exists(page: Path) -> None:
    """As the Makefile has it."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    shown = {word for line in shell_lines(page) for word in re.findall(r"^make ([a-z-]+)", line)}
    assert shown <= targets


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    """Within the repository."""
    missing = [link for link in _links(page) if not (page.parent / link).exists()]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_into_a_page_leads_to_a_heading(page: Path) -> None:
    """A heading that is worded anew takes its links with it."""
    astray = [
        f"{name}#{heading}"
        for name, heading in ANCHOR.findall(page.read_text())
        if heading not in _headings(page.parent / name if name else page)
    ]
    assert astray == []


def test_every_page_is_found_from_the_readme() -> None:
    """By one link, or from a page that it links to; decisions are a folder."""
    found = {ROOT / "README.md"}
    for _ in range(2):
        found |= {(page.parent / link).resolve() for page in found for link in _links(page)}
    pages = {page for page in PAGES if page.parent == ROOT / "docs"}
    assert sorted(page.name for page in pages - found) == []


def test_every_command_is_in_the_reference() -> None:
    """A command that nobody can find out about does not exist."""
    reference = (ROOT / "docs" / "commands.md").read_text()

    def names(group: Any, path: str) -> list[str]:
        found: list[str] = []
        for name, command in group.commands.items():
            inner = f"{path} {name}"
            found += names(command, inner) if hasattr(command, "commands") else [inner]
        return found

    every = names(typer.main.get_command(app), "haechi")
    assert len(every) > 10
    assert [name for name in every if name not in reference] == []


def test_every_route_is_in_the_console_guide(tmp_path: Path) -> None:
    """As the API describes itself."""
    paths = make_app(console(MemoryStore(), tmp_path)).openapi()["paths"]
    routes = [f"{method.upper()} {path}" for path, methods in paths.items() for method in methods]
    guide = (ROOT / "docs" / "console.md").read_text()
    assert len(routes) > 10
    assert [route for route in routes if f"`{route}`" not in guide] == []


def test_every_decision_has_the_four_parts() -> None:
    """Status, context, decision, consequences."""
    decisions = sorted((ROOT / "docs" / "adr").glob("*.md"))
    assert [path.name[:4] for path in decisions] == [
        f"{n:04}" for n in range(1, len(decisions) + 1)
    ]
    for path in decisions:
        text = path.read_text()
        assert all(part in text for part in ("Status", "Context", "Decision", "Consequences")), path
