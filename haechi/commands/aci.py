"""Commands over the register of advance cargo: take files in, verify ACIDs, declare voyages."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from typing import Final

from msgspec.structs import replace

from analytics.crosscheck.intake import taken
from analytics.crosscheck.register import Import, ImportState, KeptVoyage, Party, Register
from dashboards.aci_requests import RefusedError, party_of
from dashboards.aci_views import verified
from haechi.aci.shipment import Role
from haechi.aci.voyage import VoyageError
from haechi.commands import cargo
from haechi.commands.cargo_documents import FLAWED, READ, REFUSED, telling
from haechi.commands.errors import CommandError
from haechi.commands.progress import note
from haechi.settings import Settings
from ingest.aci.declaring import declaration
from ingest.documents.problems import DocumentRefusedError
from ingest.documents.reading import read_file

_CUSTOMS: Final = Party(Role.CUSTOMS, "console")
"""As whom a command asks: whoever may run it may read the data directory."""

_ALL: Final = 2**31
"""More voyages than there are."""


def import_all(
    paths: Sequence[Path], settings: Settings, *, by: str, party: str = "", creates: bool = False
) -> int:
    """Take files in one after another, each whole or not at all; return the exit status.

    Args:
        paths: The files.
        settings: Where they go.
        by: Who hands them in.
        party: In whose name, as ``role:number``; the operator's if empty.
        creates: Whether shipments and voyages are made of them, as far as the party may.

    Raises:
        CommandError: there can be no such party.
    """
    owner = _party(party) if party else Party(Role.OPERATOR, by)
    blank = Import(id="", owner=owner, name="", at=datetime.now(UTC), by=by, creates=creates)
    kept = cargo.register(settings)
    try:
        return max((_import(path, kept, blank) for path in paths), default=READ)
    finally:
        kept.close()


def verify(numbers: Sequence[str], settings: Settings) -> int:
    """Print of each ACID whether it stands; status 1 if one does not."""
    kept, now = cargo.register(settings), datetime.now(UTC)
    try:
        views = verified(kept, numbers, _CUSTOMS, now)
    finally:
        kept.close()
    for view in views:
        told = f"valid, importer {view.importer}, exporter {view.exporter}"
        print(f"{view.acid}: {told if view.is_valid else view.reason}")
    return READ if all(view.is_valid for view in views) else FLAWED


def declare(names: Sequence[str], settings: Settings, *, device: str, wait_s: float) -> int:
    """Declare stored voyages to the rules, all of them or those named; return the exit status.

    The console does so by itself whenever one changes. This is for a register beside which none
    runs, and says nothing new where one does: a version counts once.

    Raises:
        CommandError: there is no such voyage, or another process publishes as this device.
    """
    from edge.measured import Measured  # noqa: PLC0415 - a process holds only what it runs
    from haechi.commands.publishing import published  # noqa: PLC0415 - as above

    now, readings, status = datetime.now(UTC), list[Measured](), READ
    for kept in _voyages(names, settings):
        try:
            readings.append(Measured(*declaration(kept.voyage, now), urgent=True))
        except VoyageError as error:
            note(f"haechi: {kept.id}: not declared: {error}")
            status = FLAWED
    if readings and not published(
        settings, device, readings, software=cargo.SOFTWARE, wait_s=wait_s
    ):
        print(f"{len(readings)} on disk, not all acknowledged yet; declare again sends them too")
        return FLAWED
    print(f"{len(readings)} declared: the platform has them")
    return status


def _voyages(names: Sequence[str], settings: Settings) -> list[KeptVoyage]:
    kept = cargo.register(settings)
    try:
        known = {each.id: each for each in kept.voyages(_CUSTOMS, _ALL)}
    finally:
        kept.close()
    unknown = [name for name in names if name not in known]
    if unknown:
        raise CommandError(f"there is no voyage {unknown[0]!r}; there are {len(known)}")
    return [known[name] for name in names or known]


def _party(stated: str) -> Party:
    try:
        return party_of(stated)
    except RefusedError as error:
        raise CommandError(f"--party: {error}") from error


def _import(path: Path, kept: Register, blank: Import) -> int:
    now = datetime.now(UTC)
    try:
        document = read_file(path, told=telling(path))
    except (DocumentRefusedError, OSError) as refusal:
        note(f"haechi: {path}: refused: {refusal}")
        return REFUSED
    begun = replace(blank, id=token_hex(8), name=document.name, at=now)
    done = taken(kept, begun, document, now, policies=cargo.policies())
    if done.state is ImportState.REFUSED:
        note(f"haechi: {path}: refused: {done.reason}")
        return REFUSED
    faults = [bill for bill in done.bills if bill.faults]
    total = len(done.problems) + done.unlisted_problems
    print(
        f"{path.name}: import {done.id}, {done.containers} containers, "
        f"{len(done.bills)} bills, {len(faults)} not confirmed, {total} problems"
    )
    for bill in faults:
        print(f"  {bill.bill}: {'; '.join(bill.faults)}")
    for line in _outcomes(done):
        print(f"  {line}")
    for problem in done.problems:
        print(f"  {problem}")
    return FLAWED if faults or total else READ


def _outcomes(done: Import) -> Iterator[str]:
    """Yield what was made of each bill and voyage, if anything was to be."""
    for bill in done.bills:
        if bill.outcome is not None:
            said = "; ".join((*bill.linked, *bill.left))
            yield f"{bill.bill}: {bill.outcome} {bill.shipment}".rstrip() + (said and f": {said}")
    for voyage in done.voyages:
        said = "; ".join(voyage.left) or f"{voyage.containers} containers more"
        yield f"voyage {voyage.number} of {voyage.vessel}: {voyage.outcome} {voyage.id}: {said}"
