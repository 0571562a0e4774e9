"""The running part of the API: the register in its one thread, and files that are being read."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Final, TypeVar

import msgspec
from msgspec import Struct
from msgspec.structs import replace
from starlette.responses import Response

from analytics.crosscheck.intake import taken
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

Told = Callable[[int, int], None]
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


class AciDesk:
    """Runs everything that uses the register, one after another."""

    def __init__(self, console: AciConsole) -> None:
        self.console = console
        self._thread = ThreadPoolExecutor(1, "aci-register")
        self._reading = ThreadPoolExecutor(1, "aci-imports")
        self._running: dict[str, Import] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.register: Register

    @asynccontextmanager
    async def opened(self) -> AsyncGenerator[None]:
        """Open the register, and close it in the end."""
        self.register = await self._in_thread(self.console.open_register)
        try:
            yield
        finally:
            await asyncio.gather(*self._tasks, return_exceptions=True)
            await self._in_thread(self.register.close)
            self._thread.shutdown()
            self._reading.shutdown()

    async def ask(self, question: Callable[[Register], object]) -> Response:
        """Answer a question, or say what is wrong with it."""
        return await self.guarded(lambda: _plain(question(self.register)))

    async def change(self, asked: Asked, work: Callable[[Writing], Answer]) -> Response:
        """Do what is asked in one transaction, once for each key, and answer."""
        return await self.guarded(lambda: self.changed(asked, work))

    def changed(self, asked: Asked, work: Callable[[Writing], Answer]) -> Response:
        """Do the same, in the register's thread."""
        return _said(self._once(asked, work))

    async def guarded(self, work: Callable[[], Response]) -> Response:
        """Run work in the register's thread; what the rules refuse becomes a problem."""
        try:
            return await self._in_thread(work)
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
            await self._in_thread(self._put_import, begun)
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

    def progress(self, done: Import) -> Import:
        """Return an import as far as it is; one that nobody reads any more was interrupted."""
        running = self._running.get(done.id)
        if running is not None:
            return running
        if done.state is not ImportState.READING:
            return done
        return replace(
            done, state=ImportState.REFUSED, reason="interrupted: nothing was taken; send it again"
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
        loop = asyncio.get_running_loop()
        try:
            document = await loop.run_in_executor(self._reading, self._document, begun, path)
            await self._in_thread(self._take, begun, document)
        except (
            self.console.unreadable,
            self.console.rejected,
            ConflictError,
            OverflowError,
        ) as error:
            refused = replace(begun, state=ImportState.REFUSED, reason=plain(str(error), 2000))
            await self._in_thread(self._put_import, refused)
        finally:
            del self._running[begun.id]
            path.unlink(missing_ok=True)  # noqa: ASYNC240 - one entry of a folder

    def _document(self, begun: Import, path: Path) -> Document:
        def told(parts: int, containers: int) -> None:
            self._running[begun.id] = replace(begun, parts=parts, containers=containers)

        return self.console.read(path, begun.name, told)

    def _take(self, begun: Import, document: Document) -> None:
        running = self._running[begun.id]
        with self.register.writing() as writing:
            taken(
                self.register,
                writing,
                running,
                document,
                datetime.now(UTC),
                policies=self.console.policies,
            )

    def _put_import(self, done: Import) -> None:
        with self.register.writing() as writing:
            writing.put_import(done)

    def _once(self, asked: Asked, work: Callable[[Writing], Answer]) -> Answer:
        known = self.register.answer(asked.key) if asked.key else None
        if known is not None and known.digest != asked.digest:
            raise RefusedError(422, "this Idempotency-Key was used for another request")
        if known is not None:
            return known
        with self.register.writing() as writing:
            answer = replace(work(writing), digest=asked.digest)
            if asked.key:
                writing.put_answer(asked.key, answer, datetime.now(UTC))
        return answer

    async def _in_thread(self, work: Callable[..., T], *arguments: object) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, lambda: work(*arguments))


def tagged(view: Struct, revision: int, status: int = 200) -> Answer:
    """Return an answer whose ETag is a revision."""
    return Answer(digest="", status=status, body=msgspec.json.encode(view), etag=f'"{revision}"')


def _plain(answer: object) -> Response:
    if isinstance(answer, Answer):
        return _said(answer)
    return Response(msgspec.json.encode(answer), media_type="application/json")


def _said(answer: Answer) -> Response:
    headers = {"ETag": answer.etag} if answer.etag else None
    return Response(answer.body, answer.status, headers, "application/json")
