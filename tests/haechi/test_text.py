"""Names from devices cannot rearrange the page."""

from hypothesis import given
from hypothesis import strategies as st

from haechi.text import plain


@given(st.text(max_size=200) | st.from_regex(r"[ -~]{60,200}", fullmatch=True))
def test_i7_plain_text_is_short_and_has_no_controls(text: str) -> None:
    """Whatever comes, what is shown has no control, override or line break."""
    shown = plain(text)
    assert len(shown) <= 64
    assert not set(shown) & set(
        "\x00\n\r\u202a\u202b\u202d\u202e\u2066\u2067\u2069\ufeff\u2028\u2029"
    )
    assert plain(shown) == shown


def test_i7_a_name_of_a_megabyte_is_cut() -> None:
    """In any script, and by as much as is asked for."""
    for sign in ("A", "한"):
        assert plain(sign * 2**20) == sign * 64
        assert plain(sign * 2**20, 3) == sign * 3


def test_i7_what_a_hidden_sign_kept_apart_is_composed() -> None:
    """Else one name would come out in two forms, and be two names to whoever compares."""
    assert plain("e\u202e\u0301") == plain("\u00e9") == "\u00e9"


def test_markup_and_joiners_stay() -> None:
    """Text is shown as text, and Arabic keeps its joiners."""
    assert plain("<b>\u0645\u200c\u0646</b>") == "<b>\u0645\u200c\u0646</b>"
