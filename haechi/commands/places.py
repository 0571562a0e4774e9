"""What stands where: the broker, the store and the agents' folders, said once."""

import os
from pathlib import Path
from typing import Final, Protocol

from haechi.commands.errors import mendable
from haechi.mqtt import Endpoint
from haechi.settings import Settings, load

STORE: Final = "haechi.db"
"""Name of the store in the data directory."""


def endpoint(settings: Settings) -> Endpoint:
    """Return the broker."""
    return Endpoint(
        host=settings.mqtt_host or "127.0.0.1",
        port=settings.mqtt_port or 1883,
        ca_file=settings.mqtt_ca_file or None,
        certificate_file=settings.mqtt_certificate_file or None,
        key_file=settings.mqtt_key_file or None,
    )


class OwnBroker(Protocol):
    """A broker that the platform has started."""

    @property
    def host(self) -> str:
        """Loopback."""
        ...

    @property
    def port(self) -> int:
        """Where it listens."""
        ...

    @property
    def dropped_topic(self) -> str:
        """Where it counts what it threw away; empty if nowhere."""
        ...


def joined(settings: Settings, broker: OwnBroker) -> Settings:
    """Return settings for processes that use a broker of our own."""
    return settings.model_copy(
        update={
            "mqtt_host": broker.host,
            "mqtt_port": broker.port,
            "mqtt_dropped_topic": broker.dropped_topic,
        }
    )


def store_path(settings: Settings) -> Path:
    """Return where the store is; the folder is made, for this account only."""
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    return settings.data_dir / STORE


def agent_folder(settings: Settings, device: str) -> Path:
    """Return the data directory of an agent that runs on this machine."""
    folder = settings.data_dir / "edge" / device
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def bell_path(settings: Settings) -> Path:
    """Return where the console listens for the bell of ingest."""
    return settings.data_dir / f"console-{os.getpid()}.wake"


def environment(settings: Settings) -> dict[str, str]:
    """Return settings as a child process takes them."""
    stated = settings.model_dump(mode="json")
    return {f"HAECHI_{name.upper()}": str(value) for name, value in stated.items()}


def loaded() -> Settings:
    """Return the settings of this process; raises ``CommandError`` if one is wrong."""
    with mendable():
        return load()
