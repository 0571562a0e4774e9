"""Camera watch: somebody crosses a line of the picture, or loiters in a zone of it.

Definition: what a camera says itself of whom it follows (``docs/cctv.md``). ``line_crossed`` is a
moment: the report that names the lines. ``loitering`` is an interval: from the first report that
says so to the first that does not, or to the last one if the camera says ``end`` or nothing comes
for ``lost_after_s``.

Sources: Frigate's zones with ``loitering_time``, and lines as security cameras have them; that who
is not heard of is not assumed to be still there is Frigate's ``end`` (frigate#7281).
"""

from datetime import datetime, timedelta
from typing import Any, Final

from msgspec import Struct

from analytics.rule import Event, Step
from analytics.rules.terms import Duration, Settings, Terms, Voice, version_of
from analytics.saying import english, listed, saying, term
from haechi.cameras import Detection
from haechi.findings import Finding
from haechi.observations import Observation

CODE: Final = 1


class CameraWatchSettings(Settings, frozen=True, kw_only=True):
    """Thresholds; lines, zones and times stand in the scene file of each camera."""

    lost_after_s: Duration = 600
    """An agent that was cut off says ``end`` once it is there again."""


class Stay(Struct, frozen=True, gc=False):
    """Somebody who loiters."""

    begun: Observation
    last: Observation
    """Both say so."""


class CameraWatch:
    """The rule."""

    state_type: Any = Stay | None
    accepts = (Detection,)

    def __init__(self, settings: CameraWatchSettings, terms: Terms) -> None:
        self.name: Final = terms.name
        self.version: Final = version_of(CODE, settings, terms)
        self._voice: Final = Voice(terms, self.version)
        self._settings: Final = settings
        self._lost_after: Final = timedelta(seconds=settings.lost_after_s)

    def start(self) -> Stay | None:
        """Begin with nobody loitering."""
        return None

    def on_event(self, state: Stay | None, event: Event) -> Step[Stay | None]:
        """Take the camera's word."""
        seen, content = event.observation, event.content
        if not isinstance(content, Detection):
            return Step(state)
        found = (self._crossing(seen, content),) if content.crossed else ()
        if content.loitering and content.phase != "end":
            stay = Stay(seen if state is None else state.begun, seen)
            begun = (self._stay(stay, is_over=False),) if state is None else ()
            return Step(stay, (*found, *begun), seen.at + self._lost_after)
        if state is None:
            return Step(None, found)
        ended = Stay(state.begun, state.last if content.phase == "end" else seen)
        return Step(None, (*found, self._stay(ended, is_over=True)))

    def on_wake(self, state: Stay | None, now: datetime) -> Step[Stay | None]:
        """End what is not heard of any more."""
        del now
        return Step(None, () if state is None else (self._stay(state, is_over=True),))

    def _crossing(self, seen: Observation, content: Detection) -> Finding:
        lines = listed(content.crossed)
        return self._voice.say(
            "line_crossed",
            seen,
            since=seen.at,
            until=seen.at,
            saying=saying(
                "line_crossed",
                subject=seen.subject,
                label=term("label", content.label),
                lines=lines,
                camera=content.camera,
                at=seen.at,
            ),
            values={"label": content.label, "lines": english(lines), "score": content.score},
            thresholds={},
            evidence=(seen,),
        )

    def _stay(self, stay: Stay, *, is_over: bool) -> Finding:
        begun, until = stay.begun, stay.last.at if is_over else None
        content = begun.content
        label, camera, zones = (
            (content.label, content.camera, listed(content.zones))
            if isinstance(content, Detection)
            else ("", "", "")
        )
        ending = "" if until is None else saying("until", at=until)
        return self._voice.say(
            "loitering",
            begun,
            since=begun.at,
            until=until,
            saying=saying(
                "loitering",
                subject=begun.subject,
                label=term("label", label),
                zones=zones or saying("a_zone"),
                camera=camera,
                since=begun.at,
                ending=ending,
            ),
            values={"label": label, "zones": english(zones)},
            thresholds={"lost_after_s": self._settings.lost_after_s},
            evidence=(begun,) if begun == stay.last else (begun, stay.last),
        )
