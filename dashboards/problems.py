"""Errors as the web knows them: problem details (RFC 9457)."""

from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Any

import msgspec
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from msgspec import Struct
from starlette.exceptions import HTTPException
from starlette.responses import Response

from dashboards.aci_requests import RefusedError

_Handler = Callable[[Request, Any], Coroutine[Any, Any, Response]]


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


def answer_errors(app: FastAPI, unavailable: type[Exception]) -> None:
    """Have errors of routes answered as problems; ``unavailable``: the store cannot be written."""
    app.add_exception_handler(HTTPException, _http_problem)
    app.add_exception_handler(RequestValidationError, _validation_problem)
    app.add_exception_handler(RefusedError, _refused_problem)
    app.add_exception_handler(unavailable, _unavailable_problem)


async def _http_problem(_: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    detail = str(error.detail) if isinstance(error, HTTPException) else "unknown"
    return problem(status, detail)


async def _refused_problem(_: Request, error: Exception) -> Response:
    return problem(error.status if isinstance(error, RefusedError) else 400, str(error))


async def _validation_problem(_: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        return problem(400, str(error))
    words = (f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
    return problem(400, "; ".join(words))


async def _unavailable_problem(_: Request, error: Exception) -> Response:
    return problem(503, f"the store is not available now: {error}", Retry_After="1")
