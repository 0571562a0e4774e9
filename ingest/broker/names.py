"""The names that may stand in a certificate, an access rule or a broker's configuration.

A name decides what its bearer may do, so it is checked here before it is written anywhere: a line
break, a wildcard or a slash in it would be a second rule.
"""

import re
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from haechi.ids import InvalidIdError, device_id

CERTIFICATE_DAYS: Final = 365
"""The life of a certificate, unless another is asked for."""

SERVICE_PREFIX: Final = "svc-"
RESERVED: Final = frozenset({"alerts", "cargo"})
"""``haechi/v1/{site}/alerts/...`` is where alarms are published, and as ``cargo`` the console says
what it holds against shipments: no device may speak there."""

_HOST = re.compile(r"(?=.{1,64}\Z)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
_ACCOUNT = re.compile(r"[a-z_][a-z0-9_.-]{0,31}")


def device_name(text: str) -> str:
    """Return ``text`` if a device may have it.

    Raises:
        InvalidIdError: not a name, or one that belongs to a service or to the topic grammar.

    >>> device_name("cam-01")
    'cam-01'
    """
    if text.startswith(SERVICE_PREFIX) or text in RESERVED:
        raise InvalidIdError(f"name reserved for the platform: {text[:80]!r}")
    return device_id(text)


def service_name(text: str) -> str:
    """Return ``text`` if it names a part of the platform: ``svc-`` and a word.

    Raises:
        InvalidIdError: anything else.

    >>> service_name("svc-ingest")
    'svc-ingest'
    """
    if not text.startswith(SERVICE_PREFIX):
        raise InvalidIdError(f"a service is named svc-...: {text[:80]!r}")
    return device_id(text)


def server_name(text: str) -> str:
    """Return ``text`` if clients can be told to connect to it: a host name or an IP address.

    Raises:
        InvalidIdError: anything else, also a host name over 64 characters, which no certificate
            takes as a common name (RFC 5280, ub-common-name).

    >>> server_name("broker.customs.example"), server_name("192.0.2.7")
    ('broker.customs.example', '192.0.2.7')
    """
    if _HOST.fullmatch(text) is None:
        return address(text)
    return text


def address(text: str) -> str:
    """Return ``text`` if it is an IP address without a zone.

    Raises:
        InvalidIdError: anything else.
    """
    try:
        return str(ip_address(text if "%" not in text else ""))
    except ValueError as error:
        raise InvalidIdError(f"not a host name or an IP address: {text[:80]!r}") from error


def account_name(text: str) -> str:
    """Return ``text`` if it names an account of the operating system.

    Raises:
        InvalidIdError: anything else.
    """
    if _ACCOUNT.fullmatch(text) is None:
        raise InvalidIdError(f"not an account name: {text[:80]!r}")
    return text


def path_text(path: Path) -> str:
    r"""Return a path as one line of a configuration can carry it.

    Raises:
        InvalidIdError: relative, or with a character that does not print.

    >>> path_text(Path("/srv/broker\nallow_anonymous true"))
    Traceback (most recent call last):
    haechi.ids.InvalidIdError: not a path for a configuration: '/srv/broker\nallow_anonymous true'
    """
    text = str(path)
    if not (path.is_absolute() and text.isprintable() and text == text.strip()):
        raise InvalidIdError(f"not a path for a configuration: {text[:200]!r}")
    return text


@dataclass(frozen=True, slots=True, order=True)
class Enrolment:
    """One device that may speak, and the one site it may speak for.

    Raises:
        InvalidIdError: a name that is not a name.

    >>> str(Enrolment.parse("busan/cam-01"))
    'busan/cam-01'
    """

    site: str
    device: str

    def __post_init__(self) -> None:
        device_id(self.site)
        device_name(self.device)

    @classmethod
    def parse(cls, text: str) -> "Enrolment":
        """Invert ``str``."""
        site, _, device = text.partition("/")
        return cls(site, device)

    def __str__(self) -> str:
        return f"{self.site}/{self.device}"
