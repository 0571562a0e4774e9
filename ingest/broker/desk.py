"""The enrolment desk: where a device exchanges a code, or its old certificate, for a new one.

It speaks EST (RFC 7030) over TLS 1.3, so that devices with another client than ours can enroll;
the private key never leaves the device. Everything here is about strangers: each has little time,
little room and few tries.
"""

import socket
import ssl
import sys
import time
from base64 import b64decode, b64encode
from collections import OrderedDict, deque
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from socketserver import ThreadingMixIn
from threading import BoundedSemaphore, Lock, Timer
from typing import Any, ClassVar, Final, cast

import structlog
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from haechi.ids import InvalidIdError
from ingest.broker import enrolment
from ingest.broker.enrolment import Code, InvitationError
from ingest.broker.files import FolderError
from ingest.broker.names import Enrolment
from ingest.broker.register import NotLawfulError

ROOT: Final = "/.well-known/est"
REQUEST_TYPE: Final = "application/pkcs10"
ANSWER_TYPE: Final = "application/pkcs7-mime; smime-type=certs-only"
MAX_BODY: Final = 16_384
PATIENCE_S: Final = 15
"""For one connection, handshake and all."""

ROOM: Final = 32
"""Connections at once; further ones are closed."""

TRIES: Final = 5
TRIES_WITHIN_S: Final = 60
REMEMBERED: Final = 10_000
"""Addresses whose failures are counted."""

RETIRE_EVERY_S: Final = 10.0

log = structlog.stdlib.get_logger("haechi.desk")


class Failures:
    """Counts the failed tries of each address; a success costs nothing, so a fleet may enroll."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock = clock, Lock()
        self._times: OrderedDict[str, deque[float]] = OrderedDict()

    def too_many(self, address: str) -> bool:
        """Return whether an address must wait."""
        with self._lock:
            times = self._times.get(address, deque[float]())
            while times and self._clock() - times[0] >= TRIES_WITHIN_S:
                times.popleft()
            return len(times) >= TRIES

    def note(self, address: str) -> None:
        """Count a failure."""
        with self._lock:
            self._times.setdefault(address, deque(maxlen=TRIES)).append(self._clock())
            self._times.move_to_end(address)
            while len(self._times) > REMEMBERED:
                self._times.popitem(last=False)


class Desk(ThreadingMixIn, HTTPServer):
    """Serves one broker's folder.

    Args:
        folder: The broker's; the key of the device authority must be in it.
        host: Address to listen on.
        port: 0 is any free one.
        admitted: Called when somebody was let in: the broker must read again.
        retired: Called with each device whose old certificate was revoked because its time came.
        failures: Who tried in vain.

    Raises:
        OSError: the port is taken, or the folder has no server certificate.
    """

    daemon_threads = True

    def __init__(
        self,
        folder: Path,
        host: str,
        port: int,
        *,
        admitted: Callable[[], object],
        retired: Callable[[str], object],
        failures: Failures | None = None,
    ) -> None:
        self.folder, self.admitted = folder, admitted
        self.failures = failures or Failures()
        self._retired, self._retire_at = retired, 0.0
        self._room = BoundedSemaphore(ROOM)
        self._context = _context(folder)
        super().__init__((host, port), Visit)

    def service_actions(self) -> None:
        """Revoke, now and then, certificates whose overlap is over."""
        if time.monotonic() < self._retire_at:
            return
        self._retire_at = time.monotonic() + RETIRE_EVERY_S
        try:
            for device in enrolment.retire(self.folder):
                self._retired(device)
        except (FolderError, OSError):
            log.exception("old certificates are not retired")

    def process_request(self, request: Any, client_address: Any) -> None:
        """Take a stranger in, if there is room."""
        if not self._room.acquire(blocking=False):
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Make room again afterwards."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._room.release()

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Shake hands and serve, all within ``PATIENCE_S``."""
        wire = self._context.wrap_socket(request, server_side=True, do_handshake_on_connect=False)
        ending = Timer(PATIENCE_S, _cut, (wire,))
        ending.daemon = True
        ending.start()
        try:
            wire.do_handshake()
            Visit(wire, client_address, self)
        finally:
            ending.cancel()
            wire.close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Note what went wrong with one connection; the base class would print to the terminal."""
        del request
        log.warning("connection failed", address=client_address[0], error=repr(sys.exception()))


class Visit(BaseHTTPRequestHandler):
    """Serves one connection at the desk."""

    protocol_version = "HTTP/1.1"
    server_version, sys_version = "Haechi", ""
    timeout = PATIENCE_S

    def do_GET(self) -> None:
        """Give the authorities' certificates (RFC 7030, 4.1)."""
        if self.path != f"{ROOT}/cacerts":
            self._say(HTTPStatus.NOT_FOUND, "not here")
            return
        tls = self._desk.folder / "tls"
        names = ("server-ca.crt", "device-ca.crt")
        self._give([x509.load_pem_x509_certificate((tls / name).read_bytes()) for name in names])

    def do_POST(self) -> None:
        """Enroll by code (RFC 7030, 4.2.1) or by the certificate shown (4.2.2)."""
        act, body = self._ACTS.get(self.path), self._body()
        if act is None:
            self._say(HTTPStatus.NOT_FOUND, "not here")
        elif self._desk.failures.too_many(self.client_address[0]):
            self._say(HTTPStatus.TOO_MANY_REQUESTS, f"wait {TRIES_WITHIN_S} s")
        else:
            self._try(act, body)

    def _try(self, act: "Callable[[Visit, bytes], x509.Certificate]", body: bytes) -> None:
        try:
            if not 0 < len(body) <= MAX_BODY:
                raise ValueError(f"a request has 1 to {MAX_BODY} bytes")  # noqa: TRY301 - answered below
            made = act(self, b64decode(b"".join(body.split()), validate=True))
            self._desk.admitted()
        except InvitationError as error:
            self._refuse(HTTPStatus.UNAUTHORIZED, str(error))
        except NotLawfulError as error:
            self._refuse(HTTPStatus.FORBIDDEN, str(error))
        except ValueError as error:
            self._refuse(HTTPStatus.BAD_REQUEST, str(error))
        except (FolderError, OSError):
            log.exception("cannot enroll")
            self._say(HTTPStatus.SERVICE_UNAVAILABLE, "the desk cannot do that now; try later")
        else:
            log.warning("enrolled", device=_name(made), address=self.client_address[0])
            self._give([made])

    def _by_code(self, request: bytes) -> x509.Certificate:
        scheme, _, shown = self.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "basic":
            raise InvitationError("a code is needed")
        name, _, secret = b64decode(shown, validate=True).decode().partition(":")
        try:
            code = Code(Enrolment.parse(name), secret)
        except InvalidIdError:
            raise InvitationError("no such code: ask for an invitation") from None
        return enrolment.redeem(self._desk.folder, code, request)

    def _by_certificate(self, request: bytes) -> x509.Certificate:
        shown = cast("ssl.SSLSocket", self.connection).getpeercert(binary_form=True)
        if not shown:
            raise InvitationError("a certificate is needed")
        return enrolment.renew(self._desk.folder, x509.load_der_x509_certificate(shown), request)

    _ACTS: ClassVar[dict[str, "Callable[[Visit, bytes], x509.Certificate]"]] = {
        f"{ROOT}/simpleenroll": _by_code,
        f"{ROOT}/simplereenroll": _by_certificate,
    }

    @property
    def _desk(self) -> Desk:
        return cast("Desk", self.server)

    def _body(self) -> bytes:
        """Return what was sent, a little of it if it is too much.

        It is read even if it is refused: what is left unread makes the kernel cut the answer off.
        """
        length = self.headers.get("Content-Length", "0")
        return self.rfile.read(min(int(length), 4 * MAX_BODY)) if length.isdecimal() else b""

    def _refuse(self, status: HTTPStatus, why: str) -> None:
        self._desk.failures.note(self.client_address[0])
        log.warning("refused", address=self.client_address[0], path=self.path, reason=why)
        self._say(status, why)

    def _give(self, certificates: list[x509.Certificate]) -> None:
        body = b64encode(pkcs7.serialize_certificates(certificates, Encoding.DER))
        self._answer(HTTPStatus.OK, ANSWER_TYPE, body)

    def _say(self, status: HTTPStatus, text: str) -> None:
        self._answer(status, "text/plain; charset=utf-8", f"{text}\n".encode())

    def _answer(self, status: HTTPStatus, kind: str, body: bytes) -> None:
        self.close_connection = True
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if kind == ANSWER_TYPE:
            self.send_header("Content-Transfer-Encoding", "base64")
        if status is HTTPStatus.UNAUTHORIZED:
            self.send_header("WWW-Authenticate", 'Basic realm="code"')
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Say nothing: what matters is logged above, and headers hold codes."""


def _context(folder: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    tls = folder / "tls"
    context.load_cert_chain(tls / "server.crt", tls / "server.key")
    context.load_verify_locations(tls / "device-ca.crt")
    context.verify_mode = ssl.CERT_OPTIONAL
    return context


def _cut(wire: ssl.SSLSocket) -> None:
    try:
        socket.socket.shutdown(wire, socket.SHUT_RDWR)  # beneath TLS, whose state is another's
    except OSError:
        return


def _name(certificate: x509.Certificate) -> str:
    return certificate.subject.rfc4514_string().removeprefix("CN=")
