"""``haechi aci read``: what it prints, and how it ends."""

from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner

from haechi.aci.manifest import Document
from haechi.cli import app
from haechi.commands.errors import CommandError
from tests.ingest.documents.interchanges import REPORT, STOWAGE, interchange


def run(*words: str) -> tuple[int, str, str]:
    """Run the command; return status, standard output, standard error."""
    result = CliRunner().invoke(app, ["aci", "read", *words])
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    """Return a file without any problem."""
    path = tmp_path / "plan.edi"
    path.write_bytes(interchange("BAPLIE", *STOWAGE))
    return path


@pytest.fixture
def report(tmp_path: Path) -> Path:
    """Return a file with problems."""
    path = tmp_path / "report.edi"
    path.write_bytes(interchange("CUSCAR", *REPORT))
    return path


def test_a_clean_file_ends_with_0(plan: Path) -> None:
    """It says ship, voyage, ports and containers."""
    status, said, _ = run(str(plan))
    assert status == 0
    assert "BAPLIE D 95B: BLUE CEDAR D7HX2" in said
    assert "CSQU3054383  22G1  24000 kg  at 0010682  KRPUS > EGALY" in said


def test_problems_are_lines_and_end_with_1(report: Path) -> None:
    """Each says where, what, and what was kept."""
    status, said, _ = run(str(report))
    assert status == 1
    assert "28 SGP: 'MSKU9070324': the check digit of MSKU907032 is 3, not 4" in said


def test_a_refused_file_ends_with_2_and_stops_no_other(plan: Path, report: Path) -> None:
    """Strict reading refuses what has problems, and lists them."""
    status, said, complained = run("--strict", str(report), str(plan), str(plan.parent / "no.edi"))
    assert status == 2
    assert "BLUE CEDAR D7HX2" in said
    assert "report.edi: refused: 3 problems" in complained
    assert "31 SEL: 'SI' is no seal number" in complained
    assert "no.edi: No such file or directory" in complained


def test_json_is_the_document_itself(plan: Path, report: Path) -> None:
    """One line a file, which reads back."""
    _, said, _ = run("--json", str(plan), str(report))
    documents = [msgspec.json.decode(line, type=Document) for line in said.splitlines()]
    assert [document.name for document in documents] == ["plan.edi", "report.edi"]
    assert len(documents[1].problems) == 3


def test_the_qualifier_of_the_acid_is_an_option(report: Path) -> None:
    """As senders differ."""
    _, said, _ = run(str(report), "--acid-qualifier", "XYZ")
    assert "HXLB0001  KRPUS > EGALY  1 containers, 14182 kg, ACID none" in said


@pytest.mark.parametrize("suffix", ["xlsx", "csv"])
def test_a_template_that_is_written_is_read(tmp_path: Path, suffix: str) -> None:
    """And is not written over a file that somebody may have filled in."""
    path = tmp_path / f"cargo.{suffix}"
    assert CliRunner().invoke(app, ["aci", "template", str(path)]).exit_code == 0
    status, said, _ = run(str(path))
    assert (status, "1 bills" in said) == (0, True)
    again = CliRunner().invoke(app, ["aci", "template", str(path)])
    assert isinstance(again.exception, CommandError)


def test_a_template_of_another_format_is_not_known(tmp_path: Path) -> None:
    """The message names those that are."""
    result = CliRunner().invoke(app, ["aci", "template", str(tmp_path / "cargo.doc")])
    assert str(result.exception).endswith("the name must end in .xlsx or .csv")
