"""What the register tells the platform, and the port through which it does."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from haechi.messages import Content

ROUND: Final = 500
"""Statements in one round at most; the next one comes at once."""


class Statement(NamedTuple):
    """A reading, before its device has numbered it."""

    at: datetime
    subject: str
    content: Content


Tell = Callable[[Sequence[Statement]], object]
"""Returns once all of it is on disk: from then on it is sent at least once, whatever happens."""
