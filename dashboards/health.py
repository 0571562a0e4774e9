"""How the platform is, in plain words, as ingest says it or as its silence says it."""

from datetime import datetime
from http.client import HTTPException
from typing import Final, Literal
from urllib.request import urlopen

import msgspec
from msgspec import Struct

_TIMEOUT_S: Final = 2.0


class Health(Struct, frozen=True, kw_only=True):
    """One look at the platform."""

    state: Literal["ok", "degraded", "failing"]
    reasons: tuple[str, ...] = ()
    watermark: datetime | None = None
    """How far event time has passed, at the site that is furthest behind."""


class _Stated(Struct):
    """What ingest answers on ``/health``; anything else it says is for others."""

    state: Literal["ok", "degraded", "failing"]
    reasons: tuple[str, ...] = ()
    watermark: datetime | None = None


def ask(url: str) -> Health:
    """Ask ingest how it is; its silence is an answer too.

    Args:
        url: Of the ingest process, on loopback.
    """
    try:
        with urlopen(url, timeout=_TIMEOUT_S) as answer:  # noqa: S310 - our own loopback address
            stated = msgspec.json.decode(answer.read(), type=_Stated)
    except (OSError, HTTPException, msgspec.DecodeError, UnicodeDecodeError) as error:
        said = f"ingest does not answer ({error}): nothing new is being kept or judged"
        return Health(state="failing", reasons=(said,))
    return Health(state=stated.state, reasons=stated.reasons, watermark=stated.watermark)
