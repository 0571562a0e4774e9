"""A live drone: its link, its double, its commands. Nothing here takes time."""

from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from edge.drone import phrases
from edge.drone.mavlink import PX4, message
from edge.drone.orders import NO_ROOM, Orders
from edge.drone.source import DroneSource
from edge.drone.vehicle import Vehicle
from edge.measured import Measured
from haechi.commanding import Command, GoTo, Hold, ReturnHome, Task, encode_command
from haechi.drones import DroneEvent, DroneEventKind, DronePosition
from tests.edge.disks import fill
from tests.edge.drone.speaking import NOON, Air, Clock

RIVAL = ("10.0.0.2", 14550)
GO = GoTo(lat=35.1, lon=129.1, height_m=50)


class Day:
    """A drone, its agent, and the hand that moves the clock."""

    def __init__(self, folder: Path, air: Air | None = None) -> None:
        self.clock, self.air = Clock(), air or Air()
        self.orders = Orders("drone-1", folder, self.clock.now)
        vehicle = Vehicle("drone-1", every_s=0)
        self.source = DroneSource(
            self.air.open, vehicle, self.orders, every_s=0.5, clock=self.clock, now=self.clock.now
        )
        self._batches = self.source.batches()
        self.heard: list[Measured] = []

    def beat(self, *, armed: bool = False, status: int = 4) -> None:
        """Let the vehicle give a sign of life, and turn once."""
        self.air.speak(phrases.heartbeat(PX4, 0x03040000, armed=armed, status=status))
        self.turn()

    def turn(self, seconds: float = 0) -> list[Measured]:
        """Let the agent turn once, after so many seconds."""
        self.clock.second += seconds
        found = next(self._batches)
        self.heard += found
        return found

    def events(self, kind: DroneEventKind) -> list[DroneEvent]:
        """Return what was told of one kind."""
        contents = [one.content for one in self.heard]
        return [each for each in contents if isinstance(each, DroneEvent) and each.kind is kind]

    def results(self) -> list[tuple[str | None, bool | None, str]]:
        """Return the results of commands."""
        found = self.events(DroneEventKind.COMMAND_RESULT)
        return [(each.command, each.accepted, each.text) for each in found]

    def order(self, task: Task, *, id: str = "command-1", device: str = "drone-1") -> None:  # noqa: A002 - the field's name
        """Deliver a command that is good for a minute."""
        command = Command(
            id=id,
            device=device,
            by="Kim",
            issued_at=self.clock.now(),
            expires_at=self.clock.now() + timedelta(minutes=1),
            task=task,
        )
        self.orders.receive(encode_command(command))

    def answer(self, command: int, result: int = 0) -> None:
        """Let the vehicle answer a command, and turn once."""
        self.air.speak(message("COMMAND_ACK", command=command, result=result))
        self.turn()


@pytest.fixture
def day(tmp_path: Path) -> Day:
    """Return a day that has begun: the vehicle was heard once."""
    day = Day(tmp_path)
    day.beat()
    return day


def test_a_drone_that_is_heard_is_asked_for_what_is_read(day: Day) -> None:
    """At the rates at which it is needed; and it hears of a ground station once a second."""
    day.turn(0.5)
    asked: dict[float, float] = {
        each.param1: each.param2 for each in day.air.told("COMMAND_LONG") if each.command == 511
    }
    assert asked[33] == 500_000
    assert asked[147] == 1_000_000
    for _ in range(20):
        day.turn(0.25)
    assert len(day.air.told("HEARTBEAT")) == pytest.approx(6, abs=1)


def test_a_link_that_is_down_for_half_a_minute_is_lost_once_and_restored_once(day: Day) -> None:
    """Told five seconds after the last heartbeat; positions go on as before."""
    lost_at: list[float] = []
    for second in range(1, 60):
        if not 10 <= second < 40:
            day.air.speak(phrases.position(350_000_000, 1_290_000_000, 54, 50))
            day.beat()
        day.turn(1)
        if day.events(DroneEventKind.LINK_LOST):
            lost_at.append(day.clock.second)
    assert len(day.events(DroneEventKind.LINK_LOST)) == 1
    assert len(day.events(DroneEventKind.LINK_RESTORED)) == 2
    assert lost_at[0] == pytest.approx(14, abs=1)
    seen = [one.at for one in day.heard if isinstance(one.content, DronePosition)]
    assert max(seen) == NOON + timedelta(seconds=58)
    assert len(seen) == 29


def test_a_broken_radio_is_opened_again(day: Day) -> None:
    """Whatever breaks; not more than once in two seconds."""
    day.air.is_torn = True
    with capture_logs() as log:
        for _ in range(10):
            day.turn(1)
    assert day.air.opened == pytest.approx(5, abs=1)
    assert len(log) == 1, "an outage is told once"
    day.air.is_torn = False
    day.turn(2)
    day.beat()
    assert day.source.identity.is_alive(day.clock.second)


def second_vehicle(day: Day) -> None:
    """Let another vehicle with the same number speak, from elsewhere."""
    day.air.speak(phrases.position(360_000_000, 1_280_000_000, 10, 10), RIVAL)
    day.air.speak(phrases.heartbeat(PX4, 0, armed=True, status=4), RIVAL)


def test_a_second_vehicle_with_the_same_number_is_refused_and_reported(day: Day) -> None:
    """DRN-1: the first stays what it is; the second is told of once a minute."""
    for _ in range(70):
        day.air.speak(phrases.position(350_000_000, 1_290_000_000, 54, 50))
        day.beat()
        second_vehicle(day)
        day.turn(1)
    places = {one.content.lat for one in day.heard if isinstance(one.content, DronePosition)}
    assert places == {35.0}
    told = day.events(DroneEventKind.DUPLICATE_SYSTEM_ID)
    assert len(told) == 2
    assert told[0].text == "another vehicle at 10.0.0.2:14550 has system id 1 too: refused"


def test_nothing_is_commanded_while_there_may_be_two(day: Day) -> None:
    """DRN-1: both would obey. Fifteen seconds after the last sign it may be tried again."""
    second_vehicle(day)
    day.turn()
    day.order(ReturnHome())
    day.turn()
    day.turn()
    assert day.results() == [("command-1", False, "two vehicles have system id 1: switch one off")]
    assert not [each for each in day.air.told("COMMAND_LONG") if each.command == 20]


def test_two_clocks_on_one_line_are_two_vehicles(day: Day) -> None:
    """One that begins again goes back once; two go back again and again."""

    def at(boot_ms: int) -> None:
        attitude = dict.fromkeys(
            ("roll", "pitch", "yaw", "rollspeed", "pitchspeed", "yawspeed"), 0.0
        )
        day.air.speak(message("ATTITUDE", time_boot_ms=boot_ms, **attitude))

    for boot_ms in (600_000, 601_000, 500, 1500, 2500):
        at(boot_ms)
        day.turn(0.5)
    assert day.events(DroneEventKind.DUPLICATE_SYSTEM_ID) == []
    for boot_ms in (700_000, 3500, 701_000, 4500, 702_000):
        at(boot_ms)
        day.turn(0.5)
    assert len(day.events(DroneEventKind.DUPLICATE_SYSTEM_ID)) == 1


def test_a_drone_that_comes_from_another_address_after_a_loss_is_the_same(day: Day) -> None:
    """A modem that was given a new address."""
    day.turn(6)
    day.air.speak(phrases.heartbeat(PX4, 0, armed=False, status=4), RIVAL)
    day.turn(1)
    assert day.source.identity.origin == RIVAL
    assert day.events(DroneEventKind.DUPLICATE_SYSTEM_ID) == []


def test_other_vehicles_on_the_link_are_left_alone(day: Day) -> None:
    """DRN-2: what is said is meant for one system, and sent to its address."""
    day.air.speak(phrases.heartbeat(PX4, 0, armed=True, status=4), RIVAL, system=2)
    day.air.speak(phrases.position(10_000_000, 10_000_000, 10, 10), RIVAL, system=2)
    day.order(ReturnHome())
    for _ in range(3):
        day.turn(0.1)
    assert day.source.identity.others == {2}
    assert not [one for one in day.heard if isinstance(one.content, DronePosition)]
    said = [(heard, to) for heard, to in day.air.sent if heard.get_type() == "COMMAND_LONG"]
    assert {(heard.target_system, to) for heard, to in said} == {(1, ("10.0.0.1", 14550))}


def fly(day: Day) -> None:
    """Answer as an autopilot that does what it is told."""
    day.turn()
    day.air.speak(message("MISSION_REQUEST_INT", target_system=255, target_component=190, seq=0))
    day.air.speak(message("MISSION_ACK", target_system=255, target_component=190, type=0))
    day.turn()


@pytest.mark.statement("K19")
def test_a_patrol_is_uploaded_armed_and_started(day: Day) -> None:
    """In this order; confirmed when received, answered when begun."""
    day.order(GO)
    fly(day)
    day.answer(400)
    day.answer(300)
    day.turn()
    assert [each.command for each in day.air.told("COMMAND_LONG") if each.command < 500] == [
        400,
        300,
    ]
    assert [e.command for e in day.events(DroneEventKind.COMMAND_RECEIVED)] == ["command-1"]
    assert day.results() == [("command-1", True, "mission start accepted")]


def test_a_refusal_has_the_autopilots_own_words(day: Day) -> None:
    """And nothing further is tried."""
    day.order(GO)
    fly(day)
    day.air.speak(phrases.words(4, "Arming denied: low battery"))
    day.answer(400, 1)
    day.turn()
    expected = "component arm disarm temporarily rejected: Arming denied: low battery"
    assert day.results() == [("command-1", False, expected)]
    assert not [each for each in day.air.told("COMMAND_LONG") if each.command == 300]


def test_a_command_is_carried_out_once_however_often_it_comes(day: Day) -> None:
    """While it is being carried out, and afterwards: the answer is the same."""
    for _ in range(3):
        day.order(ReturnHome())
    day.turn()
    day.answer(20)
    day.order(ReturnHome())
    day.turn()
    assert len([each for each in day.air.told("COMMAND_LONG") if each.command == 20]) == 1
    assert day.results() == [("command-1", True, "nav return to launch accepted")] * 2


def test_a_call_back_interrupts_and_overtakes(day: Day) -> None:
    """What was begun, and what waits, says so."""
    day.order(GO, id="patrol-1")
    day.turn()
    day.order(GO, id="patrol-2")
    day.order(Hold(), id="hold-now")
    day.turn()
    day.answer(176)
    day.turn()
    assert sorted(day.results(), key=str) == [
        ("hold-now", True, "do set mode accepted"),
        ("patrol-1", False, "interrupted by hold-now"),
        ("patrol-2", False, "overtaken by a call back"),
    ]


@pytest.mark.parametrize(
    ("payload", "reason"),
    [(b'{"version":1}', "unreadable"), (b"\xff" * 70_000, "unreadable: 70000 bytes")],
)
def test_what_nobody_can_read_is_refused(day: Day, payload: bytes, reason: str) -> None:
    """And told, without an id since there is none."""
    day.orders.receive(payload)
    day.turn()
    ((command, accepted, text),) = day.results()
    assert (command, accepted) == (None, False)
    assert reason in text


def test_what_is_meant_for_another_drone_is_refused(day: Day) -> None:
    """DRN-2: the topic names the device, and the command names it again."""
    day.order(GO, device="drone-2")
    day.turn()
    expected = "it is meant for drone-2, and this is drone-1"
    assert day.results() == [("command-1", False, expected)]
    assert not day.air.told("MISSION_COUNT")


def test_a_command_that_lay_too_long_is_not_begun(day: Day) -> None:
    """Nor is one to a drone that is not heard."""
    day.order(GO)
    day.clock.second += 61
    day.beat()
    day.turn()
    assert [text[:8] for _, _, text in day.results()] == ["expired "]
    day.clock.second += 30
    day.order(GO, id="command-2")
    day.turn()
    day.turn()
    assert day.results()[-1] == ("command-2", False, "no link to the drone")


def test_an_agent_that_died_meanwhile_does_not_begin_again(tmp_path: Path) -> None:
    """Nobody knows whether it was carried out, and that is what it says; ended ones stay ended."""
    before = Day(tmp_path)
    before.beat()
    before.order(ReturnHome(), id="done-before")
    before.turn()
    before.answer(20)
    before.turn()
    before.turn()
    before.order(GO)
    before.turn()
    before.source.close()
    after = Day(tmp_path)
    after.beat()
    after.order(GO)
    after.turn()
    assert {command for command, _, _ in after.results()} == {"command-1"}
    assert all("not known whether" in text for _, _, text in after.results())
    assert not after.air.told("MISSION_COUNT")


def test_d8_a_full_disk_lets_a_drone_be_called_back_and_nothing_else(small_disk: Path) -> None:
    """A patrol that cannot be noted might be begun twice; what is said again is still known."""
    day, hog = Day(small_disk), small_disk / "hog"
    day.beat()
    fill(hog)
    day.order(GO, id="patrol-1")
    day.order(ReturnHome(), id="home-now")
    day.turn()
    day.answer(20)
    day.order(GO, id="patrol-1")
    day.order(ReturnHome(), id="home-now")
    day.turn()
    refused = ("patrol-1", False, NO_ROOM.text)
    home = ("home-now", True, "nav return to launch accepted")
    assert day.results() == [refused, home, refused, home]
    assert not day.air.told("MISSION_COUNT")
    assert len([each for each in day.air.told("COMMAND_LONG") if each.command == 20]) == 1
    hog.unlink()
    day.order(Hold(), id="hold-now")
    day.source.close()
    after = Day(small_disk)
    after.order(GO, id="patrol-1")
    after.beat()
    assert refused in after.results(), "written with the next that is"


def test_d10_a_damaged_journal_stops_no_agent(tmp_path: Path) -> None:
    """It is moved aside; commands go on."""
    (tmp_path / "commands.sqlite").write_bytes(b"not a database" * 1000)
    day = Day(tmp_path)
    day.beat()
    day.order(ReturnHome())
    day.turn()
    day.answer(20)
    day.turn()
    assert day.results() == [("command-1", True, "nav return to launch accepted")]
    assert (tmp_path / "commands.sqlite.corrupt-1").exists()
