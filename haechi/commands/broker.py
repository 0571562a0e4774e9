"""``haechi broker``: make and keep the folder from which a server's broker runs."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from haechi.ids import InvalidIdError
from ingest.broker.names import CERTIFICATE_DAYS, Enrolment

# ``ingest.broker.folder`` is imported where it is used: it brings the cryptography that no other
# command needs, and every process of the platform would hold it.

app = typer.Typer(no_args_is_help=True, help="The MQTT broker of a server (docs/broker.md).")

Directory = Annotated[Path, typer.Option(help="The broker's folder.")]
REREAD = "then make the broker read again: kill -HUP its process"


@app.command("config")
def config_command(
    *,
    directory: Directory,
    server_name: Annotated[str, typer.Option(help="Host name or address devices connect to.")],
    bind: Annotated[str | None, typer.Option(help="Address to listen on; default all.")] = None,
    device_port: Annotated[int, typer.Option(help="For devices.")] = 8883,
    service_port: Annotated[int, typer.Option(help="For the platform's own services.")] = 8884,
) -> None:
    """Make the folder, or bring its configuration and rules up to date. Keys are never replaced.

    Example: haechi broker config --directory /etc/haechi-broker --server-name broker.example
    """
    from ingest.broker.folder import write_server_folder

    def act() -> str:
        file = write_server_folder(
            directory, server_name, bind=bind, device_port=device_port, service_port=service_port
        )
        return f"ready: mosquitto -c {file}"

    _tell(act)


@app.command("enrol")
def enrol_command(
    device: Annotated[str, typer.Argument(metavar="SITE/DEVICE")],
    *,
    directory: Directory,
    days: Annotated[int, typer.Option(min=1, help="The certificate's life.")] = CERTIFICATE_DAYS,
) -> None:
    """Let a device speak for a site, and make its certificate and key.

    Example: haechi broker enrol busan/ais-1 --directory /etc/haechi-broker
    """
    from ingest.broker.folder import enrol

    def act() -> str:
        file = enrol(directory, Enrolment.parse(device), days=days)
        return f"{device}: hand over {file} and its key; {REREAD}"

    _tell(act)


@app.command("revoke")
def revoke_command(device: str, *, directory: Directory) -> None:
    """Withdraw a device's access rule and certificate, for ever.

    Example: haechi broker revoke ais-1 --directory /etc/haechi-broker
    """
    from ingest.broker.folder import revoke

    def act() -> str:
        revoke(directory, device)
        return f"{device} is revoked; {REREAD}"

    _tell(act)


def _tell(act: Callable[[], str]) -> None:
    """Print what was done; end with status 2 if it cannot be done."""
    from ingest.broker.folder import FolderError

    try:
        print(act())
    except (InvalidIdError, FolderError, OSError) as error:
        print(f"haechi broker: {error}", file=sys.stderr)
        raise typer.Exit(2) from None
