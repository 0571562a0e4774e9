"""Simulated drones: how they fly, what their autopilots refuse, what they do by themselves."""

import time
from collections.abc import Callable
from math import hypot

import pytest

from edge.drone.mavlink import Message, message
from firmware_sim.drone_autopilot import Autopilot, Fence, Mode
from firmware_sim.drone_fleet import Fleet, body
from firmware_sim.drones import Goal, Wind, offset_m, placed
from tests.firmware_sim.flying import flying
from tests.firmware_sim.listening import listening

STEP_S = 0.25


class Flight:
    """One drone in simulated time, with a ground station that is heard once a second."""

    def __init__(self, pilot: Autopilot | None = None) -> None:
        self.pilot = pilot or Autopilot(1, body(1, 7))
        self.now = 0.0
        self.heard: list[Message] = []
        self.is_linked = True

    def call(self, command: int, *params: float) -> int:
        """Give a command; return its result."""
        numbered = {f"param{n}": v for n, v in enumerate((*params, *[0.0] * 7)[:7], 1)}
        made = message(
            "COMMAND_LONG",
            target_system=1,
            target_component=1,
            command=command,
            confirmation=0,
            **numbered,
        )
        *_, answer = self.pilot.hear(made, self.now)
        return int(answer.result)

    def upload(self, *items: tuple[int, float, float, float]) -> int:
        """Upload items (command, lat, lon, height); return the result."""
        count = {"target_system": 1, "target_component": 1, "count": len(items)}
        said = self.pilot.hear(message("MISSION_COUNT", **count), self.now)
        for seq, (command, lat, lon, height_m) in enumerate(items):
            if said[-1].get_type() == "MISSION_ACK":
                break
            made = message(
                "MISSION_ITEM_INT",
                target_system=1,
                target_component=1,
                seq=seq,
                frame=6,
                command=command,
                current=0,
                autocontinue=1,
                param1=0,
                param2=0,
                param3=0,
                param4=0,
                x=round(lat * 1e7),
                y=round(lon * 1e7),
                z=height_m,
            )
            said = self.pilot.hear(made, self.now)
        return int(said[-1].type)

    def fly(self, seconds: float) -> None:
        """Let time pass."""
        end = self.now + seconds
        while self.now < end:
            self.now += STEP_S
            if self.is_linked:
                self.pilot.hear(message("HEARTBEAT", **_STATION), self.now)
            self.heard += self.pilot.step(STEP_S, self.now)

    def texts(self) -> list[str]:
        """Return what it has said in words."""
        found = [each for each in self.heard if each.get_type() == "STATUSTEXT"]
        return [each.text for each in found]


_STATION = {
    "type": 6,
    "autopilot": 8,
    "base_mode": 0,
    "custom_mode": 0,
    "system_status": 4,
    "mavlink_version": 3,
}
ARM, START, RETURN, TAKE_OFF = 400, 300, 20, 22


def airborne(pilot: Autopilot | None = None, height_m: float = 30) -> Flight:
    """Return a drone that hovers."""
    flight = Flight(pilot)
    flight.fly(1)
    assert flight.call(ARM, 1) == 0
    assert flight.call(TAKE_OFF, 0, 0, 0, 0, 0, 0, height_m) == 0
    flight.fly(30)
    return flight


def test_the_same_seed_flies_the_same_way() -> None:
    """To the last digit; another seed has another wind."""

    def way(seed: int) -> tuple[float, ...]:
        one = body(3, seed)
        for _ in range(400):
            one.step(STEP_S, Goal(east_m=500, north_m=-300, up_m=40, speed_m_s=12))
        return one.east_m, one.north_m, one.up_m, one.charge, one.heading_deg

    assert way(7) == way(7)
    assert way(7) != way(8)


def test_a_drone_holds_its_place_in_wind_it_can_stand_and_not_in_more() -> None:
    """Eighteen metres a second through the air are all it has."""
    for wind_m_s, drifts in ((12, False), (25, True)):
        one = body(1, 7)
        one.wind = Wind(east_m_s=wind_m_s)
        for _ in range(400):
            one.step(STEP_S, Goal(east_m=0, north_m=0, up_m=40, speed_m_s=12))
        assert (one.east_m > 50) is drifts


def test_no_limit_of_the_airframe_is_passed() -> None:
    """Acceleration, climb, sink and turn, on a way with sharp corners."""
    one = body(1, 7)
    corners = [(300, 0, 60), (300, 300, 20), (0, 0, 80), (-200, 300, 10)]
    for east, north, up in corners:
        for _ in range(120):
            before = one.east_m_s, one.north_m_s, one.heading_deg
            one.step(STEP_S, Goal(east_m=east, north_m=north, up_m=up, speed_m_s=12))
            change = hypot(one.east_m_s - before[0], one.north_m_s - before[1])
            turn = abs((one.heading_deg - before[2] + 180) % 360 - 180)
            assert change <= 3.0 * STEP_S + 1e-9
            assert turn <= 45 * STEP_S + 1e-9
            assert -2.0 <= one.up_m_s <= 3.0


def test_a_mission_is_flown_in_order_and_ends_in_a_hover() -> None:
    """Each item reached is said."""
    flight = Flight()
    lon, lat = flight.pilot.body.home
    far = placed((lon, lat), 200, 100)
    assert flight.upload((TAKE_OFF, 0, 0, 40), (16, far[1], far[0], 40)) == 0
    assert flight.call(ARM, 1) == flight.call(START) == 0
    flight.fly(90)
    reached = [each.seq for each in flight.heard if each.get_type() == "MISSION_ITEM_REACHED"]
    assert reached == [0, 1]
    assert flight.pilot.mode is Mode.LOITER
    east, north = offset_m((lon, lat), flight.pilot.body.place)
    assert (east, north) == pytest.approx((200, 100), abs=6)


def test_it_returns_and_lands_and_stops_its_motors() -> None:
    """Within reach of where it took off."""
    flight = airborne()
    flight.pilot.body.east_m = 300
    assert flight.call(RETURN) == 0
    flight.fly(120)
    assert (flight.pilot.armed, flight.pilot.body.is_landed) == (False, True)
    assert flight.pilot.body.home_m < 5


def test_what_cannot_be_done_is_refused_with_a_reason() -> None:
    """As PX4 does: the result, and a text."""
    flight = Flight()
    assert flight.call(START) == 2
    assert flight.call(TAKE_OFF) == 1
    assert flight.call(9999) == 3
    flight.pilot.body.charge = 0.1
    assert flight.call(ARM, 1) == 1
    assert flight.upload((31010, 0, 0, 0)) == 3
    assert flight.upload(*[(16, 35.0, 129.0, 40.0)] * 501) == 4


@pytest.mark.parametrize("failure", ["battery", "link", "fence"])
def test_failsafes_bring_it_home(failure: str) -> None:
    """And say so; the state is critical until it has landed."""
    flight = airborne(Autopilot(1, body(1, 7), fence=Fence(radius_m=500)))
    flight.pilot.body.east_m = 200
    if failure == "battery":
        flight.pilot.body.charge = 0.071
    elif failure == "link":
        flight.is_linked = False
    else:
        flight.pilot.body.east_m = 600
    flight.fly(15)
    assert (flight.pilot.mode, flight.pilot.in_failsafe) == (Mode.RTL, True)
    words = {"battery": "Critical battery", "link": "Data link lost", "fence": "Geofence violation"}
    assert any(text.startswith(words[failure]) for text in flight.texts())
    flight.fly(150)
    assert (flight.pilot.armed, flight.pilot.in_failsafe) == (False, False)


def test_what_is_meant_for_another_system_is_not_heard() -> None:
    """DRN-2, at the other end."""
    flight = Flight(Autopilot(2, body(2, 7)))
    made = message(
        "COMMAND_LONG",
        target_system=1,
        target_component=1,
        command=ARM,
        confirmation=0,
        param1=1,
        **{f"param{n}": 0 for n in range(2, 8)},
    )
    assert flight.pilot.hear(made, 0) == []
    assert not flight.pilot.armed


@pytest.mark.slow
@pytest.mark.alone
def test_a_hundred_drones_fit_into_one_process(
    record_property: Callable[[str, object], None],
) -> None:
    """At 4 Hz, each with a listener that counts its positions; the cost is noted, not judged."""
    fleet = Fleet(100, seed=7, rate_hz=4)
    with flying(fleet) as ports, listening(ports) as counts:
        before, began = time.process_time(), time.monotonic()
        counts.wait_for(lambda: min(counts.positions.values(), default=0) >= 20)
        spent, took = time.process_time() - before, time.monotonic() - began
    rate = sum(counts.positions.values()) / took
    record_property("share_of_a_core", spent / took)
    assert len(counts.positions) == 100
    assert rate == pytest.approx(400, rel=0.1)
