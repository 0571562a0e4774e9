"""D1 beside the hardware: agents of seals and drones that are killed lose nothing they were told.

Real agents, each a process, a real broker and ingest; the hardware is the test, which speaks signed
frames and MAVLink over UDP. Each kill comes at a share of what is said, never at a time.
"""

import signal
import socket
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from random import Random

import pytest

from edge.drone import phrases
from edge.drone.mavlink import PX4, Message, Reader, Writer, message
from edge.seal.keys import SharedSecret
from firmware_sim.seals import Act, Seal, key_file, secret_of, transmissions
from haechi.commanding import Command, ReturnHome, encode_command
from haechi.commands.ordering import order
from haechi.drones import DroneEvent, DroneEventKind, DronePosition
from haechi.mqtt import Callbacks, Session
from haechi.observations import Observation
from haechi.seals import SealEventKind, SealReport
from ingest.stores.sqlite import SqliteStore
from tests.conftest import Eventually
from tests.edge.rig import SITE, Broker, free_port, needs_mosquitto
from tests.ingest.serving import by_default, serving
from tests.processes import HAECHI, START_S, Actor, environment

pytestmark = [needs_mosquitto, pytest.mark.slow, pytest.mark.timeout(300)]

LOOPBACK = "127.0.0.1"


class Site:
    """A broker and ingest with the default rules, for one agent that is yet to be named."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.broker = Broker(folder / "broker")
        self.store = SqliteStore(folder / "haechi.db")
        self.radio = (LOOPBACK, free_port())
        self.lives = 0

    def staff(self, *words: str, **settings: object) -> None:
        """Say how the agent is called, and with which settings."""
        where = {"site": SITE, "mqtt_host": LOOPBACK, "mqtt_port": self.broker.port}
        self.agent = Actor(
            [*HAECHI, "agent", *words],
            environment(data_dir=self.folder / "edge", **where, **settings),
            self.folder / "agent.log",
        )

    def begin(self, eventually: Eventually) -> None:
        """Start the agent, and wait until it listens."""
        self.lives += 1
        self.agent.start()
        eventually(self.agent.facts, within_s=START_S, what="the agent listens")

    def said_of(self, subject: str) -> list[Observation]:
        """Return all that is kept of a subject, in order of numbers within each boot."""
        return sorted(self.store.history(subject, None), key=lambda seen: (seen.boot, seen.seq))

    def kept(self) -> int:
        """Return how many readings are kept, of all lives."""
        return sum(account.kept for account in self.store.accounts())

    def end(self, eventually: Eventually) -> None:
        """End the agent in order; each life's boot, and all that was numbered in it, is kept."""
        assert self.agent.end() == 0
        eventually(self._is_settled, what="a ledger without loss")

    def close(self) -> None:
        """End everything."""
        self.agent.kill()
        self.store.close()
        self.broker.end(signal.SIGKILL)

    def _is_settled(self) -> bool:
        accounts = self.store.accounts()  # none of a life that was too short to number anything
        assert len(accounts) <= self.lives
        return all(account.numbered == account.kept for account in accounts)


def spoken(speak: Callable[[], object], condition: Callable[[], object]) -> Callable[[], object]:
    """Return a condition that speaks each time before it is looked at."""

    def look() -> object:
        speak()
        return condition()

    return look


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """Return a site at work."""
    made = Site(tmp_path)
    with serving(by_default(tmp_path, made.broker.endpoint, SITE)):
        yield made
        made.close()


# Seals.


class Yard:
    """Seals that say each frame until it is kept, and one that says each only once."""

    AHEAD = 12
    """Frames that wait to be kept before the next are made: so kills meet all of them."""

    def __init__(self, site: Site, seals: int) -> None:
        self.numbers = [f"SIM-{n:06}" for n in range(1, seals + 2)]
        *self._patient, self.hasty = self.numbers
        streams = [self._frames(number, place) for place, number in enumerate(self.numbers)]
        self._coming = [frame for together in zip(*streams, strict=True) for frame in together]
        self._site, self._socket = site, socket.socket(type=socket.SOCK_DGRAM)
        self._said: dict[bytes, str] = {}

    def has_said(self, share: float) -> bool:
        """Return whether so much was said at least once."""
        return len(self._said) >= share * (len(self._said) + len(self._coming))

    def speak(self) -> None:
        """Say again what is not kept, and something new unless too much of that waits."""
        kept = self.kept()
        patient = [raw for raw, number in self._said.items() if number != self.hasty]
        waiting = [raw for raw in patient if raw not in kept]
        fresh = self._coming[: max(0, self.AHEAD - len(waiting))]
        del self._coming[: len(fresh)]
        self._said.update((raw, number) for raw, number in fresh)
        for raw in (*waiting, *(raw for raw, _ in fresh)):
            self._socket.sendto(raw, self._site.radio)

    def kept(self) -> Counter[bytes]:
        """Return how often each frame is in the store."""
        seen = [one.content for n in self.numbers for one in self._site.said_of(f"seal:{n}")]
        return Counter(bytes.fromhex(c.frame) for c in seen if isinstance(c, SealReport))

    def is_kept(self) -> bool:
        """Return whether everything was said, and kept of the patient seals."""
        return not self._coming and not self.lost(self._patient)

    def lost(self, numbers: Sequence[str]) -> list[bytes]:
        """Return what some of them said and nobody keeps."""
        kept = self.kept()
        return [raw for raw, number in self._said.items() if number in numbers and raw not in kept]

    def close(self) -> None:
        """Fall silent."""
        self._socket.close()

    @staticmethod
    def _frames(number: str, place: int) -> list[tuple[bytes, str]]:
        acts = (Act(0, SealEventKind.ARMED), Act(5, SealEventKind.LOCK))
        opened = Act(3600 + place, SealEventKind.UNLOCK)
        key = SharedSecret(secret_of(number, 7))
        seal = Seal(number=number, key=key, acts=(*acts, opened), begins_s=60, period_s=300)
        start = datetime.now(UTC) - timedelta(hours=5)
        return [(sent.raw, number) for sent in transmissions(seal, start, 2 * 3600)]


@pytest.fixture
def yard(site: Site) -> Iterator[Yard]:
    """Return four patient seals and a hasty one."""
    made = Yard(site, seals=4)
    yield made
    made.close()


def test_d1_killed_gateways_lose_and_double_nothing_that_seals_repeat(
    site: Site, yard: Yard, eventually: Eventually
) -> None:
    """Events generated = kept, once each; the control, who says it only once, is seen to lose."""
    random = Random(4)  # noqa: S311 - a test's, seeded
    keys = site.folder / "seals.keys"
    keys.touch(mode=0o600)
    keys.write_text(key_file(yard.numbers, 7))
    site.staff("seal", "udp://{}:{}".format(*site.radio), "--device", "gate-1", seal_keys_file=keys)
    site.begin(eventually)
    for share in sorted(random.uniform(0.05, 0.9) for _ in range(4)):
        said = partial(yard.has_said, share)
        eventually(spoken(yard.speak, said), within_s=60, what="frames")
        victim = random.choice(("gateway", "gateway", "broker"))
        if victim == "broker":
            site.broker.end(signal.SIGKILL)
            yard.speak()
            site.broker.start()
        else:
            site.agent.kill()
            yard.speak()
            site.begin(eventually)
    eventually(spoken(yard.speak, yard.is_kept), within_s=60, what="all frames kept")
    site.end(eventually)
    assert set(yard.kept().values()) == {1}
    assert yard.lost([yard.hasty]), "the control must lose"


# Drones.


class Drone:
    """A vehicle on a UDP port: each moment it tells is a place, a text, a failsafe and a breach.

    A moment is one datagram, and its number is its latitude.
    """

    def __init__(self, site: Site) -> None:
        self._site, self._socket = site, socket.socket(type=socket.SOCK_DGRAM)
        self._socket.setblocking(False)  # noqa: FBT003 - the standard library's
        self._writer, self._reader = Writer(1, 1), Reader()
        self._moments = count()
        self.told = 0
        self.obeys = True
        self.obeyed = 0
        """Calls home that it was given, not counting what was said again."""

    def speak(self) -> None:
        """Tell the next moment, then that all is well; answer what was said to it."""
        self.told = next(self._moments)
        self._send(
            phrases.position(350_000_000 + self.told, 1_290_000_000, 54, 50),
            self._beat(status=5),
            self._fence(breached=1),
            phrases.words(2, f"moment {self.told}"),
        )
        self._send(self._beat(status=4), self._fence(breached=0))
        self._answer()

    def close(self) -> None:
        """Fall silent."""
        self._socket.close()

    def _answer(self) -> None:
        while True:
            try:
                heard = self._reader.datagram(self._socket.recv(65_536))
            except (BlockingIOError, ConnectionRefusedError):
                return
            for each in heard:
                if each.get_type() == "COMMAND_LONG" and each.command == 20:
                    self.obeyed += each.confirmation == 0
                    if self.obeys:
                        self._send(message("COMMAND_ACK", command=20, result=0))

    def _send(self, *messages: Message) -> None:
        self._socket.sendto(b"".join(map(self._writer.pack, messages)), self._site.radio)

    @staticmethod
    def _beat(status: int) -> Message:
        return phrases.heartbeat(PX4, 0x03040000, armed=True, status=status)

    @staticmethod
    def _fence(breached: int) -> Message:
        told = {"breach_count": 1, "breach_type": 3, "breach_time": 0}
        return message("FENCE_STATUS", breach_status=breached, **told)


class Desk:
    """Who commands the drone, and reads in the store what became of it."""

    SUBJECT = "drone:drone-1"

    def __init__(self, site: Site) -> None:
        self._site = site
        self._session = Session(site.broker.endpoint, "svc-command-test", Callbacks(), expiry_s=0)
        self._session.start()
        self.commands: list[Command] = []

    @property
    def is_connected(self) -> bool:
        """Whether it can command."""
        return self._session.is_connected

    def call_home(self) -> None:
        """Order it."""
        command = order("drone-1", ReturnHome(), "Kim", 300, datetime.now(UTC))
        self.commands.append(command)
        payload = encode_command(command)
        assert self._session.publish(f"haechi/v1/{SITE}/drone-1/down/command", payload)

    def results(self) -> dict[str, set[str]]:
        """Return all that was said to have become of each command."""
        found: defaultdict[str, set[str]] = defaultdict(set)
        for event in self.events(DroneEventKind.COMMAND_RESULT):
            found[event.command or ""].add(event.text)
        return found

    def events(self, kind: DroneEventKind) -> list[DroneEvent]:
        """Return all events of a kind that are kept."""
        contents = [seen.content for seen in self._site.said_of(self.SUBJECT)]
        return [each for each in contents if isinstance(each, DroneEvent) and each.kind is kind]

    def moments(self) -> set[int]:
        """Return the moments whose places are kept."""
        return {moment for life in self.lives().values() for moment in life}

    def lives(self) -> dict[str, list[int]]:
        """Return the same for each life of the agent, in the order in which they were numbered."""
        found: defaultdict[str, list[int]] = defaultdict(list)
        for seen in self._site.said_of(self.SUBJECT):
            if isinstance(seen.content, DronePosition):
                found[seen.boot].append(_moment(seen.content.lat))
        return found

    def misses(self) -> dict[str, list[int]]:
        """Return what is not there of moments between the first and the last of a life."""
        kinds = (
            DroneEventKind.FAILSAFE,
            DroneEventKind.GEOFENCE_BREACH,
            DroneEventKind.STATUS_TEXT,
        )
        parts: dict[str, set[int]] = {"position": self.moments()}
        for kind in kinds:
            parts[kind] = {_moment(event.lat) for event in self.events(kind) if event.lat}
        told = {n for life in self.lives().values() for n in range(life[0], life[-1] + 1)}
        return {part: sorted(told - there) for part, there in parts.items() if told - there}

    def close(self) -> None:
        """Go home."""
        self._session.stop()


@pytest.fixture
def drone(site: Site) -> Iterator[Drone]:
    """Return a vehicle."""
    made = Drone(site)
    yield made
    made.close()


@pytest.fixture
def desk(site: Site) -> Iterator[Desk]:
    """Return who commands it."""
    made = Desk(site)
    yield made
    made.close()


def test_d1_killed_drone_agents_keep_every_event_they_were_told(
    site: Site, drone: Drone, desk: Desk, eventually: Eventually
) -> None:
    """Only what was said while no agent lived is lost; each command has one outcome, and is once.

    The broker is killed too, which costs nothing at all: the agent lives.
    """
    site.staff("drone", "udp://{}:{}".format(*site.radio), "--device", "drone-1", "--rate", "0")
    site.begin(eventually)
    eventually(lambda: desk.is_connected)

    def flies_until(condition: Callable[[], object]) -> None:
        eventually(spoken(drone.speak, condition), within_s=60)

    def flies_on() -> None:
        enough = site.kept() + 40
        flies_until(lambda: site.kept() >= enough)

    flies_on()
    desk.call_home()
    flies_until(lambda: drone.obeyed == 1)
    flies_on()
    drone.obeys = False
    desk.call_home()
    flies_until(lambda: drone.obeyed == 2)
    site.agent.kill()  # while the second is being carried out
    drone.speak()
    desk.call_home()  # which waits at the broker
    drone.obeys = True
    site.begin(eventually)
    flies_until(lambda: drone.obeyed == 3)
    site.agent.kill()  # perhaps before it knows how the third ended
    drone.speak()
    site.begin(eventually)
    flies_on()
    site.broker.end(signal.SIGKILL)
    for _ in range(20):
        drone.speak()
    site.broker.start()
    flies_on()
    eventually(lambda: drone.told in desk.moments() and desk.misses() == {}, what="all events")
    site.end(eventually)
    assert len(desk.moments()) < drone.told, "the test must see loss"
    outcomes = [desk.results()[command.id] for command in desk.commands]
    assert [len(each) for each in outcomes] == [1, 1, 1]
    assert outcomes[0] == {"nav return to launch accepted"}
    assert "not known whether" in outcomes[1].pop()
    assert drone.obeyed == 3


def _moment(lat: float | None) -> int:
    assert lat is not None
    return round((lat - 35.0) * 1e7)
