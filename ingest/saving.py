"""The engines' states, kept a few at a time: a snapshot must not make an alert wait."""

import math
import time
from collections import deque
from collections.abc import Callable
from typing import Final

from ingest.judging import Judging
from ingest.ports import Writing

LONGEST_S: Final = 0.2
"""After a longer pause no more is written at once than after this one."""


class Saving:
    """Writes one snapshot after another, each in slices over some seconds.

    A snapshot begins in a transaction: what has changed by then is to be saved, and time as it is
    then is remembered. Every subject is saved as it is when its turn comes, which is no less. When
    all are, the log up to that transaction is not needed any more.

    Args:
        judging: Whose states.
        spread_s: Seconds from the beginning of a snapshot to the next, if all goes well.
        clock: Seconds that only go forward.
    """

    def __init__(
        self, judging: Judging, spread_s: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._judging, self._spread_s, self._clock = judging, spread_s, clock
        self.begin_anew()

    def begin_anew(self) -> None:
        """Forget a snapshot that has begun: the engines are others now."""
        self._began = self._wrote = self._clock()
        self._position: int | None = None
        self._left: deque[str] = deque()
        self._total = 0
        self._last: dict[str, bytes] = {}

    @property
    def is_due(self) -> bool:
        """Whether there is something to write now."""
        return self._position is not None or (
            not self._judging.is_saved and self._clock() - self._began >= self._spread_s
        )

    def write(self, writing: Writing) -> None:
        """Save as many subjects as are due, if any are."""
        if not self.is_due:
            return
        now = self._clock()
        if self._position is None:
            self._begin(writing, now)
        share = min(now - self._wrote, LONGEST_S) / self._spread_s
        self._wrote = now
        self._save(writing, math.ceil(self._total * share))

    def write_all(self, writing: Writing) -> None:
        """Save everything, so that a restart has no log to judge again."""
        self._begin(writing, self._clock())
        self._save(writing, self._total)

    def _begin(self, writing: Writing, now: float) -> None:
        keys, self._last = self._judging.unsaved()
        self._position, self._began, self._wrote = writing.position, now, now
        self._left, self._total = deque(keys), len(keys)

    def _save(self, writing: Writing, count: int) -> None:
        slice_ = [self._left.popleft() for _ in range(min(count, len(self._left)))]
        writing.save_states(self._judging.save(slice_))
        if not self._left and self._position is not None:
            writing.save_states(self._last)
            writing.complete_snapshot(self._position)
            self._position = None
