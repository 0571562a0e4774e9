"""D2: a reading is kept exactly once, however frames and acknowledgements fare on the way."""

import shutil
import tempfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
from msgspec.structs import replace

from edge.lane import Pace
from edge.outbox import Batch, Place
from edge.state_report import Speaker
from edge.uplink import DENIED, STATE_EVERY_S, Uplink
from haechi.messages import Ack, DeviceState, PayloadRefusal, decode_message, decode_state, encode
from haechi.mqtt import Callbacks, Delivery
from tests.edge.rig import DEVICE, NOON, SITE, measured, outbox_in, ranges

UNREADABLE_SEQ = 13
"""The one reading that the broker or ingest of some tests cannot bear."""


MEMORY = Path("/dev/shm")  # noqa: S108 - real files, but fsync costs nothing


class PaperLink:
    """A session that is only written down: the test says what becomes of each publish."""

    def __init__(self, callbacks: Callbacks, will: bytes) -> None:
        self.tell = callbacks
        self.wills = [decode_state(will)]
        self.window, self.max_packet_bytes = 4, 10_000
        self.outstanding: dict[int, tuple[str, bytes]] = {}
        self.states: list[DeviceState] = []
        self.acknowledged = 0
        self._mid = 0

    def set_will(self, topic: str, payload: bytes) -> None:
        """Write down."""
        del topic
        self.wills.append(decode_state(payload))

    def start(self) -> None:
        """Ignore."""

    def stop(self) -> None:
        """Ignore."""

    def publish(
        self, topic: str, payload: bytes, *, qos: int = 1, retain: bool = False
    ) -> int | None:
        """Write down, reports apart."""
        del qos, retain
        self._mid += 1
        if "/up/" in topic:
            self.outstanding[self._mid] = (topic, payload)
        else:
            self.states.append(decode_state(payload))
        return self._mid

    def acknowledge(self, delivery: Delivery) -> None:
        """Count."""
        del delivery
        self.acknowledged += 1

    def answer(self, mid: int, code: int) -> bytes:
        """Give the PUBACK of a publish; return its payload."""
        _, payload = self.outstanding.pop(mid)
        self.tell.published(mid, code)
        return payload

    def hear(self, ack: Ack) -> None:
        """Deliver an acknowledgement."""
        self.tell.delivered(Delivery("down/ack", encode(ack), False, None, 1, 1))  # noqa: FBT003 - not retained


class Rig:
    """An uplink over paper, on a real file, with a clock that the test moves."""

    def __init__(self, folder: Path, pace: Pace | None = None, *, seed: int | None = 1) -> None:
        self.now = 1000.0
        self.links: list[PaperLink] = []
        self.outbox = outbox_in(folder, ballast_bytes=65_536)
        self.uplink = Uplink(
            self.outbox,
            self._linked,
            Speaker(SITE, DEVICE),
            pace=pace or Pace(batch=4, window_messages=6, first_s=5, tries=3),
            clock=lambda: self.now,
            now=lambda: NOON,
            random=None if seed is None else Random(seed),  # noqa: S311 - jitter
        )

    @property
    def link(self) -> PaperLink:
        """The session."""
        return self.links[-1]

    def pass_time(self, seconds: float) -> None:
        """Let timers run."""
        self.now += seconds
        self.uplink.step()

    def connect(self, *, kept_session: bool = True) -> None:
        """Connect."""
        self.link.tell.connected(kept_session)
        self.uplink.step()

    def disconnect(self) -> None:
        """Disconnect; what was outstanding has no PUBACK and may or may not have arrived."""
        self.link.tell.disconnected("cut")
        self.link.outstanding.clear()
        self.uplink.step()

    def waiting(self) -> set[int]:
        """Return the numbers that are in the outbox."""
        return {
            seq
            for urgent in (False, True)
            for batch in _all(lambda after, u=urgent: self.outbox.batch(urgent=u, after=after))  # type: ignore[misc] # default binds the loop
            for seq in batch.seqs
        }

    def _linked(self, callbacks: Callbacks, will: tuple[str, bytes]) -> PaperLink:
        self.links.append(PaperLink(callbacks, will[1]))
        return self.links[-1]


def _all(fetch: Callable[[Place], Batch | None]) -> list[Batch]:
    found: list[Batch] = []
    while batch := fetch(found[-1].last if found else Place(0, 0)):
        found.append(batch)
    return found


def resends(rig: Rig, within_s: float) -> list[tuple[float, int]]:
    """Return what is sent a second time: after how many seconds, and the first number in it.

    The broker takes everything at once, and ingest is silent.
    """
    sent: list[tuple[float, int]] = []
    rig.connect()
    began = rig.now
    while (passed := rig.now - began) < within_s:
        taken = [rig.link.answer(mid, 0) for mid in [*rig.link.outstanding]]
        sent.extend((passed, _seqs(payload)[0]) for payload in taken)
        rig.pass_time(0.1)
    return [(at, first) for at, first in sent if at > 1]


class Delivering(RuleBasedStateMachine):
    """Drops, duplicates, reorders and delays everything, and crashes either end."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(dir=MEMORY if MEMORY.exists() else None))
        self.lives = 0
        self.given = 0
        self.kept: set[int] = set()
        self.network: list[bytes] = []
        self.acks: list[Ack] = []
        self.connected = False

    @initialize()
    def begin(self) -> None:
        """Start the edge."""
        self.rig = Rig(self.folder / "0")

    def teardown(self) -> None:
        """When everything works again, everything arrives."""
        for _ in range(400):
            if not self.rig.outbox.pending:
                break
            if not self.connected:
                self.comes_up(kept_session=True)
            for mid in [*self.rig.link.outstanding]:
                self.network.append(self.rig.link.answer(mid, 0))
            while self.network:
                self.ingest_keeps(0, twice=False)
            while self.acks:
                self.ack_arrives(0, twice=False)
            self.rig.pass_time(100)
        assert self.rig.outbox.pending == 0
        assert self.kept == set(range(1, self.given + 1))
        self.rig.outbox.close()
        shutil.rmtree(self.folder)

    @rule(count=st.integers(1, 12), urgent=st.booleans())
    def measures(self, count: int, urgent: bool) -> None:  # noqa: FBT001 - hypothesis passes by name
        """Append."""
        self.rig.outbox.append(measured(count, start=self.given, urgent=urgent))
        self.given += count
        self.rig.uplink.step()

    @rule(seconds=st.sampled_from([0.3, 6, 100]))
    def time_passes(self, seconds: float) -> None:
        """Let timers run."""
        self.rig.pass_time(seconds)

    @precondition(lambda self: not self.connected)
    @rule(kept_session=st.booleans())
    def comes_up(self, kept_session: bool) -> None:  # noqa: FBT001 - hypothesis passes by name
        """Connect."""
        self.connected = True
        self.rig.connect(kept_session=kept_session)

    @precondition(lambda self: self.connected)
    @rule(arrived=st.booleans())
    def goes_down(self, arrived: bool) -> None:  # noqa: FBT001 - hypothesis passes by name
        """Lose the connection: the broker may have had what has no PUBACK."""
        self.connected = False
        if arrived:
            self.network += [payload for _, payload in self.rig.link.outstanding.values()]
        self.rig.disconnect()

    @precondition(lambda self: self.rig.link.outstanding)
    @rule(which=st.integers(0, 3), code=st.sampled_from([0, 0, 0, 0x10, 0x97]), lost=st.booleans())
    def broker_answers(self, which: int, code: int, lost: bool) -> None:  # noqa: FBT001 - hypothesis passes by name
        """Give a PUBACK, in any order; a broker may forget what it took."""
        mids = [*self.rig.link.outstanding]
        payload = self.rig.link.answer(mids[which % len(mids)], code)
        if code == 0 and not lost:
            self.network.append(payload)
        self.rig.uplink.step()

    @precondition(lambda self: self.network)
    @rule(which=st.integers(0, 9), twice=st.booleans())
    def ingest_keeps(self, which: int, twice: bool) -> None:  # noqa: FBT001 - hypothesis passes by name
        """Keep any message on the way, perhaps to see it again, and answer."""
        which %= len(self.network)
        payload = self.network[which] if twice else self.network.pop(which)
        seqs = [reading.seq for reading in decode_message(payload).readings]
        self.kept.update(seqs)
        self.acks.append(Ack(boot="boot-1", kept=ranges(seqs)))

    @precondition(lambda self: self.acks and self.connected)
    @rule(which=st.integers(0, 9), twice=st.booleans())
    def ack_arrives(self, which: int, twice: bool) -> None:  # noqa: FBT001 - hypothesis passes by name
        """Deliver any acknowledgement, perhaps again later."""
        which %= len(self.acks)
        self.rig.link.hear(self.acks[which] if twice else self.acks.pop(which))
        self.rig.uplink.step()

    @rule()
    def acks_are_lost(self) -> None:
        """Drop all acknowledgements on the way."""
        self.acks.clear()

    @rule()
    def edge_is_killed(self) -> None:
        """Go on with the files as they are at this moment."""
        self.lives += 1
        here, there = self.folder / str(self.lives - 1), self.folder / str(self.lives)
        shutil.copytree(here, there)
        self.rig.outbox.close()
        shutil.rmtree(here)
        self.rig = Rig(there)
        self.connected = False

    @invariant()
    def nothing_is_nowhere(self) -> None:
        """What was measured is in the outbox or in the store: at every moment."""
        assert self.rig.waiting() | self.kept == set(range(1, self.given + 1))


Delivering.TestCase.settings = settings(
    max_examples=60,
    stateful_step_count=50,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestDelivering = Delivering.TestCase


@pytest.mark.parametrize("seeds", [(1, 2), (None, None)], ids=["given", "their own"])
def test_agents_with_the_same_backlog_do_not_send_it_again_in_step(
    tmp_path: Path, seeds: tuple[int | None, ...]
) -> None:
    """A fleet whose ingest was away comes back spread over half the time that each would wait."""
    sent_again: list[list[tuple[float, int]]] = []
    for number, seed in enumerate(seeds):
        pace = Pace(batch=4, window_messages=6, first_s=8)
        rig = Rig(tmp_path / str(number), pace, seed=seed)
        rig.outbox.append(measured(24))
        sent_again.append(resends(rig, within_s=11))
        assert sorted(first for _, first in sent_again[-1]) == [1, 5, 9, 13, 17, 21]
        assert all(6 <= at <= 10.5 for at, _ in sent_again[-1])
    assert sent_again[0] != sent_again[1]


def test_the_last_will_is_the_last_report_but_offline(tmp_path: Path) -> None:
    """It has the counters as last known, for when the link is cut without a word."""
    rig = Rig(tmp_path)
    assert [will.online for will in rig.link.wills] == [False]
    rig.outbox.append(measured(7))
    rig.connect()
    rig.outbox.append(measured(3, start=7))
    rig.link.hear(Ack(boot="boot-1", kept=((1, 7),)))
    rig.pass_time(STATE_EVERY_S)
    reported = rig.link.states[-1]
    assert (reported.online, reported.numbered, reported.in_flight) == (True, 10, 3)
    assert rig.link.wills[-1] == replace(reported, online=False)


def test_d12_the_broker_blames_one_reading(tmp_path: Path) -> None:
    """A packet that ends the connection is found by halving; one reading goes, the rest flow."""
    rig = Rig(tmp_path)
    rig.outbox.append(measured(32))
    rig.connect()
    kept: set[int] = set()
    while rig.outbox.pending:
        for mid in [*rig.link.outstanding]:
            seqs = _seqs(rig.link.outstanding[mid][1])
            if UNREADABLE_SEQ in seqs:
                rig.link.tell.blamed(0x82)
                rig.disconnect()
                rig.connect()
                break
            rig.link.answer(mid, 0)
            kept.update(seqs)
            rig.link.hear(Ack(boot="boot-1", kept=ranges(seqs)))
        rig.pass_time(0.1)
    assert kept == set(range(1, 33)) - {UNREADABLE_SEQ}
    assert rig.outbox.accounts()[-1].quarantined == {"refused by the broker (0x82)": 1}


def test_d12_ingest_cannot_read_one_reading(tmp_path: Path) -> None:
    """A payload refused by its digest is halved until one reading is left to give up."""
    rig = Rig(tmp_path)
    rig.outbox.append(measured(32))
    rig.connect()
    kept: set[int] = set()
    while rig.outbox.pending:
        for mid in [*rig.link.outstanding]:
            kept.update(_answered_by_ingest(rig, mid))
        rig.pass_time(0.1)
    assert kept == set(range(1, 33)) - {UNREADABLE_SEQ}
    [letter] = rig.outbox.quarantined()
    assert letter.seq == UNREADABLE_SEQ


def test_d4_denied_readings_are_given_up_one_message_at_a_time(tmp_path: Path) -> None:
    """A broker that denies everything costs one batch in n tries, not the whole outbox."""
    rig = Rig(tmp_path)
    rig.outbox.append(measured(40))
    rig.connect()
    for _ in range(30):
        for mid in [*rig.link.outstanding]:
            rig.link.answer(mid, 0x87)
        rig.pass_time(4)
    given_up = rig.outbox.accounts()[-1].quarantined[DENIED]
    assert 4 <= given_up < 40
    assert given_up + rig.outbox.pending == 40


def test_d10_a_damaged_outbox_is_reported(tmp_path: Path) -> None:
    """The device's state says that a file had to be moved aside."""
    (tmp_path / "outbox.sqlite").write_bytes(b"not a database" * 1000)
    rig = Rig(tmp_path)
    rig.connect()
    assert [state.damaged_outboxes for state in rig.link.states] == [1]


def _answered_by_ingest(rig: Rig, mid: int) -> list[int]:
    payload = rig.link.answer(mid, 0)
    seqs = _seqs(payload)
    if UNREADABLE_SEQ in seqs:
        refusal = PayloadRefusal(digest=_digest(payload), reason="unknown field")
        rig.link.hear(Ack(boot="boot-1", refused_payloads=(refusal,)))
        return []
    rig.link.hear(Ack(boot="boot-1", kept=ranges(seqs)))
    return seqs


def _digest(payload: bytes) -> str:
    return sha256(payload).hexdigest()


def _seqs(payload: bytes) -> list[int]:
    return [reading.seq for reading in decode_message(payload).readings]
