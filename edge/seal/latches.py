"""The seals that a gateway knows from genuine frames: each a latch, which a restart keeps too."""

from collections import OrderedDict
from pathlib import Path
from typing import Final, NamedTuple

from edge.notebook import Notebook
from edge.seal.states import SealState

REMEMBERED_SEALS: Final = 20_000
"""In memory; on disk there are as many as have keys."""

_SCHEMA: Final = """
create table if not exists seal (
    number text primary key,
    state text not null,
    counter integer not null,
    openings integer not null
);
"""
_NOTE: Final = "insert or replace into seal (number, state, counter, openings) values (?, ?, ?, ?)"
_FIND: Final = "select state, counter, openings from seal where number = ?"
_STATES: Final = {state.value: state for state in SealState}


class Latch(NamedTuple):
    """What is known of a seal."""

    state: SealState
    counter: int
    """Of the newest frame."""
    openings: int


class Latches:
    """Remembers in memory the seals that were heard of last."""

    def __init__(self) -> None:
        """Begin with none."""
        self._known: OrderedDict[str, Latch] = OrderedDict()

    def find(self, number: str) -> Latch | None:
        """Return what is known of a seal, ``None`` if it was never heard."""
        return self._known.get(number)

    def note(self, number: str, latch: Latch) -> None:
        """Remember what a new frame made of a seal."""
        self._known[number] = latch
        self._known.move_to_end(number)
        if len(self._known) > REMEMBERED_SEALS:
            self._known.popitem(last=False)

    def keep(self) -> None:
        """Called before the readings of these frames are handed on: nothing is to be kept."""

    def close(self) -> None:
        """Release what is held."""


class KeptLatches(Latches):
    """Remembers them on disk too, so that a seal that was broken before a restart stays broken.

    Only frames that change something are noted: all that came after them changed nothing, and
    would change nothing again. The note comes before the outbox has the reading, so a gateway
    that is killed in between knows of a break that it has yet to report, never the reverse.
    """

    def __init__(self, path: Path) -> None:
        """Remember what an earlier start knew.

        Args:
            path: The file.
        """
        super().__init__()
        self._notebook = Notebook(path, _SCHEMA)
        self._fresh: dict[str, Latch] = {}

    def find(self, number: str) -> Latch | None:
        """Return what is known of a seal, from this start or an earlier one."""
        return super().find(number) or self._fresh.get(number) or self._noted(number)

    def note(self, number: str, latch: Latch) -> None:
        """Remember what a new frame made of a seal."""
        before = self.find(number)
        if before is None or before._replace(counter=latch.counter) != latch:
            self._fresh[number] = latch
        super().note(number, latch)

    def keep(self) -> None:
        """Note what has changed; what the disk does not take is tried again the next time."""
        rows = [(number, *latch) for number, latch in self._fresh.items()]
        if rows and self._notebook.write((_NOTE, rows)):
            self._fresh.clear()

    def close(self) -> None:
        """Release the file."""
        self._notebook.close()

    def _noted(self, number: str) -> Latch | None:
        for state, counter, openings in self._notebook.read(_FIND, number):
            if state in _STATES:
                return Latch(_STATES[state], counter, openings)
        return None
