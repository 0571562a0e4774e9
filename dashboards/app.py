"""The console's routes. Each asks the store, in its own thread, and says the answer in JSON."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, FastAPI, HTTPException, Query, Request
from fastapi import Path as PathParameter
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles
from starlette.responses import Response

from dashboards.aci import routes as aci_routes
from dashboards.aci_desk import AciDesk
from dashboards.alarms import routes as alarm_routes
from dashboards.desk import Console, Desk
from dashboards.hub import Hub
from dashboards.openapi import answers, describe
from dashboards.ports import ConsoleStore
from dashboards.problems import answer_errors
from dashboards.replies import as_json, found
from dashboards.security import Guard
from dashboards.stream import EventStream, resume_point
from dashboards.targets import Sighting
from dashboards.views import (
    AccountView,
    DeadLetterView,
    DeviceView,
    FindingView,
    HealthView,
    Snapshot,
    Track,
    VesselView,
    alarm_view,
    particulars,
    points,
)
from haechi.ids import SUBJECT_PATTERN

MAX_BODY_BYTES: Final = 16_384
RECENT: Final = timedelta(hours=1)
"""How far back a vessel's particulars are looked for; AIS repeats them every six minutes."""
MAX_FINDINGS: Final = 50
EARLIEST: Final = datetime.min.replace(tzinfo=UTC) + timedelta(days=2)
"""Before this, sums with dates leave the calendar, whatever their time zone."""

PAGES: Final = frozenset({"index.html", "shipments.html"})
TYPED: Final[Mapping[str, str]] = {
    **dict.fromkeys(("index", "map", "alarms", "vessels"), "/"),
    **dict.fromkeys(("shipments", "cargo", "imports"), "/shipments.html"),
    "api": "/api/openapi.json",
    "health": "/api/health",
}
"""What people type, and where that is."""

NOT_BUILT: Final = (
    "<!doctype html><title>Haechi</title><p>The page has not been built. "
    "Run <code>make setup</code> in the project's folder, then reload.</p>"
)

Subject = Annotated[str, PathParameter(pattern=SUBJECT_PATTERN.replace(r"\Z", "$"), max_length=80)]
At = Annotated[datetime | None, Query()]


def make_app(
    console: Console,
    attend: Callable[[Hub], AbstractAsyncContextManager[None]] = lambda _: nullcontext(),
) -> FastAPI:
    """Return the console as an ASGI application; ``attend`` is entered while it is open."""
    desk = Desk(console)
    cargo = console.aci and AciDesk(console.aci)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[None]:
        await desk.open()
        following = asyncio.create_task(desk.hub.run(), name="hub")
        async with attend(desk.hub), cargo.opened() if cargo else nullcontext():
            yield
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)

    app = FastAPI(
        title="Haechi console",
        version="1",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
        max_body_size=MAX_BODY_BYTES,
    )
    app.add_middleware(Guard)
    answer_errors(app, console.unavailable)
    for routes in (_overview, _vessels, alarm_routes, _accounts):
        app.include_router(routes(desk), prefix="/api")
    if cargo:
        app.include_router(aci_routes(cargo), prefix="/api/aci")
    _mount_page(app, console)
    describe(app)
    return app


def _overview(desk: Desk) -> APIRouter:
    router = APIRouter()

    @router.get("/snapshot", responses=answers(Snapshot))
    async def snapshot() -> Response:
        """Return everything a page needs to begin."""
        return as_json(await desk.in_store(_snapshot, desk))

    @router.get("/stream", responses={200: {"content": {"text/event-stream": {}}}})
    async def stream(request: Request) -> Response:
        """Follow what changes: events ``vessels``, ``alarms`` and ``health``."""
        return EventStream(desk.hub, resume_point(request))

    @router.get("/health", responses=answers(HealthView))
    async def health() -> Response:
        """Say how the platform is."""
        return as_json(HealthView.of(await asyncio.to_thread(desk.console.health)))

    @router.get("/zones", responses={200: {"content": {"application/geo+json": {}}}})
    async def zones() -> Response:
        """Return the active zones."""
        return Response(desk.console.zones_geojson, media_type="application/geo+json")

    return router


def _vessels(desk: Desk) -> APIRouter:
    router = APIRouter()
    store = desk.in_store

    @router.get("/vessels/{subject}", responses=answers(VesselView, 404))
    async def vessel(subject: Subject) -> Response:
        """Return one vessel: where, what, and what was found."""
        return found(await store(_vessel, desk.store, subject), f"vessel {subject}")

    @router.get("/vessels/{subject}/track", responses=answers(Track))
    async def track(
        subject: Subject,
        since: At = None,
        until: At = None,
        limit: Annotated[int, Query(ge=2, le=10_000)] = 500,
    ) -> Response:
        """Return positions in a time range, by default the last hour, thinned evenly."""
        end = _utc(until) or datetime.now(UTC)
        begin = _utc(since) or (end - RECENT if end > EARLIEST else end)
        rows = await store(desk.store.track, subject, begin, end, limit)
        return as_json(Track(subject=subject, points=points(rows)))

    @router.get("/targets", responses=answers(list[Sighting]))
    async def targets() -> Response:
        """Return what cameras see now: each object with the vessel or truck that it is, if any."""
        return as_json(await desk.targets.now(desk.in_store))

    return router


def _accounts(desk: Desk) -> APIRouter:
    router = APIRouter()
    store = desk.in_store

    @router.get("/ledger", responses=answers(list[AccountView]))
    async def ledger() -> Response:
        """Return the loss ledger, a line per device and boot."""
        return as_json([AccountView.of(account) for account in await store(desk.store.accounts)])

    @router.get("/devices", responses=answers(list[DeviceView]))
    async def devices() -> Response:
        """Return how each device last said it is."""
        rows = await store(desk.store.device_states)
        return as_json([DeviceView(site=site, state=state) for site, state in rows])

    @router.get("/dead-letters", responses=answers(list[DeadLetterView]))
    async def dead_letters(limit: Annotated[int, Query(ge=1, le=1000)] = 100) -> Response:
        """Return what was refused, newest first."""
        rows = await store(desk.store.dead_letters, limit)
        return as_json([DeadLetterView.of(letter) for letter in rows])

    return router


def _snapshot(desk: Desk) -> Snapshot:
    console = desk.console
    return Snapshot(
        position=desk.store.position(),
        now=datetime.now(UTC),
        site=console.site,
        time_zone=console.time_zone,
        language=console.language,
        vessels=desk.store.latest(),
        alarms=[alarm_view(alarm) for alarm in desk.store.alarms(open_only=True)],
    )


def _vessel(store: ConsoleStore, subject: str) -> VesselView | None:
    latest = store.latest_of(subject)
    if latest is None:
        return None
    recent = store.history(subject, latest.at - RECENT)
    found = store.findings(subject=subject)
    mine = [alarm for alarm in store.alarms() if alarm.key.subject == subject]
    return VesselView(
        vessel=latest,
        particulars=particulars(recent),
        findings=[FindingView.of(one) for one in found[: -MAX_FINDINGS - 1 : -1]],
        alarms=[alarm_view(alarm) for alarm in mine],
    )


def _mount_page(app: FastAPI, console: Console) -> None:
    @app.get("/", include_in_schema=False)
    @app.get("/{name}", include_in_schema=False)
    @app.get("/{name}/", include_in_schema=False)
    async def page(name: str = "index.html") -> Response:
        """Return a page; its parts carry hashes in their names, so it alone is asked for anew."""
        if name in TYPED:
            return RedirectResponse(TYPED[name])
        file = console.static / name
        if name not in PAGES:
            raise HTTPException(404, f"there is no /{name}; there are / and /shipments")
        if not file.is_file():
            return HTMLResponse(NOT_BUILT, 503)
        return FileResponse(file, headers={"Cache-Control": "no-cache"})

    @app.get("/shipments/{reference}", include_in_schema=False)
    async def shipment(reference: Annotated[str, PathParameter(max_length=35)]) -> Response:
        """Lead who types a shipment's reference to its page."""
        return RedirectResponse(f"/shipments.html#{urlencode({'shipment': reference})}")

    app.mount("/", StaticFiles(directory=console.static, check_dir=False))


def _utc(at: datetime | None) -> datetime | None:
    return at if at is None or at.tzinfo else at.replace(tzinfo=UTC)
