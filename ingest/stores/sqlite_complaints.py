"""What is wrong with the store's files, in words for whoever runs the machine."""

from collections.abc import Collection, Iterator
from pathlib import Path


def complaints(path: Path, log_error: str | None, unreadable: Collection[str]) -> Iterator[str]:
    """Yield what a person must see to, and how.

    Args:
        path: The store's file; broken ones that were moved aside lie beside it.
        log_error: Why its log cannot be worked off, if so.
        unreadable: Observations that were left out.
    """
    for aside in sorted(path.parent.glob(f"{path.name}.corrupt-*[0-9]")):
        yield (
            f"the store's file was damaged; it is kept as {aside.name}, and a new one was begun. "
            "Save it and try to recover it, then remove it from the data directory"
        )
    if log_error is not None:
        yield (f"the store's log cannot be worked off ({log_error}) and grows: look at the disk")
    if unreadable:
        examples = ", ".join(sorted(unreadable)[:3])
        yield (
            f"{len(unreadable)} damaged observations were left out ({examples}). "
            "The disk may be failing: save the data directory"
        )
