"""What the rules find in a scenario, held against what its labels say should be found."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import cached_property
from heapq import merge
from itertools import count, groupby
from math import hypot, inf
from typing import Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from analytics.zones import ZoneSet
from edge.ais.reading import NmeaReader
from edge.measured import Measured
from edge.seal.keys import parse
from edge.seal.reading import SealReader
from edge.sources import forget
from firmware_sim import day, sealed_day
from firmware_sim.cast import Truth
from firmware_sim.drones import offset_m
from firmware_sim.scenario import Scenario
from firmware_sim.vessels import Vessel
from haechi.commands import rulebook
from haechi.commands.nobody import Nobody
from haechi.commands.progress import Progress
from haechi.findings import Finding, Severity, Status
from haechi.messages import Message, Reading, encode
from haechi.mqtt import Delivery
from haechi.settings import Settings
from haechi.topics import Channel, Direction, Topic
from ingest.judging import Judging
from ingest.pipeline import Pipeline
from ingest.saving import Saving
from ingest.stores.memory import MemoryStore

STEP_S: Final = 10
"""Readings of so many seconds arrive together; time passes in such steps."""

AIS, SEALS, TRUCKS, REGISTRY = "ais-1", "seal-gate-1", "trucks-1", "registry"
"""Names of the agents' devices; those of drones and cameras are their own."""
SENSORS: Final = {AIS: "ais", SEALS: "seal", TRUCKS: "truck", REGISTRY: "registry"}

Timed = tuple[float, str, Measured]
"""Second, device and reading."""


class Label(Struct, frozen=True, kw_only=True):
    """One label and what became of it."""

    truth: Truth
    finding: str | None
    """Text of the finding that it is; ``None`` if there is none."""
    delay_s: float | None
    """From what happened to the first report of it."""


class Score(Struct, frozen=True, kw_only=True):
    """What the rules found in one scenario."""

    scenario: str
    readings: int
    labels: tuple[Label, ...]
    surplus: tuple[str, ...]
    """Texts of findings that no label asks for, but those without a severity to speak of."""

    @property
    def due(self) -> tuple[Label, ...]:
        """Labels that can be found with what is built; also those found against expectation."""
        return tuple(each for each in self.labels if each.finding or not each.truth.later)

    @property
    def found(self) -> int:
        """Labels that have a finding."""
        return sum(label.finding is not None for label in self.labels)

    @property
    def recall(self) -> float | None:
        """Share of the labels found, without those that wait for something; ``None`` if none."""
        return self.found / len(self.due) if self.due else None

    @property
    def precision(self) -> float | None:
        """Share of the findings that a label asks for; ``None`` if there is no finding."""
        said = self.found + len(self.surplus)
        return self.found / said if said else None

    @property
    def is_perfect(self) -> bool:
        """Whether every label that can be found is, and nothing else."""
        return self.found == len(self.due) and not self.surplus


def score(scenario: Scenario, settings: Settings, progress: Progress) -> Score:
    """Run a scenario through the agents' decoders, the pipeline and the rules, in its own time."""
    scenario = replace(scenario, lasts_s=scenario.scored_s or scenario.lasts_s)
    stage = _Stage(scenario, settings)
    first: dict[str, float] = {}
    readings = 0
    for second, batch in _steps(scenario):
        readings += len(batch)
        for finding in stage.take(batch, second):
            first.setdefault(finding.id, second)
        progress.say(lambda: f"{scenario.name}: {second:.0f} of {scenario.lasts_s:.0f} s")  # noqa: B023 - said at once
    stand = [each for each in stage.findings() if each.status is not Status.RETRACTED]
    return _scored(scenario, stand, first, readings)


class _Stage:
    """The pipeline with a store in memory, and nobody to answer."""

    def __init__(self, scenario: Scenario, settings: Settings) -> None:
        self._scenario = scenario
        self._site = settings.site
        self._store = MemoryStore()
        judging = _judging(scenario, settings)
        self._pipeline = Pipeline(
            store=self._store,
            judging=judging,
            alarming=rulebook.alarming(settings),
            saving=Saving(judging, inf),
            link=Nobody(),
            ring=lambda: None,
            skew_limit=timedelta(seconds=settings.skew_limit_s),
        )
        self._numbers: dict[str, count[int]] = {}

    def take(self, batch: Sequence[Timed], second: float) -> list[Finding]:
        """Take what has arrived by a second, let time pass until it, return what is found."""
        now = self._scenario.at(second)
        by_device = sorted(batch, key=lambda each: each[1])
        deliveries = [
            self._delivery(device, [reading for _, _, reading in timed])
            for device, timed in groupby(by_device, key=lambda each: each[1])
        ]
        arrived = self._pipeline.take(deliveries, now)
        passed = self._pipeline.tick([(self._site, now)], now)
        return [each for _, found in (*arrived.found, *passed.found) for each in found]

    def findings(self) -> list[Finding]:
        return self._store.findings()

    def _delivery(self, device: str, measured: Sequence[Measured]) -> Delivery:
        numbers = self._numbers.setdefault(device, count(1))
        readings = tuple(
            Reading(seq=next(numbers), at=each.at, subject=each.subject, content=each.content)
            for each in measured
        )
        message = Message(device=device, boot="scenario", readings=readings)
        topic = Topic(self._site, device, Direction.UP, Channel.TELEMETRY)
        return Delivery(str(topic), encode(message), retain=False, content_type=None, mid=0, qos=1)


def _judging(scenario: Scenario, settings: Settings) -> Judging:
    shipped = msgspec.json.decode(settings.zones_path.read_bytes())
    together = {**shipped, "features": [*shipped["features"], *scenario.zones]}
    among = ZoneSet.parse(msgspec.json.encode(together).decode())
    return Judging(
        rulebook.rules(settings, among),
        among.locate,
        allowance=timedelta(seconds=settings.lateness_allowance_s),
        idle_limit=timedelta(seconds=settings.source_idle_limit_s),
        shelters=rulebook.shelters(among),
    )


def _steps(scenario: Scenario) -> Iterator[tuple[float, list[Timed]]]:
    """Yield what arrives by each step of time, also where nothing does."""
    second, batch = STEP_S - scenario.history_s, list[Timed]()
    for timed in _day(scenario):
        while timed[0] >= second:
            yield second, batch
            second, batch = second + STEP_S, []
        batch.append(timed)
    while second <= scenario.lasts_s:
        yield second, batch
        second, batch = second + STEP_S, []


def _day(scenario: Scenario) -> Iterator[Timed]:
    """Yield all that agents would send, in order of time."""
    parts = (_said(scenario), _heard(scenario), _sealed(scenario), _driven(scenario))
    return merge(*parts, *_flown(scenario), *_watched(scenario), key=lambda each: each[0])


def _driven(scenario: Scenario) -> Iterator[Timed]:
    for second, reading in day.truck_positions(scenario):
        yield second, TRUCKS, reading


def _flown(scenario: Scenario) -> Iterator[Iterator[Timed]]:
    if scenario.drone:
        from haechi.commands import scoring_drones  # noqa: PLC0415 - the driver is an extra

        yield scoring_drones.readings(scenario)


def _watched(scenario: Scenario) -> Iterator[Iterator[Timed]]:
    if any(camera.scored_fps for camera in scenario.camera):
        from haechi.commands import scoring_cameras  # noqa: PLC0415 - as above

        yield scoring_cameras.readings(scenario)


def _said(scenario: Scenario) -> Iterator[Timed]:
    """Yield what the registry says; what it said before the day begins arrives first."""
    for reading in day.declarations(scenario):
        second = (reading.at - scenario.starts).total_seconds()
        yield max(second, -scenario.history_s), REGISTRY, reading


def _sealed(scenario: Scenario) -> Iterator[Timed]:
    keys = parse(sealed_day.keys(scenario))
    reader = SealReader(lambda number: keys.get(number, ()), forget)
    for second, raw in day.seal_frames(scenario):
        for reading in reader.datagram(raw, scenario.at(second)):
            yield second, SEALS, reading


def _heard(scenario: Scenario) -> Iterator[Timed]:
    reader = NmeaReader()
    for second, line in day.sentences(scenario):
        if (heard := reader.feed(line.encode())) is not None:
            yield second, AIS, heard


def _scored(
    scenario: Scenario, stand: Sequence[Finding], first: dict[str, float], readings: int
) -> Score:
    left = list(stand)
    bench = _Bench(scenario)
    labels: list[Label] = []
    for truth in scenario.truth:
        match = next((each for each in left if bench.is_it(truth, each)), None)
        if match is not None:
            left.remove(match)
        delay = None if match is None else first[match.id] - truth.at_s
        labels.append(
            Label(truth=truth, finding=None if match is None else match.text, delay_s=delay)
        )
    surplus = tuple(each.text for each in left if each.severity is not Severity.INDETERMINATE)
    return Score(scenario=scenario.name, readings=readings, labels=tuple(labels), surplus=surplus)


class _Bench:
    """Says whether a finding is what a label asks for: of whom, what, when, and found by whom."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self._sensors = {device: {sensor} for device, sensor in SENSORS.items()}
        self._sensors |= {each.name: {"drone", f"drone:{each.name}"} for each in scenario.drone}
        self._sensors |= {each.name: {"camera", f"camera:{each.name}"} for each in scenario.camera}

    def is_it(self, truth: Truth, finding: Finding) -> bool:
        about = finding.rule == truth.rule and self._is_about(truth, finding)
        kind, zone = truth.kind in {"", finding.kind}, truth.zone in {"", finding.zone}
        late_s = abs((finding.since - self._scenario.at(truth.at_s)).total_seconds())
        by = set[str]().union(*(self._sensors[each.device] for each in finding.evidence))
        return about and kind and zone and late_s <= truth.within_s and by.issuperset(truth.sensors)

    def _is_about(self, truth: Truth, finding: Finding) -> bool:
        """Return whether a finding is about a label's subject, of an object by where that was."""
        if finding.subject == truth.subject:
            return True
        if not finding.subject.startswith("object:") or finding.lat is None or finding.lon is None:
            return False
        mover = self._movers.get(truth.subject)
        if mover is None:  # a seal or a drone: no camera follows one
            return False
        second = (finding.since - self._scenario.starts).total_seconds()
        lat, lon, _ = mover.lane.at(mover.distance_m(second))
        return hypot(*offset_m((lon, lat), (finding.lon, finding.lat))) <= truth.place_m

    @cached_property
    def _movers(self) -> dict[str, Vessel]:
        return day.movers(self._scenario)


def table(scores: Sequence[Score]) -> list[str]:
    """Return the scores as a Markdown table, a line per label and one per scenario."""
    head = "| scenario | readings | precision | recall | what should be found | by | delay |"
    return [head, "|---|---|---|---|---|---|---|", *(row for each in scores for row in _rows(each))]


def _rows(score: Score) -> Iterator[str]:
    first = (
        f"{score.scenario} | {score.readings} | {_share(score.precision)} | {_share(score.recall)}"
    )
    if not score.labels:
        yield f"| {first} | nothing | | |"
    for number, label in enumerate(score.labels):
        truth, delay = label.truth, label.delay_s
        what = f"`{truth.rule}` of {truth.subject}"
        missed = f"not yet: {truth.later}" if truth.later else "not found"
        late = missed if delay is None else f"{delay:.0f} s"
        by = " and ".join(truth.sensors)
        yield f"| {first if number == 0 else ' | | |'} | {what} | {by} | {late} |"


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"
