"""Progress on standard error: a line that is rewritten on a terminal, now and then elsewhere."""

import sys
import time
from collections.abc import Callable
from typing import Final

EVERY_S: Final = 2.0
EVERY_ON_TERMINAL_S: Final = 0.2


class Progress:
    """Says how far something is, seldom enough to cost nothing."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._terminal = sys.stderr.isatty()
        self._every_s = EVERY_ON_TERMINAL_S if self._terminal else EVERY_S
        self._due = clock() + self._every_s
        self._began = clock()

    @property
    def elapsed_s(self) -> float:
        """Seconds since the beginning."""
        return self._clock() - self._began

    def say(self, text: Callable[[], str]) -> None:
        """Show ``text()`` if it is time to."""
        now = self._clock()
        if now >= self._due:
            self._due = now + self._every_s
            self._write(text())

    def done(self, text: str) -> None:
        """Show the last line."""
        self._write(text)
        if self._terminal:
            sys.stderr.write("\n")

    def _write(self, text: str) -> None:
        sys.stderr.write(f"\r\x1b[K{text}" if self._terminal else f"{text}\n")
        sys.stderr.flush()


def note(text: str) -> None:
    """Tell the person at the terminal something that is not the result."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()
