"""Stands for the broker where a pipeline is run and nobody is to be answered."""

from collections.abc import Iterable

from haechi.mqtt import Delivery


class Nobody:
    """Takes what the pipeline says, and says it to nobody."""

    def acknowledge_all(self, deliveries: Iterable[Delivery]) -> None:
        """Say nothing."""

    def publish(self, topic: str, payload: bytes) -> int | None:  # noqa: ARG002 - as the link has it
        """Send nothing."""
        return None
