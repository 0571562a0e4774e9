"""A drone on a serial line: telemetry up, commands down, and a radio that is unplugged."""

import os
from pathlib import Path

from edge.drone.mavlink import Reader, Writer
from edge.drone.orders import Orders
from edge.drone.source import OPEN_AGAIN_S, DroneSource
from edge.drone.transport import open_transport
from edge.drone.vehicle import Vehicle
from firmware_sim.drone_autopilot import Autopilot, Mode
from firmware_sim.drone_fleet import body
from firmware_sim.drone_telemetry import often, seldom
from haechi.commanding import ReturnHome, encode_command
from haechi.commands.ordering import order
from haechi.drones import DroneEvent, DroneEventKind, DronePosition
from haechi.fields import LonLat
from haechi.messages import Content
from tests.edge.drone.speaking import NOON, Clock


class Line:
    """A pseudo-terminal with a simulated autopilot at its other end."""

    def __init__(self, pilot: Autopilot) -> None:
        self._pilot = pilot
        self._reader, self._writer = Reader(), Writer(pilot.system, 1)
        self.plug()

    def plug(self) -> None:
        """Put the radio in; it is another device each time."""
        self._outer, inner = os.openpty()
        os.set_blocking(self._outer, False)
        self.address = f"serial://{os.ttyname(inner)}?baud=57600"
        self._inner = inner

    def unplug(self) -> None:
        """Pull the radio out."""
        os.close(self._outer)
        os.close(self._inner)

    def speak(self, now: float) -> None:
        """Let the autopilot hear what came, answer, and say how it flies."""
        said = self._pilot.step(0.25, now) + often(self._pilot, now) + seldom(self._pilot, now)
        try:
            heard = self._reader.stream(os.read(self._outer, 65_536))
        except BlockingIOError:
            heard = []
        for each in heard:
            said += self._pilot.hear(each, now)
        os.write(self._outer, b"".join(map(self._writer.pack, said)))


class Beside:
    """The agent's source at such a line; a turn of both takes a quarter of a second."""

    def __init__(self, line: Line, folder: Path) -> None:
        self.line, self.clock = line, Clock()
        self.orders = Orders("drone-1", folder, self.clock.now)
        self.source = DroneSource(
            lambda: open_transport(line.address),
            Vehicle("drone-1", every_s=0),
            self.orders,
            clock=self.clock,
            now=self.clock.now,
        )
        self._batches = self.source.batches()

    def turn(self, seconds: float, *, is_plugged: bool = True) -> list[Content]:
        """Let time pass; return what the agent has to say."""
        found: list[Content] = []
        for _ in range(round(4 * seconds)):
            self.clock.second += 0.25
            found += [one.content for one in next(self._batches)]
            if is_plugged:
                self.line.speak(self.clock.second)
        return found


def test_a_drone_on_a_serial_line_is_heard_commanded_and_found_again(tmp_path: Path) -> None:
    """Over a terminal of this machine, opened as the radio's would be; unplugged, and put back."""
    pilot = Autopilot(1, body(1, seed=1))
    line = Line(pilot)
    agent = Beside(line, tmp_path)
    assert positions(agent.turn(2))[1:] == [pilot.body.place] * 5
    agent.orders.receive(encode_command(order("drone-1", ReturnHome(), "Kim", 60, NOON)))
    told = agent.turn(1)
    assert pilot.mode is Mode.RTL
    assert "nav return to launch accepted" in [e.text for e in told if isinstance(e, DroneEvent)]
    line.unplug()
    assert kinds(agent.turn(6, is_plugged=False)) == [DroneEventKind.LINK_LOST]
    line.plug()
    again = agent.turn(OPEN_AGAIN_S + 2)
    assert kinds(again)[0] is DroneEventKind.LINK_RESTORED
    assert positions(again)[-1] == pilot.body.place
    agent.source.close()
    line.unplug()


def positions(said: list[Content]) -> list[LonLat]:
    """Return the places among what was said."""
    return [(p.lon or 0, p.lat or 0) for p in said if isinstance(p, DronePosition)]


def kinds(said: list[Content]) -> list[DroneEventKind]:
    """Return what happened."""
    return [event.kind for event in said if isinstance(event, DroneEvent)]
