"""Carries out one command after the other with an autopilot."""

from collections import deque
from typing import Final

from edge.drone.exchange import Call, Exchange, Outcome, Upload
from edge.drone.identity import Identity
from edge.drone.mavlink import PX4, Message
from edge.drone.mission import MissionError, mission
from edge.drone.orders import Orders
from edge.drone.vehicle import Vehicle
from haechi.commanding import Command, Hold, Rearm, ReturnHome

ARM: Final = 400
START_MISSION: Final = 300
RETURN_HOME: Final = 20
STAY: Final = 17
SET_MODE: Final = 176
"""``MAV_CMD``: COMPONENT_ARM_DISARM, MISSION_START, NAV_RETURN_TO_LAUNCH, NAV_LOITER_UNLIM,
DO_SET_MODE."""

_CUSTOM_MODE: Final = 1
_PX4_AUTO: Final = 4
_PX4_LOITER: Final = 3
_WARNING: Final = 4


class Pilot:
    """The command that is being carried out, and its steps."""

    def __init__(self, vehicle: Vehicle, identity: Identity, orders: Orders) -> None:
        self._vehicle, self._identity, self._orders = vehicle, identity, orders
        self._command: Command | None = None
        self._steps: deque[Exchange] = deque()
        self._warning = ""

    def hear(self, heard: Message, now: float) -> list[Message]:
        """Take a message of our vehicle; return what to say to it."""
        if not self._steps:
            return []
        if heard.get_type() == "STATUSTEXT" and heard.severity <= _WARNING:
            self._warning = heard.text
        return self._steps[0].hear(heard, now) + self._advance(now)

    def wait(self, now: float) -> list[Message]:
        """Let time pass: begin what has come, say again what was not answered."""
        said = self._steps[0].wait(now) + self._advance(now) if self._steps else []
        while (command := self._next()) is not None:
            self._drop(command)
            said += self._begin(command, now)
        return said

    def _next(self) -> Command | None:
        """Return what to begin now; only what calls the drone back interrupts."""
        return self._orders.take_urgent() if self._steps else self._orders.take()

    def _drop(self, successor: Command) -> None:
        if self._command is not None and self._steps:
            self._steps.clear()
            what = f"interrupted by {successor.id}"
            self._orders.end(self._command.id, Outcome(accepted=False, text=what))

    def _begin(self, command: Command, now: float) -> list[Message]:
        self._command, self._warning = command, ""
        refusal = self._refusal(now)
        if refusal:
            self._orders.end(command.id, Outcome(accepted=False, text=refusal))
            return []
        try:
            self._steps = deque(self._steps_of(command))
        except MissionError as error:
            self._orders.end(command.id, Outcome(accepted=False, text=str(error)))
            return []
        return self._steps[0].begin(now)

    def _refusal(self, now: float) -> str:
        if not self._identity.is_alive(now):
            return "no link to the drone"
        if self._identity.is_doubtful(now):
            return f"two vehicles have system id {self._identity.system}: switch one off"
        return ""

    def _steps_of(self, command: Command) -> list[Exchange]:
        system, autopilot = self._identity.system or 0, self._identity.autopilot
        match command.task:
            case ReturnHome():
                return [Call(system, RETURN_HOME)]
            case Hold() if autopilot == PX4:
                return [Call(system, SET_MODE, _CUSTOM_MODE, _PX4_AUTO, _PX4_LOITER)]
            case Hold():
                return [Call(system, STAY)]
            case Rearm():
                raise MissionError("a drone has no seals to arm")
            case patrol:
                items = mission(
                    patrol,
                    here=self._vehicle.place,
                    autopilot=autopilot,
                    in_the_air=self._vehicle.in_the_air,
                )
                arming = [] if self._vehicle.armed else [Call(system, ARM, 1)]
                return [Upload(system, items), *arming, Call(system, START_MISSION)]

    def _advance(self, now: float) -> list[Message]:
        outcome = self._steps[0].outcome
        if outcome is None or self._command is None:
            return []
        if outcome.accepted:
            self._steps.popleft()
        else:
            self._steps.clear()
        if self._steps:
            return self._steps[0].begin(now)
        if not outcome.accepted and self._warning:
            outcome = Outcome(accepted=False, text=f"{outcome.text}: {self._warning}")
        self._orders.end(self._command.id, outcome)
        return []
