"""The routes of carriers: ACIDs, permits to load, and voyages."""

from datetime import UTC, datetime
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from fastapi import Path as PathParameter
from msgspec.structs import replace
from starlette.responses import Response

from analytics.crosscheck.creating import CARRIERS
from analytics.crosscheck.register import (
    Answer,
    KeptVoyage,
    Party,
    Register,
    Writing,
)
from dashboards.aci_desk import AciDesk, tagged
from dashboards.aci_requests import (
    Asker,
    Change,
    RefusedError,
    Verify,
    body_of,
    dated,
    matched,
)
from dashboards.aci_shipments import policy_of
from dashboards.aci_views import (
    PermitView,
    VerifyView,
    verified,
)
from dashboards.openapi import answers, changed, takes
from haechi.aci.checking import normalised
from haechi.aci.permits import load_permit
from haechi.aci.shipment import Mode
from haechi.aci.voyage import Voyage

MAX_VOYAGE_BYTES: Final = 8 * 2**20
MAX_VERIFY_BYTES: Final = 4 * 2**20

VoyageId = Annotated[str, PathParameter(pattern="^[A-Za-z0-9._-]{1,40}$")]
Limit = Annotated[int, Query(ge=1, le=1000)]


def acids(desk: AciDesk) -> APIRouter:
    """Return routes."""
    router = APIRouter()

    @router.get("/acids/{acid}", responses=answers(VerifyView, 401))
    async def verify(
        party: Asker, acid: Annotated[str, PathParameter(min_length=1, max_length=35)]
    ) -> Response:
        """Say whether an ACID stands."""
        return await desk.ask(
            lambda register: verified(register, (acid,), party, datetime.now(UTC))[0]
        )

    @router.post(
        "/acids/verify",
        responses=answers(list[VerifyView], 401),
        openapi_extra=takes(Verify),
        max_body_size=MAX_VERIFY_BYTES,
    )
    async def verify_all(request: Request, party: Asker) -> Response:
        """Say of up to 100,000 ACIDs whether they stand, in the order asked."""
        wanted = await body_of(request, Verify)
        return await desk.ask(
            lambda register: verified(register, wanted.acids, party, datetime.now(UTC))
        )

    @router.get("/load-permit", responses=answers(PermitView, 401))
    async def permit(
        party: Asker,
        acid: Annotated[str, Query(max_length=35)] = "",
        consignee: Annotated[str, Query(max_length=35)] = "",
        at: Annotated[datetime | None, Query()] = None,
        mode: Mode = Mode.SEA,
    ) -> Response:
        """Say whether a container may be loaded under an ACID for a consignee, by tax number."""
        if party.role not in CARRIERS:
            raise RefusedError(403, "whether it may load is for the carrier to ask")
        when = at or datetime.now(UTC)
        when = when if when.tzinfo else when.replace(tzinfo=UTC)

        def answer(register: Register) -> PermitView:
            kept = register.shipment_of(normalised(acid)) if acid else None
            policies = desk.console.policies
            known = None if kept is None else kept.shipment
            day = policies.at(when.date(), mode)
            if known is not None:
                day = policy_of(policies, known, when)
            said = load_permit(known, day, at=when, consignee=consignee)
            return PermitView(load_permit=said.is_permitted, reasons=said.reasons)

        return await desk.ask(answer)

    return router


def voyages(desk: AciDesk) -> APIRouter:
    """Return routes."""
    router = APIRouter()

    @router.get("/voyages", responses=answers(list[KeptVoyage], 401))
    async def all_voyages(party: Asker, limit: Limit = 100) -> Response:
        """Return your voyages, latest first."""
        return await desk.ask(lambda register: register.voyages(party, limit))

    @router.get("/voyages/{voyage}", responses=answers(KeptVoyage, 401, 404))
    async def one(party: Asker, voyage: VoyageId) -> Response:
        """Return a voyage with what it carries; its ETag is the revision."""
        return await desk.ask(lambda register: _sailing(_own_voyage(register, voyage, party)))

    @router.put(
        "/voyages/{voyage}",
        responses=changed(KeptVoyage, 401, 404, 409, 412, 422, 428, 503),
        openapi_extra=takes(Voyage),
        max_body_size=MAX_VOYAGE_BYTES,
    )
    async def put(request: Request, asked: Change, voyage: VoyageId) -> Response:
        """Declare a voyage, or replace the revision that you have read."""
        declared = await body_of(request, Voyage)

        def work(register: Register, writing: Writing) -> Answer:
            if asked.party.role not in CARRIERS:
                raise RefusedError(403, "a voyage is declared by its carrier")
            dated(declared.begins, declared.ends)
            known = register.voyage(voyage)
            kept = KeptVoyage(id=voyage, owner=asked.party, voyage=declared)
            if known is not None:
                _own_voyage(register, voyage, asked.party)
                matched(asked, known.revision)
                kept = replace(known, voyage=declared)
            revision = writing.put_voyage(kept)
            numbered = replace(declared, version=revision)
            return _sailing(replace(kept, revision=revision, voyage=numbered))

        return await desk.change(asked, work)

    return router


def _own_voyage(register: Register, voyage: str, party: Party) -> KeptVoyage:
    kept = register.voyage(voyage)
    if kept is None or not (party.sees_all or party == kept.owner):
        raise RefusedError(404, f"there is no voyage {voyage} of {party}")
    return kept


def _sailing(kept: KeptVoyage) -> Answer:
    return tagged(kept, kept.revision)
