"""Standard output may be a file on a full disk, or a pipe whose reader has gone."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.processes import HAECHI, PYTHON, ROOT, environment

LONG = """
from haechi.commands.errors import mendable
from haechi.commands.output import telling

with telling(), mendable():
    for number in range(100_000):
        print(number)
"""
"""More than any buffer holds, within reach of the answer to errors of files."""


def test_a_result_that_cannot_be_written_is_an_error_in_a_line(tmp_path: Path) -> None:
    """Whoever keeps results in a file must not take half of one for the whole."""
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*HAECHI, "acid", "4988470982020120017"],
            cwd=tmp_path,
            env=environment(),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr == "haechi: standard output: [Errno 28] No space left on device\n"


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_that_has_gone_is_no_error(unbuffered: str) -> None:
    """As of ``| head -1``: a quiet end, with the status that other programs have then."""
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [PYTHON, "-c", LONG],
        cwd=ROOT,
        env=environment() | {"PYTHONUNBUFFERED": unbuffered},
        stdout=writing,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")


def test_no_standard_output_at_all_is_as_one_likes() -> None:
    """Closed by whoever starts it, as ``>&-`` does: nothing is wanted."""
    command = f'exec "{PYTHON}" -c "$0" >&-'
    done = subprocess.run(["sh", "-c", command, LONG], cwd=ROOT, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
