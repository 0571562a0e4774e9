"""``haechi agent seal``, ``haechi sim seals`` and ``haechi seal``: seals, and orders about them."""

import asyncio
import os
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from typing import Annotated, Final

import msgspec
import typer

from haechi.commands.errors import CommandError, mendable
from haechi.commands.places import loaded
from haechi.commands.progress import note
from haechi.commands.sensors import utc
from haechi.ids import container as container_number
from haechi.ids import device_id
from haechi.ids import seal as seal_number
from haechi.seals import SealEventKind, SealOrder, SealOrderKind

# A process holds only what it runs, so each function imports its own tier.

SOFTWARE: Final = "haechi-seal 0.1"
REGISTRY: Final = "registry"
OPENED_AFTER_S: Final = 45.0
"""When the first simulated seal is opened, in seconds after the first connection."""

app = typer.Typer(no_args_is_help=True, help="Electronic seals: what is ordered of them.")

Moment = Annotated[datetime | None, typer.Option(help="UTC, such as 2026-01-01T12:00:00.")]


@app.command("order")
def order(
    kind: Annotated[SealOrderKind, typer.Argument(help="What is wanted.")],
    seal: Annotated[str, typer.Argument(help="Number of the seal.")],
    *,
    number: Annotated[
        str | None, typer.Option("--order", help="Number of the order; to withdraw: of which.")
    ] = None,
    container: Annotated[str | None, typer.Option(help="What it hangs on, to bind.")] = None,
    acid: Annotated[str | None, typer.Option(help="Shipment, to bind.")] = None,
    documents: Annotated[
        str | None, typer.Option(help="Seal number that the documents name, to bind.")
    ] = None,
    valid_from: Moment = None,
    valid_to: Moment = None,
    zone: Annotated[list[str] | None, typer.Option(help="Id of a zone; again for more.")] = None,
    by: Annotated[str, typer.Option(help="Who orders it.")] = "",
    device: Annotated[str, typer.Option(help="Name of the registry.")] = REGISTRY,
    wait: Annotated[float, typer.Option(min=0, help="Seconds to wait for the platform.")] = 30,
) -> None:
    """Order something about a seal, as the registry; ends when the platform has it.

    Example: haechi seal order disarm SIM-000001 --valid-to 2026-01-01T18:00:00 --by Kim
    """
    from edge.measured import Measured
    from haechi.commands.publishing import published

    if kind is SealOrderKind.WITHDRAW and number is None:
        raise CommandError("--order: say which order to withdraw")
    with mendable(msgspec.ValidationError):
        stated = SealOrder(
            order=number or f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{token_hex(2)}",
            kind=kind,
            container=container and container_number(container),
            acid=acid,
            number=documents and seal_number(documents),
            valid_from=utc(valid_from),
            valid_to=utc(valid_to),
            zones=tuple(zone or ()),
            by=by,
        )
        ordered = msgspec.convert(msgspec.to_builtins(stated), SealOrder)
        subject = f"seal:{seal_number(seal)}"
        settings = loaded()
    made_at = datetime.now(UTC)
    reading = Measured(made_at, subject, ordered, urgent=True)
    if not published(settings, device, [reading], software=SOFTWARE, wait_s=wait):
        print(f"{ordered.order}: on disk, not acknowledged yet; any later order sends it too")
        raise typer.Exit(1)
    print(f"{ordered.order}: the platform has it, as of {made_at:%Y-%m-%dT%H:%M:%S.%fZ}")


@app.command("rearm")
def rearm(
    seal: Annotated[str, typer.Argument(help="Number of the seal.")],
    *,
    gateway: Annotated[str, typer.Option(help="Name of the gateway that saw it broken.")],
    number: Annotated[str, typer.Option("--order", help="Number of the order that binds it.")],
    made: Annotated[str, typer.Option(help="When that order was made, as it was said.")],
    by: Annotated[str, typer.Option(help="Who passes the order on.")] = "command line",
    expires: Annotated[
        float, typer.Option(min=1, max=86_400, help="Seconds until it is void.")
    ] = 3600,
    wait: Annotated[float, typer.Option(min=0, help="Seconds to wait for its answer.")] = 30,
) -> None:
    """Let a gateway take a seal that was broken for the journey that an order binds it to.

    Example: haechi seal rearm SIM-000001 --gateway gate-3 --order O-7 --made 2026-01-01T12:00:00Z
    """
    from haechi.commanding import Rearm
    from haechi.commands.ordering import order as command_of
    from haechi.commands.ordering import send

    with mendable():
        settings = loaded()
        task = Rearm(seal=seal_number(seal), order=number, bound_at=_moment(made))
        command = command_of(device_id(gateway), task, by, expires, datetime.now(UTC))
    note(f"{command.id} to {gateway}")
    if not send(settings, command, print, wait):
        raise typer.Exit(1)


def agent_seal(
    address: Annotated[
        str,
        typer.Argument(help="udp://HOST:PORT, tcp://HOST:PORT, serial:///dev/NAME, a file, or -"),
    ],
    *,
    device: Annotated[str, typer.Option(help="Name of this gateway.")] = "seal-gate-1",
) -> None:
    """Carry the frames of electronic seals to the platform; keys: HAECHI_SEAL_KEYS_FILE.

    Example: haechi agent seal udp://0.0.0.0:18185 --device gate-3
    """
    from edge import agent
    from edge.outbox_file import OutboxBusyError
    from edge.seal.keys import KeyFile
    from edge.seal.latches import KeptLatches
    from edge.seal.orders import Orders
    from edge.seal.repeats import KeptRepeats
    from edge.seal.sources import SealSource
    from haechi.commands import agents, places
    from haechi.commands.supervisor import say_ready

    with mendable(OutboxBusyError):
        settings, boot = loaded(), agents.new_boot()
        if not settings.seal_keys_file:
            raise CommandError("no keys of seals: name their file in HAECHI_SEAL_KEYS_FILE")
        keys = KeyFile(Path(settings.seal_keys_file))
        misread = agents.undecodable(settings, device_id(device), boot)
        waiting = agents.outbox(settings, device, boot)
        folder = places.agent_folder(settings, device)
        repeats = KeptRepeats(folder / "reported.sqlite", boot, waiting.numbered)
        latches = KeptLatches(folder / "latches.sqlite")
        orders = Orders(device, folder / "commands.sqlite", latches)
        source = SealSource(address, keys.keys_of, misread.keep, repeats, latches, orders=orders)
    sending = agents.uplink(
        settings,
        device,
        waiting,
        lambda: misread.total,
        SOFTWARE,
        failures=lambda: source.failures,
        on_command=orders.receive,
    )

    def kept() -> None:
        misread.commit()
        orders.told()

    with agent.stopping_on_signals() as stopped:
        say_ready(device=device, boot=boot, address=source.address)
        agent.run(source, waiting, sending, stopped, kept=kept)
    for each in (orders, repeats, latches, misread):
        each.close()


def sim_seals(
    *,
    host: str = "127.0.0.1",
    port: Annotated[int, typer.Option(help="0 is any free one.")] = 0,
    seals: Annotated[int, typer.Option(min=1, max=10_000)] = 12,
    seed: int = 7,
    keys: Annotated[
        Path | None, typer.Option(help="A file to write, for HAECHI_SEAL_KEYS_FILE of the agent.")
    ] = None,
) -> None:
    """Simulate sealed containers in a yard, heard over TCP; the first is opened after 45 s.

    Example: haechi sim seals --port 18185 --keys sim-seals.keys
    """
    from dataclasses import replace

    from firmware_sim.seal_radio import SealRadio
    from firmware_sim.seals import Act, key_file, yard
    from haechi.commands.signals import on_end
    from haechi.commands.supervisor import say_ready

    first, *others = yard(seals, seed)
    opened = replace(first, acts=(*first.acts, Act(OPENED_AFTER_S, SealEventKind.UNLOCK)))
    with mendable():
        if keys is not None:
            keys.touch(mode=0o600)
            keys.write_text(key_file([seal.number for seal in (opened, *others)], seed))
        on_end(lambda: os._exit(0))  # nothing is kept, so there is nothing to finish
        radio = SealRadio((opened, *others))
        asyncio.run(radio.serve(host, port, ready=lambda bound: say_ready(host=host, port=bound)))


def _moment(text: str) -> datetime:
    """Return a moment as an order's answer says it; raises ``CommandError``."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"--made: {error}") from error
    return at if at.tzinfo else at.replace(tzinfo=UTC)
