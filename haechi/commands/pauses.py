"""Pauses of the interpreter, kept out of a process that somebody waits for."""

import gc
import sys
from typing import Final

FULL_AFTER: Final = 1000
"""Collections of the young generations, one every few seconds, before the next of everything. It
pauses for as long as it looks: 15 ms with 2,000 subjects, more the more of their past is held."""

TURN_S: Final = 0.001
"""A thread that computes gives way after so long. SQLite gives up the interpreter at every row it
steps to, and Python's own 5 ms would each time be lost to whoever computes meanwhile."""


def make_pauses_rare() -> None:
    """Never look again at what is here now, rarely at what has become old; take short turns.

    What is here are modules, rules, zones and routes: some hundred thousand objects that stay until
    the end, 60 ms a look. Young garbage is collected as ever.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*gc.get_threshold()[:2], FULL_AFTER)
    sys.setswitchinterval(TURN_S)
