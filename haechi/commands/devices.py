"""``haechi device``: who may speak, from the first invitation to the last revocation."""

import json
import sys
from collections.abc import Generator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Annotated, Final

import msgspec
import typer

from haechi.commands import places
from haechi.commands.addresses import host_and_port
from haechi.commands.errors import mendable
from haechi.commands.progress import note
from haechi.commands.signals import on_end
from haechi.commands.supervisor import say_ready
from haechi.messages import DeviceState
from ingest.broker.names import CERTIFICATE_DAYS, Enrolment

# What brings cryptography is imported where it is used, as in ``haechi.commands.broker``.

app = typer.Typer(no_args_is_help=True, help="Devices and their certificates (docs/devices.md).")

Who = Annotated[str, typer.Argument(metavar="SITE/DEVICE")]
Directory = Annotated[Path, typer.Option(help="The broker's folder.")]
Days = Annotated[int, typer.Option(min=1, help="The certificate's life.")]
Hours = Annotated[float, typer.Option(min=0, help="How long the certificate before is still good.")]


@app.command("enroll")
def enroll_command(who: Who, *, directory: Directory, days: Days = CERTIFICATE_DAYS) -> None:
    """Let a device speak for a site, and make its key and certificate to hand over.

    Example: haechi device enroll busan/cam-01 --directory /etc/haechi-broker
    """
    from ingest.broker import enrolment

    with _acting():
        file = enrolment.enroll(directory, Enrolment.parse(who), days=days)
    print(f"{who} is enrolled: hand over {file} and its key")
    _let_in(directory)


@app.command("invite")
def invite_command(
    who: Who,
    *,
    directory: Directory,
    hours: Annotated[float, typer.Option(min=0.01, help="How long the code is good.")] = 24,
) -> None:
    """Print a code with which a device fetches its certificate itself, once.

    Example: haechi device invite busan/cam-01 --directory /etc/haechi-broker
    """
    from ingest.broker import enrolment

    with _acting():
        life = timedelta(hours=hours)
        code = enrolment.invite(directory, Enrolment.parse(who), life=life)
    print(code)
    note(f"good once, for {hours:g} h; haechi device serve must be running (docs/devices.md)")


@app.command("rotate")
def rotate_command(
    who: Who,
    *,
    directory: Directory,
    overlap_hours: Hours = 24,
    days: Days = CERTIFICATE_DAYS,
) -> None:
    """Make a device a new key and certificate; the one before is good for a while still.

    Example: haechi device rotate busan/cam-01 --directory /etc/haechi-broker
    """
    from ingest.broker import enrolment

    overlap = timedelta(hours=overlap_hours)
    with _acting():
        file = enrolment.rotate(directory, Enrolment.parse(who), overlap=overlap, days=days)
    print(f"{who} has a new certificate: hand over {file} and its key within {overlap_hours:g} h")
    _let_in(directory)


@app.command("suspend")
def suspend_command(who: Who, *, directory: Directory) -> None:
    """Put a device out until it is resumed; what it measures meanwhile waits in its outbox.

    Example: haechi device suspend busan/cam-01 --directory /etc/haechi-broker
    """
    from ingest.broker import enrolment

    with _acting():
        enrolment.suspend(directory, Enrolment.parse(who))
    _report_out(directory, who, "suspended")


@app.command("resume")
def resume_command(who: Who, *, directory: Directory) -> None:
    """Let a suspended device in again, with the certificate that it has.

    Example: haechi device resume busan/cam-01 --directory /etc/haechi-broker
    """
    from ingest.broker import enrolment

    with _acting():
        enrolment.resume(directory, Enrolment.parse(who))
    print(f"{who} is active")
    _let_in(directory)


@app.command("revoke")
def revoke_command(who: Who, *, directory: Directory) -> None:
    """Put a device out, and make its certificates worthless for ever.

    Example: haechi device revoke busan/cam-01 --directory /etc/haechi-broker
    """
    from ingest.broker import enrolment

    with _acting():
        enrolment.revoke(directory, Enrolment.parse(who))
    _report_out(directory, who, "revoked")


@app.command("retire")
def retire_command(*, directory: Directory) -> None:
    """Revoke certificates whose overlap is over, if haechi device serve does not run to do it.

    Example: haechi device retire --directory /etc/haechi-broker
    """
    from ingest.broker import enrolment

    with _acting():
        retired = enrolment.retire(directory)
    for device in retired:
        _report_out(directory, device, "rid of its old certificate")


@app.command("list")
def list_command(
    *,
    directory: Directory,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Show each device: its state, when its certificate ends, and when it was heard last.

    Example: haechi device list --directory /etc/haechi-broker
    """
    from haechi.commands.roster import heading, roster, row

    with _acting():
        lines = [*roster(directory, _said(), datetime.now(UTC))]
    if not as_json:
        print(heading())
    for line in lines:
        print(msgspec.json.encode(line).decode() if as_json else row(line))


@app.command("serve")
def serve_command(
    *,
    directory: Directory,
    bind: Annotated[str, typer.Option(help="Address to listen on.")] = "0.0.0.0",  # noqa: S104 - devices come from outside
    port: Annotated[int, typer.Option(help="0 is any free one.")] = 8885,
) -> None:
    """Run the desk where invited devices fetch certificates, and retire old ones in time.

    Example: haechi device serve --directory /etc/haechi-broker
    """
    from ingest.broker.desk import Desk

    with mendable():
        desk = Desk(
            directory.absolute(),
            bind,
            port,
            admitted=lambda: _let_in(directory),
            retired=lambda device: _put_out(directory, device),
        )
    on_end(lambda: Thread(target=desk.shutdown).start())  # it waits for the loop to end
    say_ready(port=desk.server_port)
    with desk:
        desk.serve_forever()


Server = Annotated[str, typer.Option(help="HOST:PORT of the enrolment desk.")]
DESK: Final = "broker.example:8885"
Identity = Annotated[Path, typer.Option(help="Folder of this device's key and certificate.")]


def agent_enroll(
    *,
    code: Annotated[str, typer.Option(help="As haechi device invite printed it; - reads it.")],
    server: Server,
    ca_file: Annotated[Path, typer.Option(help="The platform's server-ca.crt.")],
    directory: Identity = Path("identity"),
    mqtt_port: Annotated[int, typer.Option(help="Of the broker on the same host.")] = 8883,
) -> None:
    """Fetch this device's certificate with a code; its key is made here and stays here.

    Example: haechi agent enroll --code - --server broker.example:8885 --ca-file server-ca.crt
    """
    from edge import enrolment

    host, port = host_and_port(server, DESK)
    shown = sys.stdin.readline().strip() if code == "-" else code
    with mendable(enrolment.EnrolmentError):
        who = enrolment.enroll(shown, host, port, ca_file, directory)
        site, device = who.split("/")
        config = directory / "haechi.toml"
        config.write_text(_agent_config(directory.absolute(), site, host, mqtt_port))
    print(f"{who} is enrolled: HAECHI_CONFIG={config} haechi agent ... --device {device}")


def agent_renew(*, server: Server, directory: Identity = Path("identity")) -> None:
    """Change this device's key and certificate before the old one ends.

    Example: haechi agent renew --server broker.example:8885
    """
    from edge import enrolment

    host, port = host_and_port(server, DESK)
    with mendable(enrolment.EnrolmentError):
        enrolment.renew(host, port, directory)
    print(f"renewed: start what uses {directory / enrolment.IDENTITY} again")


def _agent_config(folder: Path, site: str, host: str, port: int) -> str:
    values: dict[str, str | int] = {
        "site": site,
        "mqtt_host": host,
        "mqtt_port": port,
        "mqtt_ca_file": str(folder / "server-ca.crt"),
        "mqtt_certificate_file": str(folder / "device.pem"),
        "mqtt_key_file": str(folder / "device.pem"),
    }
    lines = (f"{name} = {json.dumps(value)}\n" for name, value in values.items())
    return "# Written by haechi agent enroll.\n" + "".join(lines)


@contextmanager
def _acting() -> Generator[None]:
    from ingest.broker.files import FolderError
    from ingest.broker.register import NotLawfulError

    with mendable(FolderError, NotLawfulError):
        yield


def _let_in(directory: Path) -> None:
    """Tell ingest and the broker, as far as they are here; neither is needed to go on."""
    from ingest.broker.expulsion import deny, reread

    with mendable():
        deny(directory.absolute(), _deny_file())
    try:
        reread(directory.absolute())
    except OSError as error:
        note(str(error))


def _put_out(directory: Path, device: str) -> bool:
    """Do the three acts and say what became of each; return whether all were done."""
    from ingest.broker.expulsion import expel

    failed = 0
    for each in expel(directory, device, _deny_file()):
        failed += each.error is not None
        outcome = "done" if each.error is None else f"FAILED: {each.error}"
        print(f"{each.after_s:5.2f} s  {each.act}: {outcome}")
    return not failed


def _report_out(directory: Path, who: str, state: str) -> None:
    is_done = _put_out(directory, who.rpartition("/")[2])
    print(f"{who} is {state}")
    if not is_done:
        raise typer.Exit(1)


def _said() -> dict[str, DeviceState]:
    """Return what each device said last, if this machine has the store of ingest."""
    from ingest.ports import StoreUnavailableError
    from ingest.stores.sqlite import SqliteStore

    path = places.loaded().data_dir / places.STORE
    if not path.exists():
        return {}
    with mendable(StoreUnavailableError), closing(SqliteStore(path)) as store:
        return {state.device: state for _, state in store.device_states()}


def _deny_file() -> Path:
    from ingest.denied import DENIED

    return places.loaded().data_dir / DENIED
