"""The second stage: an engine whose subjects are pairs, fed with what the join says of them.

Everything an engine promises it promises of pairs too: what late data changes is told anew, what no
longer follows is retracted, and a restart goes on where it was. ``docs/event-time.md`` says how far
back that holds.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import reduce
from typing import Any, Final

import msgspec

from analytics.changes import Bounds, Changes, History, NeedHistory
from analytics.engine import Engine
from analytics.pairs.grid import GAP_S, HOUR_S, TOLD, Block, PackedHour, passed, time_of
from analytics.pairs.join import Join
from analytics.pairs.links import Links
from analytics.pairwise import PAIR_CONTENTS, parts
from analytics.rule import Event, Rule
from haechi.findings import Finding
from haechi.observations import Observation

WINDOW_S: Final = 86_400.0
"""How late a fix may be: an agent that was cut off empties its outbox the next morning."""

Recall = Callable[[str, datetime | None], Sequence[Event]]
"""Reads the events of a single subject since a time from the store."""

_HOUR: Final = "hour|"
_LINKS: Final = "links|"

_hour = msgspec.msgpack.Decoder(PackedHour)
_links = msgspec.msgpack.Decoder(list[Observation])


def judges_pairs(rule: Rule[Any]) -> bool:
    """Return whether a rule is of the second stage."""
    return any(kind in PAIR_CONTENTS for kind in rule.accepts)


class Pairs:
    """Judges the pairs of one site.

    Args:
        rules: Those of the second stage.
        site: Its name.
        shelters: Zones where lying side by side is what ships do.
        window_s: How late a fix may be.
        bounds: Of the engine.
    """

    def __init__(
        self,
        rules: Sequence[Rule[Any]],
        site: str,
        *,
        shelters: frozenset[str] = frozenset(),
        window_s: float = WINDOW_S,
        bounds: Bounds | None = None,
    ) -> None:
        self._rules, self._site, self._shelters = rules, site, shelters
        self._bounds = bounds or Bounds(age=timedelta(seconds=window_s + 2 * GAP_S))
        self._ring = int(window_s // HOUR_S) + 6
        """Hours that may have to be kept, and one to be sure."""
        self._join = Join(site, shelters, window_s)
        self._engine = self._engine_of({})
        self._met: set[str] = set()
        """Pairs of which all that was ever found is known."""
        self._new: set[str] = set()
        """Pairs without a state, of which nothing older than the grid is to be looked for."""

    @property
    def late(self) -> int:
        """Fixes that came too late to be looked at."""
        return self._join.late

    @property
    def held(self) -> tuple[int, ...]:
        """Hours in memory, numbered since 1970-01-01 UTC."""
        return tuple(sorted(self._join.grid.hours))

    def feed(self, events: Iterable[Event], watermark: datetime | None) -> Changes:
        """Take what a site's engine was fed, and its watermark; return what that changes."""
        if not self._rules:
            return Changes()
        self._join.hear(events)
        has_passed = self._pass_time(watermark)
        said = self._join.settle()
        if not said and not has_passed:
            return Changes()
        met = self._meet(said)
        return _both(met, self._engine.feed(said, watermark=self._now))

    def history(self, need: NeedHistory, findings: Sequence[Finding], recall: Recall) -> History:
        """Return what is known of a pair: from the grid, or older, from the store.

        Of company that is as far back as the grid goes.
        """
        known = self._join.told(need.subject)
        begins = self._join.begins
        first, second = parts(need.subject)
        is_on_grid = need.since is not None and need.since >= begins
        if is_on_grid or need.subject in self._new or second.startswith("camera:"):
            self._new.discard(need.subject)
            return History(need.subject, known, findings)
        since = None if need.since is None else need.since - timedelta(seconds=GAP_S)
        older = Join(self._site, self._shelters, 0.0)
        older.links = Links(self._join.links.said())
        older.hear((*recall(first, since), *recall(second, since)))
        older.reached = passed(begins)
        older.settle()
        again = [event for event in older.told(need.subject) if event.at < begins]
        return History(need.subject, [*again, *known], findings)

    def supply(self, histories: Iterable[History]) -> Changes:
        """Judge what waited for history."""
        return self._engine.supply(histories)

    @property
    def unsaved(self) -> tuple[str, ...]:
        """Keys of what has changed since it was saved."""
        blocks = [self._key(block) for block in sorted(self._join.unsaved, reverse=True)]
        links = [_LINKS] if self._join.has_new_links else []
        return (*links, *blocks, *self._engine.unsaved)

    def save(self, keys: Iterable[str]) -> dict[str, bytes]:
        """Return what to keep under some keys, which then counts as saved."""
        asked = {*keys}
        saved = self._engine.save(key for key in asked if not key.startswith((_HOUR, _LINKS)))
        if _LINKS in asked:
            saved[_LINKS] = msgspec.msgpack.encode(self._join.links.said())
            self._join.has_new_links = False
        hours = {number % self._ring: number for number in self._join.grid.hours}
        for key in asked:
            place, part = _place(key) if key.startswith(_HOUR) else (None, TOLD)
            if place in hours:  # else it has been forgotten meanwhile
                saved[key] = self._join.packed((hours[place], part))
        return saved

    def restore(self, states: Mapping[str, bytes], watermark: datetime | None) -> None:
        """Take what was saved, each part at its own time, none older than the watermark.

        From there on ``replay`` what was fed, all of it, then ``resume``.
        """
        if _LINKS in states:
            self._join.links = Links(_links.decode(states[_LINKS]))
        kept = [
            (_place(key)[1], _hour.decode(states[key]))
            for key in sorted(states)
            if key.startswith(_HOUR)
        ]
        newest = max((hour.number for _, hour in kept), default=0)
        self._join.grid.restore([each for each in kept if each[1].number > newest - self._ring])
        self._engine = self._engine_of(
            {key: state for key, state in states.items() if not key.startswith((_HOUR, _LINKS))}
        )
        if watermark is not None:
            self._join.reached = passed(watermark)
        self._join.smear_all()

    def replay(self, events: Iterable[Event], watermark: datetime | None) -> None:
        """Take again what was fed, in the same steps."""
        if not self._rules:
            return
        for event in events:
            self._join.doubt(event)
        self._pass_time(watermark)

    def resume(self) -> Changes:
        """Return what follows from all that was replayed."""
        oldest = self._join.oldest_dirty()
        self._join.settle()
        if oldest is None or self._now is None:
            return Changes()
        said = self._join.all_told(oldest)
        since = time_of(oldest)
        reaching = self._engine.reaching(since)
        self._met |= reaching
        doubted = self._engine.doubt(reaching, since)
        met = self._meet(said)
        fed = self._engine.feed(said, watermark=self._now)
        return _both(_both(doubted, met), fed)

    @property
    def _now(self) -> datetime | None:
        """The last time of the grid that has passed."""
        return None if self._join.reached is None else time_of(self._join.reached)

    def _pass_time(self, watermark: datetime | None) -> bool:
        """Return whether a time of the grid has passed."""
        before = self._join.reached
        if watermark is None or (before is not None and passed(watermark) <= before):
            return False
        self._join.reached = passed(watermark)
        self._join.forget()
        return True

    def _meet(self, said: Sequence[Event]) -> Changes:
        """Ask for the history of pairs that are met for the first time since the start.

        Their states may lack what was found: a restart folds in fewer steps what it replays.
        """
        since: dict[str, datetime] = {}
        for event in said:
            if event.subject not in self._met:
                since[event.subject] = min(event.at, since.get(event.subject, event.at))
        self._met.update(since)
        self._new.update(pair for pair in since if not self._engine.knows(pair))
        changes = [self._engine.doubt([pair], begin) for pair, begin in sorted(since.items())]
        return reduce(_both, changes, Changes())

    def _key(self, block: Block) -> str:
        number, part = block
        return f"{_HOUR}{number % self._ring}" + (f"|{part}" if part != TOLD else "")

    def _engine_of(self, states: Mapping[str, bytes]) -> Engine:
        return Engine.restored(
            self._rules,
            states,
            allowance=timedelta(0),
            idle_limit=timedelta(days=1),
            bounds=self._bounds,
        )


def _place(key: str) -> Block:
    """Return where in the ring of hours a key stands, and its part."""
    place, _, part = key.removeprefix(_HOUR).partition("|")
    return int(place), int(part or TOLD)


def _both(first: Changes, then: Changes) -> Changes:
    return Changes((*first.findings, *then.findings), (*first.needs, *then.needs))
