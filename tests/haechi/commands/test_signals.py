"""What a process does when it is told to end."""

import signal
from collections.abc import Iterator

import pytest

from haechi.commands.signals import end_with_terminal, on_end

SIGNALS = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """Leave the signals of whoever runs the tests as they were."""
    before = {number: signal.getsignal(number) for number in SIGNALS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_a_terminal_that_closes_ends_it_as_sigterm_does() -> None:
    """Whatever stands for that by then: all that is open is closed in order."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    end_with_terminal()
    ended: list[bool] = []
    on_end(lambda: ended.append(True))
    assert signal.getsignal(signal.SIGHUP) is not signal.SIG_DFL
    signal.raise_signal(signal.SIGHUP)
    assert ended == [True]


def test_under_nohup_it_goes_on() -> None:
    """What was ignored by whoever started it stays so."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    end_with_terminal()
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
