"""Frames out of chunks of bytes: a stream of a serial line or TCP, which may begin anywhere."""

from typing import Final

from edge.seal.frame import LENGTH_AT, LONGEST, MARK, SHORTEST, FrameError, Signed, decode

JUNK_LIMIT: Final = 4096
"""Bytes without a frame that are given up together."""

Piece = Signed | bytes
"""A frame, or bytes between frames that are none."""


class Frames:
    """Cuts chunks into frames and junk; no byte is lost, and memory stays bounded.

    Where bytes look like a frame but are none, one byte is given up and the search goes on, so
    a damaged length swallows nothing.

    >>> cut = Frames()
    >>> cut.feed(b"noise"), cut.close()
    ([], [b'noise'])
    """

    def __init__(self) -> None:
        self._held = b""
        self._junk = b""

    def feed(self, chunk: bytes) -> list[Piece]:
        """Return what this chunk completes, in order."""
        self._held += chunk
        return self._cut(is_end=False)

    def close(self) -> list[Piece]:
        """Return what is left: no more bytes will come."""
        return self._cut(is_end=True)

    def _cut(self, *, is_end: bool) -> list[Piece]:
        found: list[Piece] = []
        while self._held:
            self._skip_to_mark(found)
            size = _stated_size(self._held)
            if len(self._held) < size:
                if not is_end:
                    break
                self._give_up(1)
            elif (frame := _frame(self._held[:size])) is None:
                self._give_up(1)
            else:
                found += [*self._settled(), frame]
                self._held = self._held[size:]
        if is_end:
            found += self._settled()
        return found

    def _skip_to_mark(self, found: list[Piece]) -> None:
        place = self._held.find(MARK)
        if place < 0:
            place = len(self._held) - self._held.endswith(MARK[:1])
        self._give_up(place)
        if len(self._junk) >= JUNK_LIMIT:
            found += self._settled()

    def _give_up(self, count: int) -> None:
        self._junk += self._held[:count]
        self._held = self._held[count:]

    def _settled(self) -> list[Piece]:
        junk, self._junk = self._junk, b""
        return [junk] if junk else []


def _stated_size(held: bytes) -> int:
    """Return how many bytes the frame at the beginning claims, at least what must be known."""
    if len(held) <= LENGTH_AT:
        return LENGTH_AT + 1
    return min(max(held[LENGTH_AT], SHORTEST), LONGEST)


def _frame(raw: bytes) -> Signed | None:
    try:
        return decode(raw)
    except FrameError:
        return None
