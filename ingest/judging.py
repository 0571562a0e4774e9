"""The courts, one per site, and what they need from the store."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from analytics.court import Court
from analytics.engine import ENGINE_KEY, Bounds, Changes, History, Metrics, NeedHistory
from analytics.rule import Event, Rule
from haechi.findings import Finding, report_order
from haechi.observations import Observation
from ingest.ports import Snapshot, State, Store, Writing

Locate = Callable[[Sequence[Observation]], list[Event]]
"""Adds what geometry says: ``analytics.zones.ZoneSet.locate``."""

Found = tuple[str, list[Finding]]
"""A site and what is new or changed there."""

STRIDE: Final = timedelta(seconds=1)
"""Event time that passes at once where promises let it pass: each time is a line in the log."""

_SITE_END: Final = "/"
"""Between site and subject in the key of a state; neither holds one."""


class Judging:
    """Feeds the courts, answers their questions, and reports what they find.

    Everything happens inside the caller's transaction. After a transaction that failed the
    courts are ahead of the store: the same ``restore`` as after a crash brings them back.
    """

    def __init__(
        self,
        rules: Sequence[Rule[Any]],
        locate: Locate,
        *,
        allowance: timedelta,
        idle_limit: timedelta,
        bounds: Bounds | None = None,
        shelters: frozenset[str] = frozenset(),
        lagging: bool = False,
    ) -> None:
        self._rules, self._locate, self._shelters = tuple(rules), locate, shelters
        self._lagging = lagging
        self._allowance, self._idle_limit, self._bounds = allowance, idle_limit, bounds
        self._courts: dict[str, Court] = {}
        self._promises: dict[str, dict[str, datetime]] = {}
        self._is_saved = True

    def judge(
        self, observations: Sequence[Observation], store: Store, writing: Writing
    ) -> list[Found]:
        """Enrich and judge observations that the transaction has just kept."""
        self._is_saved = self._is_saved and not observations
        return [
            (site, self._settle(site, self._court(site).feed(self._locate(about)), store, writing))
            for site, about in _by_site(observations)
        ]

    def tick(self, site: str, watermark: datetime, store: Store, writing: Writing) -> Found:
        """Let time pass where nobody speaks, and judge the silence."""
        self._is_saved = False
        return site, self._settle(site, self._court(site).tick(watermark), store, writing)

    def promise(self, site: str, device: str, until: datetime) -> None:
        """Take a device's word that all it measured up to a time has been judged.

        Its words are not kept: what follows from them is in the log, and it says them again.
        """
        promises = self._promises.setdefault(site, {})
        promises[device] = max(until, promises.get(device, until))

    def passed(self) -> list[tuple[str, datetime]]:
        """Return sites where promises let time pass, and how far: what to ``tick``."""
        found: list[tuple[str, datetime]] = []
        for site, promises in self._promises.items():
            court = self._court(site)
            reached, passed = court.watermark, court.given(promises)
            if reached is not None and passed is not None and passed - reached >= STRIDE:
                found.append((site, passed.astimezone(UTC)))
        return found

    def restore(self, store: Store, writing: Writing) -> list[Found]:
        """Take the snapshot and judge the log since: the state at the last commit.

        What that finds was reported before, and is not reported again; there is something new in
        it only if the rules changed. History is supplied at the end, since that is the moment of
        the log to which the store belongs.
        """
        snapshot = store.snapshot()
        self._is_saved = True
        self._courts = {
            site: self._made(site, of_site) for site, of_site in _by_prefix(snapshot.states).items()
        }
        said: dict[str, list[Changes]] = {}
        for entry in store.log_since(snapshot.position):
            self._is_saved = False
            for site, about in _by_site(entry.observations):
                new, judged = map(self._locate, _parted(about, entry.position, snapshot))
                said.setdefault(site, []).append(self._court(site).feed(new, judged))
            for site, watermark in entry.ticks:
                said.setdefault(site, []).append(self._court(site).tick(watermark))
        for site, court in self._courts.items():
            said.setdefault(site, []).append(court.resume())
        return [
            (
                site,
                writing.report(_untold([*changes, *self._supplied(site, changes, store)], store)),
            )
            for site, changes in said.items()
        ]

    @property
    def is_saved(self) -> bool:
        """Whether nothing has changed since the last ``unsaved``."""
        return self._is_saved

    def unsaved(self) -> tuple[list[str], dict[str, bytes]]:
        """Return what a snapshot of now must save: keys for ``save``, and what it writes last.

        That says how far time is now, and counts once all the keys have been saved, however late.
        """
        self._is_saved = True
        courts = self._courts.items()
        keys = [_key(site, part) for site, court in courts for part in court.unsaved]
        return keys, {_key(site, ENGINE_KEY): court.heard for site, court in courts}

    def save(self, keys: Iterable[str]) -> dict[str, bytes]:
        """Return the states of these keys as they are now."""
        sites: dict[str, list[str]] = {}
        for key in keys:
            site, _, subject = key.partition(_SITE_END)
            sites.setdefault(site, []).append(subject)
        return {
            _key(site, subject): state
            for site, subjects in sites.items()
            for subject, state in self._courts[site].save(subjects).items()
        }

    def watermarks(self) -> dict[str, datetime]:
        """Return how far event time has passed at each site."""
        reached = {site: court.watermark for site, court in self._courts.items()}
        return {site: watermark for site, watermark in reached.items() if watermark is not None}

    def metrics(self) -> dict[str, Metrics]:
        """Return how each engine is, by site."""
        return {site: court.metrics() for site, court in self._courts.items()}

    def _settle(self, site: str, changes: Changes, store: Store, writing: Writing) -> list[Finding]:
        """Report changes, and supply history until the engine needs no more."""
        new = writing.report(changes.findings)
        for more in self._supplied(site, [changes], store):
            new += writing.report(more.findings)
        return new

    def _supplied(self, site: str, asked: Sequence[Changes], store: Store) -> Iterator[Changes]:
        """Supply history until the engine needs no more, and yield what follows each time."""
        needs = [need for changes in asked for need in changes.needs]
        while needs:
            histories = [self._history(site, need, store) for need in needs]
            changes = self._court(site).supply(histories)
            yield changes
            needs = [*changes.needs]

    def _history(self, site: str, need: NeedHistory, store: Store) -> History:
        def read(subject: str, since: datetime | None) -> list[Event]:
            of_site = [each for each in store.history(subject, since) if each.site == site]
            return self._locate(of_site)

        return self._court(site).history(
            need, read, lambda subject: store.findings(subject=subject)
        )

    def _court(self, site: str) -> Court:
        court = self._courts.get(site)
        if court is None:
            court = self._courts[site] = self._made(site, None)
        return court

    def _made(self, site: str, states: Mapping[str, bytes] | None) -> Court:
        return Court(
            self._rules,
            site,
            states,
            allowance=self._allowance,
            idle_limit=self._idle_limit,
            bounds=self._bounds,
            shelters=self._shelters,
            lagging=self._lagging,
        )


def _untold(changes: Sequence[Changes], store: Store) -> list[Finding]:
    """Return the last word on each finding, unless the store has that or a later one."""
    last = {finding.id: finding for each in changes for finding in each.findings}
    subjects = {finding.subject for finding in last.values()}
    told = {kept.id: kept.revision for each in subjects for kept in store.findings(subject=each)}
    untold = [each for each in last.values() if each.revision > told.get(each.id, -1)]
    return sorted(untold, key=report_order)


def _by_site(observations: Sequence[Observation]) -> Iterator[tuple[str, list[Observation]]]:
    sites: dict[str, list[Observation]] = {}
    for observation in observations:
        sites.setdefault(observation.site, []).append(observation)
    yield from sites.items()


def _by_prefix(states: Mapping[str, State]) -> dict[str, dict[str, bytes]]:
    sites: dict[str, dict[str, bytes]] = {}
    for key, state in states.items():
        site, _, subject = key.partition(_SITE_END)
        sites.setdefault(site, {})[subject] = state.packed
    return sites


def _parted(
    observations: Iterable[Observation], position: int, snapshot: Snapshot
) -> tuple[list[Observation], list[Observation]]:
    """Return what of a log entry is new to the states of a snapshot, and what they hold already."""
    new: list[Observation] = []
    judged: list[Observation] = []
    for observation in observations:
        state = snapshot.states.get(_key(observation.site, observation.subject))
        (new if state is None or state.position < position else judged).append(observation)
    return new, judged


def _key(site: str, subject: str) -> str:
    return f"{site}{_SITE_END}{subject}"
