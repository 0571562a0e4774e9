"""A web server and a mail server on loopback that refuse, hang and recover on command."""

import asyncio
import re
from collections.abc import Generator
from contextlib import contextmanager
from enum import Enum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope
from aiosmtpd.smtp import Session as SmtpSession

from tests.edge.rig import free_port

KEY = re.compile(r"key=([0-9a-f]+);")


class Mood(Enum):
    """How a server answers."""

    WELL = "well"
    REFUSES = "refuses"
    HANGS = "hangs"


class Webhook:
    """Takes POST requests; ``taken`` holds (key in the header, body) of those it said yes to."""

    def __init__(self) -> None:
        self.mood = Mood.WELL
        self.taken: list[tuple[str, str]] = []
        self.asked = 0
        self.hang_ends = Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.port = int(self._server.server_address[1])
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}).start()

    def close(self) -> None:
        """End."""
        self.hang_ends.set()
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        webhook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                webhook.asked += 1
                mood = webhook.mood
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                if mood is Mood.HANGS:
                    webhook.hang_ends.wait()
                    return
                if mood is Mood.WELL:
                    webhook.taken.append((self.headers["Idempotency-Key"], body))
                self.send_response(200 if mood is Mood.WELL else 503)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library calls it so
                """Be silent."""

        return Handler


class Mailbox:
    """Takes mail; ``taken`` holds (key in the header, text) of what it accepted."""

    def __init__(self) -> None:
        self.mood = Mood.WELL
        self.taken: list[tuple[str, str]] = []
        self.asked = 0

    async def handle_DATA(self, server: SMTP, session: SmtpSession, envelope: Envelope) -> str:  # noqa: N802 - the library calls it so
        """Answer one mail."""
        del server, session
        self.asked += 1
        if self.mood is Mood.HANGS:
            await asyncio.get_running_loop().create_future()
        if self.mood is Mood.REFUSES:
            return "451 try again later"
        assert isinstance(envelope.content, bytes)
        text = envelope.content.decode()
        key = re.search(r"^Idempotency-Key: (\w+)", text, re.MULTILINE)
        self.taken.append(("" if key is None else key[1], text))
        return "250 taken"


@contextmanager
def mail_server(mailbox: Mailbox) -> Generator[int]:
    """Serve a mailbox; yield its port."""
    port = free_port()
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()
