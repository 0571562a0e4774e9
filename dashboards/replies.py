"""Answers in JSON, made of structs in one way."""

import msgspec
from starlette.responses import Response

from dashboards.problems import problem


def as_json(value: object) -> Response:
    """Return a value as an answer."""
    return Response(msgspec.json.encode(value), media_type="application/json")


def found(value: object | None, what: str) -> Response:
    """Return a value, or that there is no such thing."""
    return problem(404, f"there is no {what}") if value is None else as_json(value)
