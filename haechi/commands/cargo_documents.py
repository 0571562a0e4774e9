"""Cargo documents on the command line: what they hold, and what is wrong with them."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from haechi.aci.manifest import Consignment, Document, Equipment, Event, Manifest
from haechi.commands.errors import CommandError, mendable
from haechi.commands.progress import Progress, note
from ingest.documents.options import Options, Told
from ingest.documents.problems import DocumentRefusedError
from ingest.documents.reading import read_file
from ingest.documents.tables import template_csv
from ingest.documents.workbooks import template_xlsx

_Part = TypeVar("_Part")

_SHOWN: Final = 20
"""Bills, containers and events a person is shown of each; ``--json`` has all."""

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


def telling(path: Path) -> Told:
    """Return what says how far a file is read."""
    progress = Progress()

    def told(parts: int, containers: int) -> None:
        progress.say(lambda: f"{path.name}: {parts} parts, {containers} containers")

    return told


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


def _read(path: Path, options: Options, *, as_json: bool) -> int:
    try:
        document = read_file(path, options, told=telling(path))
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
