"""What people send about advance cargo, and who may do what; there is no login yet."""

import re
from collections.abc import Mapping
from datetime import datetime
from hashlib import blake2b
from typing import Annotated, Final, TypeVar

import msgspec
from fastapi import Depends, Header, Request
from msgspec import Meta, Struct

from analytics.crosscheck.creating import FIRST_YEAR, LAST_YEAR
from analytics.crosscheck.register import Party
from haechi.aci.shipment import (
    Bill,
    CarrierFile,
    Document,
    Exporter,
    GoodsLine,
    Importer,
    Number,
    Packing,
    Prose,
    Role,
    Transport,
)
from haechi.aci.states import Step
from haechi.fields import AcidNumber

T = TypeVar("T")

PARTY_HEADER: Final = "X-Haechi-Party"
PARTY: Final = "^(importer|exporter|carrier|customs|operator):[A-Za-z0-9-]{1,40}$"
MAX_ACIDS: Final = 100_000
"""In one request."""

Person = Annotated[str, Meta(min_length=1, max_length=64)]
Code = Annotated[str, Meta(pattern=r"^[A-Za-z0-9-]{0,40}\Z")]

BOTH: Final = frozenset({Role.CUSTOMS, Role.OPERATOR})
DOERS: Final[Mapping[Step, frozenset[Role]]] = {
    Step.REQUEST: frozenset({Role.IMPORTER}),
    Step.SCREEN: BOTH,
    Step.ISSUE: frozenset({Role.CUSTOMS}),
    Step.REJECT: frozenset({Role.CUSTOMS}),
    Step.ENVELOPE: frozenset({Role.EXPORTER}),
    Step.COSIGN: frozenset({Role.IMPORTER}),
    Step.HOLD: frozenset({Role.CUSTOMS}),
    Step.LIFT: frozenset({Role.CUSTOMS}),
    Step.RELEASE: frozenset({Role.CUSTOMS}),
    Step.CANCEL: frozenset({Role.IMPORTER, Role.CUSTOMS}),
    Step.VOID: frozenset({Role.CUSTOMS}),
    Step.EXPIRE: BOTH,
}
"""Steps that people take by request. Form 46 comes with import clearance; AIS sees departures."""


class RefusedError(Exception):
    """A request that cannot be served; the text says why and what to do."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status


class _Body(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What all changes share."""

    by: Person
    """Who does it: taken on trust until there is a login."""
    reason: Prose = ""


class Draft(_Body, frozen=True, kw_only=True):
    """A new shipment."""

    importer: Importer
    exporter: Exporter
    goods: tuple[GoodsLine, ...] = ()
    documents: tuple[Document, ...] = ()
    transport: Transport = Transport()
    bills: tuple[Bill, ...] = ()
    containers: tuple[Packing, ...] = ()
    carrier: CarrierFile = CarrierFile()
    open_to_carrier: Code = ""
    """Code of the carrier that may see it."""


class Amend(_Body, frozen=True, kw_only=True):
    """Changes of what was declared; what is left out stays."""

    and_by: Annotated[str, Meta(max_length=64)] = ""
    """The second person of an operator's correction."""
    importer: Importer | None = None
    exporter: Exporter | None = None
    goods: tuple[GoodsLine, ...] | None = None
    documents: tuple[Document, ...] | None = None
    transport: Transport | None = None
    bills: tuple[Bill, ...] | None = None
    containers: tuple[Packing, ...] | None = None
    carrier: CarrierFile | None = None
    open_to_carrier: Code | None = None


class Take(_Body, frozen=True, kw_only=True):
    """A step of a shipment's life."""

    acid: AcidNumber | None = None
    """To issue: the number; the importer's next one of this month if left out."""
    case: Number = ""
    """To issue: the authority's file."""


class Verify(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """ACIDs of which a carrier wants to know whether they stand."""

    acids: Annotated[tuple[Annotated[str, Meta(max_length=35)], ...], Meta(max_length=MAX_ACIDS)]


class Asked(Struct, frozen=True, kw_only=True):
    """Who asks for a change, and how often they may have asked before."""

    party: Party
    key: str
    """Names this request if it is repeated; empty if it must not be recognised."""
    digest: str
    """Of the whole request."""
    revision: int | None
    """The revision that the change is meant for."""


def party_of(stated: str) -> Party:
    """Return who asks, as the header says.

    >>> party_of("importer:498847098")
    Party(role=<Role.IMPORTER: 'importer'>, id='498847098')
    """
    if re.fullmatch(PARTY, stated) is None:
        form = "role:id, such as importer:498847098"
        raise RefusedError(401, f"{PARTY_HEADER} must say who asks: {form}")
    role, _, number = stated.partition(":")
    return Party(Role(role), number)


def _party(stated: Annotated[str, Header(alias=PARTY_HEADER, max_length=60)] = "") -> Party:
    return party_of(stated)


Asker = Annotated[Party, Depends(_party)]
"""Who asks; a request that does not say so is refused."""


async def _asked(
    request: Request,
    party: Asker,
    match: Annotated[str | None, Header(alias="If-Match", max_length=32)] = None,
    key: Annotated[str, Header(alias="Idempotency-Key", max_length=255)] = "",
) -> Asked:
    body = await request.body()
    name = f"{party} {request.method} {request.url.path} {key}"
    said = f"{match} {request.url.query} ".encode() + body
    return Asked(
        party=party,
        key=blake2b(name.encode(), digest_size=16).hexdigest() if key else "",
        digest=blake2b(said, digest_size=16).hexdigest(),
        revision=None if match is None else _revision(match),
    )


Change = Annotated[Asked, Depends(_asked)]
"""What a change rests on."""


async def body_of(request: Request, kind: type[T]) -> T:
    """Return the body of a request, checked."""
    try:
        return msgspec.json.decode(await request.body(), type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RefusedError(400, str(error)) from error


def matched(asked: Asked, revision: int) -> None:
    """Refuse a change that is not meant for the revision that stands."""
    if asked.revision is None:
        raise RefusedError(428, "say in If-Match which revision you have read: its ETag")
    if asked.revision != revision:
        raise RefusedError(412, f"it is at revision {revision} now: read it again, then decide")


def dated(*times: datetime | None) -> None:
    """Refuse times so near to the ends of the calendar that nothing can be counted from them."""
    for at in times:
        if at is not None and not FIRST_YEAR <= at.year <= LAST_YEAR:
            raise RefusedError(400, f"{at:%Y-%m-%d} is not between {FIRST_YEAR} and {LAST_YEAR}")


def _revision(match: str) -> int:
    found = re.fullmatch(r'"([0-9]{1,15})"', match, re.ASCII)
    if found is None:
        raise RefusedError(400, 'If-Match must be an ETag of this API, such as "3"')
    return int(found[1])
