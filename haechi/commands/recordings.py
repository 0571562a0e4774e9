"""Recordings through the platform: all of it (replay), or the rules alone (backtest)."""

import shutil
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from math import inf, nan
from pathlib import Path
from threading import Event
from typing import Final

from edge import agent
from edge.ais.positions_csv import Columns
from edge.ais.reading import Counts
from edge.ais.recording import Recording, recording_boot
from edge.measured import Measured
from edge.sources import SourceError
from haechi.commands import agents, places, rulebook
from haechi.commands.errors import mendable
from haechi.commands.nobody import Nobody
from haechi.commands.progress import Progress
from haechi.commands.recording_report import DEVICE, Report, reported
from haechi.commands.supervisor import ChildError, Supervisor
from haechi.messages import MAX_READINGS, Message, Reading, encode
from haechi.mqtt import Delivery
from haechi.settings import CENTURY_DAYS, Settings
from haechi.topics import Channel, Direction, Topic
from ingest.broker.process import BrokerError, start_broker
from ingest.pipeline import Pipeline
from ingest.ports import StoreUnavailableError
from ingest.saving import Saving
from ingest.stores.sqlite import SqliteStore

_LOOK_S: Final = 0.05
_LAST_STATE_LIMIT_S: Final = 20.0


@dataclass(frozen=True, kw_only=True)
class Film:
    """What is to be read, and how."""

    paths: Sequence[Path]
    speed: float | None = None
    start: datetime | None = None
    columns: Columns | None = None

    @property
    def boot(self) -> str:
        """The same for the same contents read in the same way."""
        return recording_boot(self.paths, start=self.start, columns=self.columns)


def film(paths: Sequence[Path], *, speed: str, start: datetime | None, columns: str | None) -> Film:
    """Return what to read from the words of a command line.

    Raises:
        CommandError: a word cannot be understood.
    """
    with mendable():
        return Film(
            paths=paths,
            speed=_speed(speed),
            start=start,
            columns=Columns.parse(columns) if columns else None,
        )


def replay(film: Film, settings: Settings, progress: Progress, *, keep: Path | None) -> Report:
    """Carry a recording through agent, broker, ingest, store and rules, and account for it.

    Args:
        film: The recording.
        settings: Rules and limits; the broker is one of our own, the data directory a new one.
        progress: Told how far it is.
        keep: Where the store goes afterwards; ``None`` deletes it.

    Raises:
        CommandError: the recording cannot be read, there is no broker, or no room for a store.
    """
    with mendable(SourceError, BrokerError, ChildError, StoreUnavailableError):
        boot = film.boot
        return _replay(film, boot, settings, progress, keep)


def _replay(
    film: Film, boot: str, settings: Settings, progress: Progress, keep: Path | None
) -> Report:
    with _own_folder(settings, "replays", boot, keep) as own:
        counts = _carry(film, boot, own, progress)
        return reported("replay", film.paths, boot, counts, SqliteStore(places.store_path(own)))


def backtest(film: Film, settings: Settings, progress: Progress) -> Report:
    """Put a recording through the rules, without agent, broker or acknowledgement.

    Raises:
        CommandError: the recording cannot be read, or there is no room for a store.
    """
    with mendable(SourceError, StoreUnavailableError):
        boot = film.boot
        return _backtest(film, boot, settings, progress)


def _backtest(film: Film, boot: str, settings: Settings, progress: Progress) -> Report:
    with _own_folder(settings, "backtests", boot, None) as own:
        store = SqliteStore(places.store_path(own), keeper=True)
        judging = rulebook.judging(own)
        pipeline = Pipeline(
            store=store,
            judging=judging,
            alarming=rulebook.alarming(own),
            saving=Saving(judging, inf),  # nobody goes on from here
            link=Nobody(),
            ring=lambda: None,
            skew_limit=timedelta(seconds=own.skew_limit_s),
        )
        recording = Recording(film.paths, start=film.start, columns=film.columns)
        topic, numbers = Topic(own.site, DEVICE, Direction.UP, Channel.TELEMETRY), count(1)
        for batch in recording.batches():
            for payload in _payloads(batch, boot, numbers):
                delivery = Delivery(
                    str(topic), payload, retain=False, content_type=None, mid=0, qos=1
                )
                pipeline.take([delivery], datetime.now(UTC))
            progress.say(lambda: f"{recording.counts.readings} readings judged")
        return reported("backtest", film.paths, boot, recording.counts, store)


def _speed(text: str) -> float | None:
    """Return times faster than it happened; ``None`` is as fast as it goes."""
    if text == "max":
        return None
    try:
        speed = float(text)
    except ValueError:
        speed = nan
    if not 0 < speed < inf:
        raise ValueError(f"--speed is 1, a positive number or max, not {text!r}")
    return speed


def _carry(film: Film, boot: str, own: Settings, progress: Progress) -> Counts:
    """Run broker and ingest as processes and the agent here, until all is acknowledged."""
    misread = agents.undecodable(own, DEVICE, boot)
    recording = Recording(
        film.paths, speed=film.speed, start=film.start, columns=film.columns, keep=misread.keep
    )
    stopped = Event()
    with (
        start_broker(own.data_dir / "broker") as broker,
        Supervisor(progress.done) as supervisor,
        ThreadPoolExecutor(1, "agent") as pool,
    ):
        joined = places.joined(own, broker)
        supervisor.start("ingest", "ingest", "--no-ticks", **places.environment(joined))
        waiting = agents.outbox(joined, DEVICE, boot)
        uplink = agents.uplink(joined, DEVICE, waiting, lambda: misread.total)
        carrying = pool.submit(agent.run, recording, waiting, uplink, stopped, kept=misread.commit)
        try:
            while not wait([carrying], _LOOK_S).done:
                supervisor.tend()
                progress.say(lambda: _so_far(recording.counts, waiting.pending))
        finally:
            stopped.set()
            wait([carrying])
            misread.close()
        carrying.result()
        _await_last_state(joined, recording.counts.readings)
    return recording.counts


def _so_far(counts: Counts, pending: int) -> str:
    return f"{counts.readings} readings read, {pending} not acknowledged yet"


def _await_last_state(own: Settings, numbered: int) -> None:
    """Wait until ingest has heard the agent's own last count: half of the ledger."""
    store, pause, progress = SqliteStore(places.store_path(own)), Event(), Progress()
    while progress.elapsed_s < _LAST_STATE_LIMIT_S:
        stated = sum(state.numbered for _, state in store.device_states() if not state.online)
        if stated >= numbered:
            break
        pause.wait(_LOOK_S)
    store.close()


@contextmanager
def _own_folder(settings: Settings, kind: str, boot: str, keep: Path | None) -> Generator[Settings]:
    """Give settings with a new data directory below the one that is set; delete it afterwards.

    However old a recording is, nothing of it is forgotten while it is judged.
    """
    root = settings.data_dir / kind
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    numbers = (root / f"{boot}-{number}" for number in count(1))
    folder = next(path for path in numbers if not path.exists()).absolute()
    folder.mkdir(mode=0o700)
    try:
        yield settings.model_copy(
            update={"data_dir": folder, "metrics_port": 0, "retention_days": CENTURY_DAYS}
        )
        if keep is not None:
            shutil.copytree(folder, keep)
    finally:
        shutil.rmtree(folder)


def _payloads(batch: Sequence[Measured], boot: str, numbers: Iterator[int]) -> Iterator[bytes]:
    for start in range(0, len(batch), MAX_READINGS):
        readings = tuple(
            Reading(seq=next(numbers), at=one.at, subject=one.subject, content=one.content)
            for one in batch[start : start + MAX_READINGS]
        )
        yield encode(Message(device=DEVICE, boot=boot, readings=readings))
