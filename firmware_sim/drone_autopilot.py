"""What flies a simulated drone and answers for it: an autopilot in the manner of PX4."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from math import hypot, isnan
from typing import Final

from edge.drone.mavlink import Message, message
from firmware_sim.drone_plan import Plan, Step
from firmware_sim.drones import Body, Goal, offset_m

PX4_AUTO: Final = 4
"""PX4's main mode of whatever flies by itself."""
NEAR_M: Final = 3.0
LOW, CRITICAL = 0.15, 0.07
"""PX4 ``BAT_LOW_THR``, ``BAT_CRIT_THR``."""
LINK_LOSS_S: Final = 10.0
"""PX4 ``COM_DL_LOSS_T``."""
RETURN_M: Final = 30.0
"""PX4 ``RTL_RETURN_ALT``, lower."""

_CRITICAL_TEXT, _WARNING, _INFORMATION = 2, 4, 6
_ACCEPTED, _TEMPORARILY_REJECTED, _DENIED, _UNSUPPORTED = 0, 1, 2, 3
_MISSION_INT, _COMMAND_INT, _FLIGHT_INFORMATION, _MAVLINK2 = 4, 8, 64, 8192
"""``MAV_PROTOCOL_CAPABILITY``, those there are."""


class Mode(IntEnum):
    """PX4's sub-modes of AUTO."""

    TAKEOFF = 2
    LOITER = 3
    MISSION = 4
    RTL = 5
    LAND = 6


@dataclass(frozen=True, kw_only=True)
class Fence:
    """How far it may go."""

    radius_m: float = 10_000.0
    height_m: float = 500.0


class Autopilot:
    """One vehicle: its mode, its mission, its failsafes. Time is given; messages come and go."""

    def __init__(
        self, system: int, body: Body, *, fence: Fence | None = None, refuses: str = ""
    ) -> None:
        """Prepare.

        Args:
            system: Its system id.
            body: What it flies.
            fence: How far it may go.
            refuses: Why it does not arm; empty if it does.
        """
        self.system, self.body, self.refuses = system, body, refuses
        self.plan = Plan()
        self.mode = Mode.LOITER
        self.armed = False
        self.in_failsafe = self.has_breached = False
        self._fence = fence or Fence()
        self._stay: Goal | None = None
        self._heard_at = float("-inf")
        self._warned_low = False
        self._said: list[Message] = []
        self._speed_m_s = body.airframe.cruise_m_s

    def step(self, seconds: float, now: float) -> list[Message]:
        """Fly for a moment; return what it says by itself."""
        self._guard(now)
        self.body.step(seconds, self._goal() if self.armed else None)
        if self.armed and self.body.is_landed and self.mode is Mode.LAND:
            self._disarm()
        return self._drained()

    def hear(self, heard: Message, now: float) -> list[Message]:
        """Take one message of a ground station; return the answers."""
        if getattr(heard, "target_system", 0) not in {0, self.system}:
            return []
        self._heard_at = now
        match heard.get_type():
            case "COMMAND_LONG" | "COMMAND_INT":
                self._answer(heard)
            case "SET_MODE":
                self.set_mode(1, heard.custom_mode >> 16 & 0xFF, heard.custom_mode >> 24)
            case kind if kind.startswith("MISSION_"):
                self._said += self.plan.hear(heard)
            case _:
                pass
        return self._drained()

    # What it does.

    def arm(self, wanted: float, *_: float) -> int:
        """Start or stop the motors."""
        if not wanted:
            if not self.body.is_landed:
                return self._deny("Disarming denied: not landed", _DENIED)
            self._disarm()
            return _ACCEPTED
        if self.refuses:
            return self._deny(f"Arming denied: {self.refuses}", _TEMPORARILY_REJECTED)
        if self.body.charge <= LOW:
            return self._deny("Arming denied: low battery", _TEMPORARILY_REJECTED)
        if not self.armed:
            self.armed, self._stay = True, None
            self.say(_INFORMATION, "Armed by external command")
        return _ACCEPTED

    def start_mission(self, *_: float) -> int:
        """Fly the mission."""
        if not self.plan.steps:
            return self._deny("No valid mission", _DENIED)
        if not self.armed:
            return self._deny("Mission start denied: disarmed", _TEMPORARILY_REJECTED)
        self.mode = Mode.MISSION
        return _ACCEPTED

    def take_off(self, *params: float) -> int:
        """Rise above where it stands."""
        if not self.armed:
            return self._deny("Takeoff denied: disarmed", _TEMPORARILY_REJECTED)
        height_m = params[6] if len(params) > 6 and not isnan(params[6]) else 10.0  # noqa: PLR2004 - param7
        self.mode, self._stay = Mode.TAKEOFF, self._here(up_m=max(height_m, 2.0))
        return _ACCEPTED

    def return_home(self, *_: float) -> int:
        """Fly home and land."""
        self.mode = Mode.RTL
        return _ACCEPTED

    def land(self, *_: float) -> int:
        """Land where it is."""
        self.mode, self._stay = Mode.LAND, self._here(up_m=0.0)
        return _ACCEPTED

    def hold(self, *_: float) -> int:
        """Stay where it is."""
        self.mode, self._stay = Mode.LOITER, self._here()
        return _ACCEPTED

    def set_mode(self, _: float, main: float, sub: float, *__: float) -> int:
        """Change to one of the sub-modes of AUTO; there are no others."""
        actions: dict[float, Callable[..., int]] = {
            Mode.LOITER: self.hold,
            Mode.MISSION: self.start_mission,
            Mode.RTL: self.return_home,
            Mode.LAND: self.land,
        }
        action = actions.get(sub) if main == PX4_AUTO else None
        return _UNSUPPORTED if action is None else action()

    def tell(self, number: float, *_: float) -> int:
        """Say one message on request."""
        made = {148: self._version, 242: self.home}.get(int(number))
        if made is None:
            return _UNSUPPORTED
        self._said.append(made())
        return _ACCEPTED

    def agree(self, *_: float) -> int:
        """Take a wish for an interval for granted: rates are those of the fleet."""
        return _ACCEPTED

    def say(self, severity: int, text: str) -> None:
        """Say something in words."""
        self._said.append(message("STATUSTEXT", severity=severity, text=text[:50].encode()))

    def _answer(self, heard: Message) -> None:
        action = COMMANDS.get(heard.command)
        last = (heard.z,) if heard.get_type() == "COMMAND_INT" else (heard.param5, heard.param6)
        params = (heard.param1, heard.param2, heard.param3, heard.param4, *last)
        if heard.get_type() == "COMMAND_LONG":
            params = (*params, heard.param7)
        result = _UNSUPPORTED if action is None else action(self, *params)
        self._said.append(
            message(
                "COMMAND_ACK",
                command=heard.command,
                result=result,
                target_system=heard.get_srcSystem(),
                target_component=heard.get_srcComponent(),
            )
        )

    # How it flies.

    def _goal(self) -> Goal:
        match self.mode:
            case Mode.MISSION:
                return self._mission_goal()
            case Mode.RTL:
                return self._return_goal()
            case _:
                self._stay = self._stay or self._here()
                return self._stay

    def _mission_goal(self) -> Goal:
        while (step := self.plan.step) is not None:
            goal = self._goal_of(step)
            if goal is not None and not (self._is_at(goal) and step.passes):
                return goal
            if self.mode is not Mode.MISSION:
                return self._goal()
            self._said.append(message("MISSION_ITEM_REACHED", seq=self.plan.current))
            self.plan.advance()
        self.hold()
        return self._goal()

    def _goal_of(self, step: Step) -> Goal | None:
        """Return where a step leads; ``None`` for one that is done at once."""
        if step.returns:
            self.return_home()
            return None
        if step.speed_m_s is not None:
            self._speed_m_s = step.speed_m_s
        if step.place is None and step.height_m is None:
            return None
        if step.place is None:
            return self._here(up_m=step.height_m)
        east, north = offset_m(self.body.home, step.place)
        return Goal(
            east_m=east, north_m=north, up_m=step.height_m or 0.0, speed_m_s=self._speed_m_s
        )

    def _return_goal(self) -> Goal:
        if self.body.home_m < NEAR_M:
            self.mode = Mode.LAND
            self._stay = Goal(east_m=0, north_m=0, up_m=0, speed_m_s=1.0)
            return self._stay
        height_m = max(RETURN_M, self.body.up_m)
        return Goal(east_m=0, north_m=0, up_m=height_m, speed_m_s=self.body.airframe.cruise_m_s)

    def _here(self, *, up_m: float | None = None) -> Goal:
        body = self.body
        height_m = body.up_m if up_m is None else up_m
        return Goal(
            east_m=body.east_m, north_m=body.north_m, up_m=height_m, speed_m_s=self._speed_m_s
        )

    def _is_at(self, goal: Goal) -> bool:
        far = hypot(goal.east_m - self.body.east_m, goal.north_m - self.body.north_m)
        return far < NEAR_M and abs(goal.up_m - self.body.up_m) < NEAR_M

    # What it does by itself.

    def _guard(self, now: float) -> None:
        if not self.armed or self.body.is_landed:
            return
        if self.body.charge <= LOW and not self._warned_low:
            self._warned_low = True
            self.say(_WARNING, "Low battery, return advised")
        if self.body.charge <= CRITICAL:
            self._fail("Critical battery, returning")
        if now - self._heard_at > LINK_LOSS_S:
            self._fail("Data link lost, returning")
        outside = self.body.home_m > self._fence.radius_m or self.body.up_m > self._fence.height_m
        if outside and not self.has_breached:
            self._fail("Geofence violation, returning")
        self.has_breached = outside

    def _fail(self, text: str) -> None:
        if self.mode not in {Mode.RTL, Mode.LAND}:
            self.in_failsafe = True
            self.say(_CRITICAL_TEXT, text)
            self.return_home()

    def _disarm(self) -> None:
        if self.armed:
            self.say(_INFORMATION, "Disarmed by landing")
        self.armed = self.in_failsafe = self._warned_low = False
        self.mode, self._stay = Mode.LOITER, None

    def _deny(self, text: str, result: int) -> int:
        self.say(_WARNING, text)
        return result

    def _drained(self) -> list[Message]:
        said, self._said = self._said, []
        return said

    # What it says.

    def _version(self) -> Message:
        none = [0] * 8
        numbers = dict.fromkeys(
            ("middleware_sw_version", "os_sw_version", "board_version", "vendor_id", "product_id"),
            0,
        )
        return message(
            "AUTOPILOT_VERSION",
            capabilities=_MISSION_INT | _COMMAND_INT | _FLIGHT_INFORMATION | _MAVLINK2,
            flight_sw_version=0x010E0000,
            flight_custom_version=none,
            middleware_custom_version=none,
            os_custom_version=none,
            uid=round(self.body.home[0] * 1e7),
            **numbers,
        )

    def home(self) -> Message:
        """Return where it returns to."""
        lon, lat = self.body.home
        nothing = dict.fromkeys(("x", "y", "z", "approach_x", "approach_y", "approach_z"), 0.0)
        return message(
            "HOME_POSITION",
            latitude=round(lat * 1e7),
            longitude=round(lon * 1e7),
            altitude=round(self.body.home_altitude_m * 1000),
            q=[1.0, 0.0, 0.0, 0.0],
            **nothing,
        )


COMMANDS: Final[Mapping[int, Callable[..., int]]] = {
    20: Autopilot.return_home,
    21: Autopilot.land,
    22: Autopilot.take_off,
    176: Autopilot.set_mode,
    300: Autopilot.start_mission,
    400: Autopilot.arm,
    511: Autopilot.agree,
    512: Autopilot.tell,
}
"""``MAV_CMD``: what is carried out; anything else is unsupported."""
