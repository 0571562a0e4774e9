"""The control experiment: an uplink that believes a PUBACK, so that tests can see it lose."""

from edge.lane import Flight
from edge.uplink import Uplink
from haechi.messages import Ack


class PubackUplink(Uplink):
    """Forgets what the broker has, though the broker may lose it: never use this."""

    def on_taken(self, flight: Flight) -> None:
        """Delete at once."""
        kept = tuple((seq, seq) for seq in flight.seqs)
        self._outbox.settle([Ack(boot=flight.boot, kept=kept)])
        for lane in self._lanes:
            lane.settled(flight.boot, kept)
