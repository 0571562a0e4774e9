"""Puts what rules say into the reader's language, at the time of reading."""

import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from string import Formatter
from typing import Final

from msgspec import UnsetType

from analytics.cargo_words import CARGO_SENTENCES
from analytics.seal_sentences import SEAL_SENTENCES
from analytics.sentences import RULE_SENTENCES, SPANS
from analytics.words import Language, Row, say
from haechi.findings import Saying, Word
from haechi.text import plain

SENTENCES: Final[Mapping[str, Row]] = RULE_SENTENCES | SEAL_SENTENCES | CARGO_SENTENCES
"""All that rules can say, by key."""

MAX_NAME: Final = 300
"""Characters of what stands in a sentence."""

_AS_IT_IS, _LEFT_TO_RIGHT, _END = "\u2068", "\u2066", "\u2069"
"""First-strong isolate, left-to-right isolate, and their end (Unicode UAX 9)."""


def saying(key: str, **words: Word | datetime) -> Saying:
    """Return a sentence to be said; raises ``KeyError`` if there is none of this key.

    >>> spoken(saying("place", lat=35.1, lon=129.07), Language.ENGLISH)
    '35.1000, 129.0700'
    """
    if key not in SENTENCES:
        raise KeyError(key)
    return Saying(
        key,
        {
            name: word.isoformat() if isinstance(word, datetime) else word
            for name, word in words.items()
        },
    )


def term(group: str, word: str) -> Word:
    """Return a word of a closed list, or an open one as it is where nobody has translated it.

    >>> spoken(term("label", "truck"), Language.KOREAN), term("label", "zebra")
    ('트럭', 'zebra')
    """
    key = f"{group}.{word}"
    return Saying(key) if key in SENTENCES else word


def listed(names: tuple[str, ...]) -> Word:
    """Return names joined by "and"; nothing if there are none.

    >>> spoken(listed(("a", "b", "c")), Language.ENGLISH)
    'a and b and c'
    """
    joined: Word = "".join(names[:1])
    for name in names[1:]:
        joined = saying("and", first=joined, then=name)
    return joined


def spoken(said: Word, language: Language) -> str:
    """Return what was said in a language.

    Raises:
        KeyError: there is no such sentence, or a word of it is missing.
        ValueError: a word is of another kind than the sentence has a place for.
    """
    return _written(said, "", language)


def english(said: Word) -> str:
    """Return what was said in English, as findings keep it."""
    return spoken(said, Language.ENGLISH)


def read(text: str, said: Saying | UnsetType, language: Language) -> str:
    """Return a stored statement for a reader: its English text where nothing else is known.

    That is what versions before there were sayings stored, and what a later version says.
    """
    if language is Language.ENGLISH or isinstance(said, UnsetType):
        return text
    try:
        return spoken(said, language)
    except (KeyError, ValueError):
        return text


def _filled(said: Saying, language: Language) -> str:
    written: list[str] = []
    for literal, name, form in _TEMPLATES[language][said.key]:
        written.append(literal)
        if name is not None:
            written.append(_written(said.words[name], form, language))
    return "".join(written)


def _written(word: Word, form: str, language: Language) -> str:
    """Write one word; the forms ``clock`` and ``spell`` are for times and spans of time."""
    if isinstance(word, Saying):
        return _filled(word, language)
    if isinstance(word, str):
        if form == "clock":
            return _figures(clock(datetime.fromisoformat(word)), language)
        return _name(word, language)
    if form == "spell":
        unit, count = span(word)
        return say(SPANS[unit], language).format(count)
    return format(word, form)


def _figures(text: str, language: Language) -> str:
    """Keep figures and signs in their order within a text that runs to the left."""
    return f"{_LEFT_TO_RIGHT}{text}{_END}" if language is Language.ARABIC else text


def _name(name: str, language: Language) -> str:
    """Keep a name of either direction from rearranging the sentence; English stays as it is."""
    if language is Language.ENGLISH or not name:
        return name
    shown = plain(name, MAX_NAME)
    if language is Language.KOREAN and (shown.isascii() or not any(map(_runs_left, shown))):
        return shown
    return f"{_AS_IT_IS}{shown}{_END}"


def _parsed(template: str) -> tuple[tuple[str, str | None, str], ...]:
    return tuple(
        (literal, name, form or "") for literal, name, form, _ in Formatter().parse(template)
    )


_TEMPLATES: Final = {
    language: {key: _parsed(say(row, language)) for key, row in SENTENCES.items()}
    for language in Language
}
"""Sentences as what is written in them, and what varies behind it: name and form."""


def clock(at: datetime) -> str:
    """Return a time for a sentence.

    >>> clock(datetime(2026, 2, 28, 23, 59, 59, 900_000, tzinfo=UTC))
    '2026-02-28 23:59:59 UTC'
    """
    return f"{at.astimezone(UTC).replace(tzinfo=None).isoformat(' ', 'seconds')} UTC"


def span(seconds: float) -> tuple[str, str]:
    """Return the largest unit in which a duration reads well, and how many of it.

    >>> span(45), span(600), span(43_200)
    (('s', '45'), ('min', '10'), ('h', '12.0'))
    """
    if seconds < 120:  # noqa: PLR2004 - two minutes read better in seconds
        return "s", f"{seconds:.0f}"
    if seconds < 7200:  # noqa: PLR2004 - two hours read better in minutes
        return "min", f"{seconds / 60:.0f}"
    return "h", f"{seconds / 3600:.1f}"


def _runs_left(sign: str) -> bool:
    return unicodedata.bidirectional(sign) in {"R", "AL", "AN"}
