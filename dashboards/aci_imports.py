"""The routes by which files come in."""

from datetime import UTC, datetime
from secrets import token_hex
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query, Request
from fastapi import Path as PathParameter
from starlette.responses import Response

from analytics.crosscheck.register import (
    Import,
    Register,
)
from dashboards.aci_desk import AciDesk
from dashboards.aci_requests import (
    Asker,
    RefusedError,
)
from dashboards.openapi import answers, changed
from haechi.text import plain

MAX_FILE_BYTES: Final = 256 * 2**20


ImportId = Annotated[str, PathParameter(pattern="^[0-9a-f]{16}$")]
Limit = Annotated[int, Query(ge=1, le=1000)]


def imports(desk: AciDesk) -> APIRouter:
    """Return routes."""
    router = APIRouter()

    @router.get("/imports", responses=answers(list[Import], 401))
    async def all_imports(party: Asker, limit: Limit = 20) -> Response:
        """Return your imports, latest first."""
        return await desk.ask(
            lambda register: [
                desk.progress(register, each) for each in register.imports(party, limit)
            ]
        )

    @router.get("/imports/{number}", responses=answers(Import, 401, 404))
    async def one(party: Asker, number: ImportId) -> Response:
        """Return how far an import is; in the end its report, bill by bill."""

        def answer(register: Register) -> Import:
            done = register.import_(number)
            if done is None or not (party.sees_all or party == done.owner):
                raise RefusedError(404, f"there is no import {number} of {party}")
            return desk.progress(register, done)

        return await desk.ask(answer)

    @router.post(
        "/imports",
        status_code=202,
        responses=changed(Import, 401, 429, 503, status=202),
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {
                    "application/octet-stream": {"schema": {"type": "string", "format": "binary"}}
                },
            }
        },
        max_body_size=MAX_FILE_BYTES,
    )
    async def begin(
        request: Request,
        party: Asker,
        name: Annotated[str, Query(max_length=256)] = "",
        create: Annotated[Literal["shipments"] | None, Query()] = None,
        by: Annotated[str, Query(max_length=64)] = "",
    ) -> Response:
        """Hand in a file in any format that is read: it is taken whole or not at all.

        With ``create=shipments``, bills are tied to the shipments of their ACIDs, an importer's
        other bills become drafts, and a carrier's voyages are declared; the report says which.
        """
        begun = Import(
            id=token_hex(8),
            owner=party,
            name=plain(name, 256),
            at=datetime.now(UTC),
            by=plain(by),
            creates=create is not None,
        )
        return await desk.begin_import(begun, request.stream())

    return router
