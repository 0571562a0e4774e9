"""The API's description, its types taken from the structs that are really sent."""

from typing import Any, Final

import msgspec
from fastapi import FastAPI

from dashboards.problems import Problem

REFERENCE: Final = "#/components/schemas/{name}"

_PROBLEMS: Final = {
    400: "Not a request this route understands.",
    403: "Not from this machine, or not from our own page.",
    404: "There is no such thing.",
    401: "The request does not say who asks.",
    409: "It is not in a state in which that can be done; the text says what can.",
    412: "Somebody else has changed it since it was read.",
    422: "The same key was used for another request.",
    428: "The request does not say which revision it changes.",
    429: "Too much is asked for at once; try again.",
    503: "The store cannot be written now; try again.",
}

_described: dict[str, Any] = {}
"""Schemas of all types that any route named."""


def answers(answer: Any, *problems: int) -> dict[int | str, dict[str, Any]]:
    """Return what a route's ``responses`` are: its own type, and the problems it may say.

    Args:
        answer: A struct, or a list of one.
        problems: Statuses besides 400 and 403, which every route may say.
    """
    found: dict[int | str, dict[str, Any]] = {
        200: {"description": "OK", "content": {"application/json": {"schema": _schema(answer)}}}
    }
    said = {"application/problem+json": {"schema": _schema(Problem)}}
    for status in sorted({400, 403, *problems}):
        found[status] = {"description": _PROBLEMS[status], "content": said}
    return found


def changed(answer: Any, *problems: int, status: int = 200) -> dict[int | str, dict[str, Any]]:
    """Return the same for a route that answers with ``status``."""
    found = answers(answer, *problems)
    return {status if each == 200 else each: said for each, said in found.items()}  # noqa: PLR2004 - HTTP


def takes(body: Any) -> dict[str, Any]:
    """Return what a route's ``openapi_extra`` says of the type of its body."""
    return {"requestBody": {"required": True, **answers(body)[200]}}


def describe(app: FastAPI) -> None:
    """Complete the generated document with the types that routes named."""
    generate = app.openapi

    def complete() -> dict[str, Any]:
        document = generate()
        document.setdefault("components", {}).setdefault("schemas", {}).update(_described)
        return document

    app.openapi = complete  # type: ignore[method-assign]  # as the framework documents it


def _schema(answer: Any) -> dict[str, Any]:
    (schema,), components = msgspec.json.schema_components((answer,), ref_template=REFERENCE)
    _described.update(components)
    return schema
