"""Commands about advance cargo: what a document holds, and what is wrong with it."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from typing import Final, TypeVar

import msgspec
from msgspec.structs import replace

from analytics.crosscheck.intake import taken
from analytics.crosscheck.register import Import, ImportState, KeptVoyage, Party, Register
from dashboards.aci_requests import RefusedError, party_of
from dashboards.aci_views import verified
from haechi.aci.manifest import Consignment, Document, Equipment, Event, Manifest
from haechi.aci.shipment import Role
from haechi.aci.voyage import VoyageError
from haechi.commands import cargo
from haechi.commands.errors import CommandError, mendable
from haechi.commands.progress import Progress, note
from haechi.settings import Settings
from ingest.aci.declaring import declaration
from ingest.documents.options import Options
from ingest.documents.problems import DocumentRefusedError
from ingest.documents.reading import read_file
from ingest.documents.tables import template_csv
from ingest.documents.workbooks import template_xlsx

_Part = TypeVar("_Part")

_CUSTOMS: Final = Party(Role.CUSTOMS, "console")
"""As whom a command asks: whoever may run it may read the data directory."""

_SHOWN: Final = 20
"""Bills, containers and events a person is shown of each; ``--json`` has all."""

_ALL: Final = 2**31
"""More voyages than there are."""

READ, FLAWED, REFUSED = 0, 1, 2
"""Exit statuses: all well; read, with problems; at least one file was refused or not there."""


def read_all(
    paths: Sequence[Path], *, strict: bool, acid_qualifiers: Sequence[str], as_json: bool
) -> int:
    """Read files one after another, print each as soon as it is read; return the exit status.

    A file that is refused is named on standard error and stops none of the others.
    """
    options = Options(strict=strict)
    if acid_qualifiers:
        options = Options(strict=strict, acid_qualifiers=tuple(acid_qualifiers))
    return max((_read(path, options, as_json=as_json) for path in paths), default=READ)


def write_template(path: Path) -> None:
    """Write the table for small users in the format that the name asks for.

    Raises:
        CommandError: another format, or the file exists.
    """
    templates = {".xlsx": template_xlsx(), ".csv": template_csv().encode("utf-8-sig")}
    template = templates.get(path.suffix.lower())
    if template is None:
        raise CommandError(f"{path}: the name must end in {' or '.join(templates)}")
    with mendable(), path.open("xb") as file:
        file.write(template)


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
    progress, now = Progress(), datetime.now(UTC)

    def told(parts: int, containers: int) -> None:
        progress.say(lambda: f"{path.name}: {parts} parts, {containers} containers")

    try:
        document = read_file(path, told=told)
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


def _read(path: Path, options: Options, *, as_json: bool) -> int:
    progress = Progress()

    def told(parts: int, containers: int) -> None:
        progress.say(lambda: f"{path.name}: {parts} parts, {containers} containers")

    try:
        document = read_file(path, options, told=told)
    except DocumentRefusedError as refusal:
        note(f"haechi: {path}: refused: {refusal}")
        for problem in refusal.problems:
            note(f"  {problem}")
        return REFUSED
    except OSError as error:
        note(f"haechi: {path}: {error.strerror}")
        return REFUSED
    if as_json:
        print(msgspec.json.encode(document).decode())
    else:
        for line in lines(document):
            print(line)
    return FLAWED if document.problems else READ


def lines(document: Document) -> Iterator[str]:
    """Yield a document as a person reads it."""
    total = len(document.problems) + document.unlisted_problems
    yield f"{document.name}: {len(document.manifests)} messages, {total} problems"
    for manifest in document.manifests:
        yield from _manifest_lines(manifest)
    if document.problems:
        yield "problems"
        yield from (f"  {problem}" for problem in document.problems)
    if document.unlisted_problems:
        yield f"  and {document.unlisted_problems} more"


def _manifest_lines(manifest: Manifest) -> Iterator[str]:
    vessel, source = manifest.vessel, manifest.source
    identity = " ".join(filter(None, (vessel.name, vessel.call_sign, vessel.imo)))
    yield f"{source.format} {source.version}".rstrip() + f": {identity or 'no ship named'}"
    yield f"  voyage {manifest.voyage or '-'}, carrier {manifest.carrier or '-'}"
    for call in manifest.calls:
        times = (
            ("arrives", call.arrival_planned),
            ("arrived", call.arrival_actual),
            ("leaves", call.departure_planned),
            ("left", call.departure_actual),
        )
        said = (f"{what} {at:%Y-%m-%d %H:%M}Z" for what, at in times if at)
        yield f"  {call.role:11} {' '.join((call.place, *said))}"
    yield from _first("bills", manifest.consignments, _bill_line)
    yield from _first("containers", manifest.equipment, _box_line)
    yield from _first("events", manifest.events, _event_line)


def _first(title: str, parts: Sequence[_Part], line: Callable[[_Part], str]) -> Iterator[str]:
    if not parts:
        return
    yield f"  {len(parts)} {title}"
    yield from (f"    {line(part)}" for part in parts[:_SHOWN])
    if len(parts) > _SHOWN:
        yield f"    and {len(parts) - _SHOWN} more; --json shows all"


def _bill_line(bill: Consignment) -> str:
    ports = f"{bill.load_port or '?'} > {bill.discharge_port or '?'}"
    weight = "" if bill.gross_kg is None else f", {bill.gross_kg:g} kg"
    acids = ", ".join(bill.acids) or "none"
    return f"{bill.bill}  {ports}  {len(bill.containers)} containers{weight}, ACID {acids}"


def _box_line(unit: Equipment) -> str:
    seals = ", ".join(seal.number for seal in unit.seals)
    weight = unit.vgm_kg if unit.vgm_kg is not None else unit.gross_kg
    stated = (
        unit.iso_type,
        "" if weight is None else f"{weight:g} kg",
        f"at {unit.stowage}" if unit.stowage else "",
        f"{unit.load_port} > {unit.discharge_port}" if unit.discharge_port else "",
        f"seals {seals}" if seals else "",
    )
    return "  ".join((unit.container, *filter(None, stated)))


def _event_line(event: Event) -> str:
    about = event.container or (event.document[1] if event.document else "")
    return " ".join(filter(None, (f"{event.at:%Y-%m-%d %H:%M}Z", event.code, about, event.place)))
