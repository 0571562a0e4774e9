"""Commands from end to end: command line, broker, agents, autopilots, and the answer back."""

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from signal import SIGKILL

import pytest

from edge import agent
from edge.drone.orders import Orders
from edge.drone.source import DroneSource
from edge.drone.transport import open_transport
from edge.drone.vehicle import Vehicle
from edge.link import over_mqtt
from edge.outbox import Outbox
from edge.sources import utc_now
from edge.state_report import Speaker
from edge.uplink import Uplink
from firmware_sim.drone_autopilot import Mode
from firmware_sim.drone_fleet import Fleet
from haechi.commanding import Hold, MalformedCommandError, Orbit, Sweep, encode_command
from haechi.commands.errors import CommandError
from haechi.commands.ordering import order, send
from haechi.drones import DroneEvent, DroneEventKind
from haechi.messages import Message, Reading, encode
from haechi.mqtt import Callbacks, Delivery, Session
from haechi.settings import Settings, load
from tests.conftest import Eventually
from tests.edge.rig import SITE, Broker, needs_mosquitto
from tests.firmware_sim.flying import flying

pytestmark = needs_mosquitto
ORBIT = Orbit(lat=35.076, lon=129.086, radius_m=60, height_m=40)


class Beside:
    """The agent beside one drone, in a thread."""

    def __init__(self, folder: Path, broker: Broker, device: str, port: int) -> None:
        folder.mkdir()
        orders = Orders(device, folder, utc_now)
        self.source = DroneSource(
            lambda: open_transport(f"udpout://127.0.0.1:{port}"), Vehicle(device), orders
        )
        outbox = Outbox(folder, device=device, boot="boot-1")
        uplink = Uplink(
            outbox,
            over_mqtt(broker.endpoint, SITE, device, takes_commands=True),
            Speaker(SITE, device),
            on_command=orders.receive,
        )
        self._stopped = threading.Event()
        arguments = (self.source, outbox, uplink, self._stopped)
        self._thread = threading.Thread(target=agent.run, args=arguments)
        self._uplink = uplink
        self._thread.start()

    @property
    def is_ready(self) -> bool:
        """Whether it has heard its drone and the broker."""
        return self.source.identity.is_found and self._uplink.is_connected

    def end(self) -> None:
        """Stop it."""
        self._stopped.set()
        self._thread.join()
        self.source.close()


def settings(broker: Broker) -> Settings:
    """Return those of a command line on this machine."""
    return load().model_copy(
        update={"site": SITE, "mqtt_host": "127.0.0.1", "mqtt_port": broker.port}
    )


def test_a_command_reaches_one_drone_and_its_result_comes_back(
    tmp_path: Path, broker: Broker, eventually: Eventually
) -> None:
    """DRN-2: of two drones on one broker, the one that is named takes off."""
    fleet, told = Fleet(2, seed=1, speed=5), list[str]()
    now = datetime.now(UTC)
    with flying(fleet) as ports:
        agents = [
            Beside(tmp_path / f"{n}", broker, f"drone-{n}", port) for n, port in enumerate(ports, 1)
        ]
        try:
            eventually(lambda: all(each.is_ready for each in agents))
            command = order("drone-1", ORBIT, "Kim", 60, now)
            assert send(settings(broker), command, told.append, 20)
            first, second = (radio.pilot for radio in fleet.radios)
            eventually(lambda: not first.body.is_landed)
            assert (first.mode, second.armed) == (Mode.MISSION, False)
            second.refuses = "compass not calibrated"
            refused = order("drone-2", ORBIT, "Kim", 60, now)
            assert not send(settings(broker), refused, told.append, 20)
        finally:
            for each in agents:
                each.end()
    assert told == [
        "received by drone-1: orbit, from Kim",
        "done: mission start accepted",
        "received by drone-2: orbit, from Kim",
        "refused: component arm disarm temporarily rejected: Arming denied: compass not calibrated",
    ]


def test_a_command_outlives_a_broker_that_is_restarted(
    broker: Broker, eventually: Eventually
) -> None:
    """It is said again, and an agent that has it answers: no result is lost on the way."""
    command, times = order("drone-1", Hold(), "Kim", 60, datetime.now(UTC)), list[bytes]()
    result = DroneEvent(
        kind=DroneEventKind.COMMAND_RESULT, command=command.id, accepted=True, text="holds"
    )
    said = Reading(seq=1, at=datetime.now(UTC), subject="drone:drone-1", content=result)
    message = encode(Message(device="drone-1", boot="boot-1", readings=(said,)))

    def commanded(delivery: Delivery) -> None:
        beside.acknowledge(delivery)
        times.append(delivery.payload)
        if len(times) == 1:
            broker.end(SIGKILL)
            broker.start()
        else:
            beside.publish(f"haechi/v1/{SITE}/drone-1/up/event", message)

    wanted = (f"haechi/v1/{SITE}/drone-1/down/command",)
    beside = Session(
        broker.endpoint, "drone-1", Callbacks(delivered=commanded), subscriptions=wanted
    )
    beside.start()
    told = list[str]()
    try:
        eventually(lambda: beside.is_connected)
        assert send(settings(broker), command, told.append, 40)
    finally:
        beside.stop()
    assert told == ["done: holds"]
    assert set(times) == {encode_command(command)}


def test_a_drone_without_an_agent_is_told_of(broker: Broker) -> None:
    """Nobody takes it: it is not waited for."""
    command = order("drone-9", Hold(), "Kim", 60, datetime.now(UTC))
    with pytest.raises(CommandError, match="no agent takes commands for drone-9"):
        send(settings(broker), command, print, 20)


def test_an_order_is_checked_before_it_is_sent() -> None:
    """A sector needs three corners."""
    task = Sweep(ring=((129.0, 35.0),), spacing_m=50, height_m=40)
    with pytest.raises(MalformedCommandError, match="length >= 3"):
        order("drone-1", task, "Kim", 60, datetime.now(UTC))


def test_every_order_has_an_id_and_an_end() -> None:
    """Two at the same moment are two."""
    now = datetime.now(UTC)
    one, two = (order("drone-1", Hold(), "Kim", 30, now) for _ in range(2))
    assert one.id != two.id
    assert one.expires_at - now == timedelta(seconds=30)
