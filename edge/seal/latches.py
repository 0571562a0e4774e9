"""The seals that a gateway knows from genuine frames: each a latch, which a restart keeps too."""

from collections import OrderedDict
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from edge.notebook import Notebook
from edge.seal.latch import Latch
from edge.seal.states import SealState
from haechi.units import microseconds, moment

REMEMBERED_SEALS: Final = 20_000
"""In memory; on disk there are as many as have keys."""

_SCHEMA: Final = """
create table if not exists seal (
    number text primary key,
    state text not null,
    counter integer not null,
    openings integer not null
);
create table if not exists journey (
    number text primary key,
    broken_us integer,
    bound_us integer,
    by_order text not null
);
"""
_NOTE: Final = "insert or replace into seal (number, state, counter, openings) values (?, ?, ?, ?)"
_NOTE_JOURNEY: Final = (
    "insert or replace into journey (number, broken_us, bound_us, by_order) values (?, ?, ?, ?)"
)
_FIND: Final = (
    "select state, counter, openings, broken_us, bound_us, coalesce(by_order, '')"
    " from seal left join journey using (number) where number = ?"
)
_STATES: Final = {state.value: state for state in SealState}


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

    def keep(self) -> bool:
        """Called before the readings of these frames are handed on: nothing is to be kept."""
        return True

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

    def keep(self) -> bool:
        """Note what has changed; what the disk does not take is tried again the next time.

        Returns:
            Whether all that is known is on disk.
        """
        if not self._fresh:
            return True
        seals = [(number, *latch[:3]) for number, latch in self._fresh.items()]
        journeys = [(number, *_journey(latch)) for number, latch in self._fresh.items()]
        if is_kept := self._notebook.write((_NOTE, seals), (_NOTE_JOURNEY, journeys)):
            self._fresh.clear()
        return is_kept

    def close(self) -> None:
        """Release the file."""
        self._notebook.close()

    def _noted(self, number: str) -> Latch | None:
        for state, counter, openings, broken_us, bound_us, order in self._notebook.read(
            _FIND, number
        ):
            if state in _STATES:
                broken_at, bound_at = _moment(broken_us), _moment(bound_us)
                return Latch(_STATES[state], counter, openings, broken_at, bound_at, order)
        return None


def _journey(latch: Latch) -> tuple[Any, ...]:
    """Return what is noted of a latch beside what its seal says."""
    moments = [at and microseconds(at) for at in (latch.broken_at, latch.bound_at)]
    return (*moments, latch.order)


def _moment(at_us: int | None) -> datetime | None:
    return None if at_us is None else moment(at_us)
