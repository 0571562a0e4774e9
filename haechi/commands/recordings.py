"""Recordings through the platform: all of it (replay), or the rules alone (backtest)."""

import shutil
from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from math import inf, nan
from pathlib import Path
from threading import Event, Thread
from typing import Any, Final

from msgspec import Struct, to_builtins

from edge import agent
from edge.ais.positions_csv import Columns
from edge.ais.reading import Counts
from edge.ais.recording import Recording, recording_boot
from edge.measured import Measured
from edge.sources import SourceError
from haechi.commands import agents, places, rulebook
from haechi.commands.errors import mendable
from haechi.commands.progress import Progress
from haechi.commands.supervisor import ChildError, Supervisor
from haechi.findings import Finding, Status, report_order
from haechi.ledger import Account
from haechi.messages import MAX_READINGS, Message, Reading, encode
from haechi.mqtt import Delivery
from haechi.settings import CENTURY_DAYS, Settings
from haechi.topics import Channel, Direction, Topic
from ingest.broker.process import BrokerError, start_broker
from ingest.pipeline import Pipeline
from ingest.ports import Store, StoreUnavailableError
from ingest.saving import Saving
from ingest.stores.sqlite import SqliteStore

DEVICE: Final = "ais-recording"
"""Who reports what a recording holds; the same in both ways, and so the findings are."""

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


class InputReport(Struct, frozen=True, kw_only=True):
    """What was read."""

    files: list[str]
    lines: int
    sentences: int
    messages: int
    readings: int
    incomplete: int
    undecodable: dict[str, int]


class LedgerReport(Struct, frozen=True, kw_only=True):
    """Where every reading is; ``sent = kept + duplicate + rejected + thinned + in_flight``."""

    sent: int
    kept: int
    duplicate: int
    rejected: dict[str, int]
    thinned: int
    in_flight: int
    numbered: int
    missing: int
    balances: bool


class Report(Struct, frozen=True, kw_only=True):
    """What ``haechi replay`` and ``haechi backtest`` print with ``--json``."""

    version: int
    command: str
    device: str
    boot: str
    input: InputReport
    ledger: LedgerReport
    findings: list[dict[str, Any]]

    @property
    def is_complete(self) -> bool:
        """Whether nothing is missing or on its way."""
        return self.ledger.balances and not self.ledger.in_flight


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
        return _report("replay", film, boot, counts, SqliteStore(places.store_path(own)))


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
            link=_Nobody(),
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
        return _report("backtest", film, boot, recording.counts, store)


class _Nobody:
    """There is nobody to answer in a backtest."""

    def acknowledge_all(self, deliveries: Iterable[Delivery]) -> None:
        """Say nothing."""

    def publish(self, topic: str, payload: bytes) -> int | None:  # noqa: ARG002 - as the link has it
        """Send nothing."""
        return None


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
    with start_broker(own.data_dir / "broker") as broker, Supervisor(progress.done) as supervisor:
        joined = places.joined(own, broker)
        supervisor.start("ingest", "ingest", "--no-ticks", **places.environment(joined))
        waiting = agents.outbox(joined, DEVICE, boot)
        uplink = agents.uplink(joined, DEVICE, waiting, lambda: misread.total)
        stopped, ended, errors = Event(), Event(), list[Exception]()

        def carry() -> None:
            try:
                agent.run(recording, waiting, uplink, stopped, kept=misread.commit)
            except Exception as error:  # noqa: BLE001 - handed to the thread that waits for this one
                errors.append(error)
            finally:
                ended.set()

        carrying = Thread(target=carry, name="agent")
        carrying.start()
        try:
            # Not a join with a time: one that Ctrl-C interrupts takes the thread for ended.
            while not ended.wait(_LOOK_S):
                supervisor.tend()
                progress.say(lambda: _so_far(recording.counts, waiting.pending))
        finally:
            stopped.set()
            carrying.join()
            misread.close()
        if errors:
            raise errors[0]
        _await_last_state(joined, recording.counts.readings)
    return recording.counts


def _so_far(counts: Counts, pending: int) -> str:
    return f"{counts.readings} readings read, {pending} not acknowledged yet"


def _await_last_state(own: Settings, numbered: int) -> None:
    """Wait until ingest has heard the agent's own last count: half of the ledger."""
    store, wait, progress = SqliteStore(places.store_path(own)), Event(), Progress()
    while progress.elapsed_s < _LAST_STATE_LIMIT_S:
        stated = sum(state.numbered for _, state in store.device_states() if not state.online)
        if stated >= numbered:
            break
        wait.wait(_LOOK_S)
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


def _report(command: str, film: Film, boot: str, counts: Counts, store: Store) -> Report:
    account = next(iter(store.accounts()), Account(device=DEVICE, boot=boot))
    if command == "backtest":
        # No agent has numbered anything: what was read is what must be accounted for.
        account = Account(
            device=DEVICE,
            boot=boot,
            numbered=counts.readings,
            kept=account.kept,
            duplicate=account.duplicate,
            rejected=account.rejected,
        )
    found = [finding for finding in store.findings() if finding.status is not Status.RETRACTED]
    store.close()
    return Report(
        version=1,
        command=command,
        device=DEVICE,
        boot=boot,
        input=InputReport(
            files=[path.name for path in film.paths],
            lines=counts.lines,
            sentences=counts.sentences,
            messages=counts.messages,
            readings=counts.readings,
            incomplete=counts.incomplete,
            undecodable=dict(sorted(Counter(counts.undecodable).items())),
        ),
        ledger=_ledger(account),
        findings=[published(finding) for finding in sorted(found, key=report_order)],
    )


def _ledger(account: Account) -> LedgerReport:
    return LedgerReport(
        sent=account.sent,
        kept=account.kept,
        duplicate=account.duplicate,
        rejected=dict(sorted(account.rejected.items())),
        thinned=account.thinned,
        in_flight=account.in_flight,
        numbered=account.numbered,
        missing=account.missing,
        balances=account.balances,
    )


_UNPUBLISHED: Final = frozenset({"revision", "supersedes", "saying"})


def published(finding: Finding) -> dict[str, Any]:
    """Return a finding as reports print it.

    Without ``revision`` and ``supersedes``: these say how it came about, which depends on the
    order of arrival; everything else does not. And without ``saying``: reports are in English.
    """
    stated: dict[str, Any] = to_builtins(finding)
    return {key: value for key, value in stated.items() if key not in _UNPUBLISHED}


def lines(report: Report) -> Iterator[str]:
    """Yield a report as a person reads it."""
    read, ledger = report.input, report.ledger
    yield f"{', '.join(read.files)}: {read.lines} lines, {read.messages} messages"
    misread = sum(read.undecodable.values())
    yield f"  {read.readings} readings, {misread} inputs undecodable"
    for reason, number in read.undecodable.items():
        yield f"    {number:6} {reason}"
    rejected = sum(ledger.rejected.values())
    yield (
        f"ledger: sent {ledger.sent} = kept {ledger.kept} + duplicate {ledger.duplicate} "
        f"+ rejected {rejected} + thinned {ledger.thinned} + in flight {ledger.in_flight}"
    )
    yield "  it balances" if ledger.balances else f"  {ledger.missing} READINGS ARE MISSING"
    yield f"{len(report.findings)} findings"
    for finding in report.findings:
        yield f"  {finding['since']}  {finding['severity']:13} {finding['text']}"
