"""Pages of lists: where the next one is, and nothing at all if the client has this one."""

from collections.abc import Sequence
from hashlib import blake2b
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
from fastapi import Request
from starlette.responses import Response

UNCHANGED: Final[dict[int | str, dict[str, Any]]] = {
    304: {"description": "As it was when the client had the ETag that it names."}
}
"""What a route that pages may say besides its answers."""


def page(request: Request, found: Sequence[object], limit: int, offset: int, vary: str) -> Response:
    """Return one page of a list.

    Args:
        request: That asks for it; its query is kept for the next page.
        found: From ``offset`` on; one more than ``limit`` if there is a next page.
        limit: Entries of a page.
        offset: Entries before this page.
        vary: Header on which the answer depends besides the address.
    """
    body = msgspec.json.encode(found[:limit])
    tag = f'"{blake2b(body, digest_size=12).hexdigest()}"'
    headers = {"ETag": tag, "Vary": vary, "Cache-Control": "private, no-cache"}
    if len(found) > limit:
        asked = [each for each in request.query_params.multi_items() if each[0] != "offset"]
        query = urlencode([*asked, ("offset", offset + limit)])
        headers["Link"] = f'<{request.url.path}?{query}>; rel="next"'
    if tag in _tags(request.headers.get("If-None-Match", "")):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type="application/json")


def _tags(stated: str) -> set[str]:
    """Return the tags of a header; a weak one is as good as a strong one here (RFC 9110, 13.1.2).

    >>> sorted(_tags('W/"a", "b"'))
    ['"a"', '"b"']
    """
    return {each.strip().removeprefix("W/") for each in stated.split(",")}
