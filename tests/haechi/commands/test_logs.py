"""Standard error may be a file on a full disk, or a pipe that nobody reads."""

import subprocess
import sys
from pathlib import Path

import pytest

from haechi.commands.logs import Forgiving
from tests.processes import HAECHI, environment

IMPLAUSIBLE = "4988470982020130017"
"""An ACID of month 13, of which a warning is said: status 1."""


def test_what_cannot_be_written_is_lost_and_ends_nothing(tmp_path: Path) -> None:
    """The result is there, and the status is that of the work."""
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*HAECHI, "acid", IMPLAUSIBLE],
            cwd=tmp_path,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=full,
            check=False,
        )
    assert (done.returncode, done.stdout[:18]) == (1, b"importer 498847098")


def test_what_can_be_written_again_is_written(capfd: pytest.CaptureFixture[str]) -> None:
    """It is the same stream in all but that."""
    stream = Forgiving(sys.stderr)
    stream.write("said\n")
    stream.flush()
    assert capfd.readouterr().err == "said\n"
    assert (stream.isatty(), stream.encoding) == (sys.stderr.isatty(), sys.stderr.encoding)
