"""What fails and is tried again and again: said when it begins and when it works again."""

import time
from collections.abc import Callable
from typing import Final

import structlog

SAY_AGAIN_S: Final = 60.0
"""What comes and goes is said no oftener than this, however often it is counted."""

log: structlog.stdlib.BoundLogger = structlog.get_logger()


class Outage:
    """Tells the log of one thing that an agent needs; for one thread at a time."""

    def __init__(
        self, what: str, *, clock: Callable[[], float] = time.monotonic, **names: object
    ) -> None:
        """Begin with what works.

        Args:
            what: What fails, in a word or two.
            clock: Seconds that never go back.
            names: What else tells it from others, for the log.
        """
        self.failures = 0
        """Tries that failed, of all outages so far."""
        self._names, self._clock = {"what": what, **names}, clock
        self._since: float | None = None
        self._tries = 0
        self._is_said = False
        self._said_at = float("-inf")

    def fails(self, error: object) -> None:
        """Count a try that failed; say so if it is the first."""
        now = self._clock()
        if self._since is None:
            self._since, self._tries = now, 0
        self.failures += 1
        self._tries += 1
        if not self._is_said and now - self._said_at >= SAY_AGAIN_S:
            self._is_said, self._said_at = True, now
            log.warning("out of order; tried again and again", error=str(error), **self._names)

    def ends(self) -> None:
        """Take note that it works; say so if it was said to fail."""
        if self._since is None:
            return
        if self._is_said:
            after_s = round(self._clock() - self._since, 1)
            log.warning("in order again", after_s=after_s, tries=self._tries, **self._names)
        self._since, self._is_said = None, False
