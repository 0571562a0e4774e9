"""What goes when an outbox or its disk is full: telemetry before events, the oldest first."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

import msgspec
from msgspec import Struct

from edge.outbox_file import Ballast
from edge.shelf import ROW_BYTES, Change, Counters, Row, Shelf, Stored

_AT_ONCE: Final = 1000
_NO_END: Final = 2**62


class _About(Struct):
    subject: str


_about: msgspec.json.Decoder[_About] = msgspec.json.Decoder(_About)


class Room:
    """Makes room on a shelf.

    1. Telemetry that was never sent loses every second reading (``survivors``), the oldest first;
       once through, it begins again at the oldest.
    2. When there is none of that, telemetry that was sent and is not yet acknowledged goes, the
       oldest first. Its numbers are remembered for long, so that a late acknowledgement still
       corrects the count.
    3. When nothing but events is left, what is new is not admitted, telemetry before events.

    A disk that others fill leaves less than the limit. Then events alone have some of the ballast
    too, however little telemetry waits that could make room for them.
    """

    def __init__(self, shelf: Shelf, ballast: Ballast, limit_bytes: int) -> None:
        """Take the ballast if the disk has room for it."""
        self._shelf, self._ballast, self._limit_bytes = shelf, ballast, limit_bytes
        self._disk_limit_bytes = limit_bytes
        self._thinned_to = (0, 0)
        ballast.take()

    def admitted(self, rows: list[Row]) -> list[Row]:
        """Make room as far as possible; return what may now be inserted."""
        while self._is_short_of(rows) and (self._thin() or self._thin_sent()):
            pass
        if not self._is_short_of(rows):
            return rows
        events = [row for row in rows if row.urgent]
        return [] if self._is_short_of(events, self._ballast.size // 4) else events

    def shrink(self) -> None:
        """Make do with less from now on, since the disk is full; the ballast pays for that."""
        self._ballast.release()
        self._disk_limit_bytes = min(self._disk_limit_bytes, self._shelf.size * 3 // 4)
        self._shelf.checkpoint()

    def reconsider(self) -> None:
        """Use all that is allowed again, once the disk has room for the ballast."""
        if self._disk_limit_bytes == self._limit_bytes:
            return
        self._ballast.take()
        if self._ballast.is_held:
            self._disk_limit_bytes = self._limit_bytes

    def _is_short_of(self, rows: list[Row], reserve_bytes: int = 0) -> bool:
        need = sum(len(row.body) + ROW_BYTES for row in rows)
        limit = min(self._limit_bytes, self._disk_limit_bytes + reserve_bytes)
        return bool(rows) and self._shelf.size + need > limit

    def _thin(self) -> bool:
        """Thin the next chunk that was never sent; return whether there was one."""
        chunk = self._unsent(*self._thinned_to) or self._unsent(0, 0)
        if not chunk:
            return False
        # What is damaged on disk can be of use to nobody, and goes first.
        sound = [stored.row for stored in chunk if stored.is_sound]
        stays = survivors([_about.decode(row.body).subject for row in sound])
        kept = [row for row, stay in zip(sound, stays, strict=True) if stay]
        boot, first, last = chunk[0].row.boot, chunk[0].row.seq, chunk[-1].row.seq

        def work(change: Change) -> None:
            # Deleted and written anew rather than picked out, so that whole pages become free.
            change.delete(boot, first, last, False)  # noqa: FBT003 - telemetry
            change.insert(kept)
            change.count(boot, thinned=len(chunk) - len(kept))

        self._thinned_to = (boot, last)
        return self._shelf.try_change(work)

    def _thin_sent(self) -> bool:
        """Blank the oldest telemetry of all; return whether there was any."""
        boots = sorted(self._shelf.boots)
        found = (self._telemetry(boot, 0, self._sent_to(boot)) for boot in boots)
        rows = [stored.row for stored in next(filter(None, found), list[Stored]())]

        def work(change: Change) -> None:
            change.blank(rows)
            change.count(rows[0].boot, thinned=len(rows))
            change.forget_blanks(rows[0].boot, rows[-1].seq - self._limit_bytes // 64)

        return bool(rows) and self._shelf.try_change(work)

    def _unsent(self, after_boot: int, after_seq: int) -> list[Stored]:
        for boot in sorted(self._shelf.boots):
            seq = after_seq if boot == after_boot else 0
            rows = self._telemetry(boot, max(seq, self._sent_to(boot)), _NO_END)
            if boot >= after_boot and rows:
                return rows
        return []

    def _telemetry(self, boot: int, after: int, until: int) -> list[Stored]:
        return self._shelf.select(urgent=False, boot=boot, after=after, until=until, limit=_AT_ONCE)

    def _sent_to(self, boot: int) -> int:
        return self._shelf.counters.get(boot, Counters()).sent_to


def survivors(subjects: Sequence[str]) -> list[bool]:
    """Tell which of some consecutive readings stay, given what each is about, oldest first.

    Of each subject every second reading goes; its first and its last stay, so that a track keeps
    its ends and its shape, and a subject that was heard at all is still heard of.

    >>> survivors(["a", "a", "b", "a", "a", "a"])
    [True, False, True, True, False, True]

    Where that frees less than a tenth, nothing stays: those are ends already.

    >>> survivors(["a", "a", "b"])
    [False, False, False]
    """
    left = Counter(subjects)
    seen = Counter[str]()
    stays: list[bool] = []
    for subject in subjects:
        left[subject] -= 1
        stays.append(seen[subject] % 2 == 0 or not left[subject])
        seen[subject] += 1
    worthwhile = stays.count(False) * 10 >= len(stays)
    return stays if worthwhile else [False] * len(stays)
