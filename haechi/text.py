"""Text that comes from devices: untrusted, so made harmless before anybody sees it."""

import unicodedata
from typing import Final

from haechi.fields import MAX_TEXT

_JOINERS: Final = frozenset("\u200c\u200d")
"""Zero-width (non-)joiner: part of how Arabic and Indic words are written."""

_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Control, format, surrogate, private, unassigned; line and paragraph separators."""


def plain(text: str, limit: int = MAX_TEXT) -> str:
    r"""Return ``text`` in NFC without control and format characters, cut to ``limit`` characters.

    Removes NUL, line breaks and the bidirectional overrides by which a name could rearrange the
    line it stands in. Markup stays as it is: pages must show names as text.

    >>> plain("EVER\x00 GIVEN\u202e@")
    'EVER GIVEN@'
    """
    if text.isascii() and text.isprintable():
        return text[:limit]
    shown = "".join(sign for sign in text if _shown(sign))
    return unicodedata.normalize("NFC", shown)[:limit]


def _shown(sign: str) -> bool:
    return sign in _JOINERS or unicodedata.category(sign) not in _HIDDEN
