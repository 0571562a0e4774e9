"""``haechi broker``: make and keep the folder from which a server's broker runs."""

from pathlib import Path
from typing import Annotated

import typer

from haechi.commands.errors import mendable

# ``ingest.broker.folder`` is imported where it is used: it brings the cryptography that no other
# command needs, and every process of the platform would hold it.

app = typer.Typer(no_args_is_help=True, help="The MQTT broker of a server (docs/broker.md).")

Directory = Annotated[Path, typer.Option(help="The broker's folder.")]


@app.callback()
def broker() -> None:
    """Keep ``config`` a command of a group, though it is alone."""


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
    from ingest.broker.files import FolderError
    from ingest.broker.folder import write_server_folder

    with mendable(FolderError):
        file = write_server_folder(
            directory, server_name, bind=bind, device_port=device_port, service_port=service_port
        )
    print(f"ready: mosquitto -c {file}")
