"""What no decoder understood, kept whole for a person to look at, and counted for ever."""

from collections import Counter, deque
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple

from edge.notebook import PATIENCE_S, Notebook
from haechi.units import microseconds, moment

KEPT_LIMIT: Final = 10_000
"""Inputs kept; the oldest make room. Their counts stay."""

INPUT_LIMIT: Final = 8_192
"""Bytes kept of one input."""

_SCHEMA: Final = """
create table if not exists input (
    id integer primary key autoincrement,
    boot text not null,
    reason text not null,
    at_us integer,
    content blob not null
);
create table if not exists tally (
    boot text not null,
    reason text not null,
    inputs integer not null,
    primary key (boot, reason)
) without rowid;
"""
_KEEP: Final = "insert into input (boot, reason, at_us, content) values (?, ?, ?, ?)"
_FORGET: Final = "delete from input where id <= (select max(id) from input) - ?"
_COUNT: Final = (
    "insert into tally values (?, ?, ?) on conflict do update set inputs = inputs + excluded.inputs"
)


class Undecodable(NamedTuple):
    """One input that could not be decoded."""

    boot: str
    reason: str
    at: datetime | None
    """When it came, if known."""
    content: bytes
    """The lines as they came, joined by line ends."""


class UndecodableStore:
    """A bounded table of the newest undecodable inputs of one agent, with counts by reason.

    Reading a recording anew gives the same inputs in the same order under the same boot, so the
    ones that were counted before a crash are recognised by their place and not counted again.
    One thread at a time may use it.
    """

    def __init__(
        self, path: Path, boot: str, *, limit: int = KEPT_LIMIT, patience_s: float = PATIENCE_S
    ) -> None:
        self._notebook = Notebook(path, _SCHEMA, patience_s=patience_s)
        self._boot, self._limit = boot, limit
        self._known = self._counts(boot).total()
        self._met = 0
        self._waiting: deque[tuple[str, str, int | None, bytes]] = deque(maxlen=limit)
        self._tally: Counter[str] = Counter()

    @property
    def total(self) -> int:
        """Inputs of this boot so far; may be asked from another thread."""
        return max(self._known, self._met)

    def keep(self, lines: Iterable[bytes], reason: str, at: datetime | None) -> None:
        """Remember one input; ``commit`` writes it."""
        self._met += 1
        if self._met <= self._known:
            return
        content = b"\n".join(lines)[:INPUT_LIMIT]
        self._waiting.append((self._boot, reason, microseconds(at) if at else None, content))
        self._tally[reason] += 1

    def commit(self) -> None:
        """Write what was kept since the last time, and drop the oldest beyond the limit.

        A full or failing disk must not stop the agent: what cannot be written waits for the next
        time, in a new file if this one proves damaged.
        """
        tally = [(self._boot, reason, count) for reason, count in self._tally.items()]
        if self._waiting and self._notebook.write(
            (_KEEP, self._waiting), (_FORGET, [(self._limit,)]), (_COUNT, tally)
        ):
            self._waiting.clear()
            self._tally.clear()

    def counts(self) -> Counter[str]:
        """Return how many inputs of this boot were undecodable, by reason."""
        return self._counts(self._boot) + self._tally

    def newest(self, limit: int = 100) -> list[Undecodable]:
        """Return the inputs kept last, of any boot, the newest first."""
        query = "select boot, reason, at_us, content from input order by id desc limit ?"
        return [
            Undecodable(boot, reason, None if at_us is None else moment(at_us), content)
            for boot, reason, at_us, content in self._notebook.read(query, limit)
        ]

    def close(self) -> None:
        """Write the rest and let go of the file."""
        self.commit()
        self._notebook.close()

    def _counts(self, boot: str) -> Counter[str]:
        query = "select reason, inputs from tally where boot = ?"
        return Counter(dict(self._notebook.read(query, boot)))
