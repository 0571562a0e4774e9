"""Independent counterparts: MAVSDK as our drones' ground station, and as our agent's drone."""

import os
import select
import threading
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from edge.drone.orders import Orders
from edge.drone.source import DroneSource
from edge.drone.transport import Transport, Udp, open_transport
from edge.drone.vehicle import Vehicle
from edge.measured import Measured
from edge.sources import utc_now
from firmware_sim.drone_fleet import Fleet
from haechi.commanding import GoTo, encode_command
from haechi.commands.ordering import order
from haechi.drones import DronePosition
from tests.conftest import Eventually
from tests.firmware_sim.flying import flying

pytestmark = pytest.mark.slow

TAKE_OFF, WAYPOINT, STAY = 22, 16, 17
_RELATIVE_HEIGHT = 6


def sdk(name: str = "") -> Any:
    """Return MAVSDK or one of its plugins, which have no types."""
    return import_module(f"mavsdk.plugins.{name}.{name}" if name else "mavsdk")


@pytest.fixture
def ground_station() -> Generator[Any]:
    """Return a MAVSDK that is a ground station."""
    made = sdk().Configuration.create_with_component_type(sdk().ComponentType.GROUND_STATION)
    station = sdk().Mavsdk(made)
    yield station
    station.destroy()


@contextmanager
def null_modem() -> Generator[tuple[str, str]]:
    """Give two serial lines of this machine, each of which says what the other is told."""
    pairs = [os.openpty() for _ in range(2)]
    (one, _), (other, _) = pairs
    stopped = threading.Event()

    def carry() -> None:
        while not stopped.is_set():
            for end in select.select([one, other], [], [], 0.1)[0]:
                os.write(other if end == one else one, os.read(end, 65_536))

    thread = threading.Thread(target=carry)
    thread.start()
    try:
        yield os.ttyname(pairs[0][1]), os.ttyname(pairs[1][1])
    finally:
        stopped.set()
        thread.join()
        for descriptor in (end for pair in pairs for end in pair):
            os.close(descriptor)


def autopilots(station: Any) -> dict[int, Any]:
    """Return the vehicles that a ground station sees, by system id."""
    return {each.get_system_id(): each for each in station.get_systems() if each.has_autopilot()}


def item(seq: int, command: int, lat: float, lon: float, height_m: float) -> Any:
    """Return an item of a mission in MAVSDK's words."""
    return sdk("mission_raw").MissionItem(
        seq=seq,
        frame=_RELATIVE_HEIGHT,
        command=command,
        current=int(seq == 0),
        autocontinue=1,
        param1=0.0,
        param2=0.0,
        param3=0.0,
        param4=float("nan"),
        x=round(lat * 1e7),
        y=round(lon * 1e7),
        z=height_m,
        mission_type=0,
    )


def test_mavsdk_sees_twenty_drones_and_flies_one(
    ground_station: Any, eventually: Eventually
) -> None:
    """It uploads a mission, reads it back, arms and starts; only that drone obeys (DRN-2)."""
    fleet = Fleet(20, seed=1, rate_hz=4, speed=5)
    with flying(fleet) as ports:
        for port in ports:
            ground_station.add_any_connection(f"udpout://127.0.0.1:{port}")
        eventually(lambda: len(autopilots(ground_station)) == 20, what="twenty drones")
        seen = autopilots(ground_station)
        assert sorted(seen) == list(range(1, 21))
        telemetry = sdk("telemetry").Telemetry(seen[7])
        pilot = fleet.radios[6].pilot
        lon, lat = pilot.body.home
        eventually(lambda: abs(telemetry.position().latitude_deg - lat) < 1e-6)
        missions = sdk("mission_raw").MissionRaw(seen[7])
        wanted = [item(0, TAKE_OFF, lat, lon, 20.0), item(1, WAYPOINT, lat + 0.001, lon, 20.0)]
        missions.upload_mission(wanted)
        assert [(each.command, each.x) for each in missions.download_mission()] == [
            (each.command, each.x) for each in wanted
        ]
        sdk("action").Action(seen[7]).arm()
        missions.start_mission()
        eventually(lambda: telemetry.position().latitude_deg > lat + 0.0009, within_s=30)
        assert pilot.armed
        assert [radio.pilot.system for radio in fleet.radios if radio.pilot.armed] == [7]


def test_mavsdk_hears_why_a_drone_does_not_arm(ground_station: Any, eventually: Eventually) -> None:
    """The refusal is one for other people's software too."""
    fleet = Fleet(1, seed=1)
    fleet.radios[0].pilot.refuses = "compass not calibrated"
    with flying(fleet) as ports:
        ground_station.add_any_connection(f"udpout://127.0.0.1:{ports[0]}")
        eventually(lambda: autopilots(ground_station))
        action = sdk("action")
        with pytest.raises(action.ActionError, match=r"(?i)denied"):
            action.Action(autopilots(ground_station)[1]).arm()


@pytest.fixture(params=["udp", "serial"])
def way(request: pytest.FixtureRequest) -> Generator[tuple[Transport, str]]:
    """Return our end of a way to a radio, and what MAVSDK calls the other end."""
    if request.param == "udp":
        bound = Udp("127.0.0.1", 0, listens=True)
        yield bound, f"udpout://127.0.0.1:{bound.port}"
        return
    with null_modem() as (one, other):
        yield open_transport(f"serial://{one}?baud=57600"), f"serial://{other}:57600"


def test_our_agent_flies_what_mavsdk_plays(
    way: tuple[Transport, str], tmp_path: Path, eventually: Eventually
) -> None:
    """MAVSDK's server plugins are the autopilot: telemetry as published, the mission as sent.

    MAVSDK 4.1 answers no MISSION_START, so the last step is not part of this.
    """
    ours, theirs = way
    made = sdk().Configuration.create_with_component_type(sdk().ComponentType.AUTOPILOT)
    autopilot = sdk().Mavsdk(made)
    autopilot.add_any_connection(theirs)
    component = autopilot.server_component()
    said, acted = sdk("telemetry_server"), sdk("action_server")
    telemetry, actions = said.TelemetryServer(component), acted.ActionServer(component)
    missions = sdk("mission_raw_server").MissionRawServer(component)
    actions.set_armable(True, True)  # noqa: FBT003 - the plugin's own signature
    plans: list[Any] = []
    armed: list[Any] = []

    def on_plan(_: Any, plan: Any, __: Any) -> None:
        plans.append(plan)

    def on_arming(_: Any, change: Any, __: Any) -> None:
        armed.append(change.arm)

    missions.subscribe_incoming_mission(on_plan)
    actions.subscribe_arm_disarm(on_arming)

    orders = Orders("drone-1", tmp_path, utc_now)
    source = DroneSource(lambda: ours, Vehicle("drone-1", every_s=0), orders)
    heard = list[Measured]()
    stopped = threading.Event()

    def run() -> None:
        for batch in source.batches():
            heard.extend(batch)
            telemetry.publish_position(
                said.Position(35.1, 129.1, 104.0, 100.0),
                said.VelocityNed(3.0, 4.0, 0.0),
                said.Heading(90.0),
            )
            if stopped.is_set():
                return

    thread = threading.Thread(target=run)
    thread.start()
    try:
        eventually(lambda: any(isinstance(one.content, DronePosition) for one in heard))
        task = GoTo(lat=35.2, lon=129.2, height_m=50, speed_m_s=8)
        orders.receive(encode_command(order("drone-1", task, "Kim", 60, datetime.now(UTC))))
        eventually(lambda: plans and armed, what="a mission and an order to arm")
    finally:
        stopped.set()
        thread.join()
        source.close()
        autopilot.destroy()
    position = next(one.content for one in heard if isinstance(one.content, DronePosition))
    assert (position.lat, position.lon) == (35.1, 129.1)
    assert (position.altitude_m, position.height_m) == (104.0, 100.0)
    assert (position.ground_speed_m_s, position.heading_deg) == (5.0, 90.0)
    last = plans[0].mission_items[-1]
    assert (last.command, last.x, last.y, last.z) == (STAY, 352_000_000, 1_292_000_000, 50.0)
    assert armed == [True]
