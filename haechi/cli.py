"""The command line.

Exit statuses: 0 done; 1 done, and what was asked about is not well (the ledger does not balance,
the doctor found a fault, a number is doubtful); 2 the call, a file or a setting is wrong, or
something needed is absent; 130 interrupted; 141 nobody read what it said.
"""

import os
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn

import msgspec
import typer

from haechi.commands import broker, cameras, devices, drones, logs, scenarios, seals, sensors
from haechi.commands.errors import CommandError, mendable
from haechi.commands.extras import advice
from haechi.commands.places import loaded
from haechi.commands.progress import Progress, note
from haechi.commands.sensors import Start, utc
from haechi.ids import InvalidIdError

# Each command imports what it runs when it runs: an agent beside a sensor, and every other process
# of the platform, then holds in memory only its own tier.

app = typer.Typer(
    name="haechi",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Border surveillance and telemetry. Settings: HAECHI_* in the environment, or a file "
    "named in HAECHI_CONFIG.",
)
camera_app = typer.Typer(no_args_is_help=True, help="Cameras on this machine.")
sim_app = typer.Typer(no_args_is_help=True, help="Simulated hardware.")
push_app = typer.Typer(no_args_is_help=True, help="Notifications.")
aci_app = typer.Typer(no_args_is_help=True, help="Advance cargo: manifests and declarations.")
app.add_typer(sensors.app, name="agent")
app.add_typer(aci_app, name="aci")
app.add_typer(sim_app, name="sim")
app.add_typer(camera_app, name="camera")
app.add_typer(push_app, name="push")
app.add_typer(broker.app, name="broker")
app.add_typer(devices.app, name="device")
app.add_typer(drones.app, name="drone")
app.add_typer(seals.app, name="seal")
sensors.app.command("seal")(seals.agent_seal)
sensors.app.command("enroll")(devices.agent_enroll)
sensors.app.command("renew")(devices.agent_renew)
sim_app.command("seals")(seals.sim_seals)
sim_app.command("list")(scenarios.list_all)
sim_app.command("score")(scenarios.score)
sim_app.command("stage")(scenarios.stage)
sim_app.command("run")(scenarios.run)
sim_app.command("load")(scenarios.load_fleet)
camera_app.command("calibrate")(cameras.calibrate)
camera_app.command("check")(cameras.check)
sim_app.command("cctv")(cameras.sim_cctv)

Files = Annotated[list[Path], typer.Argument(help="NMEA or positions CSV, also gzipped, in order.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
Columns = Annotated[
    str | None,
    typer.Option(help="Columns of a CSV: id=MMSI,time=Time,lat=Lat,lon=Lon,speed=SOG,course=COG."),
]


@app.command()
def demo() -> None:
    """Run everything with a simulated fleet; open the address that it prints.

    Example: HAECHI_CONSOLE_PORT=8080 haechi demo
    """
    _run_platform(is_demo=True)


@app.command()
def up() -> None:
    """Run the platform: broker, ingest and console.

    Example: HAECHI_SITE=busan HAECHI_DATA_DIR=/var/lib/haechi haechi up
    """
    _run_platform(is_demo=False)


@app.command()
def replay(
    files: Files,
    *,
    speed: Annotated[str, typer.Option(help="1 as it happened, N times faster, or max.")] = "1",
    as_json: AsJson = False,
    start: Start = None,
    columns: Columns = None,
    keep: Annotated[
        Path | None, typer.Option(help="A folder that is made, for the store and all else.")
    ] = None,
) -> None:
    """Carry a recording through agent, broker, ingest, store and rules, and account for it.

    Ends when everything is acknowledged. Example: haechi replay ais.nmea.gz --speed max --json
    """
    from haechi.commands import recordings
    from haechi.commands.recording_report import lines

    if keep is not None and keep.exists():
        raise CommandError(f"{keep} exists already: --keep makes a new folder")
    film = recordings.film(files, speed=speed, start=utc(start), columns=columns)
    report = recordings.replay(film, loaded(), Progress(), keep=keep)
    _tell(report, lines(report), as_json=as_json, is_well=report.is_complete)


@app.command()
def backtest(
    files: Files, *, as_json: AsJson = False, start: Start = None, columns: Columns = None
) -> None:
    """Put a recording through the rules alone, as fast as it goes.

    Example: HAECHI_RULES_FILE=my-rules.toml haechi backtest ais.nmea.gz
    """
    from haechi.commands import recordings
    from haechi.commands.recording_report import lines

    film = recordings.film(files, speed="max", start=utc(start), columns=columns)
    report = recordings.backtest(film, loaded(), Progress())
    _tell(report, lines(report), as_json=as_json, is_well=report.is_complete)


@app.command()
def doctor(*, as_json: AsJson = False) -> None:
    """Tell whether this machine can run the platform, and what to do where it cannot.

    Example: HAECHI_RULES_FILE=my-rules.toml haechi doctor
    """
    from haechi.commands import doctor as examining

    checks = list(examining.examine(loaded()))
    lines = (f"{check.verdict:8} {check.name:16} {check.detail}" for check in checks)
    is_well = all(check.verdict is not examining.Verdict.FAULT for check in checks)
    _tell({"version": 1, "checks": checks}, lines, as_json=as_json, is_well=is_well)


@app.command()
def acid(number: str) -> None:
    """Explain an ACID, the 19-digit number of an advance cargo declaration.

    Status 1 if something about it is doubtful, such as a month 13.

    Example: haechi acid 4988470982020120017
    """
    from haechi.aci import identifiers

    with mendable(InvalidIdError):
        read = identifiers.acid(number, this_year=datetime.now(UTC).year)
    known = read.value
    print(f"importer {known.importer}  issued {known.year}-{known.month:02}  serial {known.serial}")
    for doubt in read.doubts:
        note(f"warning: {doubt.text}")
    raise typer.Exit(1 if read.doubts else 0)


@aci_app.command("read")
def aci_read(
    files: Annotated[list[Path], typer.Argument(help="Manifests, bay plans, events, tables.")],
    *,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object a file, a line each.")
    ] = False,
    strict: Annotated[bool, typer.Option(help="Refuse a file that has any problem.")] = False,
    acid_qualifier: Annotated[
        list[str] | None, typer.Option(help="RFF qualifier under which the ACID stands.")
    ] = None,
) -> None:
    """Print what cargo documents hold and what is wrong with them; keep nothing.

    Status 1 if there are problems, 2 if a file was refused.

    Example: haechi aci read manifest.edi bayplan.edi --json
    """
    from haechi.commands import cargo_documents

    status = cargo_documents.read_all(
        files, strict=strict, acid_qualifiers=acid_qualifier or (), as_json=as_json
    )
    raise typer.Exit(status)


@aci_app.command("import")
def aci_import(
    files: Annotated[list[Path], typer.Argument(help="Documents in any format that is read.")],
    *,
    by: Annotated[str, typer.Option(help="Who hands them in.")] = "command",
    party: Annotated[
        str, typer.Option(help="In whose name, such as importer:498847098; yours as an operator.")
    ] = "",
    create: Annotated[
        bool, typer.Option("--create", help="Make shipments and voyages of them.")
    ] = False,
) -> None:
    """Take documents in, each whole or not at all: facts about containers, a word on each bill.

    Example: haechi aci import manifest.edi
    """
    from haechi.commands import aci
    from ingest.ports import BatchRejectedError, StoreUnavailableError

    with mendable(StoreUnavailableError, BatchRejectedError):
        status = aci.import_all(files, loaded(), by=by, party=party, creates=create)
    raise typer.Exit(status)


@aci_app.command("verify")
def aci_verify(
    acids: Annotated[list[str], typer.Argument(help="Numbers of 19 digits.")],
) -> None:
    """Say of ACIDs whether they stand; status 1 if one does not.

    Example: haechi aci verify 4988470982020120017
    """
    from haechi.commands import aci
    from ingest.ports import BatchRejectedError, StoreUnavailableError

    with mendable(StoreUnavailableError, BatchRejectedError):
        status = aci.verify(acids, loaded())
    raise typer.Exit(status)


@aci_app.command("declare")
def aci_declare(
    voyages: Annotated[list[str] | None, typer.Argument(help="Their ids; all if left out.")] = None,
    *,
    device: Annotated[str, typer.Option(help="Name of the registry.")] = "registry",
    wait: Annotated[float, typer.Option(min=0, help="Seconds to wait for the platform.")] = 30,
) -> None:
    """Declare stored voyages to the rules about tracks; a console does so by itself.

    Example: haechi aci declare --device registry
    """
    from haechi.commands import aci
    from ingest.ports import BatchRejectedError, StoreUnavailableError

    with mendable(StoreUnavailableError, BatchRejectedError):
        status = aci.declare(voyages or (), loaded(), device=device, wait_s=wait)
    raise typer.Exit(status)


@aci_app.command("template")
def aci_template(
    path: Annotated[Path, typer.Argument(help="A new file that ends in .xlsx or .csv.")],
) -> None:
    """Write an empty table for cargo, with an example and what its columns mean.

    Example: haechi aci template cargo.xlsx
    """
    from haechi.commands import cargo_documents

    cargo_documents.write_template(path)


@app.command()
def contracts(directory: Path) -> None:
    """Write the JSON Schemas and the AsyncAPI document of all messages.

    Example: haechi contracts docs/reference
    """
    from haechi.commands import contracts as published

    with mendable():
        for path in published.write(directory):
            print(path)


@app.command()
def ingest(
    *,
    ticks: Annotated[bool, typer.Option(help="Let the wall clock say that nobody speaks.")] = True,
) -> None:
    """Run ingest alone, against the broker that is set.

    Example: HAECHI_MQTT_HOST=127.0.0.1 HAECHI_MQTT_PORT=1883 haechi ingest
    """
    from haechi.commands import ingest as process

    process.run(loaded(), ticking=ticks)


@app.command()
def console() -> None:
    """Run the console alone, over the store in the data directory; it also sends pushes.

    Example: HAECHI_DATA_DIR=/var/lib/haechi HAECHI_CONSOLE_PORT=8080 haechi console
    """
    from haechi.commands import console as process

    process.run(loaded())


@camera_app.command("frame")
def camera_frame(
    device: str,
    *,
    output: Annotated[Path, typer.Option(help="The PNG to write.")],
    digest: Annotated[str | None, typer.Option(help="As a detection cites it.")] = None,
    at: Annotated[datetime | None, typer.Option(help="The frame nearest to it, UTC.")] = None,
) -> None:
    """Write a picture that the agent of a camera on this machine has kept.

    Example: haechi camera frame cctv-1 --at 2026-01-01T12:00:00 --output noon.png
    """
    from haechi.commands import cctv

    body = cctv.picture(loaded(), device, digest=digest, at=utc(at))
    with mendable():
        output.write_bytes(body)


@sim_app.command("drones")
def sim_drones(
    *,
    count: Annotated[int, typer.Option(min=1, max=250)] = 3,
    port: Annotated[int, typer.Option(help="Of the first; the others follow. 0 is any.")] = 0,
    seed: int = 7,
    rate: Annotated[float, typer.Option(min=0.2, max=50, help="Positions a second.")] = 4,
) -> None:
    """Simulate drones off Busan, each an autopilot that speaks MAVLink 2 on a UDP port.

    Example: haechi sim drones --count 20 --port 14600
    """
    from haechi.commands import simulators

    with mendable():
        simulators.run_drones(count, port, seed=seed, rate_hz=rate)


@sim_app.command("ais")
def sim_ais(
    *,
    host: str = "127.0.0.1",
    port: Annotated[int, typer.Option(help="0 is any free one.")] = 0,
    vessels: Annotated[int, typer.Option(min=0, max=10_000)] = 60,
    seed: int = 7,
    history_minutes: Annotated[float, typer.Option(min=0, help="Sent at once, first.")] = 30,
) -> None:
    """Simulate an AIS receiver that serves TCP, and the ships it hears; one misbehaves.

    Example: haechi sim ais --port 10110 --vessels 200
    """
    from haechi.commands import simulators

    with mendable():
        simulators.run_ais(host, port, vessels=vessels, seed=seed, history_minutes=history_minutes)


@push_app.command("test")
def push_test(channel: str) -> None:
    """Send a test message over one channel of the pushes file.

    Example: haechi push test mail
    """
    from haechi.commands import console as pushing

    print(f"{channel}: sent, with the key {pushing.push_test(loaded(), channel)}")


def main() -> None:
    """Run one command and exit with its status."""
    logs.configure(os.environ.get("HAECHI_LOG_LEVEL", "warning"))
    try:
        app()
    except CommandError as error:
        note(f"haechi: {error}")
        sys.exit(2)
    except ModuleNotFoundError as error:
        if (advised := advice(error)) is None:
            raise
        note(f"haechi: {advised}")
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)


def _run_platform(*, is_demo: bool) -> None:
    from haechi.commands import platform, staging

    platform.run(loaded(), demo=staging.demo if is_demo else None)


def _tell(result: Any, lines: Iterable[str], *, as_json: bool, is_well: bool) -> NoReturn:
    """Print a result for a program or a person, and end with 0 if all is well, else 1."""
    if as_json:
        print(msgspec.json.encode(result).decode())
    else:
        for line in lines:
            print(line)
    raise typer.Exit(0 if is_well else 1)
