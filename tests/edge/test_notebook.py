"""The notebook: what is written stays, and nothing that a disk does stops an agent."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from edge.notebook import Change, Notebook
from tests.edge.disks import fill

SCHEMA = "create table if not exists word (text text);"


def word(text: str) -> Change:
    """Return the change that notes a word."""
    return "insert into word values (?)", [(text,)]


def words(notebook: Notebook) -> list[str]:
    """Return all that are noted."""
    return [text for (text,) in notebook.read("select text from word order by rowid")]


def test_what_is_written_outlives_it(tmp_path: Path) -> None:
    """Several changes at once, or none of them."""
    first = Notebook(tmp_path / "n.sqlite", SCHEMA)
    assert first.write(word("one"), word("two"))
    assert not first.write(word("three"), ("insert into nowhere values (?)", [(1,)]))
    first.close()
    again = Notebook(tmp_path / "n.sqlite", SCHEMA)
    assert words(again) == ["one", "two"]
    again.close()


@pytest.mark.parametrize("sound_bytes", [0, 4096])
def test_d10_a_damaged_file_is_moved_aside(tmp_path: Path, sound_bytes: int) -> None:
    """Whether that is noticed when it is opened or only when it is read; a new one is begun."""
    path = tmp_path / "n.sqlite"
    before = Notebook(path, SCHEMA)
    assert before.write(*(word("x" * 1000) for _ in range(50)))
    before.close()
    whole = path.read_bytes()
    path.write_bytes(whole[:sound_bytes] + b"?" * (len(whole) - sound_bytes))
    notebook = Notebook(path, SCHEMA)
    assert words(notebook) == []
    assert notebook.write(word("kept"))
    assert words(notebook) == ["kept"]
    assert path.with_name("n.sqlite.corrupt-1").exists()
    notebook.close()


def test_d8_a_full_disk_is_waited_out(small_disk: Path) -> None:
    """Nothing is raised, what was written can be read, and writing goes on when there is room."""
    notebook, hog = Notebook(small_disk / "n.sqlite", SCHEMA), small_disk / "hog"
    assert notebook.write(word("before"))
    fill(hog)
    assert not notebook.write(word("x" * 9000))
    assert words(notebook) == ["before"]
    hog.unlink()
    assert notebook.write(word("after"))
    assert words(notebook) == ["before", "after"]
    notebook.close()


def test_d8_a_notebook_that_cannot_be_opened_is_empty(small_disk: Path) -> None:
    """Begun on a full disk, it begins to remember once there is room."""
    notebook, hog = Notebook(small_disk / "n.sqlite", SCHEMA), small_disk / "hog"
    fill(hog)
    assert not notebook.write(word("before"))
    assert words(notebook) == []
    hog.unlink()
    assert notebook.write(word("after"))
    notebook.close()


def test_whoever_looks_into_it_stops_nobody(tmp_path: Path) -> None:
    """A file that is locked is one that cannot be written now."""
    notebook = Notebook(tmp_path / "n.sqlite", SCHEMA, patience_s=0)
    assert notebook.write(word("one"))
    with closing(sqlite3.connect(tmp_path / "n.sqlite", isolation_level=None)) as other:
        other.execute("begin immediate")
        assert not notebook.write(word("two"))
        other.execute("rollback")
    assert notebook.write(word("three"))
    assert words(notebook) == ["one", "three"]
    notebook.close()
