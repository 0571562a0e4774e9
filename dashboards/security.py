"""Who may ask: until there is a login, only this machine, and only its own page."""

from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboards.problems import problem

LOOPBACK_NAMES: Final = frozenset({"127.0.0.1", "localhost", "::1"})
UNFORMED: Final = frozenset({"application/json", "application/octet-stream"})
"""Types of content that no form can send."""
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})

CONTENT_SECURITY_POLICY: Final = (
    "default-src 'self'; "
    "img-src 'self' data: blob:; "  # MapLibre makes its sprites in the page
    "style-src 'self' 'unsafe-inline'; "  # MapLibre positions its controls by style attributes
    "worker-src 'self' blob:; "
    "object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS: Final = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class NotLoopbackError(ValueError):
    """The console was told to listen where other machines could reach it."""


def check_bind(host: str) -> None:
    """Refuse to serve other machines while there is no login.

    Raises:
        NotLoopbackError: ``host`` is not a loopback address.

    >>> check_bind("127.0.0.1")
    """
    if host not in LOOPBACK_NAMES:
        raise NotLoopbackError(
            f"console_host {host!r}: there is no login yet, so the console serves this machine "
            "only; set console_host to 127.0.0.1 and reach it through an SSH tunnel"
        )


class Guard:
    """Checks every request before the application sees it, and adds headers to every answer.

    A page of another site may make this browser send requests here. So the Host must be a name
    of this machine (against DNS rebinding), and a request that changes something must come from
    our own page, as JSON, which no form can send.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                _complete(MutableHeaders(scope=message), scope["path"])
            await send(message)

        reason = refusal(scope["method"], Headers(scope=scope))
        app = self._app if reason is None else problem(403, reason)
        await app(scope, receive, send_with_headers)


def refusal(method: str, headers: Headers) -> str | None:
    """Return why a request is refused, or ``None``."""
    host = headers.get("host", "")
    if _hostname(host) not in LOOPBACK_NAMES:
        return f"this console answers to a name of this machine only, not to {host[:80]!r}"
    if method in SAFE_METHODS:
        return None
    origin = headers.get("origin")
    if origin is not None and origin not in {f"http://{host}", f"https://{host}"}:
        return "a page of another origin may not change anything here"
    if headers.get("content-type", "").partition(";")[0].strip() not in UNFORMED:
        return f"changes are sent as {' or '.join(sorted(UNFORMED))}"
    return None


def _hostname(host: str) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:  # such as "["
        return None


def _complete(headers: MutableHeaders, path: str) -> None:
    for name, value in _HEADERS.items():
        headers.setdefault(name, value)
    if path.startswith("/api/"):
        headers.setdefault("Cache-Control", "no-store")
