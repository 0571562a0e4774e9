"""How long nobody has spoken: then, and only then, the wall clock may say what time it is."""

from typing import Final

QUIET_S: Final = 5.0
"""Nothing may have arrived for so long before the wall clock may speak in a tick."""

LONGEST_TURN_S: Final = 1.0
"""What one turn may add to that: a suspended machine has not listened, so it heard nothing."""


class Lull:
    """The time in which we listened and nothing arrived.

    Args:
        now: Seconds that never go back, here and below.
    """

    def __init__(self, now: float) -> None:
        self._turned_at = now
        self._quiet_s = 0.0

    def end(self) -> None:
        """Somebody has spoken, or nobody could."""
        self._quiet_s = 0.0

    def has_lasted(self, now: float) -> bool:
        """Return whether it has been quiet for long enough, and begin anew if so.

        To be asked at every turn.

        >>> lull = Lull(0.0)
        >>> [lull.has_lasted(turn / 2) for turn in range(1, 12)].index(True)
        9
        """
        elapsed, self._turned_at = now - self._turned_at, now
        self._quiet_s += min(elapsed, LONGEST_TURN_S)
        if self._quiet_s < QUIET_S:
            return False
        self._quiet_s = 0.0
        return True
