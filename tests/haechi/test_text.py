"""Names from devices cannot rearrange the page."""

from hypothesis import given
from hypothesis import strategies as st

from haechi.text import plain


@given(st.text(max_size=200))
def test_i7_plain_text_is_short_and_has_no_controls(text: str) -> None:
    """Whatever comes, what is shown has no control, override or line break."""
    shown = plain(text)
    assert len(shown) <= 64
    assert not set(shown) & set("\x00\n\r\u202a\u202b\u202d\u202e\u2066\u2067\u2069\ufeff")
    assert plain(shown) == shown


def test_markup_and_joiners_stay() -> None:
    """Text is shown as text, and Arabic keeps its joiners."""
    assert plain("<b>\u0645\u200c\u0646</b>") == "<b>\u0645\u200c\u0646</b>"
