"""The console's routes. Each asks the store, in its own thread, and says the answer in JSON."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final, Literal, TypeVar

import msgspec
from fastapi import APIRouter, FastAPI, Query, Request
from fastapi import Path as PathParameter
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, HTMLResponse
from fastapi.staticfiles import StaticFiles
from msgspec import Meta, Struct
from starlette.exceptions import HTTPException
from starlette.responses import Response

from analytics.alarms import Handled, UnlawfulSignalError, apply
from dashboards.aci import routes as aci_routes
from dashboards.aci_desk import AciConsole, AciDesk
from dashboards.aci_requests import RefusedError
from dashboards.health import Health
from dashboards.openapi import answers, describe
from dashboards.ports import ConsoleStore
from dashboards.problems import problem
from dashboards.security import Guard
from dashboards.stream import EventStream, Hub, resume_point
from dashboards.views import (
    AccountView,
    AlarmDetail,
    AlarmView,
    DeadLetterView,
    DeviceView,
    HealthView,
    Snapshot,
    Track,
    VesselView,
    alarm_view,
    particulars,
    points,
)
from haechi.alarms import Alarm, AlarmPolicy, Signal
from haechi.ids import SUBJECT_PATTERN
from haechi.pushes import Push
from haechi.text import plain

T = TypeVar("T")

STATIC: Final = Path(__file__).parent / "static"
MAX_BODY_BYTES: Final = 16_384
RECENT: Final = timedelta(hours=1)
"""How far back a vessel's particulars are looked for; AIS repeats them every six minutes."""
MAX_FINDINGS: Final = 50
EARLIEST: Final = datetime.min.replace(tzinfo=UTC) + timedelta(days=2)
"""Before this, sums with dates leave the calendar, whatever their time zone."""

NOT_BUILT: Final = (
    "<!doctype html><title>Haechi</title><p>The page has not been built. "
    "Run <code>make setup</code> in the project's folder, then reload.</p>"
)

Subject = Annotated[str, PathParameter(pattern=SUBJECT_PATTERN.replace(r"\Z", "$"), max_length=80)]
AlarmId = Annotated[str, PathParameter(pattern="^[0-9a-z-]{1,40}$")]
At = Annotated[datetime | None, Query()]


class Act(StrEnum):
    """What an operator can do to an alarm."""

    ACKNOWLEDGE = "acknowledge"
    CLEAR = "clear"
    SHELVE = "shelve"
    UNSHELVE = "unshelve"
    ASSIGN = "assign"
    COMMENT = "comment"


_SIGNALS: Final = {
    Act.ACKNOWLEDGE: Signal.ACKNOWLEDGED,
    Act.CLEAR: Signal.CLEARED,
    Act.SHELVE: Signal.SHELVED,
    Act.UNSHELVE: Signal.UNSHELVED,
    Act.ASSIGN: Signal.ASSIGNED,
    Act.COMMENT: Signal.COMMENTED,
}


class ActRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who does it, and what it needs besides. There is no login yet: the name is taken on trust."""

    by: Annotated[str, Meta(min_length=1, max_length=64)]
    note: Annotated[str, Meta(max_length=500)] = ""
    minutes: Annotated[int, Meta(ge=1, le=1440)] = 60
    assignee: Annotated[str, Meta(max_length=64)] | None = None


@dataclass(frozen=True, kw_only=True)
class Console:
    """What the routes work with; the composition root fills it in."""

    open_store: Callable[[], ConsoleStore]
    """Called in the thread that then uses the store."""
    unavailable: type[Exception]
    """What that store raises while it cannot be written."""
    health: Callable[[], Health]
    zones_geojson: str
    alarm_policy: AlarmPolicy
    pushes_after: Callable[[Handled], list[Push]]
    site: str
    time_zone: str = "UTC"
    language: str = "en"
    static: Path = STATIC
    aci: AciConsole | None = None
    """Advance cargo; ``None`` leaves its routes out."""


class _Desk:
    """The running console: the store in its one thread, and the hub that follows it."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self._thread = ThreadPoolExecutor(1, "console-store")
        self.store: ConsoleStore
        self.hub: Hub

    async def open(self) -> None:
        self.store = await self.in_store(self.console.open_store)
        self.hub = Hub(self.store, self.console.health)

    async def in_store(self, ask: Callable[..., T], *arguments: object, **named: object) -> T:
        """Run a function in the one thread that may use the store."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, lambda: ask(*arguments, **named))

    def act(
        self, alarm_id: str, signal: Signal, request: ActRequest, now: datetime
    ) -> Alarm | None:
        """Do what an operator asks for, in one transaction; ``None`` if there is no such alarm."""
        with self.store.writing() as writing:
            alarm = self.store.alarm(alarm_id)
            if alarm is None:
                return None
            handled = apply(
                alarm,
                signal,
                at=now,
                by=plain(request.by) or "unnamed",
                note=request.note,
                until=now + timedelta(minutes=request.minutes)
                if signal is Signal.SHELVED
                else None,
                assignee=plain(request.assignee) if request.assignee else None,
                policy=self.console.alarm_policy,
            )
            writing.put_alarm(*handled)
            for push in self.console.pushes_after(handled):
                writing.add_push(push)
        return handled[0]


def make_app(
    console: Console,
    attend: Callable[[Hub], AbstractAsyncContextManager[None]] = lambda _: nullcontext(),
) -> FastAPI:
    """Return the console as an ASGI application; ``attend`` is entered while it is open."""
    desk = _Desk(console)
    cargo = console.aci and AciDesk(console.aci)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[None]:
        await desk.open()
        following = asyncio.create_task(desk.hub.run(desk.in_store), name="hub")
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
    app.add_exception_handler(HTTPException, _http_problem)
    app.add_exception_handler(RequestValidationError, _validation_problem)
    app.add_exception_handler(console.unavailable, _unavailable_problem)
    for routes in (_overview, _vessels, _alarms, _accounts):
        app.include_router(routes(desk), prefix="/api")
    if cargo:
        app.add_exception_handler(RefusedError, _refused_problem)
        app.include_router(aci_routes(cargo), prefix="/api/aci")
    _mount_page(app, console)
    describe(app)
    return app


def _overview(desk: _Desk) -> APIRouter:
    router = APIRouter()

    @router.get("/snapshot", responses=answers(Snapshot))
    async def snapshot() -> Response:
        """Return everything a page needs to begin."""
        return _json(await desk.in_store(_snapshot, desk))

    @router.get("/stream", responses={200: {"content": {"text/event-stream": {}}}})
    async def stream(request: Request) -> Response:
        """Follow what changes: events ``vessels``, ``alarms`` and ``health``."""
        return EventStream(desk.hub, resume_point(request), desk.in_store)

    @router.get("/health", responses=answers(HealthView))
    async def health() -> Response:
        """Say how the platform is."""
        return _json(HealthView.of(await asyncio.to_thread(desk.console.health)))

    @router.get("/zones", responses={200: {"content": {"application/geo+json": {}}}})
    async def zones() -> Response:
        """Return the active zones."""
        return Response(desk.console.zones_geojson, media_type="application/geo+json")

    return router


def _vessels(desk: _Desk) -> APIRouter:
    router = APIRouter()
    store = desk.in_store

    @router.get("/vessels/{subject}", responses=answers(VesselView, 404))
    async def vessel(subject: Subject) -> Response:
        """Return one vessel: where, what, and what was found."""
        return _found(await store(_vessel, desk.store, subject), f"vessel {subject}")

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
        return _json(Track(subject=subject, points=points(rows)))

    return router


def _alarms(desk: _Desk) -> APIRouter:
    router = APIRouter()
    store = desk.in_store

    @router.get("/alarms", responses=answers(list[AlarmView]))
    async def alarms(
        open: bool = False,  # noqa: A002, FBT001, FBT002 - a query flag
        limit: Annotated[int, Query(ge=1, le=10_000)] = 1000,
    ) -> Response:
        """Return alarms, newest first."""
        rows = await store(desk.store.alarms, open_only=open)
        return _json([alarm_view(alarm) for alarm in rows[:limit]])

    @router.get("/alarms/{alarm}", responses=answers(AlarmDetail, 404))
    async def alarm(alarm: AlarmId) -> Response:
        """Return one alarm with its history, its finding and who was told."""
        return _found(await store(_detail, desk.store, alarm), f"alarm {alarm}")

    @router.post(
        "/alarms/{alarm}/{act}",
        responses=answers(AlarmView, 400, 404, 409, 503),
        openapi_extra={"requestBody": {"required": True, **answers(ActRequest)[200]}},
    )
    async def handle(alarm: AlarmId, act: Act, request: Request) -> Response:
        """Do what an operator asks for."""
        try:
            asked = msgspec.json.decode(await request.body(), type=ActRequest)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            return problem(400, str(error))
        try:
            done = await desk.in_store(desk.act, alarm, _SIGNALS[act], asked, datetime.now(UTC))
        except UnlawfulSignalError as error:
            return problem(409, str(error))
        desk.hub.ring()
        return _found(None if done is None else alarm_view(done), f"alarm {alarm}")

    return router


def _accounts(desk: _Desk) -> APIRouter:
    router = APIRouter()
    store = desk.in_store

    @router.get("/ledger", responses=answers(list[AccountView]))
    async def ledger() -> Response:
        """Return the loss ledger, a line per device and boot."""
        return _json([AccountView.of(account) for account in await store(desk.store.accounts)])

    @router.get("/devices", responses=answers(list[DeviceView]))
    async def devices() -> Response:
        """Return how each device last said it is."""
        rows = await store(desk.store.device_states)
        return _json([DeviceView(site=site, state=state) for site, state in rows])

    @router.get("/dead-letters", responses=answers(list[DeadLetterView]))
    async def dead_letters(limit: Annotated[int, Query(ge=1, le=1000)] = 100) -> Response:
        """Return what was refused, newest first."""
        rows = await store(desk.store.dead_letters, limit)
        return _json([DeadLetterView.of(letter) for letter in rows])

    return router


def _snapshot(desk: _Desk) -> Snapshot:
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
    mine = [alarm for alarm in store.alarms() if alarm.key.subject == subject]
    return VesselView(
        vessel=latest,
        particulars=particulars(recent),
        findings=store.findings(subject=subject)[: -MAX_FINDINGS - 1 : -1],
        alarms=[alarm_view(alarm) for alarm in mine],
    )


def _detail(store: ConsoleStore, alarm_id: str) -> AlarmDetail | None:
    alarm = store.alarm(alarm_id)
    if alarm is None:
        return None
    revisions = [row for basis in alarm.basis for row in store.finding_revisions(basis.finding)]
    return AlarmDetail(
        alarm=alarm_view(alarm),
        events=store.alarm_events(alarm_id),
        findings=revisions,
        pushes=store.pushes(alarm_id),
    )


def _mount_page(app: FastAPI, console: Console) -> None:
    @app.get("/", include_in_schema=False)
    @app.get("/{name}.html", include_in_schema=False)
    async def page(name: Literal["index", "shipments"] = "index") -> Response:
        """Return a page; its parts carry hashes in their names, so it alone is asked for anew."""
        file = console.static / f"{name}.html"
        if not file.is_file():
            return HTMLResponse(NOT_BUILT, 503)
        return FileResponse(file, headers={"Cache-Control": "no-cache"})

    app.mount("/", StaticFiles(directory=console.static, check_dir=False))


def _json(value: object) -> Response:
    return Response(msgspec.json.encode(value), media_type="application/json")


def _found(value: object | None, what: str) -> Response:
    return problem(404, f"there is no {what}") if value is None else _json(value)


def _utc(at: datetime | None) -> datetime | None:
    return at if at is None or at.tzinfo else at.replace(tzinfo=UTC)


_Handler = Callable[[Request, Any], Coroutine[Any, Any, Response]]


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
