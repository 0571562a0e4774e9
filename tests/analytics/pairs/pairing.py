"""Invented fixes of several subjects, the definition of what is said of pairs, and a shell."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Any, NamedTuple, cast

from analytics.changes import Bounds, Changes, History, NeedHistory
from analytics.fold import fold
from analytics.geodesy import distance_m, eastward
from analytics.pairs.stage import Pairs
from analytics.pairwise import Carriage, Company, Meeting, PairContent, Place
from analytics.rule import Event, Near, Rule
from analytics.rules.encounter import Encounter, EncounterSettings
from analytics.rules.seal_left_vessel import SealLeftVessel, SealLeftVesselSettings
from analytics.rules.terms import Terms
from haechi.cameras import Detection
from haechi.declared import DeclaredVoyage
from haechi.findings import Finding, report_order
from haechi.messages import Content
from haechi.observations import Identity, Observation
from haechi.seals import Authenticity, SealEventKind, SealOrder, SealOrderKind, SealReport
from haechi.vessels import VesselPosition
from tests.analytics.told import Told

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
STEP = 5 * MINUTE
GAP = 60 * MINUTE
END = NOON + 300 * MINUTE
SHELTERS = frozenset({"port"})
SEAL, BOX = "seal:EG-1", "CSQU3054383"
METRE = 1 / 111_195.08
"""A metre of latitude in degrees; what is invented here is near the equator."""

RULES: tuple[Rule[Any], ...] = (
    Encounter(EncounterSettings(duration_s=300, below_kn=3), Terms("encounter")),
    Encounter(EncounterSettings(company="object", duration_s=240), Terms("dark_meeting")),
    SealLeftVessel(SealLeftVesselSettings(lost_after_s=1500), Terms("seal_left_vessel")),
)


def seen(
    minute: float,
    subject: str,
    content: Content,
    *,
    seq: int = 0,
    near: tuple[Near, ...] = (),
    device: str = "ais-1",
) -> Event:
    """Return an event; its number is its second unless said otherwise."""
    at = NOON + minute * MINUTE
    observation = Observation(
        device=device,
        boot="boot-1",
        seq=seq or round(minute * 60) + 1,
        site="demo",
        subject=subject,
        at=at,
        received_at=END,
        content=content,
    )
    return Event(observation, near)


def ship(
    minute: float,
    name: int,
    north_m: float = 0,
    east_m: float = 0,
    *,
    speed_kn: float | None = None,
    sheltered: bool = False,
    seq: int = 0,
    lon: float = 0.5,
) -> Event:
    """Return a position report so many metres from 0.5 N and a longitude."""
    content = VesselPosition(lat=0.5 + north_m * METRE, lon=lon + east_m * METRE, speed_kn=speed_kn)
    near = (Near("port", -10.0),) if sheltered else ()
    return seen(minute, f"mmsi:{name}", content, seq=seq, near=near)


def thing(
    minute: float, track: str, north_m: float = 0, east_m: float = 0, *, seq: int = 0
) -> Event:
    """Return what a camera says of a boat that it sees."""
    camera = track.partition(".")[0]
    content = Detection(
        phase="update",
        camera=camera,
        label="boat",
        score=0.9,
        box=(0.1, 0.1, 0.2, 0.2),
        lat=0.5 + north_m * METRE,
        lon=0.5 + east_m * METRE,
    )
    return seen(minute, f"object:{track}", content, seq=seq)


def seal(minute: float, north_m: float = 0, *, seq: int = 0, armed: bool = True) -> Event:
    """Return a genuine frame of the one seal."""
    content = SealReport(
        event=SealEventKind.STATUS,
        counter=seq or round(minute * 60) + 1,
        authenticity=Authenticity.VALID,
        armed=armed,
        lat=0.5 + north_m * METRE,
        lon=0.5,
    )
    return seen(minute, SEAL, content, seq=seq)


def order(minute: float, *, container: str = BOX, withdraws: bool = False, seq: int = 0) -> Event:
    """Return the registry's word on what the seal hangs on."""
    kind = SealOrderKind.WITHDRAW if withdraws else SealOrderKind.BIND
    content = SealOrder(order="B-1", kind=kind, container=None if withdraws else container)
    return seen(minute, SEAL, content, seq=seq, device="registry")


def voyage(minute: float, name: int, *, seq: int = 0, **said: Any) -> Event:
    """Return what is declared of a vessel; the container is aboard unless said otherwise."""
    stated: dict[str, Any] = {"voyage": "V-1", "version": 1, "containers": (BOX,), "begins": NOON}
    content = DeclaredVoyage(**(stated | said))
    return seen(minute, f"mmsi:{name}", content, seq=seq, device="registry")


# The definition, written without any thought of cost


class Spot(NamedTuple):
    """Where a subject was."""

    place: Place
    may_meet: bool
    evidence: tuple[Identity, ...]


def spot(fixes: Sequence[Event], at: datetime) -> Spot | None:
    """Return where a subject was, by all its fixes in order."""
    after = next((fix for fix in fixes if fix.at >= at), None)
    before = next((fix for fix in reversed(fixes) if fix.at < at), None)
    if after is not None and after.at == at:
        return Spot(_place(after), _may_meet(after), (after.observation.identity,))
    if after is None or before is None or after.at - before.at >= GAP:
        return None
    share = (at.timestamp() - before.at.timestamp()) / (
        after.at.timestamp() - before.at.timestamp()
    )
    (lat, lon), (then_lat, then_lon) = _place(before), _place(after)
    there = Place(
        lat + share * (then_lat - lat),
        (lon + share * eastward(lon, then_lon) + 180.0) % 360.0 - 180.0,
    )
    evidence = (before.observation.identity, after.observation.identity)
    return Spot(there, _may_meet(before) and _may_meet(after), evidence)


def _place(event: Event) -> Place:
    content: Any = event.content
    return Place(content.lat, content.lon)


def _may_meet(event: Event) -> bool:
    content: Any = event.content
    return not event.near and (getattr(content, "speed_kn", None) or 0) <= 5


def said(events: Iterable[Event], watermark: datetime | None) -> list[Event]:
    """Return what is said of all pairs by a time."""
    if watermark is None:
        return []
    told = sorted(events, key=lambda event: event.observation.order)
    statements = [event for event in told if event.observation.device == "registry"]
    fixes: dict[str, list[Event]] = {}
    for event in told:
        if event not in statements and getattr(event.content, "armed", True):
            fixes.setdefault(event.subject, []).append(event)
    times = [at for step in range(200) if (at := NOON + step * STEP) <= watermark]
    return [event for at in times for event in _said_at(fixes, statements, at)]


def _said_at(
    fixes: dict[str, list[Event]], statements: list[Event], at: datetime
) -> Iterator[Event]:
    spots = {who: where for who, own in fixes.items() if (where := spot(own, at)) is not None}
    vessels = sorted(who for who in spots if who.startswith("mmsi:"))
    for first, second in combinations(vessels, 2):
        distance = _apart(spots, first, second)
        if distance <= 1000 and spots[first].may_meet and spots[second].may_meet:
            yield _told(at, f"{first}|{second}", Meeting(**_both(spots, first, second)))
    cameras = {who.partition(":")[2].partition(".")[0] for who in spots if "object:" in who}
    for camera in cameras:
        objects = [who for who in spots if who.startswith(f"object:{camera}.")]
        yield from _company(spots, at, camera, vessels, objects)
    if SEAL in spots:
        yield from _carriages(spots, at, vessels, [each for each in statements if each.at <= at])


def _carriages(
    spots: dict[str, Spot], at: datetime, vessels: list[str], statements: list[Event]
) -> Iterator[Event]:
    orders: list[Any] = [each for each in statements if isinstance(each.content, SealOrder)]
    container = orders[-1].content.container if orders else None
    for vessel in vessels:
        said_: list[Any] = [each for each in statements if each.subject == vessel]
        if not said_ or container is None:
            continue
        newest = max(said_, key=lambda each: (each.content.version, -said_.index(each)))
        plan: DeclaredVoyage = newest.content
        if (
            plan.withdrawn
            or container not in plan.containers
            or not plan.begins <= at < (plan.ends or END)
        ):
            continue
        identities = (orders[-1].observation.identity, newest.observation.identity)
        both = _both(spots, SEAL, vessel)
        both["evidence"] = (*both["evidence"], *identities)
        at_call = any(
            distance_m(call.lat or 0, call.lon or 0, *spots[SEAL].place) <= call.radius_m
            for call in plan.calls
        )
        both |= {"voyage": "V-1", "registry": "registry", "at_call": at_call}
        content = Carriage(container=container, **both)
        yield _told(at, f"{SEAL}|{vessel}", content)


def _company(
    spots: dict[str, Spot], at: datetime, camera: str, vessels: list[str], objects: list[str]
) -> Iterator[Event]:
    apart = sorted((_apart(spots, v, o), v, o) for v in vessels for o in objects)
    close = [each for each in apart if each[0] <= 1000]
    taken: dict[str, str] = {}
    for _, vessel, thing_ in close:
        if vessel not in taken and thing_ not in taken.values():
            taken[vessel] = thing_
    for vessel in vessels:
        left = [o for _, v, o in close if v == vessel and o not in taken.values()]
        if left and spots[vessel].may_meet:
            content = Company(object=left[0], **_both(spots, vessel, left[0]))
            yield _told(at, f"{vessel}|camera:{camera}", content)


def _apart(spots: dict[str, Spot], first: str, second: str) -> float:
    return distance_m(*spots[first].place, *spots[second].place)


def _both(spots: dict[str, Spot], first: str, second: str) -> dict[str, Any]:
    here, there = spots[first], spots[second]
    return {
        "distance_m": round(_apart(spots, first, second), 1),
        "first": here.place,
        "second": there.place,
        "evidence": (*here.evidence, *there.evidence),
    }


def _told(at: datetime, pair: str, content: PairContent) -> Event:
    return Event(
        Observation(
            device="pairs",
            boot="grid",
            seq=1,
            site="demo",
            subject=pair,
            at=at,
            received_at=at,
            content=cast("Any", content),
        )
    )


def folded(
    events: Iterable[Event], watermark: datetime | None, rules: Sequence[Rule[Any]] = RULES
) -> list[Finding]:
    """Return what the definition finds."""
    pairs: dict[str, list[Event]] = {}
    for event in said(events, watermark):
        pairs.setdefault(event.subject, []).append(event)
    horizon = None if watermark is None else NOON + (watermark - NOON) // STEP * STEP
    found = [
        finding
        for rule in rules
        for own in pairs.values()
        for finding in fold(rule, own, horizon).values()
    ]
    return sorted((finding.said for finding in found), key=report_order)


class PairShell(Told):
    """Does for the second stage what ingest does."""

    def __init__(
        self,
        *,
        rules: Sequence[Rule[Any]] = RULES,
        bounds: Bounds | None = None,
        window_s: float = 86_400,
    ) -> None:
        super().__init__()
        self.rules, self.bounds, self.window_s = rules, bounds, window_s
        self.pairs = self._new()
        self.kept: dict[tuple[str, Identity], Event] = {}
        self.watermark: datetime | None = None
        self.log: list[tuple[Sequence[Event], datetime | None]] = []
        self.states: dict[str, bytes] = {}
        self.snapshot: tuple[int, datetime | None] = (0, None)
        self.begun: tuple[int, datetime | None, list[str]] | None = None

    def feed(self, *events: Event, until: datetime | None = None) -> None:
        """Keep what is new and judge it; time has passed until then."""
        fresh = {(event.subject, event.observation.identity): event for event in events}
        new = [event for key, event in fresh.items() if key not in self.kept]
        self.kept |= fresh
        if until is not None:
            self.watermark = max(until, self.watermark or until)
        self.log.append((new, self.watermark))
        self._take(self.pairs.feed(new, self.watermark))

    def save_one(self) -> bool:
        """Save one key of a snapshot; what completes it after the last, and return True."""
        if self.begun is None:
            self.begun = (len(self.log), self.watermark, [*self.pairs.unsaved])
        position, watermark, left = self.begun
        self.states |= self.pairs.save([left.pop(0)] if left else [])
        if not left:
            self.snapshot, self.begun = (position, watermark), None
        return not left

    def save(self) -> None:
        """Save a whole snapshot."""
        self.begun = None
        while not self.save_one():
            pass

    def crash(self) -> None:
        """Start again from what was saved and the log since."""
        position, watermark = self.snapshot
        self.pairs, self.begun = self._new(), None
        self.pairs.restore(self.states, watermark)
        for events, until in self.log[position:]:
            self.pairs.replay(events, until)
        self._take(self.pairs.resume(), replay=True)

    def folded(self) -> list[Finding]:
        """Return what should stand."""
        return folded(self.kept.values(), self.watermark, self.rules)

    def _new(self) -> Pairs:
        return Pairs(
            self.rules,
            "demo",
            shelters=SHELTERS,
            window_s=self.window_s,
            bounds=self.bounds,
        )

    def _take(self, changes: Changes, *, replay: bool = False) -> None:
        for finding in changes.findings:
            self.report(finding, replay=replay)
        if changes.needs:
            histories = [self._history(need) for need in changes.needs]
            self._take(self.pairs.supply(histories), replay=replay)

    def _history(self, need: NeedHistory) -> History:
        first, _, second = need.subject.partition("|")
        told = [f for f in self.findings.values() if (f.subject, f.other) == (first, second)]
        return self.pairs.history(need, told, self._recall)

    def _recall(self, subject: str, since: datetime | None) -> list[Event]:
        own = [event for event in self.kept.values() if event.subject == subject]
        return [event for event in own if since is None or event.at >= since]
