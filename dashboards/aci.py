"""The routes of shipments, and with them all of advance cargo."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from fastapi import Path as PathParameter
from msgspec.structs import replace
from starlette.responses import Response

from analytics.crosscheck.register import (
    Answer,
    KeptShipment,
    Party,
    Question,
    Register,
    Summary,
    Version,
    Writing,
)
from dashboards.aci_carriage import acids, voyages
from dashboards.aci_desk import AciDesk, done_once, tagged
from dashboards.aci_imports import imports
from dashboards.aci_requests import (
    PARTY_HEADER,
    Amend,
    Asker,
    Change,
    Draft,
    Take,
    body_of,
)
from dashboards.aci_shipments import Shipments, mine, policy_of
from dashboards.aci_views import (
    CrossCheckView,
    DeadlineView,
    ShipmentView,
    crosscheck_view,
    shipment_view,
)
from dashboards.openapi import answers, changed, takes
from dashboards.paging import UNCHANGED, page
from haechi.aci.amendments import AmendmentRefusedError
from haechi.aci.states import State, Step
from haechi.aci.voyage import Voyage

MAX_SHIPMENT_BYTES: Final = 2**20


Reference = Annotated[str, PathParameter(pattern="^[A-Za-z0-9-]{1,35}$")]
Limit = Annotated[int, Query(ge=1, le=1000)]


def routes(desk: AciDesk) -> APIRouter:
    """Return all routes."""
    router = APIRouter()
    for part in (_shipments, _changes, acids, voyages, imports):
        router.include_router(part(desk))
    return router


def _shipments(desk: AciDesk) -> APIRouter:
    router = APIRouter()

    async def about(
        party: Party, reference: str, show: Callable[[Register, KeptShipment], object]
    ) -> Response:
        """Answer about one shipment if it is open to the party."""
        return await desk.ask(lambda register: show(register, mine(register, reference, party)))

    @router.get("/shipments", responses=answers(list[Summary], 401) | UNCHANGED)
    async def shipments(  # noqa: PLR0917 - what the query may say
        request: Request,
        party: Asker,
        key: Annotated[str, Query(max_length=256)] = "",
        state: Annotated[list[State] | None, Query(max_length=15)] = None,
        limit: Limit = 100,
        offset: Annotated[int, Query(ge=0, le=10**6)] = 0,
    ) -> Response:
        """Return your shipments, most urgent first; ``key``: ACID, bill, box, vessel, name.

        ``Link`` names the next page; with ``If-None-Match`` a page that is as it was is not sent.
        """
        states = tuple(state or ())
        question = Question(party=party, key=key, states=states, limit=limit + 1, offset=offset)
        return await desk.ask(
            lambda register: page(
                request, register.shipments(question), limit, offset, PARTY_HEADER
            )
        )

    @router.get("/shipments/{reference}", responses=answers(ShipmentView, 401, 404))
    async def shipment(party: Asker, reference: Reference) -> Response:
        """Return a shipment with its deadlines; its ETag is the revision."""
        return await about(party, reference, lambda _, kept: _shown(desk, kept, 200))

    @router.get("/shipments/{reference}/versions", responses=answers(list[Version], 401, 404))
    async def versions(party: Asker, reference: Reference) -> Response:
        """Return every writing of a shipment, with who, when and why."""
        return await about(party, reference, lambda register, _: register.versions(reference))

    @router.get("/shipments/{reference}/deadlines", responses=answers(list[DeadlineView], 401, 404))
    async def deadlines(party: Asker, reference: Reference) -> Response:
        """Return what must be done by when, and the time left."""
        return await about(party, reference, lambda _, kept: _view(desk, kept).deadlines)

    @router.get("/shipments/{reference}/crosscheck", responses=answers(CrossCheckView, 401, 404))
    async def crosscheck(party: Asker, reference: Reference) -> Response:
        """Return what disagrees with what was declared, most urgent first."""
        return await about(
            party,
            reference,
            lambda register, _: crosscheck_view(reference, register.result(reference)),
        )

    @router.get("/shipments/{reference}/voyage", responses=answers(Voyage | None, 401, 404))
    async def voyage(party: Asker, reference: Reference) -> Response:
        """Return the voyage that carries it, if one is declared, without what she carries."""
        return await about(party, reference, _carrier)

    return router


def _changes(desk: AciDesk) -> APIRouter:
    router = APIRouter()

    def acts(register: Register) -> Shipments:
        return Shipments(register, desk.console.policies)

    @router.post(
        "/shipments",
        status_code=201,
        responses=changed(ShipmentView, 401, 409, 422, 503, status=201),
        openapi_extra=takes(Draft),
        max_body_size=MAX_SHIPMENT_BYTES,
    )
    async def create(request: Request, asked: Change) -> Response:
        """Begin a shipment, as a draft."""
        draft = await body_of(request, Draft)
        now = datetime.now(UTC)

        def work(register: Register, writing: Writing) -> Answer:
            return _shown(desk, acts(register).create(writing, asked, draft, now), 201)

        return await desk.change(asked, work)

    @router.patch(
        "/shipments/{reference}",
        responses=changed(ShipmentView, 401, 404, 409, 412, 422, 428, 503),
        openapi_extra=takes(Amend),
        max_body_size=MAX_SHIPMENT_BYTES,
    )
    async def amend(request: Request, asked: Change, reference: Reference) -> Response:
        """Change what was declared, as far as you may now; what is left out stays."""
        wanted = await body_of(request, Amend)
        now = datetime.now(UTC)

        def work(register: Register, writing: Writing) -> Answer:
            return _shown(desk, acts(register).amend(writing, asked, reference, wanted, now), 200)

        def amended(register: Register) -> Response:
            try:
                return done_once(register, asked, work)
            except AmendmentRefusedError:
                acts(register).note_refusal(reference, asked.party, wanted, now)
                raise

        return await desk.write(amended)

    @router.post(
        "/shipments/{reference}/{step}",
        responses=changed(ShipmentView, 401, 404, 409, 412, 422, 428, 503),
        openapi_extra=takes(Take),
        max_body_size=MAX_SHIPMENT_BYTES,
    )
    async def take(request: Request, asked: Change, reference: Reference, step: Step) -> Response:
        """Take a step: request, screen, issue, reject, envelope, cosign, hold, cancel and so on."""
        how = await body_of(request, Take)
        now = datetime.now(UTC)

        def work(register: Register, writing: Writing) -> Answer:
            kept = acts(register).take(writing, asked, reference, step, how=how, now=now)
            return _shown(desk, kept, 200)

        return await desk.change(asked, work)

    return router


def _carrier(register: Register, kept: KeptShipment) -> Voyage | None:
    voyage = register.voyage_of(kept.shipment)
    return voyage and replace(voyage, containers=())


def _view(desk: AciDesk, kept: KeptShipment) -> ShipmentView:
    now = datetime.now(UTC)
    return shipment_view(kept, policy_of(desk.console.policies, kept.shipment, now), now)


def _shown(desk: AciDesk, kept: KeptShipment, status: int) -> Answer:
    return tagged(_view(desk, kept), kept.revision, status)
