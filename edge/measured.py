"""What every agent hands to its outbox: a reading before it has a number."""

from datetime import datetime

from msgspec import Struct

from haechi.messages import Content


class Measured(Struct, frozen=True):
    """A reading before the outbox numbers it.

    An urgent one is an event: it is sent first and thinned last.
    """

    at: datetime
    """When it was true, UTC."""
    subject: str
    content: Content
    urgent: bool = False
