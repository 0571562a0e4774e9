"""One process of a kind on a data directory: two would take each other's session and pushes."""

import fcntl
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final, TextIO

from haechi.commands.errors import CommandError
from haechi.settings import Settings

HANDOVER_S: Final = 5.0
"""How long one that is being ended may still hold what its successor wants."""
LOOK_S: Final = 0.1


@contextmanager
def alone(settings: Settings, part: str = "") -> Generator[None]:
    """Hold the data directory, or one part in it; the kernel lets go of it for who is killed.

    Args:
        settings: Where the data directory is; it is made.
        part: ``ingest`` or ``console``, which may outlive a platform that is killed for a moment
            and are waited for; empty for the platform itself.

    Raises:
        CommandError: another is there and stays.
        OSError: the folder or the file in it cannot be made.
    """
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (settings.data_dir / (f"{part}.lock" if part else "lock")).open("w") as lock:
        deadline = time.monotonic() + (HANDOVER_S if part else 0)
        while not _is_ours(lock):
            if time.monotonic() >= deadline:
                raise CommandError(
                    f"{settings.data_dir.absolute()} is in use by another "
                    f"{f'haechi {part}'.strip()}; stop it, or set HAECHI_DATA_DIR"
                )
            time.sleep(LOOK_S)
        yield


def _is_ours(lock: TextIO) -> bool:
    """Take it unless another has it; return whether it is ours."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
