"""Logs go to standard error, so that standard output holds results only."""

import logging
import sys

import structlog


def configure(level: str) -> None:
    """Log lines for people on a terminal, JSON for programs elsewhere.

    Args:
        level: ``debug``, ``info``, ``warning`` or ``error``; anything else is ``warning``.
    """
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
