"""What rules say, in the reader's language: the same facts, no English left over, no tricks."""

import ast
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import msgspec
import pytest
from msgspec import UNSET

import analytics
from analytics.saying import SENTENCES, listed, read, saying, spoken, term
from analytics.words import KINDS, Language
from haechi.findings import Finding, Saying

OTHERS = [Language.KOREAN, Language.ARABIC]
LATIN = {"AIS", "ACID", "kn", "km", "m", "m/s"}
"""What may be in Latin letters in a sentence of another language: names and units."""
FOUND_BY = [*Path(analytics.__file__).parent.rglob("*.py"), Path("ingest/identity.py")]


def places(sentence: str) -> set[tuple[str, str | None]]:
    """Return the places of a sentence for what varies, and in which form it stands there."""
    return {(name, form) for _, name, form, _ in Formatter().parse(sentence) if name}


def said() -> Iterator[tuple[str, set[str]]]:
    """Yield the sentences that the code makes by name, and what it puts into each."""
    for path in FOUND_BY:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Name("saying"), args=[key], keywords=words):
                    for each in keys(key):
                        yield each, {str(word.arg) for word in words}
                case _:
                    pass


def keys(key: ast.expr) -> list[str]:
    """Return what a key in the code may be, where that is written there."""
    match key:
        case ast.Constant(str(name)):
            return [name]
        case ast.IfExp(body=first, orelse=second):
            return [*keys(first), *keys(second)]
        case _:
            return []


@pytest.mark.parametrize("key", SENTENCES)
def test_a_sentence_has_the_same_places_in_every_language(key: str) -> None:
    """Nothing that English says is left out of Korean or Arabic, and each number has its form."""
    english, korean, arabic = SENTENCES[key]
    assert english.strip()
    assert places(korean) == places(arabic) == places(english)


@pytest.mark.parametrize("key", SENTENCES)
def test_no_english_is_left_in_another_language(key: str) -> None:
    """Apart from names and units in Latin letters, and each is in its own script."""
    for sentence, script in zip(SENTENCES[key][1:], ("HANGUL", "ARABIC"), strict=True):
        plain = re.sub(r"\{[^}]*\}", "", sentence)
        assert set(re.findall(r"[A-Za-z/]*[A-Za-z]", plain)) <= LATIN
        letters = [sign for sign in re.sub(r"[A-Za-z]", "", plain) if sign.isalpha()]
        assert all(unicodedata.name(sign).startswith(script) for sign in letters)


def test_no_particle_follows_what_varies_in_korean() -> None:
    """Those that depend on the last sound of the word before would be wrong for half the names."""
    wrong = re.compile(r"\}(은|는|이|가|을|를|과|와|으로|로)(?![가-힣])")
    assert [key for key, row in SENTENCES.items() if wrong.search(row[1])] == []


def test_rules_put_into_a_sentence_what_it_has_places_for() -> None:
    """Whatever any rule can say can be said in every language."""
    made = [*said()]
    assert len(made) > 40
    for key, words in made:
        assert words == {name for name, _ in places(SENTENCES[key][0])}, key


def test_every_sentence_is_said_somewhere() -> None:
    """By its key, as a kind of finding, or as a word of a closed list."""
    written = {
        node.value
        for path in FOUND_BY
        if path.name not in {"sentences.py", "seal_sentences.py", "cargo_words.py"}
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant)
    }
    closed = {key for key in SENTENCES if key.partition(".")[0] in written}
    assert {*SENTENCES} - {*map(str, written)} - {*KINDS} - closed == set()


def test_figures_and_names_keep_their_order_in_arabic() -> None:
    """Names are isolated, a name of the other direction too, and what it hides is taken out."""
    trick = "STAR\u202e\u2069 نجم"
    sentence = saying(
        "inside", subject=trick, zone="ميناء", since="2026-05-01T06:00:00Z", ending=""
    )
    assert spoken(sentence, Language.ARABIC) == (
        "\u2068STAR نجم\u2069: داخل \u2068ميناء\u2069 منذ \u20662026-05-01 06:00:00 UTC\u2069"  # noqa: RUF001 - an Arabic alef
    )
    assert spoken(sentence, Language.KOREAN) == (
        "\u2068STAR نجم\u2069: \u2068ميناء\u2069 안에 있음, 2026-05-01 06:00:00 UTC부터"  # noqa: RUF001 - an Arabic alef
    )
    place = spoken(saying("place", lat=-35.1, lon=-5.0), Language.ARABIC)
    assert place == "\u2066-35.1000, -5.0000\u2069"


def test_sayings_within_sayings_are_put_into_the_language_too() -> None:
    """Spans of time, lists and words of closed lists; a word that nobody knows stays as it is."""
    both = listed(("fence", "quay"))
    crossed = saying(
        "line_crossed", subject="object:c1.7", label=term("label", "truck"), lines=both,
        camera="c1", at="2026-05-01T06:00:00Z",
    )  # fmt: skip
    assert spoken(crossed, Language.KOREAN) == (
        "object:c1.7(트럭): 카메라 c1 화면의 경계선 통과, fence, quay, 2026-05-01 06:00:00 UTC"
    )
    assert spoken(crossed, Language.ENGLISH) == (
        "object:c1.7 (truck) crossed fence and quay in the picture of c1 at 2026-05-01 06:00:00 UTC"
    )
    assert term("label", "zebra") == "zebra"
    left = saying("exit", subject="a", zone="b", at="2026-05-01T06:00:00Z", stay_s=600)
    assert "머문 시간 10분" in spoken(left, Language.KOREAN)
    assert "بعد 10 د" in spoken(left, Language.ARABIC)


@pytest.mark.parametrize("language", OTHERS)
def test_what_is_not_known_is_read_as_it_was_stored(language: Language) -> None:
    """A finding of an older version, one of a later version, and one that lacks a word."""
    for unknown in (UNSET, Saying("of_next_year"), Saying("inside"), Saying("exit", {"at": "now"})):
        assert read("too fast", unknown, language) == "too fast"


def test_a_finding_of_an_older_version_is_the_same_statement() -> None:
    """It is not revised for being said in more languages, and it is still read from its bytes."""
    sentence = saying("inside", subject="a", zone="b", since="2026-05-01T06:00:00Z", ending="")
    body = (
        b'{"id":"f","rule":"r","kind":"inside","rule_version":"1","subject":"a","severity":"MINOR",'
        b'"since":"2026-05-01T06:00:00Z","until":null,"text":"","values":{},"thresholds":{}}'
    )
    old = msgspec.json.decode(body, type=Finding)
    new = msgspec.structs.replace(old, saying=sentence, revision=3)
    assert b"saying" not in msgspec.json.encode(old)
    assert new.says_the_same_as(old)
    assert new.says_the_same_as(msgspec.structs.replace(new, revision=1))
    assert not new.says_the_same_as(msgspec.structs.replace(new, text="other"))
    assert msgspec.json.decode(msgspec.json.encode(new), type=Finding) == new
