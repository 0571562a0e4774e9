"""The routes of alarms: which there are, why, and what an operator does to one."""

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Final

import msgspec
from fastapi import APIRouter, Query, Request
from fastapi import Path as PathParameter
from msgspec import Meta, Struct
from starlette.responses import Response

from analytics.alarms import UnlawfulSignalError, apply
from dashboards.desk import Desk
from dashboards.openapi import answers
from dashboards.ports import ConsoleStore
from dashboards.problems import problem
from dashboards.replies import as_json, found
from dashboards.views import AlarmDetail, AlarmView, EventView, FindingView, alarm_view
from haechi.alarms import Alarm, Signal
from haechi.text import plain

AlarmId = Annotated[str, PathParameter(pattern="^[0-9a-z-]{1,40}$")]


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


def routes(desk: Desk) -> APIRouter:
    """Return the routes."""
    router = APIRouter()
    store = desk.in_store

    @router.get("/alarms", responses=answers(list[AlarmView]))
    async def alarms(
        open: bool = False,  # noqa: A002, FBT001, FBT002 - a query flag
        limit: Annotated[int, Query(ge=1, le=10_000)] = 1000,
    ) -> Response:
        """Return alarms, newest first."""
        rows = await store(desk.store.alarms, open_only=open)
        return as_json([alarm_view(alarm) for alarm in rows[:limit]])

    @router.get("/alarms/{alarm}", responses=answers(AlarmDetail, 404))
    async def alarm(alarm: AlarmId) -> Response:
        """Return one alarm with its history, its finding and who was told."""
        return found(await store(_detail, desk.store, alarm), f"alarm {alarm}")

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
            done = await store(_handled, desk, alarm, _SIGNALS[act], asked, datetime.now(UTC))
        except UnlawfulSignalError as error:
            return problem(409, str(error))
        desk.hub.ring()
        return found(None if done is None else alarm_view(done), f"alarm {alarm}")

    return router


def _detail(store: ConsoleStore, alarm_id: str) -> AlarmDetail | None:
    alarm = store.alarm(alarm_id)
    if alarm is None:
        return None
    revisions = [row for basis in alarm.basis for row in store.finding_revisions(basis.finding)]
    return AlarmDetail(
        alarm=alarm_view(alarm),
        events=[EventView.of(event) for event in store.alarm_events(alarm_id)],
        findings=[FindingView.of(finding) for finding in revisions],
        pushes=store.pushes(alarm_id),
    )


def _handled(
    desk: Desk, alarm_id: str, signal: Signal, request: ActRequest, now: datetime
) -> Alarm | None:
    """Do what an operator asks for, in one transaction; ``None`` if there is no such alarm."""
    with desk.store.writing() as writing:
        alarm = desk.store.alarm(alarm_id)
        if alarm is None:
            return None
        handled = apply(
            alarm,
            signal,
            at=now,
            by=plain(request.by) or "unnamed",
            note=request.note,
            until=now + timedelta(minutes=request.minutes) if signal is Signal.SHELVED else None,
            assignee=plain(request.assignee) if request.assignee else None,
            policy=desk.console.alarm_policy,
        )
        writing.put_alarm(*handled)
        for push in desk.console.pushes_after(handled):
            writing.add_push(push)
    return handled[0]
