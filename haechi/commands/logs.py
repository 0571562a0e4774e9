"""Logs go to standard error, so that standard output holds results only."""

import logging
import sys
from contextlib import suppress
from typing import Any, TextIO, cast

import structlog


class Forgiving:
    """Standard error that loses a line rather than the program.

    It may be a file on the very disk whose being full is to be survived, or nobody reads it.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        """Be the stream in all else."""
        return getattr(self._stream, name)

    def write(self, text: str, /) -> int:
        """Write, or lose it."""
        with suppress(OSError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Pass on what was written, or leave it for the next time."""
        with suppress(OSError):
            self._stream.flush()


def configure(level: str) -> None:
    """Log lines for people on a terminal, JSON for programs elsewhere.

    Args:
        level: ``debug``, ``info``, ``warning`` or ``error``; anything else is ``warning``.
    """
    sys.stderr = cast("TextIO", Forgiving(sys.stderr))
    least = logging.getLevelNamesMapping().get(level.upper(), logging.WARNING)
    shown = (
        structlog.dev.ConsoleRenderer()
        if sys.stderr.isatty()
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            shown,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
