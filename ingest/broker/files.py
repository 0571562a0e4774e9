"""How files of keys are written: whole, for this account only, and never half a credential."""

import fcntl
import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from ingest.broker.authority import Credential, Kind


class FolderError(Exception):
    """The folder is not in a state to do that; the text says what to do."""


ENDINGS: Final = ("crt", "key")


def ending(base: Path, end: str) -> Path:
    """Return the file of a credential: ``crt`` its certificate, ``key`` its key."""
    return base.with_name(f"{base.name}.{end}")


def credential(base: Path) -> Credential:
    """Return a credential that is kept."""
    certificate, key = (ending(base, end).read_bytes() for end in ENDINGS)
    return Credential.parse(certificate, key)


def authority(root: Path, kind: Kind) -> Credential:
    """Return an authority with its private key.

    Raises:
        FolderError: the key is kept elsewhere.
    """
    base = root / "authority" / kind
    if not ending(base, "key").exists():
        raise FolderError(
            f"the private key of the {kind} authority is not here: bring {ending(base, 'key')}"
        )
    return credential(base)


def keep(base: Path, make: Callable[[], Credential]) -> None:
    """Make a credential if there is none; never write over half of one.

    Raises:
        FolderError: only one of the two files is there.
    """
    present = [ending(base, end) for end in ENDINGS if ending(base, end).exists()]
    if len(present) == len(ENDINGS):
        return
    if present:
        raise FolderError(
            f"{present[0]} is half of a credential: bring the other half or remove it"
        )
    made = make()
    write_new(ending(base, "key"), made.key_pem)
    write_new(ending(base, "crt"), made.certificate_pem)


def write_new(path: Path, content: bytes) -> None:
    """Write a file that is not there yet, onto the disk."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def put(path: Path, content: bytes) -> None:
    """Write whole or not at all: others may read at any moment."""
    written = path.with_name(f".{path.name}.new")
    written.unlink(missing_ok=True)
    write_new(written, content)
    written.replace(path)


@contextmanager
def alone(root: Path) -> Generator[None]:
    """Wait until no other process changes the folder, and keep others waiting."""
    held = os.open(root, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        os.close(held)
