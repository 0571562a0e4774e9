"""Lines out of chunks of bytes, each of bounded length whatever the sender does."""

from edge.ais.nmea import MAX_LINE


class Lines:
    r"""Cuts a stream of chunks into lines.

    Of a line that is too long only the beginning is kept, and more of it than allowed, so that
    the reader sees that it was too long; memory stays bounded.

    >>> lines = Lines()
    >>> lines.feed(b"one\r\ntw"), lines.feed(b"o\nthree"), lines.close()
    ([b'one\r'], [b'two'], [b'three'])
    """

    def __init__(self, limit: int = MAX_LINE) -> None:
        self._rest = b""
        self._room = limit + 2

    def feed(self, chunk: bytes) -> list[bytes]:
        """Return the lines that this chunk completes, without their ends."""
        first, *others = chunk.split(b"\n")
        self._extend(first)
        whole: list[bytes] = []
        for line in others:
            whole.append(self._rest)
            self._rest = b""
            self._extend(line)
        return whole

    def close(self) -> list[bytes]:
        """Return what stands after the last line end, if anything."""
        rest, self._rest = self._rest, b""
        return [rest] if rest else []

    def _extend(self, piece: bytes) -> None:
        self._rest += piece[: self._room - len(self._rest)]
