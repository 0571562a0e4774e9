"""How a process is asked to end."""

import signal
from collections.abc import Callable
from types import FrameType


def on_end(stop: Callable[[], object]) -> None:
    """Call ``stop`` when the process is told to end, instead of ending it at once."""

    def handle(_: int, __: FrameType | None) -> None:
        stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, handle)


def end_with_terminal() -> None:
    """Take SIGHUP, a terminal that was closed, for SIGTERM, whatever that does.

    Who runs under ``nohup`` has it ignored, and goes on.
    """

    def handle(_: int, __: FrameType | None) -> None:
        signal.raise_signal(signal.SIGTERM)

    if signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:
        signal.signal(signal.SIGHUP, handle)
