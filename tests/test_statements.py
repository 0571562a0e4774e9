"""Every numbered requirement has its test or a reason why not, and the page says which."""

from tests import statements


def test_every_statement_is_held_by_a_test_or_says_why_not() -> None:
    """A number without either is a promise that nobody keeps."""
    tests = statements.marked()
    known = statements.numbers()
    open_ones = [number for number in known if number not in tests]
    assert len(known) > 80
    assert [number for number in open_ones if not known[number].get("later")] == []
    assert sorted(tests.keys() - known.keys()) == []


def test_the_page_is_current() -> None:
    """Made anew with ``python -m tests.statements``."""
    assert statements.PAGE.read_text(encoding="utf-8") == statements.page()
