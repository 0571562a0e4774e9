"""Whom an event is told: most fixes of most vessels say nothing that most rules wait for.

A rule is spared bare fixes while it awaits a statement; and of a vessel's steady way it is told the
last fix only, before anything else happens. Neither changes what is found: both are promises of
the rule (``analytics.rule.Rule``), and the tests hold it to them.
"""

from math import nan
from typing import Any

from analytics.panel import Panel, Seat, Steady
from analytics.rule import STEADY_DEG, Event, is_bare_fix
from analytics.vessels import position
from haechi.vessels import VesselPosition


class Attention:
    """What the rules attend to in one subject."""

    __slots__ = ("_heeding", "_lat", "_lon", "_panel", "_steady", "_untold")

    def __init__(self, panel: Panel) -> None:
        self._panel = panel
        self.begin_anew()

    def begin_anew(self) -> None:
        """Forget what is untold, and what the states were."""
        self._heeding: tuple[Seat, ...] | None = None
        """Who is given bare fixes; ``None`` when that must be found out."""
        self._steady: Steady | None = None
        self._untold: Event | None = None
        """The last fix of a steady way, of which not everybody was told."""
        self._lat = self._lon = nan
        """Where everybody was last told of, if that was a bare fix."""

    def seats(self, event: Event, states: list[Any]) -> tuple[Seat, ...]:
        """Return who is given the next event now, and bring their states up to it."""
        observation = event.observation
        content = observation.content
        if type(content) is not VesselPosition or not is_bare_fix(observation):
            self.catch_up(states)
            self.begin_anew()
            return self._panel.seats(event)
        heeding = self._heeding
        if heeding is None:
            heeding = self._heeding = self._panel.heeding(states)
        lat, lon, speed_kn = content.lat, content.lon, content.speed_kn
        if lat is None or lon is None:
            lat = lon = nan
        if not self._is_close(lat, lon):
            self.catch_up(states)  # and then it may be
        if speed_kn is not None and not event.near and self._is_close(lat, lon):
            steady = self._steady
            if steady is None or not steady.holds(content, speed_kn):
                self.catch_up(states)
                steady = self._steady = self._panel.steady(heeding, states, content, speed_kn)
            self._untold = event
            return steady.alert
        self.catch_up(states)
        self._steady, self._lat, self._lon = None, lat, lon
        return heeding

    def catch_up(self, states: list[Any]) -> None:
        """Tell what is untold."""
        if self._steady is None or self._untold is None:
            return
        for rule, on_event in self._steady.told_last:
            states[rule] = on_event(states[rule], self._untold).state
        self._lat, self._lon = position(self._untold.observation) or (nan, nan)
        self._untold = None

    def _is_close(self, lat: float, lon: float) -> bool:
        return abs(lat - self._lat) + abs(lon - self._lon) < STEADY_DEG
