"""Container numbers (ISO 6346) in what a text reader saw: found, checked, and never repaired."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from stdnum.iso6346 import calc_check_digit

from haechi.cameras import Box

_OWNER: Final = re.compile(r"[A-Z]{3}[UJZ]")
_NUMBER: Final = re.compile(r"([A-Z]{3}[UJZ])([0-9]{6})([0-9])?(?![0-9])")
_SIGNS: Final = re.compile(r"[^A-Z0-9]")

NEAR: Final = 3.0
"""Pieces of one number stand no further apart than this many heights of their letters."""


class Text(NamedTuple):
    """One line of text in a picture, as a reader gives it."""

    text: str
    score: float
    box: Box
    """Left, top, right, bottom as shares of the picture."""


class ContainerNumber(NamedTuple):
    """One number read."""

    number: str
    """Owner, category and serial as read, and the check digit that they give."""
    check_digit_read: int | None
    """As painted; ``None`` where it was not read: it stands apart, in a frame."""
    score: float
    text: str
    box: Box

    @property
    def agrees(self) -> bool:
        """Whether the check digit as painted is the one that the rest gives."""
        return self.check_digit_read == int(self.number[-1])


def container_numbers(texts: Sequence[Text]) -> list[ContainerNumber]:
    """Return the numbers in the texts of one picture, each once, the surest first.

    A number may be in one piece, or its owner code beside or above the rest. A reader that
    confuses O and 0 is not helped along: what does not have the form of a number is none.

    >>> seen = Text("CSQU 305438", 0.9, (0.1, 0.1, 0.4, 0.15))
    >>> [(one.number, one.check_digit_read) for one in container_numbers([seen])]
    [('CSQU3054383', None)]
    """
    best: dict[str, ContainerNumber] = {}
    for read in _read(texts):
        known = best.get(read.number)
        if known is None or (read.agrees, read.score) > (known.agrees, known.score):
            best[read.number] = read
    return sorted(best.values(), key=lambda read: (-read.score, read.number))


def _read(texts: Sequence[Text]) -> Iterator[ContainerNumber]:
    plain = [text._replace(text=_plain(text.text)) for text in texts]
    for text in plain:
        if match := _NUMBER.search(text.text):
            yield _number(match, (text,))
    for owner in plain:
        if _OWNER.fullmatch(owner.text[-4:]) and len(owner.text) == 4:  # noqa: PLR2004 - signs
            for rest in plain:
                match = _NUMBER.fullmatch(owner.text + rest.text)
                if match and _is_near(owner.box, rest.box):
                    yield _number(match, (owner, rest))


def _number(match: re.Match[str], pieces: Sequence[Text]) -> ContainerNumber:
    owner, serial, check = match.groups()
    return ContainerNumber(
        number=f"{owner}{serial}{calc_check_digit(owner + serial)}",
        check_digit_read=None if check is None else int(check),
        score=min(piece.score for piece in pieces),
        text=" ".join(piece.text for piece in pieces)[:64],
        box=_around([piece.box for piece in pieces]),
    )


def _plain(text: str) -> str:
    r"""Return letters and digits only, full-width ones as ordinary ones.

    >>> _plain("\uff2d\uff33CU 123 456-7")
    'MSCU1234567'
    """
    return _SIGNS.sub("", unicodedata.normalize("NFKC", text).upper())


def _is_near(one: Box, other: Box) -> bool:
    height = max(one[3] - one[1], other[3] - other[1])
    across = max(one[0], other[0]) - min(one[2], other[2])
    down = max(one[1], other[1]) - min(one[3], other[3])
    return max(across, down) <= NEAR * height


def _around(boxes: Sequence[Box]) -> Box:
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return (min(lefts), min(tops), max(rights), max(bottoms))
