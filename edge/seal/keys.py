"""The keys of seals: who may have signed a frame, and the file in which a gateway keeps them.

A line of the file is ``NUMBER hmac-sha256 HEX`` (a secret shared with the seal) or
``NUMBER ed25519 HEX`` (the seal's public key); ``#`` begins a comment. A seal may have several
lines, so that a key can be changed while frames under the old one are still on their way.
"""

import hmac
import stat
import time
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import ClassVar, Final, Protocol

import structlog
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from edge.seal.frame import ED25519_BYTES, HMAC_BYTES, Frame, Signed, encode
from haechi.ids import InvalidIdError, seal
from haechi.seals import Authenticity

LEAST_SECRET_BYTES: Final = 16
MOST_SECRET_BYTES: Final = 64
LOOK_S: Final = 2.0
"""The file is looked at for changes no more often than this."""

_PUBLIC_BYTES: Final = 32
_LEAST_DISTINCT: Final = 8
"""Bytes that differ in a secret; random ones of 16 bytes have fewer once in 10 thousand million."""

log: structlog.stdlib.BoundLogger = structlog.get_logger()


class KeyFileError(ValueError):
    """The file of keys cannot be used; the text says which line, why and what to do."""


class Key(Protocol):
    """What can tell whether a seal has signed a frame."""

    def verifies(self, signed: Signed) -> bool:
        """Return whether this key signed exactly these bytes, in time independent of where not."""
        ...


class SigningKey(Protocol):
    """What a seal signs with."""

    signature_bytes: ClassVar[int]
    """Length of its signatures."""

    def sign(self, body: bytes) -> bytes:
        """Return the signature of a body."""
        ...


class SharedSecret:
    """HMAC-SHA-256 cut to 16 bytes (RFC 2104, section 5): the seal and its gateways know it."""

    signature_bytes: ClassVar[int] = HMAC_BYTES

    def __init__(self, secret: bytes) -> None:
        """Take the secret.

        Raises:
            KeyFileError: too short, too long, or a filler that anybody would try first.
        """
        if not LEAST_SECRET_BYTES <= len(secret) <= MOST_SECRET_BYTES:
            raise KeyFileError(f"a secret has {LEAST_SECRET_BYTES} to {MOST_SECRET_BYTES} bytes")
        if len(set(secret)) < _LEAST_DISTINCT:
            raise KeyFileError("this secret can be guessed; make one with: openssl rand -hex 32")
        self._secret = secret

    def sign(self, body: bytes) -> bytes:
        """Return the signature of a body."""
        return hmac.digest(self._secret, body, sha256)[:HMAC_BYTES]

    def verifies(self, signed: Signed) -> bool:
        """Compare in constant time."""
        return hmac.compare_digest(self.sign(signed.body), signed.signature)


class PrivateKey:
    """An Ed25519 key, which only the seal has."""

    signature_bytes: ClassVar[int] = ED25519_BYTES

    def __init__(self, seed: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)

    @property
    def public(self) -> bytes:
        """What its gateways know."""
        return self._key.public_key().public_bytes_raw()

    def sign(self, body: bytes) -> bytes:
        """Return the signature of a body."""
        return self._key.sign(body)


class PublicKey:
    """The public half of an Ed25519 key: a gateway that is stolen gives nothing away."""

    def __init__(self, raw: bytes) -> None:
        """Take the key.

        Raises:
            KeyFileError: not 32 bytes.
        """
        if len(raw) != _PUBLIC_BYTES:
            raise KeyFileError(f"an Ed25519 key has {_PUBLIC_BYTES} bytes")
        self._key = Ed25519PublicKey.from_public_bytes(raw)

    def verifies(self, signed: Signed) -> bool:
        """Ask the library, which gives no more away than the answer."""
        try:
            self._key.verify(signed.signature, signed.body)
        except InvalidSignature:
            return False
        return True


KeysOf = Callable[[str], tuple[Key, ...]]
"""Returns the keys of a seal, none if it is not known."""

KINDS: Final[Mapping[str, Callable[[bytes], Key]]] = {
    "hmac-sha256": SharedSecret,
    "ed25519": PublicKey,
}


def signed(frame: Frame, key: SigningKey) -> bytes:
    """Return a whole frame, as a seal sends it."""
    body = encode(frame, key.signature_bytes)
    return body + key.sign(body)


def authenticity(frame: Signed, keys_of: KeysOf) -> Authenticity:
    """Return whether the seal that a frame names has signed it."""
    keys = keys_of(frame.frame.number)
    if not keys:
        return Authenticity.UNKNOWN_KEY
    # All are tried, so that time does not tell which of them it was.
    valid = [key.verifies(frame) for key in keys]
    return Authenticity.VALID if any(valid) else Authenticity.INVALID


def parse(text: str) -> dict[str, tuple[Key, ...]]:
    """Read the lines of a file of keys.

    Raises:
        KeyFileError: a line is none; the text names it by its number and never quotes a key.
    """
    keys: dict[str, tuple[Key, ...]] = {}
    for place, line in enumerate(text.splitlines(), start=1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        try:
            number, key = _key(words)
        except (KeyFileError, InvalidIdError) as error:
            raise KeyFileError(f"line {place}: {error}") from error
        keys[number] = (*keys.get(number, ()), key)
    return keys


class KeyFile:
    """A file of keys that may be replaced while it is in use; a bad replacement is not taken."""

    def __init__(self, path: Path, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Read it.

        Raises:
            KeyFileError: absent, open to others than its owner, or a line is wrong.
        """
        self._path, self._clock = path, clock
        self._looked = clock()
        self._stamp, self._keys = self._read()

    def keys_of(self, number: str) -> tuple[Key, ...]:
        """Return the keys of a seal."""
        if self._clock() - self._looked >= LOOK_S:
            self._look()
        return self._keys.get(number, ())

    def _look(self) -> None:
        self._looked = self._clock()
        try:
            if self._stamped() != self._stamp:
                self._stamp, self._keys = self._read()
        except (KeyFileError, OSError) as error:
            log.warning("file of keys not usable: the former keys stay", error=str(error))

    def _read(self) -> tuple[tuple[int, int], dict[str, tuple[Key, ...]]]:
        try:
            _check_mode(self._path)
            return self._stamped(), parse(self._path.read_text("ascii"))
        except (KeyFileError, OSError, UnicodeDecodeError) as error:
            raise KeyFileError(f"{self._path}: {error}") from error

    def _stamped(self) -> tuple[int, int]:
        status = self._path.stat()
        return status.st_mtime_ns, status.st_ino


def _check_mode(path: Path) -> None:
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise KeyFileError("others than its owner may use it; chmod 600")


def _key(words: list[str]) -> tuple[str, Key]:
    if len(words) != 3 or words[1] not in KINDS:  # noqa: PLR2004 - a line has three words
        raise KeyFileError(f"not NUMBER {'|'.join(KINDS)} HEX")
    number, kind, text = words
    try:
        raw = bytes.fromhex(text)
    except ValueError:
        raise KeyFileError("the key is not hexadecimal") from None
    return seal(number), KINDS[kind](raw)
