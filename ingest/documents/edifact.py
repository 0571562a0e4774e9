"""UN/EDIFACT interchanges: envelopes, counts, and which interpreter reads which message.

The only module that knows ``pydifact``, which undoes releases and splits elements, one segment at
a time, so that a file of any length needs the memory of its longest segment. Segments without any
release, which are nearly all, are split without it.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from pydifact.control.characters import Characters
from pydifact.exceptions import EDISyntaxError
from pydifact.parser import Parser
from pydifact.tokenizer import Tokenizer

from haechi.aci.manifest import Manifest, ProblemKind, Source
from ingest.documents.baplie import Stowage
from ingest.documents.claims import Claims, code, name
from ingest.documents.cleaning import RawSegment, cut
from ingest.documents.cuscar import CargoReport
from ingest.documents.interpreters import Interpreter
from ingest.documents.limits import MAX_ELEMENTS, MAX_MESSAGES
from ingest.documents.moves import MOVES, Moves
from ingest.documents.options import Options, Told
from ingest.documents.problems import DocumentRefusedError, Problems, quoted
from ingest.documents.schedule import Schedule
from ingest.documents.segments import Segment

INTERPRETERS: Final[dict[str, Callable[[Source, Claims, Options], Interpreter]]] = {
    "CUSCAR": CargoReport,
    "BAPLIE": Stowage,
    "COARRI": Moves,
    "CODECO": Moves,
    "IFTSAI": Schedule,
    "CALINF": Schedule,
}
"""The messages that are read."""

_BY_DOCUMENT: Final = {
    "85": "CUSCAR",
    "785": "CUSCAR",
    "833": "CUSCAR",
    **{number: "CODECO" if move.startswith("GT") else "COARRI" for number, move in MOVES.items()},
}
"""Name of the document in ``BGM`` (1001) to the message, for headers that do not name it."""

_PARSER: Final = Parser()


def read_edifact(
    chunks: Iterable[bytes], options: Options, problems: Problems, told: Told
) -> tuple[Manifest, ...]:
    """Read an interchange to its end.

    Raises:
        DocumentRefusedError: it is no UN/EDIFACT, it was cut, it holds no message that is read
            here, or it is beyond a limit.
    """
    reading = _Interchange(options, problems)
    for segment in split(cut(chunks, problems), problems):
        reading.take(segment)
        if segment.number % 1000 == 0:
            told(segment.number, reading.size)
    return reading.end()


def split(raws: Iterable[RawSegment], problems: Problems) -> Iterator[Segment]:
    """Yield segments with their elements; what has no tag is reported and left out.

    >>> from ingest.documents.cleaning import cut
    >>> texts = cut([b"UNB+UNOA:1'FTX+AAA+++5?' PIPES::X'"], Problems())
    >>> [segment.all(4) for segment in split(texts, Problems())]
    [(), ("5' PIPES", '', 'X')]
    """
    for raw in raws:
        segment = _split(raw)
        if segment is not None:
            yield segment
            continue
        reason = f"{quoted(raw.text)} is no segment"
        problems.note(ProblemKind.SYNTAX, raw.number, "", reason, kept="left out")


def _split(raw: RawSegment) -> Segment | None:
    marks = raw.marks
    if raw.text.count(marks.element) + raw.text.count(marks.component) > MAX_ELEMENTS:
        raise DocumentRefusedError(
            f"segment {raw.number} has more than {MAX_ELEMENTS} elements: this is no UN/EDIFACT"
        )
    is_plain = marks.release == " " or marks.release not in raw.text
    tag, *elements = (split_plain if is_plain else split_released)(raw)
    if len(tag) != 1 or not _is_tag(tag[0]):
        return None
    return Segment(raw.number, tag[0].upper(), tuple(elements))


def split_plain(raw: RawSegment) -> list[tuple[str, ...]]:
    """Return the elements of a segment without releases: ten times as fast as the driver."""
    marks = raw.marks
    return [tuple(element.split(marks.component)) for element in raw.text.split(marks.element)]


def split_released(raw: RawSegment) -> list[tuple[str, ...]]:
    """Return the elements of any segment, releases undone; one empty element if it is damaged."""
    marks = raw.marks
    characters = Characters(  # type: ignore[no-untyped-call]  # the driver's own gap
        marks.component, marks.element, marks.decimal, marks.release, None, marks.terminator
    )
    tokens = Tokenizer().get_tokens(raw.text + marks.terminator, characters)
    try:
        parts = next(_PARSER.convert_tokens_to_raw_segments(tokens), [""])
    except EDISyntaxError:
        return [("",)]
    return [(part,) if isinstance(part, str) else tuple(part) for part in parts]


def _is_tag(text: str) -> bool:
    return len(text) == 3 and text.isascii() and text.isalnum()  # noqa: PLR2004 - ISO 9735, 9.1


class _Interchange:
    """Follows the envelopes: ``UNB UNH … UNT UNH … UNT UNZ``."""

    def __init__(self, options: Options, problems: Problems) -> None:
        self._options = options
        self._problems = problems
        self._claims = Claims(problems, options)
        self._sender = ""
        self._reference: str | None = None
        self._is_closed = False
        self._messages = 0
        self._manifests: list[Manifest] = []
        self._header: Segment | None = None
        self._waiting: list[Segment] = []
        self._reader: Interpreter | None = None
        self._last = 0
        self._done = 0

    @property
    def size(self) -> int:
        return self._done + (self._reader.size if self._reader else 0)

    def take(self, segment: Segment) -> None:
        self._last = segment.number
        handler = {
            "UNB": self._open,
            "UNG": _pass,
            "UNE": _pass,
            "UNH": self._begin,
            "UNT": self._finish,
            "UNZ": self._close,
        }.get(segment.tag, self._read)
        handler(segment)

    def end(self) -> tuple[Manifest, ...]:
        if self._header is not None:
            raise DocumentRefusedError(
                f"the file ends after segment {self._last}, inside a message (no UNT): it was cut; "
                "ask for it again"
            )
        if self._reference is not None and not self._is_closed:
            raise DocumentRefusedError(
                f"the file ends after segment {self._last} without UNZ: messages may be missing; "
                "ask for it again"
            )
        if not self._manifests:
            known = ", ".join(INTERPRETERS)
            raise DocumentRefusedError(f"no message that is read here; these are: {known}")
        return tuple(self._manifests)

    def _open(self, segment: Segment) -> None:
        if self._reference is not None and not self._is_closed:
            self._note(ProblemKind.SYNTAX, segment, "a second UNB before UNZ", "read on")
        self._sender, self._reference = name(segment.at(2)), code(segment.at(5))
        self._is_closed, self._messages = False, 0

    def _begin(self, segment: Segment) -> None:
        if self._header is not None:
            raise DocumentRefusedError(
                f"segment {segment.number}: a message begins before the one of segment "
                f"{self._header.number} ended (no UNT); ask for the file again"
            )
        if self._reference is None:
            self._note(
                ProblemKind.MISSING, segment, "no UNB before the message", "read all the same"
            )
            self._reference, self._is_closed = "", True
        if self._messages >= MAX_MESSAGES:
            raise DocumentRefusedError(f"more than {MAX_MESSAGES} messages: split the interchange")
        self._messages += 1
        self._header, self._waiting, self._reader = segment, [], None
        if stated := segment.at(2).strip().upper():
            self._reader = self._interpreter(stated)
            if self._reader is None:
                self._leave_out(segment, f"message type {quoted(stated)} is not read here")

    def _read(self, segment: Segment) -> None:
        if self._header is None:
            self._note(ProblemKind.SYNTAX, segment, "stands outside of any message", "left out")
            return
        if self._reader is None and not self._header.at(2):
            self._guess(segment)
        if self._reader is not None:
            self._reader.take(segment)

    def _guess(self, segment: Segment) -> None:
        """Tell an unnamed message by the document that its ``BGM`` names."""
        if segment.tag != "BGM" or self._header is None:
            return
        document = segment.at(1).strip()
        guess = _BY_DOCUMENT.get(document) if document else "BAPLIE"
        self._reader = self._interpreter(guess) if guess else None
        reason = "the message names no type"
        if self._reader is None:
            self._leave_out(self._header, f"{reason}, and BGM has {quoted(document)}")
        else:
            self._note(ProblemKind.MESSAGE, self._header, reason, f"read as {guess}")

    def _interpreter(self, kind: str) -> Interpreter | None:
        maker = INTERPRETERS.get(kind)
        if maker is None or self._header is None:
            return None
        parts = (self._header.at(2, part) for part in (2, 3, 5))
        source = Source(
            format=kind, version=code(" ".join(filter(None, parts))), sender=self._sender
        )
        return maker(source, self._claims, self._options)

    def _finish(self, segment: Segment) -> None:
        header, reader = self._header, self._reader
        if header is None:
            self._note(ProblemKind.SYNTAX, segment, "UNT without UNH", "left out")
            return
        self._count(segment, segment.at(1), segment.number - header.number + 1, "segments")
        if segment.at(2).strip() != header.at(1).strip():
            reason = f"UNT names message {quoted(segment.at(2))}, UNH {quoted(header.at(1))}"
            self._note(ProblemKind.COUNT, segment, reason, "read as one message")
        if reader is not None:
            self._manifests.append(reader.manifest())
            self._done += reader.size
        self._header = self._reader = None

    def _close(self, segment: Segment) -> None:
        if self._header is not None:
            raise DocumentRefusedError(
                f"segment {segment.number}: the interchange ends inside the message of segment "
                f"{self._header.number} (no UNT): it was cut; ask for it again"
            )
        self._count(segment, segment.at(1), self._messages, "messages")
        if segment.at(2).strip() != (self._reference or "").strip():
            opened = quoted(self._reference or "")
            reason = f"UNZ names interchange {quoted(segment.at(2))}, UNB {opened}"
            self._note(ProblemKind.COUNT, segment, reason, "read as one interchange")
        self._is_closed = True

    def _count(self, segment: Segment, stated: str, came: int, what: str) -> None:
        if not (stated.strip().isascii() and stated.strip().isdigit()) or int(stated[:18]) != came:
            reason = f"{segment.tag} states {quoted(stated)} {what} where {came} stand"
            self._note(ProblemKind.COUNT, segment, reason, f"all {came} kept")

    def _leave_out(self, segment: Segment, reason: str) -> None:
        self._note(ProblemKind.MESSAGE, segment, reason, "the message left out")

    def _note(self, kind: ProblemKind, segment: Segment, reason: str, kept: str) -> None:
        self._problems.note(kind, segment.number, segment.tag, reason, kept=kept)


def _pass(segment: Segment) -> None:
    """Functional groups say nothing that messages do not."""
