"""The running part of the API: who reads the register, who writes it, and files that come in."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Final, TypeVar

import msgspec
from msgspec import Struct
from msgspec.structs import replace
from starlette.responses import Response

from analytics.crosscheck.intake import PLANS, planned, taken, written
from analytics.crosscheck.register import (
    Answer,
    ConflictError,
    Import,
    ImportState,
    Register,
    Writing,
)
from dashboards.aci_requests import Asked, RefusedError
from dashboards.problems import problem
from haechi.aci.amendments import AmendmentRefusedError
from haechi.aci.lifecycle import StepRefusedError
from haechi.aci.manifest import Document
from haechi.aci.policy import Policies, PolicyError
from haechi.text import plain

T = TypeVar("T")

MAX_WAITING: Final = 8
"""Files that are read or wait to be."""

LEFT_AFTER_S: Final = 24 * 3600.0
"""A file that is older waits for nobody."""

Told = Callable[[int, int], None]
Work = Callable[[Register, Writing], Answer]
"""Reads and writes in one transaction."""
Read = Callable[[Path, str, Told], Document]
"""Reads a file, given also how people call it, and tells the parts and containers read so far."""


@dataclass(frozen=True, kw_only=True)
class AciConsole:
    """What the routes of advance cargo work with; the composition root fills it in."""

    open_register: Callable[[], Register]
    """Called in the thread that then uses it."""
    policies: Policies
    read: Read
    unreadable: type[Exception]
    """What ``read`` raises when it takes nothing of a file."""
    rejected: type[Exception]
    """What the register raises for what it will never take."""
    folder: Path
    """Where files wait to be read; they are deleted then."""


class _Clerk:
    """One thread with a register of its own, in which one piece of work follows another."""

    def __init__(self, name: str) -> None:
        self._thread = ThreadPoolExecutor(1, name)
        self._register: Register

    @asynccontextmanager
    async def opened(self, open_register: Callable[[], Register]) -> AsyncGenerator[None]:
        """Open the register, and close it in the end."""
        loop = asyncio.get_running_loop()
        self._register = await loop.run_in_executor(self._thread, open_register)
        try:
            yield
        finally:
            await self.run(lambda register: register.close())
            self._thread.shutdown()

    async def run(self, work: Callable[[Register], T]) -> T:
        """Return what the work returns."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, lambda: work(self._register))


class AciDesk:
    """Runs what reads the register beside what writes it, and beside both what reads files.

    A large file takes seconds to be read and held against the register. Only the writing of what
    came of it is in the way of other changes, and all of that is seen at once.
    """

    def __init__(self, console: AciConsole) -> None:
        self.console = console
        self._reader, self._writer = _Clerk("aci-reader"), _Clerk("aci-writer")
        self._importer = _Clerk("aci-imports")
        self._running: dict[str, Import] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def opened(self) -> AsyncGenerator[None]:
        """Open the register, and close it in the end."""
        _sweep(self.console.folder)
        opening = self.console.open_register
        async with (
            self._writer.opened(opening),
            self._reader.opened(opening),
            self._importer.opened(opening),
        ):
            try:
                yield
            finally:
                await asyncio.gather(*self._tasks, return_exceptions=True)

    async def ask(self, question: Callable[[Register], object]) -> Response:
        """Answer a question, or say what is wrong with it."""
        return await self._guarded(self._reader, lambda register: _plain(question(register)))

    async def change(self, asked: Asked, work: Work) -> Response:
        """Do what is asked in one transaction, once for each key, and answer."""
        return await self.write(lambda register: done_once(register, asked, work))

    async def write(self, work: Callable[[Register], Response]) -> Response:
        """Do work that opens its transactions itself, and answer."""
        return await self._guarded(self._writer, work)

    async def _guarded(self, clerk: _Clerk, work: Callable[[Register], Response]) -> Response:
        """Have work done; what the rules refuse becomes a problem."""
        try:
            return await clerk.run(work)
        except (StepRefusedError, AmendmentRefusedError, ConflictError) as error:
            return problem(409, str(error))
        except (PolicyError, OverflowError, self.console.rejected) as error:
            return problem(400, f"dates or numbers that nothing can be done with: {error}")

    async def begin_import(self, begun: Import, chunks: AsyncIterator[bytes]) -> Response:
        """Take a file in and begin to read it; the answer says where to look for the result."""
        if len(self._running) >= MAX_WAITING:
            return problem(429, f"{MAX_WAITING} files are being read: try again soon")
        self._running[begun.id] = begun
        path: Path | None = None
        try:
            path = await self._stored(chunks)
            await self._put_import(begun)
        except BaseException:
            del self._running[begun.id]
            if path is not None:
                path.unlink(missing_ok=True)
            raise
        task = asyncio.create_task(self._read(begun, path), name=f"import {begun.id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        place = {"Location": f"/api/aci/imports/{begun.id}"}
        return Response(msgspec.json.encode(begun), 202, place, "application/json")

    def progress(self, register: Register, kept: Import) -> Import:
        """Return an import as far as it is; one that nobody reads any more was interrupted."""
        running = self._running.get(kept.id)
        if running is not None:
            return running
        if kept.state is ImportState.READING:  # when it was looked up: it may have ended since
            kept = register.import_(kept.id) or kept
        if kept.state is not ImportState.READING:
            return kept
        return replace(
            kept, state=ImportState.REFUSED, reason="interrupted: nothing was taken; send it again"
        )

    async def _stored(self, chunks: AsyncIterator[bytes]) -> Path:
        self.console.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=self.console.folder, delete=False) as file:
            path = Path(file.name)
            try:
                async for chunk in chunks:
                    await asyncio.to_thread(file.write, chunk)
            except BaseException:
                path.unlink()  # noqa: ASYNC240 - one entry of a folder
                raise
        return path

    async def _read(self, begun: Import, path: Path) -> None:
        """Read a file to its end and take all of it, or nothing."""
        try:
            document = await self._importer.run(lambda _: self._document(begun, path))
            await self._take(begun, document)
        except (
            self.console.unreadable,
            self.console.rejected,
            ConflictError,
            OverflowError,
        ) as error:
            refused = replace(begun, state=ImportState.REFUSED, reason=plain(str(error), 2000))
            await self._put_import(refused)
        finally:
            path.unlink(missing_ok=True)  # noqa: ASYNC240 - one entry of a folder
            del self._running[begun.id]

    def _document(self, begun: Import, path: Path) -> Document:
        def told(parts: int, containers: int) -> None:
            self._running[begun.id] = replace(begun, parts=parts, containers=containers)

        return self.console.read(path, begun.name, told)

    async def _take(self, begun: Import, document: Document) -> None:
        """Work out what a document changes while others write, then write it, or begin again."""
        running, at, law = self._running[begun.id], datetime.now(UTC), self.console.policies
        for _ in range(PLANS):
            plan = await self._importer.run(
                lambda register: planned(register, running, document, at, policies=law)
            )
            with suppress(ConflictError):
                await self._writer.run(partial(written, plan=plan))
                return
        await self._writer.run(
            lambda register: taken(register, running, document, at, policies=law)
        )

    async def _put_import(self, done: Import) -> None:
        def put(register: Register) -> None:
            with register.writing() as writing:
                writing.put_import(done)

        await self._writer.run(put)


def _sweep(folder: Path) -> None:
    """Delete the files that a console left when it was killed, which nobody takes in any more."""
    oldest_s = time.time() - LEFT_AFTER_S
    for path in folder.glob("*"):
        if path.stat().st_mtime < oldest_s:
            path.unlink(missing_ok=True)


def done_once(register: Register, asked: Asked, work: Work) -> Response:
    """Do what is asked in one transaction, once for each key, and answer."""
    known = register.answer(asked.key) if asked.key else None
    if known is not None and known.digest != asked.digest:
        raise RefusedError(422, "this Idempotency-Key was used for another request")
    if known is not None:
        return _said(known)
    with register.writing() as writing:
        answer = replace(work(register, writing), digest=asked.digest)
        if asked.key:
            writing.put_answer(asked.key, answer, datetime.now(UTC))
    return _said(answer)


def tagged(view: Struct, revision: int, status: int = 200) -> Answer:
    """Return an answer whose ETag is a revision."""
    return Answer(digest="", status=status, body=msgspec.json.encode(view), etag=f'"{revision}"')


def _plain(answer: object) -> Response:
    if isinstance(answer, Response):
        return answer
    if isinstance(answer, Answer):
        return _said(answer)
    return Response(msgspec.json.encode(answer), media_type="application/json")


def _said(answer: Answer) -> Response:
    headers = {"ETag": answer.etag} if answer.etag else None
    return Response(answer.body, answer.status, headers, "application/json")
