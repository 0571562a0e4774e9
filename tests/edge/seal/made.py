"""Frames for the tests of the gateway, signed with keys that are made here."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from edge.seal.frame import EVENTS, Frame, Place, Signed, decode
from edge.seal.keys import Key, PrivateKey, PublicKey, SharedSecret, SigningKey, signed
from haechi.seals import SealEventKind

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
NUMBER = "HAE-000001"
SECRET = SharedSecret(bytes(range(32)))
PRIVATE = PrivateKey(bytes(range(1, 33)))
PUBLIC = PublicKey(PRIVATE.public)

KEYS: dict[str, tuple[Key, ...]] = {NUMBER: (SECRET,), "HAE-000002": (PUBLIC,)}


def keys_of(number: str) -> tuple[Key, ...]:
    """Return the keys of the seals of these tests."""
    return KEYS.get(number, ())


def frame(counter: int = 1, seconds: float = 0, **stated: Any) -> Frame:
    """Return a frame made so many seconds after noon by a seal that is armed and sealed."""
    told: dict[str, Any] = {"event": SealEventKind.STATUS, "openings": 0, "number": NUMBER}
    told |= {"sealed": True, "armed": True, "at": NOON + timedelta(seconds=seconds)}
    return Frame(counter=counter, **told | stated)


def raw(counter: int = 1, seconds: float = 0, *, key: SigningKey = SECRET, **stated: Any) -> bytes:
    """Return such a frame as it is sent."""
    return signed(frame(counter, seconds, **stated), key)


def taken(counter: int = 1, seconds: float = 0, **stated: Any) -> Signed:
    """Return such a frame as the gateway has taken it apart."""
    return decode(raw(counter, seconds, **stated))


PLACES = st.builds(
    Place,
    st.integers(-900_000_000, 900_000_000),
    st.integers(-1_800_000_000, 1_800_000_000),
    st.none() | st.integers(0, 11_000),
)
FRAMES = st.builds(
    Frame,
    number=st.from_regex(r"[A-Z0-9][A-Z0-9-]{3,19}", fullmatch=True),
    counter=st.integers(0, 2**32 - 1),
    event=st.sampled_from(EVENTS),
    openings=st.integers(0, 65_535),
    at=st.integers(0, 10**14).map(lambda ms: datetime(1970, 1, 1, tzinfo=UTC) + _ms(ms)),
    sealed=st.booleans(),
    armed=st.booleans(),
    battery_half_percent=st.none() | st.integers(0, 200),
    place=st.none() | PLACES,
    centicelsius=st.none() | st.integers(-10_000, 20_000),
    container=st.none() | st.just("CSQU3054383"),
)
"""Any frame that a seal may send."""


def _ms(milliseconds: int) -> timedelta:
    return timedelta(milliseconds=milliseconds)
