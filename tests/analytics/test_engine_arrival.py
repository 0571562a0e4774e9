"""The engine equals the fold for any arrival: the promise, tried on generated logs."""

from binascii import crc32
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st

from analytics.changes import Bounds
from analytics.rule import Event
from haechi.findings import report_order
from haechi.messages import Content
from haechi.observations import Flag
from haechi.vessels import VesselParticulars, VesselPosition, VesselStatic
from tests.analytics.shell import END, MINUTE, RULES, Shell, at, folded, reading

CONTENTS: list[Content] = [
    VesselPosition(speed_kn=0),
    VesselPosition(speed_kn=12),
    VesselPosition(speed_kn=25),
    VesselStatic(particulars=VesselParticulars(name="ANNA"), ais_type=5),
    VesselStatic(particulars=VesselParticulars(name="BERTA"), ais_type=5),
]


class Arrival(NamedTuple):
    """An event comes in, and what happens just before it."""

    event: Event
    before: str | datetime
    """``"batch"`` ends a batch, and so do ``"save"``, ``"save one"`` (subject) and ``"crash"``; a
    time is a tick."""


@st.composite
def logs(draw: st.DrawFn) -> list[Event]:
    """Return events of few subjects at few times, so that they collide."""
    said = draw(
        st.lists(
            st.tuples(
                st.integers(0, 24),
                st.sampled_from(CONTENTS),
                st.sampled_from(["ais-1", "ais-2"]),
                st.sampled_from(["mmsi:219000001", "mmsi:219000002"]),
                st.sampled_from([(), (), (), (), (Flag.CLOCK_AHEAD,)]),
            ),
            max_size=24,
        )
    )
    return [
        reading(minute, content, seq=seq, device=device, subject=subject, flags=flags)
        for seq, (minute, content, device, subject, flags) in enumerate(said, start=1)
    ]


@st.composite
def arrivals(draw: st.DrawFn) -> list[Arrival]:
    """Return a log as it may arrive: permuted, repeated, cut, with ticks, saves and crashes."""
    log = draw(logs())
    repeated = draw(st.lists(st.sampled_from(log), max_size=4)) if log else []
    order = draw(st.permutations([*log, *repeated]))
    interlude = st.sampled_from(
        ["", "", "", "batch", "batch", "save", *["save one"] * 3, "crash", "tick"]
    )
    return [
        Arrival(item, at(draw(st.integers(0, 30))) if before == "tick" else before)
        for item in order
        for before in (draw(interlude),)
    ]


BOUNDS = st.builds(
    Bounds,
    observations=st.integers(0, 6),
    age=st.integers(0, 30).map(lambda minutes: minutes * MINUTE),
    spacing=st.integers(1, 4),
    checkpoints=st.integers(1, 8),
    reach=st.integers(0, 30).map(lambda minutes: minutes * MINUTE),
    findings=st.integers(0, 3),
    idle=st.integers(0, 12).map(lambda minutes: minutes * MINUTE),
)
THOROUGH = settings(
    max_examples=400,
    derandomize=True,
    deadline=None,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def deliver(shell: Shell, arriving: Iterable[Arrival]) -> None:
    """Let a shell live through arrivals; it agrees with the fold whenever nothing is awaited.

    Where it does not lag, that is to equal it.
    """
    batch: list[Event] = []
    for item, before in arriving:
        if before:
            shell.feed(*batch)
            batch = []
            _happen(shell, before)
            if not shell.needs:
                assert shell.agrees
        batch.append(item)
    shell.feed(*batch)
    shell.answer()
    assert shell.agrees


def _happen(shell: Shell, what: str | datetime) -> None:
    if isinstance(what, datetime):
        shell.tick(what)
    elif what == "save":
        shell.save()
    elif what == "save one":
        shell.save_one()
    elif what == "crash":
        shell.crash()


@THOROUGH
@given(arrivals(), BOUNDS, st.booleans(), st.booleans())
def test_the_engine_equals_the_fold(
    arriving: list[Arrival],
    bounds: Bounds,
    slow: bool,  # noqa: FBT001 # drawn, not chosen
    lagging: bool,  # noqa: FBT001 # drawn, not chosen
) -> None:
    """After any prefix of any arrival, what stands is the fold of what arrived."""
    shell = Shell(bounds=bounds, slow=slow, lagging=lagging)
    deliver(shell, arriving)
    event(f"rewinds: {min(3, shell.engine.metrics().rewinds)}")
    event(f"histories: {min(3, shell.engine.metrics().histories)}")
    event(f"waiting: {min(3, shell.engine.metrics().waiting)}")
    event(f"evictions: {min(3, shell.engine.metrics().evictions)}")
    shell.tick(END)
    shell.answer()
    assert shell.said() == folded(RULES, shell.kept, END)


@THOROUGH
@given(arrivals(), st.sampled_from([1, 2, 16]))
def test_in_memory_the_engine_equals_the_fold(arriving: list[Arrival], spacing: int) -> None:
    """With otherwise the bounds that come with it, and without any history supplied."""
    shell = Shell(bounds=Bounds(spacing=spacing), slow=True)
    deliver(shell, [item for item in arriving if item.before != "crash"])
    assert shell.engine.metrics().histories == 0


@THOROUGH
@given(arrivals(), st.integers(1, 3))
def test_shards_together_say_what_one_engine_says(arriving: list[Arrival], shards: int) -> None:
    """Subjects may be spread over engines: once time has passed for all, nothing differs."""
    workers = [Shell() for _ in range(shards)]
    for item, _ in arriving:
        workers[crc32(item.subject.encode()) % shards].feed(item)
    for worker in workers:
        worker.tick(END)
    said = [finding for worker in workers for finding in worker.said()]
    events = [item.event for item in arriving]
    assert sorted(said, key=report_order) == folded(RULES, events, END)
