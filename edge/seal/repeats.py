"""Which frames a gateway reported lately: a seal repeats each on the radio until it is heard."""

import time
from collections import OrderedDict, deque
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple

from edge.notebook import Notebook
from edge.sources import utc_now
from haechi.units import microseconds, moment

REPEAT_S: Final = 120.0
"""The copies of a frame in this time are one reading. A copy that is heard later is reported again:
it may be a replay, which the rules decide."""

REMEMBERED_FRAMES: Final = 20_000

_SCHEMA: Final = """
create table if not exists frame (
    id integer primary key,
    raw blob not null,
    heard_us integer not null,
    boot text not null,
    number integer not null
);
"""
_NOTE: Final = "insert into frame (raw, heard_us, boot, number) values (?, ?, ?, ?)"
_FORGET: Final = "delete from frame where id <= (select max(id) from frame) - ?"


class Repeats:
    """Remembers frames in memory."""

    def __init__(self, clock: Callable[[], float] | None = None) -> None:
        """Begin with none.

        Args:
            clock: Seconds that never go back, so that a date put right makes no replay of a
                repeat; ``None`` goes by when frames are said to have been heard.
        """
        self._clock = clock
        self._reported: OrderedDict[bytes, float | None] = OrderedDict()

    def is_repeat(self, raw: bytes, heard: datetime | None) -> bool:
        """Return whether a frame was reported lately; if not, it is taken as reported now.

        Args:
            raw: The frame.
            heard: When; ``None`` if nobody knows, and then every copy is a repeat.
        """
        now = self._now(heard)
        if raw in self._reported:
            before = self._reported[raw]
            if now is None or before is None or now - before <= REPEAT_S:
                return True
        self._take(raw, now)
        return False

    def keep(self) -> None:
        """Called before what was reported is handed on: nothing is to be kept."""

    def _now(self, heard: datetime | None) -> float | None:
        if heard is None:
            return None
        return heard.timestamp() if self._clock is None else self._clock()

    def _take(self, raw: bytes, at: float | None) -> None:
        self._reported[raw] = at
        self._reported.move_to_end(raw)
        while len(self._reported) > REMEMBERED_FRAMES or self._is_over(at):
            self._reported.popitem(last=False)

    def _is_over(self, now: float | None) -> bool:
        """Return whether a copy of the oldest would be reported again."""
        oldest = next(iter(self._reported.values()))
        return now is not None and oldest is not None and now - oldest > REPEAT_S


class _Fresh(NamedTuple):
    raw: bytes
    heard: datetime


class KeptRepeats(Repeats):
    """Remembers them on disk too, so that what a seal repeats over a restart is one reading.

    A frame is noted, with the number that its reading will have, before the outbox has it. One
    whose number was then never given was not reported, and is heard as if for the first time:
    whenever the gateway is killed, no frame is lost by this and none is reported twice.
    """

    def __init__(
        self,
        path: Path,
        boot: str,
        numbered: Callable[[str], int],
        *,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        """Remember what was reported before this start.

        Args:
            path: The file.
            boot: This start.
            numbered: Returns the last number that the outbox gave in a boot.
            clock: Seconds that never go back.
            now: The date, to tell how long ago an earlier start heard something.
        """
        super().__init__(clock)
        self._boot, self._numbered = boot, numbered
        self._notebook = Notebook(path, _SCHEMA)
        self._fresh: deque[_Fresh] = deque(maxlen=REMEMBERED_FRAMES)
        for raw, heard_us, before, number in self._notebook.read(
            "select raw, heard_us, boot, number from frame order by id"
        ):
            if number <= numbered(before):
                self._take(raw, clock() - max(0.0, (now() - moment(heard_us)).total_seconds()))

    def is_repeat(self, raw: bytes, heard: datetime | None) -> bool:
        """Return whether a frame was reported lately; if not, it is taken as reported now."""
        is_repeat = super().is_repeat(raw, heard)
        if not is_repeat and heard is not None:
            self._fresh.append(_Fresh(raw, heard))
        return is_repeat

    def keep(self) -> None:
        """Note what was reported since the last time, before it is handed on."""
        if not self._fresh:
            return
        number = self._numbered(self._boot) + len(self._fresh)
        rows = [(one.raw, microseconds(one.heard), self._boot, number) for one in self._fresh]
        # What the disk does not take might be reported twice, but must not hold anything up.
        self._notebook.write((_NOTE, rows), (_FORGET, [(REMEMBERED_FRAMES,)]))
        self._fresh.clear()

    def close(self) -> None:
        """Release the file."""
        self._notebook.close()
