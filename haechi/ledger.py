"""The loss ledger: an account of every reading, per device and boot."""

from msgspec import Struct


class Account(Struct, frozen=True, kw_only=True):
    """Where the readings of one boot of one device are.

    ``sent = kept + duplicate + rejected + thinned + in_flight`` counts copies; the equation that
    can show a loss is ``missing == 0``, since its two sides come from different machines: what
    the agent numbered, against what the store, the dead letters and the outbox hold.
    """

    device: str
    boot: str
    numbered: int = 0
    """Readings the agent has numbered."""
    kept: int = 0
    """Distinct readings in the store."""
    duplicate: int = 0
    """Further copies of kept readings that arrived; not kept again."""
    rejected: dict[str, int] = {}
    """Distinct readings refused by ingest or given up by the agent, by reason."""
    thinned: int = 0
    """Readings the agent dropped on purpose because its outbox was full."""
    in_flight: int = 0
    """Readings still in the agent's outbox."""

    @property
    def sent(self) -> int:
        """Copies accounted for: everything numbered, and every further copy."""
        return self.numbered + self.duplicate

    @property
    def missing(self) -> int:
        """Numbered readings that are nowhere: 0 unless something was lost.

        >>> Account(device="a-1", boot="b-1", numbered=9, kept=5, thinned=1, in_flight=2).missing
        1
        """
        return self.numbered - (
            self.kept + sum(self.rejected.values()) + self.thinned + self.in_flight
        )

    @property
    def balances(self) -> bool:
        """Whether every numbered reading is in exactly one place."""
        return self.missing == 0
