"""Cuts an UN/EDIFACT file into segments, however it is laid out, without holding the whole of it.

Tolerated, and reported: white space before tags, line breaks inside segments, a byte order mark,
characters outside the character set that the interchange names. Refused: what is no UN/EDIFACT at
all, and segments without end.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from haechi.aci.manifest import ProblemKind
from ingest.documents.limits import MAX_SEGMENT_BYTES, MAX_SEGMENTS
from ingest.documents.problems import DocumentRefusedError, Problems, quoted

_BLANK: Final = b" \t\r\n\x00"
_BREAKS: Final = re.compile("[\r\n]+")
_SYNTAX: Final = re.compile(rb"\AUNB.(\w{4})", re.DOTALL)
_BOM: Final = b"\xef\xbb\xbf"
_HEAD_BYTES: Final = 4096
"""How much blank space is skipped before the first segment."""

CHARSETS: Final = {
    "UNOA": "ascii",
    "UNOB": "ascii",
    "UNOC": "iso8859-1",
    "UNOD": "iso8859-2",
    "UNOE": "iso8859-5",
    "UNOF": "iso8859-7",
    "UNOG": "iso8859-3",
    "UNOH": "iso8859-4",
    "UNOI": "iso8859-6",
    "UNOJ": "iso8859-8",
    "UNOK": "iso8859-9",
    "UNOW": "utf-8",
    "UNOY": "utf-8",
}
"""ISO 9735, element 0001. All agree on ASCII, so segments can be cut before they are decoded."""


@dataclass(frozen=True, slots=True)
class Marks:
    """The characters that structure an interchange; a space as release is none."""

    component: str = ":"
    element: str = "+"
    decimal: str = "."
    release: str = "?"
    terminator: str = "'"

    @classmethod
    def read(cls, advice: bytes) -> "Marks":
        """Read the six characters that follow ``UNA``.

        >>> Marks.read(b":+.? '") == Marks()
        True
        """
        text = advice.decode("latin-1")
        marks = cls(text[0], text[1], text[2], text[3], text[5])
        structure = [mark for mark in (text[0], text[1], text[3], text[5]) if mark != " "]
        if len(set(structure)) < len(structure) or any(mark.isalnum() for mark in text):
            raise DocumentRefusedError(f"UNA names impossible separators: {quoted(text)}")
        if " " in (marks.component, marks.element, marks.terminator):
            raise DocumentRefusedError(f"UNA leaves a separator out: {quoted(text)}")
        return marks


@dataclass(frozen=True, slots=True)
class RawSegment:
    """One segment as text, without its terminator; releases are still in it."""

    number: int
    text: str
    marks: Marks


def cut(chunks: Iterable[bytes], problems: Problems) -> Iterator[RawSegment]:
    r"""Yield the segments of an interchange, numbered from 1; ``UNA`` does not count.

    >>> [raw.text for raw in cut([b"UNA:+.? '\nUNB+UNOA:1", b"+A+B'\tUNZ+0+1'"], Problems())]
    ['UNB+UNOA:1+A+B', 'UNZ+0+1']
    """
    cutting = _Cutting(problems)
    for chunk in chunks:
        yield from cutting.feed(chunk)
    yield from cutting.end()


class _Cutting:
    def __init__(self, problems: Problems) -> None:
        self._problems = problems
        self._held = bytearray()
        self._marks: Marks | None = None
        self._codec = "ascii"
        self._number = 0
        self._indented: list[int] = []
        self._broken: list[int] = []

    def feed(self, chunk: bytes) -> Iterator[RawSegment]:
        """Yield the segments that end in a chunk."""
        self._held += chunk
        if self._marks is None and not self._begin(at_end=False):
            return
        yield from self._cut()

    def end(self) -> Iterator[RawSegment]:
        """Yield what is left; refuse if that is half a segment."""
        if self._marks is None:
            self._begin(at_end=True)
            yield from self._cut()
        if rest := bytes(self._held).strip(_BLANK):
            raise DocumentRefusedError(
                f"the file ends inside segment {self._number + 1}, which begins "
                f"{quoted(rest[:20].decode('latin-1'))}: it was cut; ask for it again"
            )
        self._sum_up()

    def _begin(self, *, at_end: bool) -> bool:
        """Find the separators; ``False`` if more must be read first."""
        head = bytes(self._held[:_HEAD_BYTES])
        if head.startswith((b"\xff\xfe", b"\xfe\xff")) or head[1:2] == b"\0":
            raise DocumentRefusedError("UTF-16 is no character set of UN/EDIFACT: save it as UTF-8")
        start = head.removeprefix(_BOM).lstrip(_BLANK)
        if len(start) < 9 and not at_end and len(head) < _HEAD_BYTES:  # noqa: PLR2004 - UNA and six
            return False
        if start[:3] not in (b"UNA", b"UNB", b"UNH", b"UNG"):
            raise DocumentRefusedError("this is no UN/EDIFACT: it begins with neither UNA nor UNB")
        del self._held[: len(head) - len(start)]
        self._marks = Marks()
        if start.startswith(b"UNA"):
            if len(start) < 9:  # noqa: PLR2004 - UNA and six
                raise DocumentRefusedError("the file ends inside UNA: it was cut; ask for it again")
            self._marks = Marks.read(start[3:9])
            del self._held[:9]
        return True

    def _cut(self) -> Iterator[RawSegment]:
        marks = self._marks or Marks()
        terminator, release = marks.terminator.encode("latin-1"), _release(marks)
        held, start, look = self._held, 0, 0
        while (end := held.find(terminator, look)) >= 0:
            look = end + 1
            if _is_released(held, start, end, release):
                continue
            if end - start > MAX_SEGMENT_BYTES:
                self._refuse_long()
            yield from self._segment(bytes(held[start:end]), marks)
            start = look
        del held[:start]
        if len(held) > MAX_SEGMENT_BYTES:
            if held.strip(_BLANK):
                self._refuse_long()
            held.clear()

    def _segment(self, raw: bytes, marks: Marks) -> Iterator[RawSegment]:
        body = raw.lstrip(_BLANK)
        if not body:
            return
        self._number += 1
        if self._number > MAX_SEGMENTS:
            raise DocumentRefusedError(f"more than {MAX_SEGMENTS} segments: split the interchange")
        if named := _SYNTAX.match(body):
            self._name_charset(named[1].decode("latin-1"))
        if raw[: len(raw) - len(body)].strip(b"\r\n"):
            self._indented.append(self._number)
        text = self._decode(body)
        if "\n" in text or "\r" in text:
            text = _BREAKS.sub("", text)
            self._broken.append(self._number)
        yield RawSegment(self._number, text, marks)

    def _name_charset(self, syntax: str) -> None:
        codec = CHARSETS.get(syntax)
        if codec is None:
            self._note(ProblemKind.CHARSET, f"unknown character set {quoted(syntax)}", "ASCII read")
        self._codec = codec or "ascii"

    def _decode(self, body: bytes) -> str:
        try:
            return body.decode(self._codec)
        except UnicodeDecodeError as error:
            place = f"byte {error.start + 1} is outside the character set that UNB names"
        try:
            text, codec = body.decode("utf-8"), "UTF-8"
        except UnicodeDecodeError:
            text, codec = body.decode("latin-1"), "ISO 8859-1"
        self._note(ProblemKind.CHARSET, place, f"read as {codec}")
        return text

    def _sum_up(self) -> None:
        for numbers, what in (
            (self._indented, "white space before the tag"),
            (self._broken, "line breaks inside a segment"),
        ):
            if numbers:
                more = f", also in {len(numbers) - 1} other segments" if len(numbers) > 1 else ""
                self._problems.note(
                    ProblemKind.SYNTAX, numbers[0], "", what + more, kept="removed, all else kept"
                )

    def _note(self, kind: ProblemKind, reason: str, kept: str) -> None:
        self._problems.note(kind, self._number, "", reason, kept=kept)

    def _refuse_long(self) -> None:
        raise DocumentRefusedError(
            f"segment {self._number + 1} is longer than {MAX_SEGMENT_BYTES} bytes: "
            "a terminator is missing, or this is no UN/EDIFACT"
        )


def _release(marks: Marks) -> int | None:
    return None if marks.release == " " else ord(marks.release)


def _is_released(held: bytearray, start: int, end: int, release: int | None) -> bool:
    """Whether an odd number of release characters stands before the terminator at ``end``."""
    first = end
    while first > start and held[first - 1] == release:
        first -= 1
    return (end - first) % 2 == 1
