"""Real recordings through the whole platform, as a user runs it: all of it is accounted for."""

import json
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

import pytest

from ingest.stores.sqlite import SqliteStore
from tests.conftest import Recording
from tests.processes import haechi

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

RECORDINGS = (
    "ais/ais-sample.txt.gz",
    "ais/dma_stream_example.txt",
    "ais/kystverket_Ais1000Lines.nm4",
    "ais/solent_2016-01-12.csv",
)
SOLENT = "ais/solent_2016-01-12.csv"
MAX = ("--speed", "max")


def told(command: str, *words: object, folder: Path) -> dict[str, Any]:
    """Return what a command that must succeed prints with ``--json``."""
    done = haechi(command, *words, "--json", folder=folder)
    assert done.returncode == 0, done.stderr
    stated: dict[str, Any] = json.loads(done.stdout)
    return stated


@pytest.fixture(scope="module")
def solent(recording: Recording, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return what a backtest of the Solent prints, to which every other run of it is compared."""
    folder = tmp_path_factory.mktemp("solent")
    return haechi("backtest", recording(SOLENT), "--json", folder=folder).stdout


def statements(report: dict[str, Any]) -> list[dict[str, Any]]:
    """Return findings without the identities of the observations that they rest on.

    Of the same rows in another order each has another number, and the file another boot; what
    was found, of whom, when, and in which words does not depend on that.
    """
    return [{k: v for k, v in found.items() if k != "evidence"} for found in report["findings"]]


def table(path: Path, header: str, rows: Sequence[str]) -> Path:
    """Write a positions file."""
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


@pytest.mark.parametrize("name", RECORDINGS)
def test_a_recording_goes_through_and_balances(
    name: str, recording: Recording, tmp_path: Path
) -> None:
    """Every message is a reading or set aside, every reading is kept, and both ways agree."""
    path = recording(name)
    replayed = told("replay", path, *MAX, folder=tmp_path)
    read, ledger = replayed["input"], replayed["ledger"]
    assert read["messages"] == read["readings"] + sum(read["undecodable"].values()) > 0
    assert ledger["numbered"] == ledger["kept"] == read["readings"]
    assert ledger["sent"] == ledger["kept"] + ledger["duplicate"]
    assert (ledger["missing"], ledger["in_flight"], ledger["thinned"]) == (0, 0, 0)
    assert (ledger["rejected"], ledger["balances"]) == ({}, True)
    tested = told("backtest", path, folder=tmp_path)
    assert tested["findings"] == replayed["findings"]
    assert (tested["input"], tested["boot"]) == (replayed["input"], replayed["boot"])
    assert [*(tmp_path / "data").glob("*/*")] == [], "what a command makes for itself it removes"


@pytest.mark.parametrize("seed", [1, 2])
def test_the_solent_shuffled_gives_the_same_findings(
    seed: int, recording: Recording, solent: str, tmp_path: Path
) -> None:
    """All 18,623 reports in random order: the same ids, intervals, values and texts."""
    path = recording(SOLENT)
    in_order = statements(json.loads(solent))
    header, *rows = path.read_text().splitlines()
    Random(seed).shuffle(rows)  # noqa: S311 - a test's, seeded
    shuffled = table(tmp_path / "shuffled.csv", header, rows)
    assert len(in_order) > 10
    assert statements(told("backtest", shuffled, folder=tmp_path)) == in_order
    if seed == 1:
        assert statements(told("replay", shuffled, *MAX, folder=tmp_path)) == in_order


def test_rows_that_stand_twice_change_nothing(
    recording: Recording, solent: str, tmp_path: Path
) -> None:
    """One in ten reports once more, near and far: two receivers may hear one transmission."""
    path = recording(SOLENT)
    header, *rows = path.read_text().splitlines()
    again = Random(3).sample(rows, len(rows) // 10)  # noqa: S311 - a test's, seeded
    middle = len(rows) // 2
    doubled = table(tmp_path / "doubled.csv", header, [*rows[:middle], *again, *rows[middle:]])
    in_order = statements(json.loads(solent))
    assert statements(told("backtest", doubled, folder=tmp_path)) == in_order


def test_a_backtest_is_reproducible_to_the_byte(
    recording: Recording, solent: str, tmp_path: Path
) -> None:
    """Three times the same standard output: nothing of the clock or of the machine is in it."""
    path = recording(SOLENT)
    again = [haechi("backtest", path, "--json", folder=tmp_path).stdout for _ in range(2)]
    assert again == [solent, solent]
    assert solent


def test_keep_leaves_a_store_that_opens(recording: Recording, tmp_path: Path) -> None:
    """All observations are in it, whatever year they are of, and the agent's folder beside it."""
    kept = tmp_path / "kept"
    report = told(
        "replay",
        recording("ais/kystverket_Ais1000Lines.nm4"),
        *MAX,
        "--keep",
        kept,
        folder=tmp_path,
    )
    with closing(SqliteStore(kept / "haechi.db")) as store:
        subjects = [latest.subject for latest in store.latest()]
        assert subjects
        (account,) = store.accounts()
        assert account.kept == report["ledger"]["kept"] == report["input"]["readings"]
        assert all(store.history(subject, None) for subject in subjects)
    refused = haechi("replay", "any.nmea", "--keep", kept, folder=tmp_path)
    assert (refused.returncode, "exists already" in refused.stderr) == (2, True)


def test_a_recording_that_ends_too_soon_is_refused(recording: Recording, tmp_path: Path) -> None:
    """A file that cannot be read through: status 2, one line, and no folder left behind."""
    broken = tmp_path / "broken.txt.gz"
    broken.write_bytes(recording("ais/ais-sample.txt.gz").read_bytes()[:50_000])
    done = haechi("replay", broken, *MAX, folder=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "broken.txt.gz" in done.stderr
    assert "Traceback" not in done.stderr
    assert [*(tmp_path / "data").glob("*/*")] == []
