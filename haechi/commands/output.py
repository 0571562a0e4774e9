"""Standard output that cannot be written, as on a full disk or before ``| head``: said once."""

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from io import TextIOWrapper
from typing import Final

from haechi.commands.progress import note

NOBODY_READS: Final = 141
"""Exit status of a program whose reader has gone: as shells say of one that SIGPIPE ends."""

UNWRITABLE: Final = 2


class OutputError(Exception):
    """Standard output took no more; the cause says why.

    No ``OSError``, so that whoever answers errors of files does not take it for one of theirs.
    """


class Output(TextIOWrapper):
    """Text output whose failures are told from those of other files."""

    def write(self, text: str, /) -> int:
        """Take a text.

        Raises:
            OutputError: it could not be written.
        """
        try:
            return super().write(text)
        except OSError as error:
            raise OutputError from error

    def flush(self) -> None:
        """Write what is held.

        Raises:
            OutputError: it could not be written.
        """
        try:
            super().flush()
        except OSError as error:
            raise OutputError from error


@contextmanager
def telling() -> Generator[None]:
    """Have standard output written in full, or end the process with a status that says it is not.

    Raises:
        SystemExit: with ``NOBODY_READS``, in silence, or ``UNWRITABLE``, after a line.
    """
    if (before := sys.stdout) is None:  # closed by whoever started this: nothing is wanted
        yield
        return
    descriptor = before.fileno()
    with Output(
        open(descriptor, "wb", closefd=False),
        encoding=before.encoding,
        errors=before.errors,
        line_buffering=before.isatty(),
    ) as output:
        sys.stdout = output
        try:
            with _flushing(output):
                yield
        except OutputError as error:
            _discard(descriptor)
            if isinstance(error.__cause__, BrokenPipeError):
                sys.exit(NOBODY_READS)
            note(f"haechi: standard output: {error.__cause__}")
            sys.exit(UNWRITABLE)
        finally:
            sys.stdout = before


@contextmanager
def _flushing(output: Output) -> Generator[None]:
    """Write what is held at the end, whichever way it comes."""
    try:
        yield
    finally:
        output.flush()


def _discard(descriptor: int) -> None:
    """Let what is still held go nowhere, or it would be tried once more at the end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)
