"""``haechi device``: who may speak, from the first invitation to the last revocation."""

from collections.abc import Generator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from haechi.commands import places
from haechi.commands.errors import mendable
from haechi.commands.progress import note
from haechi.messages import DeviceState
from haechi.settings import Settings, load
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
    _put_out(directory, who, "suspended")


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
    _put_out(directory, who, "revoked")


@app.command("retire")
def retire_command(*, directory: Directory) -> None:
    """Revoke certificates whose overlap is over, if haechi device serve does not run to do it.

    Example: haechi device retire --directory /etc/haechi-broker
    """
    from ingest.broker import enrolment

    with _acting():
        for device in enrolment.retire(directory):
            _put_out(directory, device, "rid of its old certificate")


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
    except ProcessLookupError as error:
        note(str(error))


def _put_out(directory: Path, who: str, state: str) -> None:
    """Do the three acts and say what became of each; status 1 if one failed."""
    from ingest.broker.expulsion import expel

    device = who.rpartition("/")[2]
    failed = 0
    for each in expel(directory, device, _deny_file()):
        failed += each.error is not None
        outcome = "done" if each.error is None else f"FAILED: {each.error}"
        print(f"{each.after_s:5.2f} s  {each.act}: {outcome}")
    print(f"{who} is {state}")
    if failed:
        raise typer.Exit(1)


def _said() -> dict[str, DeviceState]:
    """Return what each device said last, if this machine has the store of ingest."""
    from ingest.ports import StoreUnavailableError
    from ingest.stores.sqlite import SqliteStore

    path = _settings().data_dir / places.STORE
    if not path.exists():
        return {}
    with mendable(StoreUnavailableError), closing(SqliteStore(path)) as store:
        return {state.device: state for _, state in store.device_states()}


def _deny_file() -> Path:
    from ingest.denied import DENIED

    return _settings().data_dir / DENIED


def _settings() -> Settings:
    with mendable():
        return load()
