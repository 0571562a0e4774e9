"""Errors as the web knows them: problem details (RFC 9457)."""

from http import HTTPStatus

import msgspec
from msgspec import Struct
from starlette.responses import Response


class Problem(Struct, frozen=True, omit_defaults=True):
    """What went wrong, for programs and people."""

    title: str
    status: int
    detail: str
    type: str = "about:blank"


def problem(status: int, detail: str, **headers: str) -> Response:
    """Return the answer to a request that cannot be served."""
    body = Problem(HTTPStatus(status).phrase, status, detail)
    return Response(
        msgspec.json.encode(body),
        status,
        headers={name.replace("_", "-"): value for name, value in headers.items()},
        media_type="application/problem+json",
    )
