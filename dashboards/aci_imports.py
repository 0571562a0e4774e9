"""The routes by which files come in."""

from typing import Annotated, Final

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
            lambda register: [desk.progress(each) for each in register.imports(party, limit)]
        )

    @router.get("/imports/{number}", responses=answers(Import, 401, 404))
    async def one(party: Asker, number: ImportId) -> Response:
        """Return how far an import is; in the end its report, bill by bill."""

        def answer(register: Register) -> Import:
            done = register.import_(number)
            if done is None or not (party.sees_all or party == done.owner):
                raise RefusedError(404, f"there is no import {number} of {party}")
            return desk.progress(done)

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
        request: Request, party: Asker, name: Annotated[str, Query(max_length=256)] = ""
    ) -> Response:
        """Hand in a file in any format that is read: it is taken whole or not at all."""
        return await desk.begin_import(party, name, request.stream())

    return router
